"""Query A: schools and enterprises that should cooperate (`scoring.md` §2)."""
