"""Walking the graph: finding nodes, their pages and neighbours, and the rows behind a reason."""
