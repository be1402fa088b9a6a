"""Geometry of the drawings: scores and hours become SVG attributes, so no page needs an inline style or a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.parts.figures import four, hours

LEDGER_WIDTH: Final = 192.0
"""Longest track of the ledger in px: the heaviest factor of a side fills it; 480 px = 1 up to a weight of .4."""
_UNIT: Final = 480.0
_EDGE: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caliper:
    """A score on a rule from 0 to 1, its interval between two jaws (none when both ends are equal)."""

    width: int
    height: int
    axis: float
    ticks: str
    pointer: str
    left: float
    span: float
    jaws: str
    labels: bool
    to_verify: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One track of the ledger: its length is the weight, its filling the contribution."""

    track: float
    fill: float
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatBar:
    """One cap of the seat arithmetic: what it leaves, the sum behind it, and whether it binds."""

    label: str
    value: int | None
    formula: str
    width: float
    y: int
    binds: bool = False
    total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """All caps on one scale with a cut line at the seats that remain."""

    bars: tuple[SeatBar, ...]
    cut: float
    height: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A rectangle of the weeks strip with its words (empty where it is too small to bear any)."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One column of the weeks strip."""

    blocks: tuple[Block, ...]
    middle: float
    top: float
    free: str
    name: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """The weeks of a need: signed hours hatched, this need solid, what is left outlined."""

    weeks: tuple[Week, ...]
    grid: tuple[tuple[float, str], ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """The travel hours of a year: used, this need, what is left."""

    blocks: tuple[Block, ...]
    budget: str
    used: str
    sentence: str


def caliper(
    score: float, low: float, high: float, *, width: int = 92, large: bool = False, to_verify: bool = False
) -> Caliper:
    """Return the rule of a score in 0..1 with its interval; the axis is never zoomed."""
    axis, tall = (15.0, 8.7) if large else (13.0, 6.8)
    half = 4.6 if large else 3.6

    def at(value: float) -> float:
        return round(_EDGE + (width - 2 * _EDGE) * min(max(value, 0.0), 1.0), 1)

    spread = high - low > 5e-5
    ticks = "".join(f"M{at(n / 10)} {axis}v{6 if n % 5 == 0 else 4}" for n in range(11))
    jaws = f"M{at(low)} {axis - 5}v10M{at(high)} {axis - 5}v10" if spread else ""
    interval = f"，区间 {four(low)} 至 {four(high)}" if spread else "，无未知项"
    return Caliper(
        width=width,
        height=32 if large else 20,
        axis=axis,
        ticks=ticks,
        pointer=f"M{at(score)} {axis - 3.2}l{-half} {-tall}h{2 * half}z",
        left=at(low),
        span=round(at(high) - at(low), 1) if spread else 0.0,
        jaws=jaws,
        labels=large,
        to_verify=to_verify,
        sentence=f"得分 {four(score)}{interval}{'，待核实' if to_verify else ''}",
    )


def ledger_bar(weight: float, contribution: float, *, known: bool, heaviest: float) -> Bar:
    """Return the track of one factor; `heaviest` is the largest weight of both sides, so that lengths compare."""
    unit = min(_UNIT, LEDGER_WIDTH / heaviest) if heaviest > 0 else _UNIT
    return Bar(round(unit * weight, 1), round(unit * contribution, 1), known)


def seat_bars(arithmetic: Mapping[str, Any]) -> Seats | None:
    """Return the seat arithmetic of one pair (`facts.seats` of a partner); None when nothing is known of it.

    A cap without a number does not bind and is drawn as unknown; both caps hidden from the viewer are drawn as one.
    """
    rows = [*_legal_rows(arithmetic), *_room_rows(arithmetic)]
    known = [value for _, value, _ in rows if value is not None]
    if not known:
        return None
    seats, full = max(0, min(known)), 330.0
    largest = max(1, *known)

    def width(value: int | None) -> float:
        return 0.0 if value is None else round(full * max(0, value) / largest, 1)

    bars = [
        SeatBar(
            label=label,
            value=value,
            formula=formula,
            width=width(value),
            y=8 + 32 * place,
            binds=value is not None and max(0, value) == seats,
        )
        for place, (label, value, formula) in enumerate(rows)
    ]
    total = SeatBar(
        label="可安排",
        value=seats,
        formula=f"min({', '.join(map(str, known))}) ＝ {seats} 人",
        width=width(seats),
        y=8 + 32 * len(rows),
        total=True,
    )
    caps = "，".join(f"{label} {'未知' if value is None else value}" for label, value, _ in rows)
    binding = "、".join(bar.label for bar in bars if bar.binds)
    return Seats(
        bars=(*bars, total),
        cut=92 + width(seats),
        height=8 + 32 * (len(rows) + 1) + 2,
        sentence=f"{caps}；可安排 {seats}，卡口为{binding}",
    )


def _legal_rows(arithmetic: Mapping[str, Any]) -> list[tuple[str, int | None, str]]:
    if arithmetic.get("staff_text") is None and arithmetic.get("post_text") is None:
        left = arithmetic.get("legal")
        return [("法定上限", None if left is None else int(left), "在岗与同岗上限中较小的余量")]
    return [
        (label, None if arithmetic.get(f"{name}_left") is None else int(arithmetic[f"{name}_left"]),
         str(arithmetic.get(f"{name}_text") or ""))
        for label, name in (("在岗上限", "staff"), ("同岗上限", "post"))
    ]  # fmt: skip


def _room_rows(arithmetic: Mapping[str, Any]) -> list[tuple[str, int | None, str]]:
    rows = []
    for label, name, formula in (
        ("学生可供", "supply", "在读 − 已安排 − 已签"),
        ("岗位空缺", "open", "招收 − 已签"),
    ):
        value = None if arithmetic.get(name) is None else int(arithmetic[name])
        rows.append((label, value, formula if value is None else f"{formula} ＝ {value}"))
    return rows


def weeks_strip(weeks: Sequence[Mapping[str, Any]], needed: float | None) -> Weeks | None:
    """Return the strip of a talent's counted weeks (`facts.weeks`); None when no week has known hours.

    `needed` hours are spread evenly over the weeks, which the page says. Up to 60 weeks are drawn.
    """
    shown = [week for week in weeks if week.get("free") is not None][:60]
    if not shown:
        return None
    share = (needed or 0.0) / len(shown)
    capacity = max(1.0, *(float(week["free"]) + float(week.get("signed") or 0) for week in shown))
    step = min(67.0, 408.0 / len(shown))
    every = max(1, -(-46 // int(step)))
    columns = tuple(
        _week(week, 44 + step * place, step, 78.4 / capacity, share=share, named=place % every == 0)
        for place, week in enumerate(shown)
    )
    free = sum(float(week["free"]) for week in shown)
    signed = sum(float(week.get("signed") or 0) for week in shown)
    return Weeks(
        weeks=columns,
        grid=((104.0, "0"), (25.6, _short(capacity))),
        sentence=f"计入 {len(shown)} 周：已签 {hours(signed)} 小时，空闲 {hours(free)} 小时，需要 {hours(needed)} 小时",
    )


def _week(
    week: Mapping[str, Any], left: float, step: float, scale: float, *, share: float, named: bool
) -> Week:
    free, signed = float(week["free"]), float(week.get("signed") or 0)
    used = min(share, free)
    wide, left, roomy = round(step * 0.84, 1), round(left + step * 0.08, 1), step >= 50
    blocks: list[Block] = []
    foot = 104.0
    for kind, size, word in (("busy", signed, ""), ("use", used, "本次 "), ("free", free - used, "余 ")):
        height = round(size * scale, 1)
        foot = round(foot - height, 1)
        if size > 0:
            text = f"{word}{_short(size)}" if word and roomy and height >= 15 else ""
            blocks.append(Block(kind=kind, x=left, y=foot, width=wide, height=height, text=text))
    number = str(week.get("week") or "").rpartition("-W")[2].lstrip("0")
    return Week(
        blocks=tuple(blocks),
        middle=round(left + wide / 2, 1),
        top=round(foot - 5, 1),
        free=f"空闲 {_short(free)}" if roomy else "",
        name=f"第 {number} 周" if named else "",
        day=str(week.get("monday") or "")[5:] if named else "",
    )


def _short(value: float) -> str:
    return hours(value).removesuffix(".0")


def travel_bar(travel: Mapping[str, Any]) -> Travel | None:
    """Return the bar of the year's travel hours (`facts.travel`); None without limit, visits or known hours."""
    limit, needed = travel.get("limit"), travel.get("hours")
    if limit is None or needed is None or not travel.get("visits"):
        return None
    budget, used, wanted = float(limit), float(travel.get("used") or 0), float(needed)
    full = max(budget, used + wanted, 0.1)
    rest = max(0.0, budget - used - wanted)
    blocks, left = [], 4.0
    for kind, size, word in (("busy", used, ""), ("use", wanted, "本次 "), ("free", rest, "余 ")):
        wide = round(444 * size / full, 1)
        if wide > 0:
            text = f"{word}{hours(size)}" if word and wide >= 54 else ""
            blocks.append(Block(kind=kind, x=round(left, 1), y=8, width=wide, height=16, text=text))
        left += wide
    return Travel(
        blocks=tuple(blocks),
        budget=f"年出行 {hours(budget)} 小时",
        used=f"已用 {hours(used)}",
        sentence=f"年出行 {hours(budget)} 小时，已用 {hours(used)} 小时，本次 {hours(wanted)} 小时，余 {hours(rest)} 小时",
    )


def import_bar(counts: Mapping[str, int], largest: int) -> tuple[Block, ...]:
    """Return the row of an import table: inserted, updated, unchanged, rejected; rejected rows are never invisible."""
    blocks, left = [], 0.0
    for kind, name in (("take", "inserted"), ("u", "updated"), ("busy", "unchanged"), ("rej", "rejected")):
        count = int(counts.get(name, 0))
        wide = round(250 * count / max(1, largest), 1)
        wide = max(wide, 2.0) if count else 0.0
        if wide:
            blocks.append(Block(kind=kind, x=round(left, 1), y=1, width=wide, height=12))
        left += wide
    return tuple(blocks)
