"""Cohorts and posts of the index."""
