"""What officers decided about recommendations, how it went on, and what of it returns to the graph."""
