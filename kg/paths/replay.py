"""Replays an explanation: every cited edge is read from the store again, every sum is made again (contract §4).

An item of an answer is enough: its edge ids, the day, and its ledger. Nothing of the search that made it is used.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import isclose
from typing import Any, Final, NamedTuple

from kg.model.answers import harmonic
from kg.model.graph import Row, RowId, edge_id
from kg.ports import GraphStore

Json = Mapping[str, Any]

_TOLERANCE: Final = 1e-9
EVENTS: Final = frozenset({"cooperations", "engagements", "achievements", "honours", "placements"})
"""Rows that tell what happened: they count once they have begun, also after their end."""
WINDOWED: Final = frozenset({"demands", "flex_needs", "offerings", "restrictions"})
"""Rows that are read for the window or the school year of the question, not for its day."""
SIGNED: Final = "已签"
"""The status of an agreement that is still to be served."""
_TEXTS: Final[Mapping[str, str]] = {
    "edge-missing": "依据 {edge} 查不到：所在的行已退出，或这条关系已改",
    "edge-not-valid": "依据 {edge}（{table}）在 {day} 不在有效期内",
    "sum": "{where}：各项相加是 {sum}，写的是 {told}",
    "factor": "{where}：重算得 {again}，写的是 {told}",
    "filter": "{where}：重算为 {again}，写的是 {told}",
    "evidence": "{where}：重算引用的依据不同",
    "score": "{where}：重算得 {again}，写的是 {told}",
}


class Finding(NamedTuple):
    """One thing that does not hold: what kind, where in the item, in one sentence."""

    code: str
    where: str
    text: str

    def as_json(self) -> dict[str, str]:
        """Return the finding for programs."""
        return self._asdict()


def _found(code: str, where: str, **words: object) -> Finding:
    return Finding(code, where, _TEXTS[code].format(where=where, **words))


def cited_edges(item: Json) -> dict[str, str]:
    """Return every edge id that an item cites, with the place where it is cited first."""
    found: dict[str, str] = {}
    for side, ledger in item["sides"].items():
        for factor in ledger["factors"]:
            for edge in factor["evidence"]:
                found.setdefault(edge, f"{side}.{factor['code']}")
    for result in item["filters"]:
        for edge in result["evidence"]:
            found.setdefault(edge, str(result["code"]))
    for path in item["paths"]:
        for edge in path["edges"]:
            found.setdefault(edge["id"], "paths")
    return found


def check_edges(
    store: GraphStore, cited: Mapping[str, str], hints: Mapping[str, RowId], day: date
) -> Iterator[Finding]:
    """Yield the cited edges that no row of the store states, or whose row does not hold on the day.

    `hints` say in which row an edge should stand; without one, or in vain, all rows are looked through once.
    """
    stated = dict(_stated(store.rows(ids=sorted(set(hints.values()))), cited.keys()))
    if cited.keys() - stated.keys():
        stated.update(_stated(store.rows(), cited.keys() - stated.keys()))
    for edge, where in cited.items():
        row = stated.get(edge)
        if row is None:
            yield _found("edge-missing", where, edge=edge)
        elif not holds(row, day):
            yield _found("edge-not-valid", where, edge=edge, table=row.id.table, day=day)


def _stated(rows: Iterable[Row], wanted: Iterable[str]) -> Iterator[tuple[str, Row]]:
    """Yield the wanted ids that the rows state, each with its row."""
    left = set(wanted)
    for row in rows:
        if not left:
            return
        for link in row.links:
            edge = edge_id(row.id, link)
            if edge in left:
                left.discard(edge)
                yield edge, row


def holds(row: Row, day: date) -> bool:
    """Return whether a row may be evidence on a day: valid then, or, for what happened, begun by then.

    An agreement that is signed takes its seats or hours in its own time, which may be still to come.
    """
    if row.id.table in WINDOWED or row.values.get("status") == SIGNED:
        return True
    first, last = row.provenance.valid_from, row.provenance.valid_to
    begun = first is None or first <= day
    return begun if row.id.table in EVENTS else begun and (last is None or day <= last)


def check_sums(item: Json) -> Iterator[Finding]:
    """Yield where contributions do not add up to their side, sides not to the score, or an end of the interval."""
    for name, side in item["sides"].items():
        for factor in side["factors"]:
            yield from _same(
                f"{name}.{factor['code']}", factor["weight"] * factor["value"], factor["contribution"]
            )
        yield from _same(name, sum(f["contribution"] for f in side["factors"]), side["score"])
        known = sum(f["weight"] for f in side["factors"] if f["known"])
        yield from _same(f"{name}.coverage", known, side["coverage"])
    first, second = item["sides"].values()
    yield from _same("score", harmonic(first["score"], second["score"]), item["score"])
    yield from _same("coverage", min(first["coverage"], second["coverage"]), item["coverage"])
    for place, neutral in enumerate((0.0, 1.0)):
        ends = [sum(_at(f, neutral) for f in side["factors"]) for side in (first, second)]
        yield from _same(f"interval[{place}]", harmonic(ends[0], ends[1]), item["interval"][place])


def _at(factor: Json, neutral: float) -> float:
    return float(factor["weight"] * (factor["value"] if factor["known"] else neutral))


def _same(where: str, again: float, told: float) -> Iterator[Finding]:
    if not isclose(again, told, rel_tol=0, abs_tol=_TOLERANCE):
        yield _found("sum", where, sum=f"{again:.9f}", told=f"{told:.9f}")


def compare(told: Json, again: Json) -> Iterator[Finding]:
    """Yield where an item differs from the same pair scored anew: factors, their evidence, filters, score."""
    for side, ledger in again["sides"].items():
        for factor, old in zip(ledger["factors"], told["sides"][side]["factors"], strict=True):
            yield from _compare_factor(f"{side}.{factor['code']}", old, factor)
    statuses = {result["code"]: result["status"] for result in told["filters"]}
    for result in again["filters"]:
        if statuses.get(result["code"]) != result["status"]:
            yield _found("filter", result["code"], again=result["status"], told=statuses.get(result["code"]))
    for name in ("score", "coverage"):
        if not isclose(told[name], again[name], rel_tol=0, abs_tol=_TOLERANCE):
            yield _found("score", name, again=f"{again[name]:.9f}", told=f"{told[name]:.9f}")


def _compare_factor(where: str, told: Json, again: Json) -> Iterator[Finding]:
    same = all(
        isclose(told[name], again[name], rel_tol=0, abs_tol=_TOLERANCE) for name in ("weight", "value")
    )
    if told["code"] != again["code"] or told["known"] != again["known"] or not same:
        yield _found("factor", where, again=_value(again), told=_value(told))
    elif sorted(told["evidence"]) != sorted(again["evidence"]):
        yield _found("evidence", where)


def _value(factor: Json) -> str:
    value = f"{factor['weight']:g} × {factor['value']:.9f}"
    return value if factor["known"] else f"{value}（未知）"


def check_item(
    told: Json, again: Json | None, store: GraphStore, hints: Mapping[str, RowId], day: date
) -> Sequence[Finding]:
    """Return everything that does not hold of an item; `again` is the same pair scored anew, None if it is gone."""
    found = [*check_edges(store, cited_edges(told), hints, day), *check_sums(told)]
    return found if again is None else [*found, *compare(told, again)]
