"""Where nodes stand in files that nobody has arranged by hand: a fixed, seeded arrangement, equal in every run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from visualizations.picture import Picture

if TYPE_CHECKING:
    import networkx as nx

SCALE: Final = 150.0
"""Drawing units between neighbours, roughly."""
_ROUNDS: Final = 80


def graph_of(picture: Picture) -> "nx.MultiDiGraph[str]":
    """Return the picture as a networkx graph without attributes."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(node.ref for node in picture.nodes)
    drawn = {node.ref for node in picture.nodes}
    for edge in picture.edges:
        if edge.source in drawn and edge.target in drawn:
            graph.add_edge(edge.source, edge.target, key=edge.id)
    return graph


def placed(picture: Picture, *, seed: int = 7) -> Mapping[str, tuple[float, float]]:
    """Return a position for every node: the given ones as they are, all of them arranged when one is missing."""
    if picture.nodes and all(node.ref in picture.positions for node in picture.nodes):
        return {node.ref: picture.positions[node.ref] for node in picture.nodes}
    import networkx as nx

    flat = nx.Graph(graph_of(picture))
    spread = SCALE * max(2.0, len(picture.nodes) ** 0.5) / 1.6
    found = nx.spring_layout(flat, seed=seed, iterations=_ROUNDS, scale=spread, method="force")
    return {ref: (round(float(x), 2), round(float(y), 2)) for ref, (x, y) in found.items()}
