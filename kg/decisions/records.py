"""What an agreement and its outcome leave in the graph: one row of engagements or cooperations, of the desk's own source.

From there they count like every other: hours and trips that are taken, seats that are signed, and in the end
reputation and history (`scoring.md` §2, §3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from kg.errors import InvalidInputError
from kg.index.world import World
from kg.model.graph import Batch, Link, NodeRef, Provenance, Row, RowChange, RowId, Value
from kg.ports import GraphStore
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES

SOURCE: Final = "对接台"
STATUSES: Final[Mapping[str, tuple[str, str | None]]] = {
    "agreed": ("已签", None),
    "succeeded": ("完成", "成功"),
    "failed": ("终止", "未达"),
}
"""State of a follow-up -> status and outcome of the row."""
_MOST_HOURS: Final = 24 * 7
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """Who agreed with whom on what; `key` is the number of the record, `at` the time of writing (UTC)."""

    key: str
    at: datetime
    actor: str
    synthetic: bool


def engagement_row(
    agreed: Agreed,
    *,
    person: str,
    host: str,
    need: str | None,
    terms: Mapping[str, Any],
    state: str,
    world: World,
) -> Row:
    """Return the row of an engagement; InvalidInputError where the terms are not those of one."""
    mode = _one_of(terms, "mode", ENGAGEMENT_MODES)
    start, end = _ended(_period(terms, open_end=False), agreed, state)
    assert end is not None
    status, outcome = STATUSES[state]
    values: dict[str, Value] = {
        "engagement_id": agreed.key,
        "host": host,
        "mode": mode,
        "hours_per_week": _number(terms, "hours_per_week", _MOST_HOURS),
        "valid_from": start.isoformat(),
        "valid_to": end.isoformat(),
        "trips": _whole(terms, "trips"),
        "status": status,
        "outcome": outcome,
        "need_id": need,
    }
    node = NodeRef("engagement", agreed.key)
    links = [
        Link(node, "engagements.person_id", NodeRef("talent", person)),
        Link(node, "engagements.host", _organisation(world, host)),
    ]
    if need is not None:
        links.append(Link(node, "engagements.need_id", NodeRef("need", need)))
    return _row(agreed, "engagements", node, values, links, (start, end), person=person, owners=(host,))


def cooperation_row(
    agreed: Agreed, *, school: str, enterprise: str, terms: Mapping[str, Any], state: str
) -> Row:
    """Return the row of a cooperation; InvalidInputError where the terms are not those of one."""
    mode = _one_of(terms, "mode", COOPERATION_MODES)
    start, end = _ended(_period(terms, open_end=True), agreed, state)
    status, outcome = STATUSES[state]
    values: dict[str, Value] = {
        "cooperation_id": agreed.key,
        "school": school,
        "enterprise": enterprise,
        "mode": mode,
        "offering": _text(terms, "offering"),
        "demand": _text(terms, "demand"),
        "seats": _whole(terms, "seats"),
        "valid_from": start.isoformat(),
        "valid_to": None if end is None else end.isoformat(),
        "status": status,
        "outcome": outcome,
    }
    node = NodeRef("cooperation", agreed.key)
    links = [
        Link(node, "cooperations.school", NodeRef("school", school)),
        Link(node, "cooperations.enterprise", NodeRef("enterprise", enterprise)),
    ]
    for column in ("offering", "demand"):
        if values[column]:
            links.append(Link(node, f"cooperations.{column}", NodeRef(column, str(values[column]))))
    return _row(agreed, "cooperations", node, values, links, (start, end), owners=(school, enterprise))


def _ended(period: tuple[date, date | None], agreed: Agreed, state: str) -> tuple[date, date | None]:
    """Return the period, ended on the day on which its outcome was told where it would last longer.

    Reputation and history count an outcome from its last day on (`scoring.md` §2, §3): told early, it counts early.
    """
    start, end = period
    if STATUSES[state][1] is None:
        return period
    told = max(start, agreed.at.date())
    return start, told if end is None else min(end, told)


def publish(store: GraphStore, row: Row, agreed: Agreed) -> Batch:
    """Write one row as a batch of its own and return it with its revision."""
    staged = f"desk-{agreed.key}-{agreed.at.timestamp():.6f}"
    known = any(True for _ in store.rows(ids=[row.id]))
    report = {
        "schema": "jiangtu.decision/1",
        "source": SOURCE,
        "totals": {"read": 1, "inserted": int(not known), "updated": int(known)},
    }
    batch = Batch(
        id="", source=SOURCE, actor=agreed.actor, at=agreed.at, delivered=(row.id.table,),
        synthetic=agreed.synthetic, report=report,
    )  # fmt: skip
    try:
        store.stage(staged, [RowChange(id=row.id, row=row)])
        return store.publish(batch, staged=staged)
    except BaseException:
        store.discard(staged)
        raise


def _row(
    agreed: Agreed,
    table: str,
    node: NodeRef,
    values: Mapping[str, Value],
    links: list[Link],
    period: tuple[date, date | None],
    *,
    person: str | None = None,
    owners: tuple[str, ...],
) -> Row:
    return Row(
        id=RowId(SOURCE, table, agreed.key),
        node=node,
        label=agreed.key,
        values={name: value for name, value in values.items() if value is not None},
        links=tuple(links),
        provenance=Provenance(
            batch="",
            origin=f"{SOURCE} / {agreed.actor}",
            recorded_at=agreed.at,
            valid_from=period[0],
            valid_to=period[1],
        ),
        person=person,
        owners=owners,
    )


def _organisation(world: World, code: str) -> NodeRef:
    known = world.organisations.by_code.get(code)
    return known.ref if known is not None else NodeRef("enterprise", code)


def _one_of(terms: Mapping[str, Any], name: str, allowed: Mapping[str, str]) -> str:
    value = terms.get(name)
    if value not in allowed:
        raise InvalidInputError(
            f"方式（{name}）应是 {'、'.join(allowed)} 之一", field=f"terms.{name}", value=value
        )
    return str(value)


def _period(terms: Mapping[str, Any], *, open_end: bool) -> tuple[date, date | None]:
    start, end = _day(terms, "valid_from", required=True), _day(terms, "valid_to", required=not open_end)
    assert start is not None
    if end is not None and end < start:
        raise InvalidInputError("结束日期早于开始日期", field="terms.valid_to", value=end.isoformat())
    return start, end


def _day(terms: Mapping[str, Any], name: str, *, required: bool) -> date | None:
    value = terms.get(name)
    if value in {None, ""}:
        if required:
            raise InvalidInputError("议定要写明起止日期", field=f"terms.{name}")
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInputError("日期请写成 2026-11-23 的样子", field=f"terms.{name}", value=value) from error


def _number(terms: Mapping[str, Any], name: str, most: float) -> float | int | None:
    value = terms.get(name)
    if value in {None, ""}:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise InvalidInputError(f"应是 0 到 {most:g} 的数字", field=f"terms.{name}", value=value)
    return int(value) if float(value).is_integer() else float(value)


def _whole(terms: Mapping[str, Any], name: str) -> int | None:
    value = _number(terms, name, _MOST)
    if value is not None and not isinstance(value, int):
        raise InvalidInputError("应是整数", field=f"terms.{name}", value=value)
    return value


def _text(terms: Mapping[str, Any], name: str) -> str | None:
    value = terms.get(name)
    if value in {None, ""}:
        return None
    if not isinstance(value, str) or len(value) > 200:
        raise InvalidInputError("应是编号", field=f"terms.{name}", value=value)
    return value.strip()
