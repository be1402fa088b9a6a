"""Checks plans from their certificates alone. Nothing of the solver is used here: what it got wrong would not show."""
