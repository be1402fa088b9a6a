"""The talents of the index: facts, arrays, and how they are read."""
