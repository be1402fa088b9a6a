"""Query B: flexible talents for a need (`scoring.md` §3)."""
