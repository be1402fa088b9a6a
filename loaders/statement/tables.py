"""The rules applied to a table of demand and supply by level: sums, shares, and by which formula its ratios are made.

`docs/reference/scoring.md` keeps to the plain ratio; the published tables of the ministry add to each level the
demand without a level, spread over everybody: `D_l / S_l + D_none / S_total` (`domain.md` §2.7).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from loaders.statement.figures import Figure
from loaders.statement.findings import (
    Repair,
    StatementFinding,
    check_parts,
    check_share,
    known,
    quotient_fits,
    repair,
    two_digits,
)

_COLUMNS: Final = (
    ("demand_share", re.compile(r"需求.*(?:比重|占比)|(?:比重|占比).*需求")),
    ("supply_share", re.compile(r"(?:求职|供给).*(?:比重|占比)|(?:比重|占比).*(?:求职|供给)")),
    ("ratio", re.compile(r"求人倍率|供求比|倍率")),
    ("gap", re.compile(r"缺口")),
    ("supply", re.compile(r"求职|供给")),
    ("demand", re.compile(r"需求|岗位|招聘")),
)
_CHANGES: Final = re.compile(r"相比|变化|环比|同比")
_TOTAL: Final = re.compile(r"^\s*(?:合计|总计|总数|总|小计|全部)?\s*$")
_NO_LEVEL: Final = re.compile(r"^无(?!效)")
_NO_DEMAND_LEVEL: Final = re.compile(r"无要求|不限|没有要求")
_NUMBER: Final = re.compile(
    r"^(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(万|亿)?\s*(人|个|名|%|％|倍)?$"
)
_SCALES: Final = {"万": 10**4, "亿": 10**8}
_ADDED: Final = "（加上无要求的需求 ÷ 求职总数）"
_ENOUGH_ROWS: Final = 3
"""With fewer rows a constant that fits proves nothing."""
FORMULAS: Final = {"simple": "需求 ÷ 求职", "official": f"需求 ÷ 求职{_ADDED}"}


@dataclass(frozen=True, slots=True)
class LevelTable:
    """A table as the rules read it: rows by label, the total row apart, "无要求" the demand without a level."""

    where: str
    rows: Mapping[str, Mapping[str, Figure]]
    total: Mapping[str, Figure]

    @property
    def figures(self) -> list[Figure]:
        """Every figure, row by row."""
        return [figure for row in (*self.rows.values(), self.total) for figure in row.values()]

    def with_figure(self, figure: Figure) -> "LevelTable":
        """Return the table with one figure replaced, by its id."""

        def swapped(row: Mapping[str, Figure]) -> dict[str, Figure]:
            return {name: figure if old.id == figure.id else old for name, old in row.items()}

        return LevelTable(
            self.where, {label: swapped(row) for label, row in self.rows.items()}, swapped(self.total)
        )


@dataclass(frozen=True, slots=True)
class RatioFormula:
    """By which formula the ratios of a table are made: its name, what it adds to each level, and how many rows fit."""

    name: str
    offset: Decimal
    fitting: int
    rows: int

    def told(self) -> dict[str, object]:
        """Return the formula as answers carry it."""
        return {"formula": self.name, "text": FORMULAS[self.name], "fitting": self.fitting, "rows": self.rows}


def read_table(grid: Sequence[Sequence[str]], where: str, first: int) -> LevelTable | None:
    """Return the table of a grid of texts; None where no two columns of demand, supply, ratio or gap are found."""
    head = _header(grid)
    if head is None:
        return None
    start, columns = head
    label_at = min(set(range(max(columns.values()) + 1)) - set(columns.values()), default=0)
    rows: dict[str, dict[str, Figure]] = {}
    total: dict[str, Figure] = {}
    number = first
    for index, cells in enumerate(grid[start:], start=start + 1):
        label = cells[label_at].strip() if label_at < len(cells) else ""
        row: dict[str, Figure] = {}
        for name, column in columns.items():
            found = _figure(cells[column] if column < len(cells) else "", name, number)
            if found is not None:
                row[name] = replace(found, where=f"{where}第 {index} 行")
                number += 1
        if row and _TOTAL.match(label):
            total = row
        elif row:
            rows[label] = row
    return LevelTable(where, rows, total) if rows else None


def check_table(table: LevelTable) -> tuple[list[StatementFinding], RatioFormula | None]:
    """Return what does not add up in a table, repairs that mend most first, and the formula of its ratios."""
    findings = list(_rules(table))
    ordered = [
        replace(found, repairs=tuple(sorted(found.repairs, key=lambda one: _left_after(table, one))))
        for found in findings
    ]
    return ordered, formula_of(table)


def formula_of(table: LevelTable) -> RatioFormula | None:
    """Return the formula under which most rows fit, the simple one where both fit alike; None without ratios."""
    rated = _rated(table)
    if not rated:
        return None
    found = [RatioFormula("simple", Decimal(0), _fitting(rated, Decimal(0)), len(rated))]
    found += [
        RatioFormula("official", offset, _fitting(rated, offset), len(rated))
        for offset in _offsets(table, rated)
    ]
    return max(found, key=lambda one: (one.fitting, one.name == "simple"))


def _rules(table: LevelTable) -> Iterator[StatementFinding]:
    for measure in ("demand", "supply", "gap"):
        parts = [row[measure] for row in table.rows.values() if measure in row]
        whole = table.total.get(measure)
        if whole is not None and len(parts) > 1 and all(one.value is not None for one in (*parts, whole)):
            found = check_parts(parts, whole, complete=True)
            if found is not None:
                yield found
        for row in table.rows.values():
            share = row.get(f"{measure}_share")
            part = row.get(measure)
            if share is None or part is None or whole is None:
                continue
            if all(one.value is not None for one in (part, whole, share)):
                found = check_share(part, whole, share)
                if found is not None:
                    yield found
    yield from _ratio_rules(table)


def _ratio_rules(table: LevelTable) -> Iterator[StatementFinding]:
    formula = formula_of(table)
    if formula is None:
        return
    for label, row in _rated(table).items():
        demand, supply, ratio = row["demand"], row["supply"], row["ratio"]
        if quotient_fits(demand, supply, ratio, formula.offset):
            continue
        exact = known(demand) / known(supply) + formula.offset
        text = f"“{label}”按{FORMULAS[formula.name]}应为 {two_digits(exact)}，表中为 {ratio.text}"
        wanted = known(ratio) - formula.offset
        repairs = [repair(ratio, exact)]
        if wanted > 0:
            repairs += [repair(demand, wanted * known(supply)), repair(supply, known(demand) / wanted)]
        yield StatementFinding(
            code="level-ratio",
            where=ratio.where,
            text=text,
            figures=(demand.id, supply.id, ratio.id),
            repairs=tuple(repairs),
        )


def _left_after(table: LevelTable, change: Repair) -> int:
    """Return how many findings are left when one repair is made."""
    figure = next((one for one in table.figures if one.id == change.figure), None)
    read = None if figure is None else _figure(change.new, figure.measure, 0)
    if figure is None or read is None:
        return len(table.figures)
    mended = table.with_figure(replace(read, id=figure.id, where=figure.where, measure=figure.measure))
    return sum(1 for _ in _rules(mended))


def _rated(table: LevelTable) -> dict[str, Mapping[str, Figure]]:
    """Return the rows whose ratio can be worked out again."""
    return {
        label: row
        for label, row in table.rows.items()
        if {"demand", "supply", "ratio"} <= row.keys()
        and all(row[name].value is not None for name in ("demand", "supply", "ratio"))
        and known(row["supply"]) > 0
    }


def _fitting(rated: Mapping[str, Mapping[str, Figure]], offset: Decimal) -> int:
    return sum(quotient_fits(row["demand"], row["supply"], row["ratio"], offset) for row in rated.values())


def _offsets(table: LevelTable, rated: Mapping[str, Mapping[str, Figure]]) -> Iterator[Decimal]:
    """Yield what the official formula may add: from the row without level, else from the ratios themselves."""
    unasked = next(
        (row.get("demand") for label, row in table.rows.items() if _NO_DEMAND_LEVEL.search(label)), None
    )
    unasked = unasked or next(
        (row.get("demand") for label, row in table.rows.items() if _NO_LEVEL.match(label)), None
    )
    seekers = table.total.get("supply")
    if unasked is not None and seekers is not None and unasked.value is not None and seekers.value:
        yield unasked.value / seekers.value
        return
    stated = next((row.get("ratio") for label, row in table.rows.items() if _NO_LEVEL.match(label)), None)
    if stated is not None and stated.value is not None:
        yield stated.value
    for row in rated.values() if len(rated) >= _ENOUGH_ROWS else ():
        yield known(row["ratio"]) - known(row["demand"]) / known(row["supply"])


def _header(grid: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    """Return the row after the header and the columns; a header may take two rows, the upper one spread to the right."""
    for start in range(min(len(grid), 12)):
        for height in (1, 2):
            columns = _columns(grid[start : start + height])
            if len({"demand", "supply", "ratio", "gap"} & columns.keys()) >= 2:
                return start + height, columns
    return None


def _columns(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    width = max((len(row) for row in rows), default=0)
    texts = [""] * width
    for row in rows:
        for column in range(width):
            texts[column] += row[column].strip() if column < len(row) else ""
    if any(_NUMBER.match(text) for text in texts):
        return {}
    found: dict[str, int] = {}
    for column, text in enumerate(texts):
        name = next((name for name, pattern in _COLUMNS if pattern.search(text)), None)
        if name is not None and not _CHANGES.search(text):
            found.setdefault(name, column)
    return found


def _figure(text: str, measure: str, number: int) -> Figure | None:
    plain = text.strip()
    masked = bool(plain) and set(plain) == {"*"}
    found = _NUMBER.match(plain)
    if not found and not masked:
        return None
    digits, scale, unit = (
        (found[1].replace(",", ""), found[2] or "", found[3] or "") if found else ("", "", "")
    )
    if measure.endswith("_share"):
        unit = unit or "%"
    size = _SCALES.get(scale, 1)
    return Figure(
        id=f"f{number}", text=plain, value=Decimal(digits) * size if digits else None, scale=size,
        decimals=len(digits.partition(".")[2]), unit=unit, measure=measure.replace("demand_share", "share").replace("supply_share", "share"),
        where="",
    )  # fmt: skip
