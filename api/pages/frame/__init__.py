"""What surrounds every page: top bar, look, notices of what was done, refusals."""
