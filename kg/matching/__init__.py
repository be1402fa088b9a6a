"""Matching: filters, factors, ranking of the two headline questions."""
