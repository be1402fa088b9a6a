"""Plain values that the rooms of kg hand to each other: rows, edges, changes, viewers, answers."""
