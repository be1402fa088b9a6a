"""口径校验: whether the figures of a report add up (`docs/reference/`, `domain.md` §1.3, §2.7 of the rules)."""
