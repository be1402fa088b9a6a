"""The policy file and the rights of viewers."""
