"""What does not add up, and every repair that would make it: nothing is changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from loaders.statement.figures import MEASURE_LABELS, Figure

CODES: Final = {
    "gap-identity": "缺口应等于需求减去求职（供给）",
    "ratio-identity": "求人倍率应等于需求除以求职（供给）",
    "parts-exceed-whole": "其中各项之和不能大于总数",
    "parts-do-not-sum": "各项之和应等于合计",
    "share-identity": "占比应等于部分除以总数",
    "growth-identity": "增减幅度应与前后两个数相符",
    "level-ratio": "分等级求人倍率应按同一公式计算",
    "period-order": "起止年份先后颠倒",
    "year-outlier": "年份与全文其他年份相差太远",
    "organ-level": "机关名称与地区级别不符",
    "unit-missing": "同一组数字的单位相差万倍",
}
"""Every code with the rule that it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One change to one figure after which the rule holds; `figure` is its id, None where no figure is meant."""

    figure: str | None
    old: str
    new: str
    text: str

    def told(self) -> dict[str, object]:
        """Return the repair as answers carry it."""
        return {"figure": self.figure, "from": self.old, "to": self.new, "text": self.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFinding:
    """One rule that does not hold. `severity` is "error" (the numbers contradict) or "question" (a person must look)."""

    code: str
    where: str
    text: str
    figures: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()
    severity: str = "error"

    def told(self) -> dict[str, object]:
        """Return the finding as answers carry it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "where": self.where,
            "rule": CODES[self.code],
            "text": self.text,
            "figures": list(self.figures),
            "repairs": [repair.told() for repair in self.repairs],
        }


def repair(figure: Figure, value: Decimal, decimals: int | None = None) -> Repair:
    """Return the repair that sets a figure to a value, rounded to `decimals` of its own unit."""
    new = figure.printed(value, decimals)
    label = MEASURE_LABELS[figure.measure]
    return Repair(figure=figure.id, old=figure.text, new=new, text=f"{label} {figure.text} 改为 {new}")


def check_gap(demand: Figure, supply: Figure, gap: Figure) -> StatementFinding | None:
    """Return what is wrong with demand − supply = gap, within what rounding allows; None where it holds."""
    d, s, g = known(demand), known(supply), known(gap)
    if _gap_holds(demand, supply, gap):
        return None
    digits = max(demand.decimals, supply.decimals)
    repairs = [repair(gap, d - s, digits)] if d > s else []
    if d - g > 0:
        repairs.append(repair(supply, d - g, max(demand.decimals, gap.decimals)))
    repairs.append(repair(demand, s + g, max(supply.decimals, gap.decimals)))
    text = f"需求 {demand.text} − 求职 {supply.text} = {gap.printed(d - s, digits)}，文中缺口为 {gap.text}；求人倍率为 {two_digits(d / s)}"
    three = (demand, supply, gap)
    return _finding("gap-identity", three, text, (*repairs, *_unit_slips(three, _gap_holds)))


def check_ratio(demand: Figure, supply: Figure, ratio: Figure) -> StatementFinding | None:
    """Return what is wrong with demand / supply = ratio, within rounding."""
    d, s, r = known(demand), known(supply), known(ratio)
    if s <= 0 or quotient_fits(demand, supply, ratio):
        return None
    repairs = (
        repair(ratio, d / s),
        repair(supply, d / r) if r else None,
        repair(demand, s * r),
    )
    text = f"需求 {demand.text} ÷ 求职 {supply.text} = {ratio.printed(d / s)}，文中求人倍率为 {ratio.text}"
    return _finding(
        "ratio-identity", (demand, supply, ratio), text, tuple(r for r in repairs if r is not None)
    )


def check_share(part: Figure, whole: Figure, share: Figure) -> StatementFinding | None:
    """Return what is wrong with part / whole = share (per cent), within rounding."""
    p, w, percent = known(part), known(whole), known(share)
    if w <= 0 or p > w:
        return None
    low, high = part.low / whole.high * 100, part.high / max(whole.low, Decimal(1)) * 100
    if low <= share.high and share.low <= high:
        return None
    repairs = [repair(share, p / w * 100), repair(part, w * percent / 100)]
    if percent:
        repairs.append(repair(whole, p * 100 / percent))
    text = f"{part.text} 占 {whole.text} 的 {share.printed(p / w * 100)}，文中为 {share.text}"
    return _finding("share-identity", (part, whole, share), text, tuple(repairs))


def check_growth(before: Figure, after: Figure, growth: Figure, *, sign: int) -> StatementFinding | None:
    """Return what is wrong with the change from `before` to `after`: per cent, or percentage points of two shares."""
    b, a = known(before), known(after)
    if growth.unit == "个百分点":
        low, high = after.low - before.high, after.high - before.low
        exact = a - b
    else:
        if before.low <= 0:
            return None
        low, high = (after.low / before.high - 1) * 100, (after.high / before.low - 1) * 100
        exact = (a / b - 1) * 100
    if sign < 0:
        low, high, exact = -high, -low, -exact
    if low <= growth.high and growth.low <= high:
        return None
    text = f"由 {before.text} 到 {after.text}，变化 {growth.printed(exact)}，文中为 {growth.text}"
    return _finding("growth-identity", (before, after, growth), text, (repair(growth, exact),))


def check_parts(parts: Sequence[Figure], whole: Figure, *, complete: bool) -> StatementFinding | None:
    """Return what is wrong with parts of a whole: their sum is larger, or with `complete` not equal, within rounding."""
    low, high = sum((part.low for part in parts), Decimal(0)), sum((part.high for part in parts), Decimal(0))
    total = sum((known(part) for part in parts), Decimal(0))
    if low <= whole.high and (whole.low <= high or not complete):
        return None
    difference = known(whole) - total
    digits = max(part.decimals for part in (*parts, whole))
    repairs = [repair(whole, total, digits)]
    repairs += [
        repair(part, known(part) + difference, digits) for part in parts if known(part) + difference >= 0
    ]
    code = "parts-exceed-whole" if not complete else "parts-do-not-sum"
    listed = " + ".join(part.text for part in parts)
    text = f"{listed} = {whole.printed(total, digits)}，文中合计为 {whole.text}，相差 {whole.printed(abs(difference), digits)}"
    return _finding(code, (*parts, whole), text, tuple(repairs))


def quotient_fits(demand: Figure, supply: Figure, ratio: Figure, offset: Decimal = Decimal(0)) -> bool:
    """Tell whether demand / supply + offset is printed as that ratio, within the rounding of all three."""
    if supply.low <= 0:
        return False
    return demand.low / supply.high + offset <= ratio.high and ratio.low <= demand.high / supply.low + offset


def two_digits(value: Decimal) -> str:
    """Return a number with two digits after the point."""
    return f"{value.quantize(Decimal('0.01')):f}"


def known(figure: Figure) -> Decimal:
    """Return the value of a figure that is not masked."""
    if figure.value is None:
        raise ValueError(f"figure {figure.id} is masked")
    return figure.value


def _gap_holds(demand: Figure, supply: Figure, gap: Figure) -> bool:
    return demand.low - supply.high <= gap.high and gap.low <= demand.high - supply.low


def _unit_slips(
    figures: tuple[Figure, Figure, Figure], holds: Callable[[Figure, Figure, Figure], bool]
) -> tuple[Repair, ...]:
    """Return the repairs by a forgotten or doubled 万 of one figure."""
    found: list[Repair] = []
    for place, figure in enumerate(figures):
        for scale, words in ((figure.scale * 10_000, "漏写“万”"), (figure.scale // 10_000, "多写“万”")):
            if not scale or scale > 10**8:
                continue
            other = replace(figure, scale=scale, value=known(figure) * scale / figure.scale)
            first, second, third = (other if place == n else kept for n, kept in enumerate(figures))
            if holds(first, second, third):
                new = other.printed(known(other))
                text = f"{figure.text} 可能{words}，应为 {new}"
                found.append(Repair(figure=figure.id, old=figure.text, new=new, text=text))
    return tuple(found)


def _finding(code: str, figures: Sequence[Figure], text: str, repairs: Sequence[Repair]) -> StatementFinding:
    return StatementFinding(
        code=code,
        where=figures[-1].where,
        text=text,
        figures=tuple(figure.id for figure in figures),
        repairs=tuple(repairs),
    )
