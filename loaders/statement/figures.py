"""Figures as a report prints them: value, unit, rounding, what they measure and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

SCALES: Final = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "万亿": 10**12}
PERCENT: Final = frozenset({"%", "％"})
POINTS: Final = "个百分点"
_UNITS: Final = "人次|个百分点|个|人|名|家|所|户|期|班|项|件|元|倍|%|％"
_NUMBER: Final = re.compile(
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\*+)\s*(?P<scale>万亿|亿|万|千|百)?\s*(?P<unit>{_UNITS})?"
)
_NOT_COUNTED: Final = re.compile(r"\s*(?:年|月|日|季度|季|号|届|大类|级|岁|以上|条|款)")
_MEASURES: Final = (
    ("ratio", re.compile(r"求人倍率|供求比|供需比|空缺与求职人数的比率|倍率")),
    ("gap", re.compile(r"缺口|短缺|供需差|差额|缺工")),
    ("share", re.compile(r"占|比重|比例|占比")),
    ("growth", re.compile(r"增长|增加|上升|提高|下降|减少|降低")),
    ("supply", re.compile(r"求职|供给|应聘|登记人员")),
    ("demand", re.compile(r"需求|岗位|招聘|用工|用人|招工")),
)
MEASURE_LABELS: Final = {
    "ratio": "求人倍率", "gap": "缺口", "share": "占比", "growth": "增减幅度", "supply": "求职（供给）",
    "demand": "需求", "count": "数量", "change": "增减数",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One printed number. `value` is in base units (26.02万 -> 260200), None where it is masked (`*`).

    `decimals` are the printed digits after the point, `scale` what one printed unit stands for; `where` is the line
    of a text ("第 3 行") or the cell of a table; `start` and `end` are offsets in the line.
    """

    id: str
    text: str
    value: Decimal | None
    scale: int
    decimals: int
    unit: str
    measure: str
    where: str
    start: int = 0
    end: int = 0

    @property
    def half_step(self) -> Decimal:
        """Half of the last printed digit: the true number lies within value ± half_step. Whole counts are exact."""
        if self.scale == 1 and self.decimals == 0 and self.measure not in {"ratio", "share", "growth"}:
            return Decimal(0)
        return Decimal(self.scale).scaleb(-self.decimals) / 2

    @property
    def low(self) -> Decimal:
        """The smallest number that is printed so."""
        return (self.value or Decimal(0)) - self.half_step

    @property
    def high(self) -> Decimal:
        """The largest number that is printed so."""
        return (self.value or Decimal(0)) + self.half_step

    @property
    def is_percentage(self) -> bool:
        """True for per cent and percentage points."""
        return self.unit in PERCENT or self.unit == POINTS

    def printed(self, value: Decimal, decimals: int | None = None) -> str:
        """Return another value in the form of this figure, with that many digits after the point."""
        digits = self.decimals if decimals is None else decimals
        number = (value / self.scale).quantize(Decimal(1).scaleb(-digits))
        scale = next((name for name, size in SCALES.items() if size == self.scale), "")
        return f"{number:f}{scale}{self.unit}"


def figures_of(line: str, where: str, first: int) -> Iterator[Figure]:
    """Yield the figures of one line of text, numbered from `first`; years, ordinals and dates are none."""
    number = first
    for found in _NUMBER.finditer(line):
        digits, scale, unit = found["number"], found["scale"] or "", found["unit"] or ""
        masked = digits.startswith("*")
        if _is_name(line, found) or (masked and not (scale or unit)):
            continue
        plain = digits.replace(",", "")
        yield Figure(
            id=f"f{number}",
            text=found[0].strip(),
            value=None if masked else Decimal(plain) * SCALES[scale],
            scale=SCALES[scale],
            decimals=len(plain.partition(".")[2]),
            unit=unit,
            measure=_measure(line, found.start(), found.end(), unit),
            where=where,
            start=found.start(),
            end=found.end(),
        )
        number += 1


def _is_name(line: str, found: re.Match[str]) -> bool:
    """Tell whether the digits are part of a date, an ordinal, a code or a heading and measure nothing."""
    before, after = line[: found.start()], line[found.end() :]
    if before.endswith("第") or re.search(r"[A-Za-z0-9\-—~至]$", before):
        return not (found["scale"] or found["unit"])
    if not found["scale"] and not found["unit"]:
        return bool(
            _NOT_COUNTED.match(after) or re.match(r"\s*[、.．)）\-—]", after) or re.match(r"[A-Za-z]", after)
        )
    return False


def _measure(line: str, start: int, end: int, unit: str) -> str:
    """Return what a figure measures, by the nearest word of its own clause, before it first."""
    clause_start = max(line.rfind(mark, 0, start) for mark in "，,。；;：:（(、") + 1
    clause_end = min(
        (i for i in (line.find(mark, end) for mark in "，,。；;：:）)、") if i >= 0), default=len(line)
    )
    if unit not in PERCENT and unit != POINTS and _CHANGED.search(line[clause_start:start]):
        return "change"
    for words, nearest in ((line[clause_start:start], -1), (line[end:clause_end], 0)):
        spans = [
            (found.start(), -rank, name)
            for rank, (name, pattern) in enumerate(_MEASURES)
            for found in pattern.finditer(words)
            if _fits(name, unit)
        ]
        if spans:
            spans.sort()
            near = spans[nearest]
            together = [span for span in spans if abs(span[0] - near[0]) <= _ONE_WORD]
            return max(together, key=lambda span: span[1])[2]
    return "count"


_CHANGED: Final = re.compile(r"(?:增长|增加|上升|提高|下降|减少|降低|回落)了?(?:约|近|超过)?$")
_ONE_WORD: Final = 3
"""Words this close belong together: 需求缺口 is a gap and no demand."""


def _fits(measure: str, unit: str) -> bool:
    if unit in PERCENT or unit == POINTS:
        return measure in {"share", "growth"}
    if unit in {"倍", ""}:
        return measure not in {"share", "growth"}
    return measure in {"gap", "supply", "demand"}
