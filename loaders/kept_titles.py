"""Titles that a source has in columns of occupation codes: an export writes them, and it must load again without its mapping.

A mapping said once that a column holds titles (`loaders.title_reader`); those of which no code was sure are stored as
they are. What the source is known to have said is no typing error, so it is read as that title again; any other word
in a column of codes stays a wrong code.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from kg.model.batches import in_force, told_names
from kg.model.graph import MASKED, Value
from kg.ports import GraphStore
from kg.schema import Column, Schema
from kg.text import fold
from loaders.cells import CellContext, CellParser, parse_cell
from loaders.grammar_codes import is_occupation_code
from loaders.parsed import ParsedCell
from loaders.sources.raw import RawValue
from loaders.title_reader import TITLE

OCCUPATIONS: Final = ("occupations",)
Kept = Mapping[str, Mapping[str, frozenset[str]]]
"""Titles, folded, by table and column."""


def kept_titles(store: GraphStore, schema: Schema, source: str) -> Kept:
    """Return the titles that a source has in columns of codes, and those that people have decided on since.

    Rows are looked through only where a batch of the source that is in force had titles at all.
    """
    batches = in_force(store.batches())
    own = [batch for batch in batches if batch.source == source and batch.report.get("titles")]
    if not own:
        return {}
    decided = frozenset(told_names(batches, TITLE))
    delivered = {table for batch in own for table in batch.delivered}
    found = {}
    for table in schema.tables:
        columns = [column.key for column in table.columns if column.refers_to == OCCUPATIONS]
        if table.key in delivered and columns:
            words = _words(store, table.key, source, columns)
            found[table.key] = {key: words[key] | decided for key in columns if words[key]}
    return found


def _words(
    store: GraphStore, table: str, source: str, columns: Sequence[str]
) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {key: set() for key in columns}
    for row in store.rows(table=table, source=source):
        for key in columns:
            found[key].update(fold(item) for item in _items(row.values.get(key)) if not _is_code(item))
    return {key: frozenset(words) for key, words in found.items()}


class KeptTitleParser(CellParser):
    """The parser of a column of occupation codes in which some titles are known, too."""

    __slots__ = ("_as_words", "_kept")

    def __init__(
        self,
        column: Column,
        as_words: Column,
        context: CellContext,
        words: Mapping[str, str],
        kept: Iterable[str],
    ) -> None:
        super().__init__(column, context, words)
        self._as_words, self._kept = as_words, frozenset(kept)

    def _parse(self, raw: RawValue) -> ParsedCell:
        parsed = super()._parse(raw)
        if parsed.reject is None:
            return parsed
        told = parse_cell(self._as_words, raw, self._context)
        items = list(_items(told.value)) if told.reject is None else []
        known = items and all(_is_code(item) or fold(item) in self._kept for item in items)
        return told if known else parsed


def _items(value: Value) -> Iterator[str]:
    if isinstance(value, tuple):
        yield from (item.partition("=")[0] for item in value)
    elif isinstance(value, str):
        yield value


def _is_code(item: str) -> bool:
    return MASKED in item or is_occupation_code(item)
