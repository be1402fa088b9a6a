"""Two to four items of one answer beside each other: the same rows for each, what is best and what is equal marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.parts.drawing import Bar, Caliper, caliper, ledger_bar
from api.pages.parts.figures import hours
from api.pages.parts.labels import SIDE_CLASSES
from api.pages.views.decisions import Standing
from api.pages.views.evidence import gathered
from api.pages.views.results import Asked, item_id, mode_label
from kg.identity.joins import likely
from kg.vocab.reasons import FILTER_LABELS, SIDE_LABELS

Json = Mapping[str, Any]
_SAME: Final = 5e-5
_SENTENCES: Final = 3
STATUS_WORDS: Final[Mapping[str, str]] = {"pass": "通过", "unknown": "未知", "fail": "不通过"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One item of the comparison."""

    id: str
    href: str
    node: Json
    place: str
    tags: tuple[str, ...]
    score: float
    caliper: Caliper
    to_verify: bool
    standing: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorCell:
    """One factor of one item; `behind` is how far its contribution lies below the best one."""

    bar: Bar
    value: float
    known: bool
    contribution: float
    best: bool
    behind: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRow:
    """One factor of all items."""

    label: str
    weight: float
    cells: tuple[FactorCell | None, ...]
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRows:
    """One side: its sums, which of them is best, and its factors."""

    label: str
    row_class: str
    fill: str
    scores: tuple[float, ...]
    best: frozenset[int]
    rows: tuple[FactorRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """Something else that is told of each item; `best` are the columns where it is most favourable."""

    label: str
    cells: tuple[tuple[str, ...], ...]
    best: frozenset[int] = frozenset()
    word: str = ""

    @property
    def same(self) -> bool:
        """True when all columns say the same."""
        return len(set(self.cells)) == 1


def columns(
    items: Sequence[Json], answer: Json, asked: Asked, standings: Sequence[Standing | None]
) -> tuple[Column, ...]:
    """Return the heads of the columns."""
    verify = {item_id(item) for item in answer["to_verify"]}
    return tuple(
        _column(item, asked, standing, to_verify=item_id(item) in verify)
        for item, standing in zip(items, standings, strict=True)
    )


def _column(item: Json, asked: Asked, standing: Standing | None, *, to_verify: bool) -> Column:
    low, high = item["interval"]
    card = item.get("card") or {}
    other = item["other"]["name"] if asked.district and item.get("other") else ""
    words = (mode_label(item.get("mode")), card.get("level"), card.get("district"), other and f"与 {other}")
    return Column(
        id=item_id(item),
        href=asked.href(detail=item_id(item)),
        node=item["node"],
        place=f"待核实第 {item['rank']}" if to_verify else f"第 {item['rank']} 名",
        tags=tuple(str(word) for word in words if word),
        score=item["score"],
        caliper=caliper(item["score"], low, high, width=150, large=True, to_verify=to_verify),
        to_verify=to_verify,
        standing=standing,
    )


def sides(items: Sequence[Json]) -> tuple[SideRows, ...]:
    """Return both sides with a row a factor, in the order of the first item."""
    heaviest = max([
        0.4,
        *(f["weight"] for item in items for side in item["sides"].values() for f in side["factors"]),
    ])
    return tuple(_side(name, [item["sides"][name] for item in items], heaviest) for name in items[0]["sides"])


def _side(name: str, told: Sequence[Json], heaviest: float) -> SideRows:
    row_class, fill = SIDE_CLASSES.get(name, ("need", "firm"))
    scores = tuple(float(side["score"]) for side in told)
    codes = list(dict.fromkeys(factor["code"] for side in told for factor in side["factors"]))
    found = [[_of(side, code) for side in told] for code in codes]
    return SideRows(
        label=SIDE_LABELS.get(name, name),
        row_class=row_class,
        fill=fill,
        scores=scores,
        best=best_of(scores),
        rows=tuple(_row(factors, heaviest) for factors in found),
    )


def _of(side: Json, code: str) -> Json | None:
    return next((factor for factor in side["factors"] if factor["code"] == code), None)


def _row(factors: Sequence[Json | None], heaviest: float) -> FactorRow:
    known = [factor["contribution"] if factor and factor["known"] else None for factor in factors]
    best = best_of(known)
    top = max((value for value in known if value is not None), default=0.0)
    first = next(factor for factor in factors if factor is not None)
    cells = tuple(
        None
        if factor is None
        else FactorCell(
            bar=ledger_bar(
                factor["weight"], factor["contribution"], known=factor["known"], heaviest=2 * heaviest
            ),
            value=factor["value"],
            known=bool(factor["known"]),
            contribution=factor["contribution"],
            best=place in best,
            behind=top - factor["contribution"],
        )
        for place, factor in enumerate(factors)
    )
    return FactorRow(
        label=first["label"],
        weight=first["weight"],
        cells=cells,
        same=None not in known and not best and len(cells) > 1,
    )


def best_of(values: Sequence[float | None], *, least: bool = False) -> frozenset[int]:
    """Return the columns with the best known value; none when all known values are equal or only one is known."""
    known = [value for value in values if value is not None]
    if len(known) < 2 or max(known) - min(known) <= _SAME:
        return frozenset()
    wanted = min(known) if least else max(known)
    return frozenset(
        place for place, value in enumerate(values) if value is not None and abs(value - wanted) <= _SAME
    )


def text_rows(items: Sequence[Json], *, talents: bool) -> tuple[TextRow, ...]:
    """Return what else tells the items apart: differing filters first, then hours or seats, checks, own evidence."""
    rows = [
        TextRow(label="登记合并", cells=tuple(_joins(item) for item in items)),
        *_filter_rows(items),
        *(_hour_rows(items) if talents else _seat_rows(items)),
        TextRow(label="已知权重", cells=tuple((f"{item['coverage'] * 100:.0f} %",) for item in items)),
        TextRow(label="须核实", cells=tuple(_checks(item) for item in items)),
        TextRow(label="独有依据", cells=_own_evidence(items)),
    ]
    return tuple(row for row in rows if any(row.cells))


def _joins(item: Json) -> tuple[str, ...]:
    """Return how sure it is that the records of a person are one's; nothing where somebody is sure."""
    told = item.get("identity")
    if not told:
        return ()
    return (
        f"由 {told['records']} 条登记合并，{told['unconfirmed']} 处未确认",
        f"同一人的可能性最低 {likely(told['probability'])}",
    )


def _filter_rows(items: Sequence[Json]) -> list[TextRow]:
    statuses = [{one["code"]: one["status"] for one in item["filters"]} for item in items]
    codes = list(dict.fromkeys(code for found in statuses for code in found))
    return [
        TextRow(
            label=f"{FILTER_LABELS.get(code, '')} {code}",
            cells=tuple((STATUS_WORDS.get(found.get(code, ""), "—"),) for found in statuses),
        )
        for code in codes
        if len({found.get(code) for found in statuses}) > 1
    ]


def _hour_rows(items: Sequence[Json]) -> list[TextRow]:
    told = [((item.get("facts") or {}).get("hours") or {}) for item in items]
    trips = [((item.get("facts") or {}).get("travel") or {}) for item in items]
    free = [one.get("free") for one in told]
    travel = [0.0 if not one.get("visits") else one.get("hours") for one in trips]
    return [
        TextRow(
            label="窗口内空闲",
            cells=tuple(("未知",) if value is None else (f"{hours(value)} 小时",) for value in free),
            best=best_of(free),
            word="最多",
        ),
        TextRow(
            label="到场与往返",
            cells=tuple(_trip(one) for one in trips),
            best=best_of(travel, least=True),
            word="最省",
        ),
    ]


def _trip(travel: Json) -> tuple[str, ...]:
    if not travel.get("visits"):
        return ("不到场",)
    if travel.get("hours") is None:
        return (f"{travel['visits']} 次，往返时间未知",)
    return (f"{travel['visits']} 次，往返共 {hours(travel['hours'])} 小时",)


def _seat_rows(items: Sequence[Json]) -> list[TextRow]:
    facts = [item.get("facts") or {} for item in items]
    seats = [item.get("seats") for item in items]
    rows = [
        TextRow(label="专业班级", cells=tuple((str(one.get("offering_label") or "—"),) for one in facts)),
        TextRow(label="岗位", cells=tuple((str(one.get("demand_label") or "—"),) for one in facts)),
    ]
    if any(value is not None for value in seats):
        told = tuple(("—",) if value is None else (f"{value} 人",) for value in seats)
        rows.append(TextRow(label="可安排", cells=told, best=best_of(seats), word="最多"))
    return rows


def _checks(item: Json) -> tuple[str, ...]:
    told = (item.get("facts") or {}).get("checks") or ()
    texts = [str(one["text"]) for one in told] or [str(f["check"]) for f in item["filters"] if f.get("check")]
    return tuple(texts[:_SENTENCES])


def _own_evidence(items: Sequence[Json]) -> tuple[tuple[str, ...], ...]:
    found = [
        [one.text for one in gathered(item.get("evidence_rows") or (), item)[0]]
        for item in items
    ]  # fmt: skip
    return tuple(
        tuple(
            text
            for text in texts
            if not any(text in others for at, others in enumerate(found) if at != place)
        )[:_SENTENCES]
        for place, texts in enumerate(found)
    )
