"""What the reading half of the pipeline hands to the storing half."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.model.graph import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One entry of `rejects`, `warnings` or `errors` of the load report (`files.md` §1)."""

    code: str
    message: str
    file: str
    sheet: str | None = None
    table: str | None = None
    row: int | None = None
    column: str | None = None
    header: str | None = None
    cell: str | None = None
    value: str | None = None


@dataclass(slots=True, kw_only=True)
class ParsedRow:
    """One data row with its cells in canonical form (`files.md` §2).

    `values` holds exactly the columns that the file has: None absent, "*" masked. § columns are in it, in plain;
    references are still as written (folded codes, names untouched) and unresolved. A rejected cell is not in it. A
    row with `rejects` is not stored, but its key takes part in the rules about keys when `values` holds it.
    """

    table: str
    file: str
    sheet: str | None
    number: int
    values: dict[str, Value]
    rejects: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class SheetReading:
    """One sheet that was recognised as a table: what the report says of it, and its rows as a stream.

    `columns` maps the English key to (header text of the file, letter), in file order. `rows` may be consumed
    once; `skipped`, `last_row` and `warnings` are complete when it is exhausted. `titles` are the columns of occupations
    that hold titles instead of codes in this file, `kept` the titles, folded, that columns of codes may hold besides.
    """

    file: str
    sheet: str | None
    table: str
    columns: dict[str, tuple[str, str]]
    rows: Iterator[ParsedRow]
    header_rows: list[int] = field(default_factory=list)
    first_row: int | None = None
    last_row: int | None = None
    unknown_columns: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    titles: frozenset[str] = frozenset()
    kept: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class FileReading:
    """One input file: its digest, format and encoding as found, and its recognised sheets in workbook order.

    `file` is what the report calls it (inside a folder: its path there), `path` where it lies.
    """

    file: str
    sha256: str
    format: str
    encoding: str | None
    delimiter: str | None
    sheets: list[SheetReading]
    warnings: list[Finding] = field(default_factory=list)
    path: Path | None = None
