"""The load report: what a batch did, row by row, as the JSON document of `files.md` §1."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.schema import Schema
from kg.text import mask_value
from loaders.preview import Preview
from loaders.rows import FileReading, Finding, SheetReading
from loaders.title_reader import TitleReader

SCHEMA_NAME: Final = "jiangtu.load/1"
MOST_REJECTS: Final = 1000
MOST_WARNINGS: Final = 1000
EXIT_DONE, EXIT_REFUSED, EXIT_REJECTS = 0, 1, 3


@dataclass(slots=True)
class Counts:
    """What became of the rows of one table; `retired` stands outside the sum."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    retired: int = 0

    @property
    def changed(self) -> bool:
        """True when the store differs afterwards."""
        return bool(self.inserted or self.updated or self.retired)

    def to_json(self) -> dict[str, int]:
        """Return the six numbers."""
        return {
            "read": self.read,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "retired": self.retired,
        }


class SheetContext:
    """Where a row stands, so that a finding about it can be told to people."""

    __slots__ = ("columns", "file", "order", "reading", "sheet", "table")

    def __init__(self, reading: SheetReading, order: int) -> None:
        self.reading, self.order = reading, order
        self.file, self.sheet, self.table = reading.file, reading.sheet, reading.table
        self.columns = reading.columns

    def finding(self, row: int, column: str | None, code: str, message: str, value: object = None) -> Finding:
        """Return a finding about one cell of a row of this sheet (`column` by English key)."""
        header, letter = self.columns.get(column or "", (None, None))
        return Finding(
            code=code,
            message=message,
            file=self.file,
            sheet=self.sheet,
            table=self.table,
            row=row,
            column=column,
            header=header,
            cell=f"{letter}{row}" if letter and self.reading.header_rows else None,
            value=None if value is None else str(value),
        )

    def header(self, column: str) -> str:
        """Return the header of a column as the file spells it, else its key."""
        return self.columns.get(column, (column, ""))[0]

    def origin(self, row: int) -> str:
        """Return the place as people see it: `企业.xlsx / 企业 / 第 7 行`."""
        return " / ".join((self.file, *([self.sheet] if self.sheet else []), f"第 {row} 行"))


@dataclass(slots=True, kw_only=True)
class Report:
    """The report of one load; `exit_code` is 0 done, 1 refused, 3 done with rejected rows."""

    schema: Schema
    source: str
    dry_run: bool = False
    full: bool = False
    batch: str | None = None
    revision: int = 0
    changed: bool = False
    refused: bool = False
    files: list[FileReading] = field(default_factory=list)
    tables: dict[str, Counts] = field(default_factory=dict)
    rejects: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    error_file: str | None = None
    contexts: list[SheetContext] = field(default_factory=list)
    preview: Preview | None = None
    titles: TitleReader | None = None

    @property
    def status(self) -> str:
        """`done`, `done-with-rejects` or `refused`."""
        if self.refused:
            return "refused"
        return "done-with-rejects" if any(c.rejected for c in self.tables.values()) else "done"

    @property
    def exit_code(self) -> int:
        """The exit code of the command line."""
        codes = {"done": EXIT_DONE, "refused": EXIT_REFUSED, "done-with-rejects": EXIT_REJECTS}
        return codes[self.status]

    def counts(self, table: str) -> Counts:
        """Return the counts of a table, new ones at first."""
        return self.tables.setdefault(table, Counts())

    def refuse(self, errors: Iterable[Finding]) -> None:
        """Turn this into the report of a batch that was not loaded."""
        self.refused, self.batch, self.changed = True, None, False
        self.errors.extend(errors)
        self.tables = {table: Counts() for table in self.tables}
        self.rejects, self.error_file, self.preview = [], None, None

    def sorted_rejects(self) -> list[Finding]:
        """Return all rejects by file, sheet, row and column in the order of the input."""
        return sorted(self.rejects, key=self._order())

    def totals(self) -> Counts:
        """Return the sums over all tables."""
        total = Counts()
        for counts in self.tables.values():
            for name in Counts.__slots__:
                setattr(total, name, getattr(total, name) + getattr(counts, name))
        return total

    def to_json(self) -> dict[str, object]:
        """Return the document of `files.md` §1; values of § columns are masked.

        That of a dry run says in `changes` what would become of which row; `titles` tells what titles of occupations
        were read as, where the files have any.
        """
        rejects = self.sorted_rejects()
        changes = {} if self.preview is None else {"changes": self.preview.to_json()}
        titles = None if self.titles is None or self.refused else self.titles.told()
        return {
            "schema": SCHEMA_NAME,
            "batch": self.batch,
            "source": self.source,
            "status": self.status,
            "dry_run": self.dry_run,
            "full": self.full,
            "revision": self.revision,
            "changed": self.changed,
            "files": [_file_json(reading) for reading in self.files],
            "tables": {key: counts.to_json() for key, counts in self.tables.items()},
            "totals": self.totals().to_json(),
            "rejects": [self._finding_json(entry) for entry in rejects[:MOST_REJECTS]],
            "rejects_total": len(rejects),
            "rejects_truncated": len(rejects) > MOST_REJECTS,
            "warnings": [self._finding_json(entry) for entry in self._shown_warnings()],
            "errors": [self._finding_json(entry) for entry in self.errors],
            "error_file": self.error_file,
            **changes,
            **({"titles": titles} if titles else {}),
        }

    def _all_warnings(self) -> list[Finding]:
        found = list(self.warnings)
        for reading in self.files:
            found += reading.warnings
            for sheet in reading.sheets:
                found += sheet.warnings
        return sorted(found, key=self._order())

    def _shown_warnings(self) -> list[Finding]:
        """Return the first 1,000 warnings, and one entry for all further ones of a kind in a column."""
        warnings = self._all_warnings()
        rest: dict[tuple[str, str | None, str | None, str], list[Finding]] = {}
        for entry in warnings[MOST_WARNINGS:]:
            rest.setdefault((entry.file, entry.sheet, entry.column, entry.code), []).append(entry)
        return warnings[:MOST_WARNINGS] + [_summary(entries) for entries in rest.values()]

    def _order(self) -> Callable[[Finding], tuple[int, int, int, int, str]]:
        files = {reading.file: place for place, reading in reversed(list(enumerate(self.files)))}
        sheets = {(c.file, c.sheet, c.table): c for c in reversed(self.contexts)}
        places = {
            (c.file, c.sheet, c.table, key): place
            for c in self.contexts
            for place, key in enumerate(c.columns)
        }

        def order(entry: Finding) -> tuple[int, int, int, int, str]:
            where = (entry.file, entry.sheet, entry.table or "")
            sheet = sheets.get(where)
            column = places.get((*where, entry.column or ""), len(places))
            return (
                files.get(entry.file, len(files)),
                sheet.order if sheet else -1,
                entry.row or 0,
                column,
                entry.code,
            )

        return order

    def _finding_json(self, entry: Finding) -> dict[str, object]:
        return {
            "file": entry.file,
            "sheet": entry.sheet,
            "table": entry.table,
            "row": entry.row,
            "column": entry.column,
            "header": entry.header,
            "cell": entry.cell,
            "code": entry.code,
            "message": entry.message,
            "value": self._shown_value(entry),
        }

    def _shown_value(self, entry: Finding) -> str | None:
        table = self.schema.by_key.get(entry.table or "")
        if entry.value is None or table is None:
            return entry.value
        sealed = {column.key for column in table.sealed_columns()}
        return mask_value(entry.value) if entry.column in sealed else entry.value


def _summary(entries: Sequence[Finding]) -> Finding:
    first = entries[0]
    return Finding(
        code=first.code,
        message=f"另有 {len(entries)} 处同类提示，首处在第 {first.row} 行：{first.message}",
        file=first.file,
        sheet=first.sheet,
        table=first.table,
        column=first.column,
        header=first.header,
    )


def _file_json(reading: FileReading) -> dict[str, object]:
    return {
        "file": reading.file,
        "sha256": reading.sha256,
        "format": reading.format,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "sheets": [_sheet_json(sheet) for sheet in reading.sheets],
    }


def _sheet_json(sheet: SheetReading) -> dict[str, object]:
    return {
        "sheet": sheet.sheet,
        "table": sheet.table,
        "header_rows": list(sheet.header_rows),
        "first_row": sheet.first_row,
        "last_row": sheet.last_row,
        "columns": [
            {"column": key, "header": header, "letter": letter}
            for key, (header, letter) in sheet.columns.items()
        ],
        "unknown_columns": [{"header": header, "letter": letter} for header, letter in sheet.unknown_columns],
        "skipped": [{"rows": rows, "reason": reason} for rows, reason in sheet.skipped],
    }
