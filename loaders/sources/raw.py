"""What a source hands over before any rule is applied: raw cells in rows, sheets, one file, and the refusal."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path

from kg.errors import RefusedError
from loaders.rows import Finding
from loaders.sources.layout import Layout


class CellMark(Enum):
    """A cell that holds no value that could be read."""

    FORMULA_WITHOUT_VALUE = "formula-without-value"
    NO_SUCH_DAY = "no-such-day"
    NESTED = "nested"
    MERGED_NUMBER = "merged-number"


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell with an error in it; `text` is what people see (#N/A, #REF! ...)."""

    text: str


@dataclass(frozen=True, slots=True)
class ScientificNumber:
    """A number cell that its sheet shows in scientific notation: as a code its digits are lost (S24)."""

    value: float


RawValue = (
    None
    | str
    | bool
    | int
    | float
    | Decimal
    | date
    | datetime
    | time
    | timedelta
    | list[object]
    | CellMark
    | ErrorCell
    | ScientificNumber
)
"""A cell as its source gives it: CSV only texts, JSON also lists, workbooks also days and marks."""

RawRow = Sequence[RawValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSheet:
    """One grid of cells. `rows` starts a fresh reading at row 1, every call; blank rows are in it.

    `title` is the text that may name the table (sheet name, file stem, key in a JSON object). `name` is what the
    report calls the sheet, None for CSV and JSON. `headers` is set where the source names its columns itself
    (JSON); such a sheet has no header row and row 1 is the first object. `layout` tells of merged and hidden cells.
    `unescape` decodes a text cell where its source writes characters in another way.
    """

    name: str | None
    title: str
    rows: Callable[[], Iterator[RawRow]]
    headers: tuple[str, ...] | None = None
    layout: Layout = field(default_factory=Layout)
    unescape: Callable[[str], str] | None = None


@dataclass(slots=True, kw_only=True)
class RawFile:
    """One opened input file: what it is, and its visible sheets in workbook order."""

    path: Path
    file: str
    sha256: str
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheets: list[RawSheet] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


class RefusedFileError(RefusedError):
    """A file cannot be loaded at all, so neither can its batch; `findings` are the entries of `errors`."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("；".join(finding.message for finding in findings))
        self.findings = tuple(findings)
        self.fields = {"codes": [finding.code for finding in findings]}


def refuse(
    code: str, message: str, file: str, *, sheet: str | None = None, row: int | None = None
) -> RefusedFileError:
    """Return the error that refuses `file` for one reason."""
    return RefusedFileError([Finding(code=code, message=message, file=file, sheet=sheet, row=row)])
