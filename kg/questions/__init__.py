"""Further questions of the graph, a module each: peers, next steps, lineage, transfers, targets, pathways, carriers …"""
