"""What it rests on that register rows are one person: one ID number, a comparison with its probability, or somebody's word."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

from kg.identity.moving import PERSON_TABLE
from kg.identity.review_queue import AUTOMATIC, MERGED, Record, review_id
from kg.model.graph import Row, RowId
from kg.sealing.sealer import Sealer

Json = dict[str, Any]
FIRST, SAME_NUMBER, JOINED, UNKNOWN = "first", "same-number", "joined", "unknown"
BASES: Final[Mapping[str, str]] = {
    FIRST: "人员编号取自这条",
    SAME_NUMBER: "证件号码与另一条相同",
    JOINED: "核对后合并",
    UNKNOWN: "合并的依据没有留存",
}
"""Why a row belongs to the person."""
_STEPS: Final = 10_000


def joins_of(
    person: str, rows: Collection[RowId], sealer: Sealer, question: Callable[[str], Record | None]
) -> list[Record]:
    """Return the decided questions that hold these person rows together, oldest decision first.

    `question` looks one up by id. A question is found by the talent keys that the rows founded, so nobody has to read
    the whole queue; one whose two sides are not both among the rows (taken back since, or not yet then) is none.
    """
    keys = sorted({person, *(sealer.talent_key(row.source, row.key) for row in rows)})
    found = (question(review_id(sealer, pair)) for pair in combinations(keys, 2))
    here = [one for one in found if one is not None and one["state"] == MERGED and _holds(one, rows)]
    return sorted(here, key=lambda one: (one["at"], one["id"]))


def is_automatic(join: Mapping[str, Any]) -> bool:
    """True for what a comparison has joined and nobody has confirmed."""
    return bool(join["by"] == AUTOMATIC)


def told_joins(person: str, rows: Sequence[Row], joins: Sequence[Record], sealer: Sealer) -> Json:
    """Return every row of a person with why it belongs to him, and every join with its weights; no sealed value."""
    bases = _bases(_founder(person, rows, sealer), rows, joins)
    records = [
        {
            "source": row.id.source,
            "person_id": row.id.key,
            "origin": row.provenance.origin,
            "recorded_at": row.provenance.recorded_at.isoformat(),
            "basis": bases[row.id][0],
            "basis_label": BASES[bases[row.id][0]],
            "review": bases[row.id][1],
        }
        for row in rows
    ]
    return {
        "records": records,
        "joins": [_told_join(one, {row.id for row in rows}) for one in joins],
        "probability": weakest(joins),
    }


def weakest(joins: Iterable[Mapping[str, Any]]) -> float | None:
    """Return the lowest probability (0..1) among joins that nobody has confirmed; None without such a join."""
    return min((float(one["probability"]) for one in joins if is_automatic(one)), default=None)


def doubt(records: int, joins: Sequence[Mapping[str, Any]]) -> Json | None:
    """Return what whoever decides should know of a person of several records; None when nothing rests on a comparison alone."""
    lowest, open_ones = weakest(joins), sum(map(is_automatic, joins))
    if lowest is None:
        return None
    text = (
        f"此人由 {records} 条登记合并，其中 {open_ones} 处由比对自动合并、还没有人确认"
        f"（同一人的可能性最低 {likely(lowest)}）；决定前请到人员页核对"
    )
    return {"records": records, "unconfirmed": open_ones, "probability": lowest, "text": text}


def likely(probability: float) -> str:
    """Return a probability in per cent with at most two places, rounded down: what is not certain never reads 100 %."""
    return f"{int(probability * _STEPS) * 100 / _STEPS:g} %"


def _holds(join: Mapping[str, Any], rows: Collection[RowId]) -> bool:
    return all(any(RowId(*row) in rows for row in side) for side in join["rows"])


def _founder(person: str, rows: Sequence[Row], sealer: Sealer) -> Row:
    """Return the row that the talent key comes from; the oldest one where a register no longer has it."""
    return min(
        rows,
        key=lambda row: (
            sealer.talent_key(row.id.source, row.id.key) != person,
            row.provenance.recorded_at,
            row.id,
        ),
    )


def _bases(founder: Row, rows: Sequence[Row], joins: Sequence[Record]) -> dict[RowId, tuple[str, str | None]]:
    """Return for each row why it belongs to the person, and the question that says so."""
    found: dict[RowId, tuple[str, str | None]] = {founder.id: (FIRST, None)}
    for row in rows:
        join = next((one["id"] for one in joins if _came_by(one, row.id, founder.id)), None)
        shared = row.identity and sum(row.identity == other.identity for other in rows) > 1
        alone = SAME_NUMBER if shared else UNKNOWN
        found.setdefault(row.id, (alone, None) if join is None else (JOINED, join))
    return found


def _came_by(join: Mapping[str, Any], row: RowId, founder: RowId) -> bool:
    """True when the row stands on a side of the join on which the founder does not stand."""
    sides = [{RowId(*one) for one in side} for side in join["rows"]]
    return any(row in side and founder not in side for side in sides)


def _told_join(join: Mapping[str, Any], rows: Collection[RowId]) -> Json:
    sides = [[RowId(*row) for row in side] for side in join["rows"]]
    return {
        "review": join["id"],
        "probability": join["probability"],
        "automatic": is_automatic(join),
        "by": join["by"],
        "at": join["at"],
        "note": join.get("note", ""),
        "batch": join["batch"],
        "weights": join["weights"],
        "sides": [
            [{"source": row.source, "person_id": row.key} for row in side if row in rows] for side in sides
        ],
    }


def person_rows(registers: Iterable[tuple[str, str]]) -> set[RowId]:
    """Return the ids of the person rows of (source, person_id)."""
    return {RowId(source, PERSON_TABLE, number) for source, number in registers}
