"""Geometry of the drawings: scores and hours become SVG attributes, so no page needs an inline style or a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.numbers import four, hours

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
    inside: bool = False


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
    inside: bool


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


def seat_bars(entry: Mapping[str, Any]) -> Seats | None:
    """Return the seat arithmetic of one pair (an entry of `allocation`); None when no seats are counted at all."""
    if entry.get("supply") is None or entry.get("open") is None:
        return None
    rows = [*_legal_rows(entry.get("legal") or {}), *_supply_rows(entry)]
    known = [value for _, value, _ in rows if value is not None]
    seats = max(0, min(known))
    largest = max(1, *known)
    full = 470.0

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
            inside=width(value) > full * 0.62,
        )
        for place, (label, value, formula) in enumerate(rows)
    ]
    names = ", ".join(str(value) for value in known)
    total = SeatBar(
        label="可安排",
        value=seats,
        formula=f"min({names}) ＝ {seats} 人",
        width=width(seats),
        y=8 + 32 * len(rows),
        total=True,
        inside=width(seats) > full * 0.62,
    )
    caps = "，".join(f"{label} {'未知' if value is None else value}" for label, value, _ in rows)
    binding = "、".join(bar.label for bar in bars if bar.binds)
    return Seats(
        bars=(*bars, total),
        cut=92 + width(seats),
        height=8 + 32 * (len(rows) + 1) + 2,
        sentence=f"{caps}；可安排 {seats}，卡口为{binding}",
    )


def _legal_rows(legal: Mapping[str, Any]) -> list[tuple[str, int | None, str]]:
    rows: list[tuple[str, int | None, str]] = []
    for label, cap, used in (("在岗上限", "staff_cap", "used_staff"), ("同岗上限", "post_cap", "used_post")):
        if legal.get(cap) is not None and legal.get(used) is not None:
            left = int(legal[cap]) - int(legal[used])
            rows.append((label, left, f"上限 {legal[cap]} − 已用 {legal[used]} ＝ {left}"))
        elif (
            legal.get("legal") is None
            or legal.get("staff_cap") is not None
            or legal.get("post_cap") is not None
        ):
            rows.append((label, None, "人数未填，不作约束"))
    if not rows:
        rows.append(("法定上限", int(legal["legal"]), f"法定上限余量 {legal['legal']}"))
    return rows


def _supply_rows(entry: Mapping[str, Any]) -> list[tuple[str, int | None, str]]:
    supply, room = int(entry["supply"]), int(entry["open"])
    return [
        ("学生可供", supply, f"在读 − 已安排 − 已签 ＝ {supply}"),
        ("岗位空缺", room, f"招收 − 已签 ＝ {room}"),
    ]


def weeks_strip(weeks: Sequence[Mapping[str, Any]]) -> Weeks | None:
    """Return the strip of a talent's weeks; None when no week has known hours. Up to 60 weeks are drawn."""
    shown = [week for week in weeks if week.get("free") is not None][:60]
    if not shown:
        return None
    capacity = max(1.0, *(float(week["free"]) + float(week.get("signed") or 0) for week in shown))
    step = min(67.0, 408.0 / len(shown))
    every = max(1, -(-46 // int(step)))
    columns = tuple(
        _week(week, 44 + step * place, step, 78.4 / capacity, named=place % every == 0)
        for place, week in enumerate(shown)
    )
    inside = [week for week in shown if week.get("in_window")]
    free = sum(float(week["free"]) for week in inside)
    used = sum(float(week.get("used") or 0) for week in inside)
    signed = sum(float(week.get("signed") or 0) for week in inside)
    return Weeks(
        weeks=columns,
        grid=((104.0, "0"), (25.6, hours(capacity).removesuffix(".0"))),
        sentence=f"窗口内 {len(inside)} 周：已签 {hours(signed)} 小时，空闲 {hours(free)} 小时，本次 {hours(used)} 小时",
    )


def _week(week: Mapping[str, Any], left: float, step: float, scale: float, *, named: bool) -> Week:
    free, signed, used = (float(week.get(name) or 0) for name in ("free", "signed", "used"))
    wide = round(step * 0.84, 1)
    left = round(left + step * 0.08, 1)
    roomy = step >= 52
    start = str(week.get("start") or "")
    base = Week(
        blocks=(),
        middle=round(left + wide / 2, 1),
        top=20.6,
        free="",
        name=f"第 {week.get('week')} 周" if named else "",
        day=start[5:] if named else "",
        inside=bool(week.get("in_window")),
    )
    if not base.inside:
        outside = Block(kind="out", x=left, y=25.6, width=wide, height=78.4, text="窗口外" if roomy else "")
        return _with(base, (outside,), "", 20.6)
    blocks, foot = [], 104.0
    parts = (("busy", signed, ""), ("use", min(used, free), "本次 "), ("free", free - min(used, free), "余 "))
    for kind, size, word in parts:
        height = round(size * scale, 1)
        foot = round(foot - height, 1)
        if size > 0:
            text = f"{word}{_short(size)}" if word and roomy and height >= 15 else ""
            blocks.append(Block(kind=kind, x=left, y=foot, width=wide, height=height, text=text))
    return _with(base, tuple(blocks), f"空闲 {_short(free)}" if roomy else "", foot - 5)


def _with(week: Week, blocks: tuple[Block, ...], free: str, top: float) -> Week:
    return Week(
        blocks=blocks,
        middle=week.middle,
        top=round(top, 1),
        free=free,
        name=week.name,
        day=week.day,
        inside=week.inside,
    )


def _short(value: float) -> str:
    return hours(value).removesuffix(".0")


def travel_bar(travel: Mapping[str, Any]) -> Travel | None:
    """Return the bar of the year's travel hours; None without a budget, without visits or with unknown travel."""
    budget, used, needed = travel.get("budget"), travel.get("used"), travel.get("needed")
    if budget is None or needed is None or not travel.get("visits"):
        return None
    budget, used, needed = float(budget), float(used or 0), float(needed)
    full = max(budget, used + needed, 0.1)
    blocks, left = [], 4.0
    rest = max(0.0, budget - used - needed)
    for kind, size, word in (("busy", used, ""), ("use", needed, "本次 "), ("free", rest, "余 ")):
        wide = round(444 * size / full, 1)
        if wide > 0:
            text = f"{word}{hours(size)}" if word and wide >= 54 else ""
            blocks.append(Block(kind=kind, x=round(left, 1), y=8, width=wide, height=16, text=text))
        left += wide
    return Travel(
        blocks=tuple(blocks),
        budget=f"年出行 {hours(budget)} 小时",
        used=f"已用 {hours(used)}",
        sentence=f"年出行 {hours(budget)} 小时，已用 {hours(used)} 小时，本次 {hours(needed)} 小时，余 {hours(rest)} 小时",
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
