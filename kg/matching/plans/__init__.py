"""Market plans: who gets which seats or hours when everybody is looked at together (`scoring.md` §4)."""
