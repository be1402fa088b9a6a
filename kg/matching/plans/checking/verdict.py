"""What a check found: every statement that does not hold, in words, and what was looked at."""

from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]
MOST_TOLD: Final = 50
"""So many findings are told in words; the rest is counted."""


class BadShapeError(ValueError):
    """The document is no certificate: something is missing or of the wrong type."""


@dataclass(slots=True)
class Verdict:
    """Findings of a check: `problems` as (code, sentence), `facts` what was counted, `notes` what was not looked at."""

    problems: list[tuple[str, str]] = field(default_factory=list)
    facts: Json = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def refuse(self, code: str, text: str) -> None:
        """Add a finding."""
        self.problems.append((code, text))

    @property
    def holds(self) -> bool:
        """True when every statement of the certificate holds."""
        return not self.problems

    def to_json(self) -> Json:
        """Return the verdict for programs."""
        return {
            "valid": self.holds,
            "problems": [{"code": code, "text": text} for code, text in self.problems[:MOST_TOLD]],
            "problems_total": len(self.problems),
            "facts": self.facts,
            "notes": self.notes,
        }


def get(document: Any, key: str, *kinds: type) -> Any:
    """Return one entry of a JSON object; BadShapeError when it is missing or of another type."""
    if not isinstance(document, dict) or key not in document:
        raise BadShapeError(f"缺少“{key}”")
    value = document[key]
    if (isinstance(value, bool) and bool not in kinds) or not isinstance(value, kinds):
        raise BadShapeError(f"“{key}”的类型不对")
    return value


def whole(document: Any, key: str) -> int:
    """Return a whole number of at least 0."""
    value = get(document, key, int)
    if value < 0:
        raise BadShapeError(f"“{key}”不能小于 0")
    return int(value)


def same(one: float, other: float, slack: float = 1e-9) -> bool:
    """True when two numbers are equal up to the last digits of floats."""
    return abs(one - other) <= slack * max(1.0, abs(one), abs(other))
