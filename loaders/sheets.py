"""One recognised sheet: its header, its rows, what is skipped and why (`files.md` S1, S5-S11, S43)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kg.model.graph import Value
from kg.schema import Column, ColumnType, Table
from loaders.cells import CellContext, CellParser, cell_parser
from loaders.grammar_text import PLAIN_STARTS, is_blank
from loaders.header_rows import find_header
from loaders.headers import HeaderBook, column_letter, normalise
from loaders.kept_titles import KeptTitleParser
from loaders.mapping import constant
from loaders.merges import is_empty, spread
from loaders.row_parser import KnownColumn, RowParser, showable
from loaders.rows import Finding, ParsedRow, SheetReading
from loaders.sources.raw import RawFile, RawRow, RawSheet

_NOTE_WORDS: Final = (
    "合计", "总计", "小计", "共计", "总数", "填表人", "填报人", "制表人", "审核人", "复核人", "负责人", "单位负责人",
    "联系人", "联系电话", "填报单位", "填报日期", "填表日期", "制表日期", "备注", "附注", "注", "说明",
)  # fmt: skip
_NOTE: Final = re.compile(rf"(?:{'|'.join(_NOTE_WORDS)})(?::|[0-9]|$)")
_NOTE_STARTS: Final = frozenset(word[0] for word in _NOTE_WORDS)
_NO_TEXTS: Final[Mapping[str, str]] = {}
_NOTHING_KEPT: Final[Mapping[str, frozenset[str]]] = {}
_WHITE: Final = re.compile(r"\s+")
_CHUNK_ROWS: Final = 128
"""Rows that are parsed together: few enough that the collector of garbage does not look at them in between."""


@dataclass(slots=True)
class _Skipped:
    """Runs of rows that are not data, in order."""

    runs: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, number: int, reason: str) -> None:
        if self.runs and self.runs[-1][1:] == (number - 1, reason):
            self.runs[-1] = (self.runs[-1][0], number, reason)
        else:
            self.runs.append((number, number, reason))

    def listed(self) -> list[tuple[str, str]]:
        return [(str(a) if a == b else f"{a}-{b}", reason) for a, b, reason in self.runs]


class SheetReader:
    """Reads one sheet as one table; `refusals` first, then `reading`."""

    def __init__(
        self,
        raw: RawFile,
        sheet: RawSheet,
        table: Table,
        book: HeaderBook,
        words: Mapping[str, Mapping[str, str]],
        titles: Mapping[str, str] = _NO_TEXTS,
        always: Mapping[str, str] = _NO_TEXTS,
        kept: Mapping[str, frozenset[str]] = _NOTHING_KEPT,
    ) -> None:
        self._raw = raw
        self._sheet = sheet
        self._table = table
        self._book = book
        self._words = words
        self._titles, self._always, self._kept = titles, always, kept
        self._header_row = 0
        self._header: list[str] = []
        self._header_rows: tuple[Sequence[str], ...] = ()
        self._header_numbers: list[int] = []
        self._keys: list[str | None] = []

    def refusals(self, head: list[list[str]]) -> list[Finding]:
        """Return why this sheet cannot be loaded: `missing-header`, `duplicate-column`, `missing-column`."""
        if self._sheet.headers is None:
            header = find_header(self._book, self._table, head, self._sheet.layout.merges)
            if header is None:
                return [self._refusal("missing-header", "前 20 行里找不到表头，请按模板保留表头行")]
            self._header_row, self._header_numbers = header.last, header.numbers
            self._header, self._header_rows = _without_trailing_blanks(list(header.texts)), header.rows
        else:
            self._header = head[0]
        self._keys = self._book.columns(self._table, self._header)
        found = [
            self._refusal("missing-column", f"缺少必填列“{column.zh}”，请补上后重新导入", column)
            for column in self._book.missing(self._table, self._keys)
            if self._header or self._sheet.headers is None
        ]
        return self._duplicates() + found

    def _duplicates(self) -> list[Finding]:
        places: dict[str, list[str]] = {}
        for index, key in enumerate(self._keys):
            if key:
                places.setdefault(key, []).append(column_letter(index))
        return [
            self._refusal(
                "duplicate-column",
                f"{'、'.join(letters)} 列都是“{self._table.column(key).zh}”，请只留一列",
                self._table.column(key),
            )
            for key, letters in places.items()
            if len(letters) > 1
        ]

    def _refusal(self, code: str, what: str, column: Column | None = None) -> Finding:
        where = f"文件“{self._raw.file}”" + (f"的工作表“{self._sheet.name}”" if self._sheet.name else "")
        return Finding(
            code=code,
            message=f"{where}{what}",
            file=self._raw.file,
            sheet=self._sheet.name,
            table=self._table.key,
            row=self._header_row or None,
            column=column.key if column else None,
            header=column.zh if column else None,
        )

    def reading(self) -> SheetReading:
        """Return the sheet with its rows as a stream."""
        known = [
            KnownColumn(index, column, self._header[index], column_letter(index), self._parser(column, index))
            for index, key in enumerate(self._keys)
            if key
            for column in [self._table.column(key)]
        ]
        reading = SheetReading(
            file=self._raw.file,
            sheet=self._sheet.name,
            table=self._table.key,
            columns={item.column.key: (item.header, item.letter) for item in known},
            rows=iter(()),
            header_rows=self._header_numbers,
            kept=self._kept,
            titles=frozenset(item.column.key for item in known if self._has_titles(item.column, item.header)),
        )
        self._report_hidden(reading)
        for index, key in enumerate(self._keys):
            if key is None and not is_blank(self._header[index]):
                self._report_unknown(reading, index)
        reading.rows = self._rows(reading, known)
        return reading

    def _report_hidden(self, reading: SheetReading) -> None:
        layout = self._sheet.layout
        for code, count, what in (
            ("hidden-rows", layout.hidden_rows, "行"),
            ("hidden-columns", layout.hidden_columns, "列"),
        ):
            if count:
                message = f"有 {count} {what}是隐藏的，同样读取了；不需要时请先删除"
                reading.warnings.append(
                    Finding(
                        code=code, message=message, file=self._raw.file, sheet=self._sheet.name,
                        table=self._table.key, value=str(count),
                    )
                )  # fmt: skip

    def _report_unknown(self, reading: SheetReading, index: int) -> None:
        text = showable(self._header[index]) if index < len(self._header) else ""
        letter = column_letter(index)
        what = f"列“{text}”不在表“{self._table.zh}”中" if text else f"{letter} 列没有表头"
        reading.unknown_columns.append((text, letter))
        reading.warnings.append(
            Finding(
                code="unknown-column",
                message=f"{what}，该列没有导入；需要时请改列名或用映射文件对应",
                file=self._raw.file,
                sheet=self._sheet.name,
                table=self._table.key,
                header=text or None,
                cell=f"{letter}{self._header_row}" if self._header_row else None,
                value=text or None,
            )
        )

    def _same_for_all(self) -> dict[str, Value]:
        """Return the values that every row has: of columns that the mapping gives and the sheet lacks."""
        lacking = {key: text for key, text in self._always.items() if key not in self._keys}
        return {key: constant(self._table, key, text) for key, text in lacking.items()}

    def _has_titles(self, column: Column, header: str) -> bool:
        return self._titles.get(normalise(header)) == column.key

    def _parser(self, column: Column, index: int) -> CellParser:
        table = self._table
        has_titles = self._has_titles(column, self._header[index])
        if has_titles:
            column = _as_words(column)
        is_person_key = column.key == "id_number" and table.is_person_table and table.key != "talents"
        context = CellContext(
            is_key=column.key in table.natural_key or is_person_key,
            is_csv=self._raw.format == "csv",
            is_json=self._raw.format == "json",
            unescape=self._sheet.unescape,
        )
        words, kept = self._words.get(column.key, {}), self._kept.get(column.key)
        if kept and not has_titles:
            return KeptTitleParser(column, _as_words(column), context, words, kept)
        return cell_parser(column, context, words)

    def _rows(self, reading: SheetReading, known: list[KnownColumn]) -> Iterator[ParsedRow]:
        skipped = _Skipped()
        keys = self._key_places(known)
        names_are_bounded = self._raw.format == "csv"
        parser = RowParser(
            self._raw,
            self._sheet,
            self._table,
            known,
            len(self._header) if names_are_bounded else None,
            self._same_for_all(),
        )
        unnamed = {index for index, text in enumerate(self._header) if is_blank(text)}
        seen_width = len(self._header)
        headings = {text for texts in self._header_rows for text in texts if text}
        titles = self._header_numbers[0] if self._header_numbers else 0
        chunk: list[tuple[int, RawRow]] = []
        for number, row, filled in self._spread(known):
            if number <= self._header_row:
                if number < titles:
                    skipped.add(number, "title")
                continue
            reading.first_row = reading.first_row or number
            reading.last_row = number
            first = 0 if row and type(row[0]) is str and row[0][:1] in PLAIN_STARTS else _first_filled(row)
            if first is None:
                skipped.add(number, "blank")
                continue
            if _is_note(filled, first, keys):
                skipped.add(number, "footer")
                continue
            if type(row[first]) is str and row[first] in headings and self._repeats_header(row, first):
                skipped.add(number, "header")
                continue
            if len(row) > seen_width and not names_are_bounded:
                unnamed.update(range(seen_width, len(row)))
                seen_width = len(row)
            if unnamed:
                self._report_filled(reading, row, unnamed)
            chunk.append((number, filled))
            if len(chunk) == _CHUNK_ROWS:
                yield from parser.parse(chunk)
                chunk = []
        yield from parser.parse(chunk)
        reading.skipped = skipped.listed()

    def _spread(self, known: list[KnownColumn]) -> Iterator[tuple[int, RawRow, RawRow]]:
        """Yield number, cells as written, and cells with merged areas filled, of every row of the sheet."""
        return spread(
            self._sheet.rows(),
            self._sheet.layout.merges,
            after=self._header_row,
            known={item.index for item in known},
            amounts={item.index for item in known if item.column.quantity},
        )

    def _repeats_header(self, row: RawRow, first: int) -> bool:
        """True for a header row printed again on a later page: every filled cell says what stands above it."""
        cell = row[first]
        if not isinstance(cell, str):
            return False
        for header in self._header_rows:
            if first < len(header) and cell == header[first]:
                filled = [place for place, one in enumerate(row) if not is_empty(one)]
                if len(filled) > 1 and all(
                    place < len(header) and row[place] == header[place] for place in filled
                ):
                    return True
        return False

    def _key_places(self, known: list[KnownColumn]) -> list[int]:
        """Return the places of the key cells; a person may be given by ID number instead."""
        natural = set(self._table.natural_key)
        if self._table.is_person_table and "person_id" not in self._keys:
            natural.add("id_number")
        return [item.index for item in known if item.column.key in natural]

    def _report_filled(self, reading: SheetReading, row: RawRow, unnamed: set[int]) -> None:
        """Report a column without a header once it holds anything: it is not stored, and not silent either."""
        filled = [index for index in sorted(unnamed) if index < len(row) and not is_empty(row[index])]
        for index in filled:
            self._report_unknown(reading, index)
        unnamed.difference_update(filled)


def _as_words(column: Column) -> Column:
    """Return a column of codes as one of words: the titles in it become codes when the row is resolved."""
    if column.type.is_list:
        return replace(column, type=ColumnType.LIST, refers_to=())
    return replace(column, type=ColumnType.TEXT)


def _without_trailing_blanks(header: list[str]) -> list[str]:
    end = len(header)
    while end and is_blank(header[end - 1]):
        end -= 1
    return header[:end]


def _first_filled(row: RawRow) -> int | None:
    for index, cell in enumerate(row):
        if not is_empty(cell):
            return index
    return None


def _is_note(row: RawRow, first: int, keys: list[int]) -> bool:
    """True for a sum or a remark: it begins with such a word and names no key besides (S11)."""
    cell = row[first]
    if not isinstance(cell, str) or cell.isascii():
        return False
    text = _WHITE.sub("", unicodedata.normalize("NFKC", cell))
    if text[:1] not in _NOTE_STARTS or _NOTE.match(text) is None:
        return False
    return all(index == first or index >= len(row) or is_empty(row[index]) for index in keys)
