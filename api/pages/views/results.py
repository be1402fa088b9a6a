"""Prepares an answer of contract §4 for the result pages: pure, from JSON to rows, bars, numbers and addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.parts.drawing import (
    Bar,
    Caliper,
    Seats,
    Travel,
    Weeks,
    caliper,
    ledger_bar,
    seat_bars,
    travel_bar,
    weeks_strip,
)
from api.pages.parts.figures import circled, two
from api.pages.parts.labels import SIDE_CLASSES, SIDE_NOTES, UNITS
from api.pages.parts.links import node_href, with_params
from api.pages.views.advice import Better, better
from api.pages.views.decisions import Standing, entity_of
from api.pages.views.evidence import Evidence, gathered
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES, SEAT_MODES
from kg.vocab.reasons import FILTER_LABELS, SIDE_LABELS

Json = Mapping[str, Any]
_ENTRIES: Final = 20
_ADDRESS_BYTES: Final = 24_000
_MOST_REFERENCES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where an answer stands: its path and query, without the parts that only choose what is shown."""

    path: str
    params: tuple[tuple[str, str], ...]
    district: bool = False

    def href(self, **changes: str | int | None) -> str:
        """Return the address of the same question with another selection."""
        return with_params(self.path, self.params, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of the list of candidates or partners."""

    id: str
    href: str
    current: bool
    rank: int
    tied: bool
    name: str
    tag: str
    place: str
    lines: tuple[str, ...]
    warning: str
    score: float
    caliper: Caliper
    decided: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorLine:
    """One row of the ledger."""

    label: str
    weight: float
    bar: Bar
    value: float
    known: bool
    contribution: float
    text: str
    references: tuple[tuple[int, str], ...]
    more: int
    hidden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """One side of the ledger with its sum."""

    label: str
    note: str
    row_class: str
    fill: str
    score: float
    coverage: float
    factors: tuple[FactorLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The selected item in full."""

    node: Json
    other: Json | None
    tags: tuple[str, ...]
    level: str
    summary: str
    score: float
    interval: tuple[float, float]
    coverage: float
    place: str
    caliper: Caliper
    sides: tuple[SideView, ...]
    filters: Sequence[Json]
    filter_counts: tuple[int, int, int]
    checks: tuple[Json, ...]
    evidence: tuple[Evidence, ...]
    evidence_hidden: int
    to_verify: bool
    low_coverage: bool
    hours: Json
    weeks: Weeks | None
    travel: Json
    travel_bar: Travel | None
    seats: Seats | None
    pair: Json | None
    allocation: Sequence[Json]
    better: tuple[Better, ...]
    following: str
    checklist: Sequence[Json]
    clauses: Sequence[Json]
    item: Json


def item_id(item: Json) -> str:
    """Return what selects an item: the node's key, for partners both keys joined as the service joins them."""
    other = item.get("other")
    return str(item["node"]["key"]) if other is None else f"{item['node']['key']}‖{other['key']}"


def selected(answer: Json, wanted: str | None) -> Json | None:
    """Return the item that is shown in full: the wanted one, else the first listed, else the first to verify."""
    everything = [*answer["items"], *answer["to_verify"]]
    return next(
        (item for item in everything if item_id(item) == wanted), everything[0] if everything else None
    )


def mode_label(key: str | None) -> str:
    """Return the Chinese name of a mode of either question."""
    return ENGAGEMENT_MODES.get(key or "") or COOPERATION_MODES.get(key or "") or (key or "")


def line(
    item: Json, asked: Asked, current: str | None, *, to_verify: bool, known: Mapping[str, Standing]
) -> Line:
    """Return the entry of one item in the list, with what was decided about it."""
    low, high = item["interval"]
    talent = item["node"]["kind"] == "talent"
    card = item.get("card") or {}
    return Line(
        id=item_id(item),
        href=asked.href(detail=item_id(item)),
        current=item_id(item) == current,
        rank=item["rank"],
        tied=bool(item["tied"]),
        name=str(item["node"]["name"]),
        tag=mode_label(item.get("mode")) if talent else "",
        place=str(card.get("district") or ""),
        lines=_check_lines(item)
        if to_verify
        else _talent_lines(card)
        if talent
        else _partner_lines(item, district=asked.district),
        warning="登记合并未确认" if item.get("identity") else "",
        score=item["score"],
        caliper=caliper(item["score"], low, high, to_verify=to_verify),
        decided=known.get(entity_of(item, district=asked.district)),
    )


def _check_lines(item: Json) -> tuple[str, ...]:
    unknown = [f for f in item["filters"] if f["status"] == "unknown"]
    words = [
        f"{f.get('check') or f['text'] or FILTER_LABELS.get(f['code'], '')}（{f['code']}）" for f in unknown
    ]
    return tuple(f"查：{word}" for word in words[:1])


def _talent_lines(card: Json) -> tuple[str, ...]:
    words = [str(card[name]) for name in ("level", "occupation") if card.get(name)]
    return (" · ".join(words),) if words else ()


def _partner_lines(item: Json, *, district: bool) -> tuple[str, ...]:
    lines = []
    other = item.get("other")
    facts = item.get("facts") or {}
    if facts.get("offering_label"):
        lines.append(str(facts["offering_label"]))
    if facts.get("demand_label"):
        lines.append(f"岗位：{facts['demand_label']}")
    if district and other is not None:
        lines.append(f"与 {other['name']}")
    if item.get("seats") is not None:
        lines.append(f"可安排 {item['seats']} 人")
    return tuple(lines)


def entries_per_page(asked: Asked) -> int:
    """Return how many entries a page lists (half as many to verify): 20, fewer where a typed need makes long addresses."""
    return max(4, min(_ENTRIES, _ADDRESS_BYTES // len(asked.href())))


def pages_of(total: int, page: int, size: int) -> tuple[int, int, int]:
    """Return (page within bounds, first index, number of pages)."""
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    return page, (page - 1) * size, pages


def detail(item: Json, answer: Json, asked: Asked) -> Detail:
    """Return everything that the right half of a result page shows of an item."""
    rows = item.get("evidence_rows") or ()
    evidence, numbers = gathered(rows, item)
    low, high = item["interval"]
    verify = any(item is other for other in answer["to_verify"])
    facts, card = item.get("facts") or {}, item.get("card") or {}
    hours, travel = facts.get("hours") or {}, facts.get("travel") or {}
    statuses = [f["status"] for f in item["filters"]]
    return Detail(
        node=item["node"],
        other=item.get("other"),
        tags=_tags(item, card),
        level=str(card.get("level") or ""),
        summary=str(item.get("summary") or ""),
        score=item["score"],
        interval=(low, high),
        coverage=item["coverage"],
        place=_place(item, answer, asked, to_verify=verify),
        caliper=caliper(item["score"], low, high, width=220, large=True, to_verify=verify),
        sides=_sides(item, numbers),
        filters=item["filters"],
        filter_counts=(statuses.count("pass"), statuses.count("unknown"), statuses.count("fail")),
        checks=_checks(item),
        evidence=evidence,
        evidence_hidden=item["evidence_hidden"],
        to_verify=verify,
        low_coverage=item["band"] == "low_coverage",
        hours=hours,
        weeks=weeks_strip(facts.get("weeks") or (), hours.get("needed")),
        travel=travel,
        travel_bar=travel_bar(travel),
        seats=seat_bars(facts["seats"]) if facts.get("seats") else None,
        pair=_pair(item, facts),
        allocation=_allocation(item, facts),
        better=better(item),
        following=str((item.get("alternative") or {}).get("text") or ""),
        checklist=item.get("checklist") or (),
        clauses=item.get("clauses") or (),
        item=item,
    )


def _tags(item: Json, card: Json) -> tuple[str, ...]:
    if item["node"]["kind"] != "talent":
        return ()
    place = " · ".join(str(card[name]) for name in ("district", "work_status") if card.get(name))
    words = (card.get("occupation"), place, mode_label(item.get("mode")))
    return tuple(str(word) for word in words if word)


def unit_of(answer: Json) -> str:
    """Return the counting word of what an answer lists."""
    first = next(iter([*answer["items"], *answer["to_verify"]]), None)
    return UNITS.get(first["node"]["kind"], "个") if first else ""


def _place(item: Json, answer: Json, asked: Asked, *, to_verify: bool) -> str:
    unit = "对" if asked.district else unit_of(answer)
    if to_verify:
        return f"待核实第 {item['rank']}，不参与排名"
    tied = "并列" if item["tied"] else ""
    talent = item["node"]["kind"] == "talent"
    total = answer["pool"]["listed"] if talent else len(answer["items"])
    return f"{tied}第 {item['rank']} 名，{'共' if talent else '列出'} {total:,} {unit}"


def _sides(item: Json, numbers: Mapping[str, int]) -> tuple[SideView, ...]:
    heaviest = max(
        (f["weight"] for side in item["sides"].values() for f in side["factors"]),
        default=0.4,
    )
    return tuple(_side(name, side, numbers, max(heaviest, 0.4)) for name, side in item["sides"].items())


def _side(name: str, side: Json, numbers: Mapping[str, int], heaviest: float) -> SideView:
    row_class, fill = SIDE_CLASSES.get(name, ("need", "firm"))
    return SideView(
        label=SIDE_LABELS.get(name, name),
        note=SIDE_NOTES.get(name, ""),
        row_class=row_class,
        fill=fill,
        score=side["score"],
        coverage=side["coverage"],
        factors=tuple(_factor(factor, numbers, heaviest) for factor in side["factors"]),
    )


def _factor(factor: Json, numbers: Mapping[str, int], heaviest: float) -> FactorLine:
    cited = sorted({numbers[edge] for edge in factor["evidence"] if edge in numbers})
    text = str(factor["text"])
    if not factor["known"] and "按" not in text:
        text = f"{text}{'，' if text else '缺少数据，'}按 {two(factor['value'])} 计"
    return FactorLine(
        label=factor["label"],
        weight=factor["weight"],
        bar=ledger_bar(factor["weight"], factor["contribution"], known=factor["known"], heaviest=heaviest),
        value=factor["value"],
        known=bool(factor["known"]),
        contribution=factor["contribution"],
        text=text,
        references=tuple((number, circled(number)) for number in cited[:_MOST_REFERENCES]),
        more=max(0, len(cited) - _MOST_REFERENCES),
        hidden=int(factor.get("evidence_hidden", 0)),
    )


def _pair(item: Json, facts: Json) -> Json | None:
    """Return the best pair with its names."""
    if not item.get("pair"):
        return None
    names = {name: str(facts.get(f"{name}_label") or item["pair"][name]) for name in ("offering", "demand")}
    return {**item["pair"], "offering_name": names["offering"], "demand_name": names["demand"]}


def _allocation(item: Json, facts: Json) -> Sequence[Json]:
    """Return the seats of every pair; the best pair under its names."""
    pair = _pair(item, facts) or {}
    return [
        {
            **entry,
            **{
                f"{end}_name": entry.get(f"{end}_label")
                or (pair[f"{end}_name"] if entry[end] == pair.get(end) else entry[end])
                for end in ("offering", "demand")
            },
        }
        for entry in item.get("allocation") or ()
    ]


def _checks(item: Json) -> tuple[Json, ...]:
    """Return what to verify by hand `{code, text, href}`: who it is, then as the facts list it, else as the filters say it."""
    doubt, told = item.get("identity"), (item.get("facts") or {}).get("checks")
    first = () if doubt is None else (_check("", doubt["text"], f"{node_href(item['node'])}#joined"),)
    if told:
        rows = ((row["code"] if row.get("code") in FILTER_LABELS else "", row["text"]) for row in told)
    else:
        rows = ((f["code"], f["check"]) for f in item["filters"] if f.get("check"))
    return (*first, *(_check(code, text) for code, text in rows))


def _check(code: str, text: str, href: str = "") -> Json:
    return {"code": code, "text": text, "href": href}


def failed_lines(answer: Json) -> tuple[tuple[str, str, int], ...] | None:
    """Return (label, code, number) of what was not listed, most frequent first; None if the viewer is not told."""
    failed = answer["pool"].get("failed")
    if failed is None:
        return None
    ordered = sorted(
        ((code, number) for code, number in failed.items() if number), key=lambda x: (-x[1], x[0])
    )
    return tuple((FILTER_LABELS.get(code, ""), code, number) for code, number in ordered)


def not_listed(answer: Json) -> int:
    """Return how many were looked at and not listed."""
    pool = answer["pool"]
    return int(pool["considered"] - pool["listed"] - pool["to_verify"])


def has_seats(answer: Json) -> bool:
    """True when the question is one of the modes that count seats."""
    return answer["question"].get("mode") in SEAT_MODES
