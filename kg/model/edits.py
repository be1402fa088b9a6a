"""Changes of the input tables that a counterfactual names: a program can make them and ask again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.model.answers import Band
from kg.model.graph import Value

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEdit:
    """One cell of one row: `source` and `key` name the row as its source does; both are None for a typed-in need.

    `before` is the value that counted in the answer; of registers that disagree, that of the one that speaks first.
    """

    table: str
    source: str | None
    key: str | None
    column: str
    before: Value
    after: Value

    def as_json(self) -> Json:
        """Return the edit as an answer tells it; lists as lists."""
        return {
            "table": self.table,
            "source": self.source,
            "key": self.key,
            "column": self.column,
            "from": _plain(self.before),
            "to": _plain(self.after),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedRow:
    """One row more in a table of one source."""

    table: str
    source: str | None
    values: Mapping[str, Value]

    def as_json(self) -> Json:
        """Return the edit as an answer tells it: the whole row, lists as lists."""
        return {
            "table": self.table,
            "source": self.source,
            "row": {column: _plain(value) for column, value in self.values.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """An unknown filter that an official has found to pass; what is unknown beside it stays so."""

    code: str

    def as_json(self) -> Json:
        """Return the edit as an answer tells it."""
        return {"filter": self.code, "from": "unknown", "to": "pass"}


Edit = CellEdit | AddedRow | Verified


def _plain(value: Value) -> Value | list[str]:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """What one item would be worth if only it were so edited: re-scored by the scorer of every answer.

    `text` is the whole sentence, `what` only the edit. `cost` is in points of effort (policy, section advice), `rank` the rank in this answer with all others as they
    are. `seats` and `value` are given where partners take seats. `private` says that the sentence tells what only
    officers and the owner of the row may read.
    """

    text: str
    edits: tuple[Edit, ...]
    what: str
    cost: float
    score: float
    rank: int
    band: Band
    seats: int | None = None
    value: float | None = None
    private: bool = False

    def as_json(self) -> Json:
        """Return the counterfactual as an answer tells it (contract §4, with cost and band)."""
        found: Json = {
            "text": self.text,
            "what": self.what,
            "edits": [edit.as_json() for edit in self.edits],
            "cost": self.cost,
            "score": self.score,
            "rank": self.rank,
            "band": self.band.value,
        }
        return found if self.seats is None else {**found, "seats": self.seats, "value": self.value}
