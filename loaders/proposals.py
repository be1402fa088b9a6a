"""Which column of ours a foreign header may mean: names first, then similar characters, then the shape of the cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.schema import Column, ColumnType, Schema, Table
from kg.text import mask_value
from loaders.cells import CellContext, cell_parser
from loaders.grammar_text import is_blank
from loaders.headers import IGNORED, HeaderBook, normalise
from loaders.shapes import fit, holds_titles, holds_words, is_telling, looks_personal
from loaders.synonyms import synonyms_of, title_headers

SURE: Final = 0.9
"""From here a proposal needs no second look: the header is ours or a known synonym, and the cells do not object."""
PROPOSED_FROM: Final = 0.45
"""Below this nothing is proposed: a wrong proposal costs an officer more than an empty one."""
_EXACT, _SYNONYM, _SIMILAR, _SHAPE = 1.0, 0.97, 0.75, 0.5
_MISFIT: Final = 0.5
_MISFIT_COSTS: Final = 0.6
_NAMED: Final = frozenset({"exact", "synonym", "saved"})
_BY_NAME: Final = 0.9
"""An organisation given by its name gives way to a column with its code."""
_NAMED_MISFIT: Final = 0.75
_WHOLE: Final = 0.3
_SHOWN: Final = 3
_SHOWN_LENGTH: Final = 24
REASONS: Final[Mapping[str, str]] = {
    "exact": "列名相同",
    "synonym": "常见写法",
    "saved": "上次的对应",
    "similar": "列名相近",
    "shape": "取值相像",
    "none": "没有把握",
}


@dataclass(frozen=True, slots=True)
class ColumnSketch:
    """One column of a file before anybody has said what it means: place (from 0), header, letter, some cells."""

    index: int
    header: str
    letter: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a column of a file may mean. `key` is "" where nothing is proposed; `score` 0..1; `reason` of REASONS.

    `titles` says that its cells are titles of occupations instead of codes.
    """

    column: ColumnSketch
    key: str
    score: float
    reason: str
    titles: bool = False


def propose(
    table: Table, columns: Sequence[ColumnSketch], schema: Schema, saved: Mapping[str, tuple[str, bool]]
) -> list[Proposal]:
    """Return one proposal per column with a header; no two name the same column of ours, the surest first served.

    `saved` are the accepted meanings of this source by normalised header: (column key or "", titles).
    """
    named = [column for column in columns if not is_blank(column.header)]
    judge = _Judge(table, schema)
    fixed = {c.index: saved[normalise(c.header)] for c in named if normalise(c.header) in saved}
    taken = {key for key, _ in fixed.values() if key}
    found = {
        c.index: Proposal(c, key, 1.0, "saved", titles)
        for c in named
        if c.index in fixed
        for key, titles in [fixed[c.index]]
    }
    options = [option for c in named if c.index not in fixed for option in judge.options(c)]
    for option in sorted(options, key=lambda one: (-one.score, one.column.index, judge.place(one.key))):
        if option.column.index not in found and option.key not in taken and option.score >= PROPOSED_FROM:
            found[option.column.index] = option
            taken.add(option.key)
    return [found.get(c.index, Proposal(c, "", 0.0, "none")) for c in named]


def missing(table: Table, keys: Sequence[str], schema: Schema) -> list[Column]:
    """Return the required columns that a choice of meanings leaves out."""
    return HeaderBook(schema, {}).missing(table, list(keys))


def foreign_words(column: Column, samples: Sequence[str]) -> list[str]:
    """Return the words among the cells of a column of choices that are none of its choices, in the order seen."""
    if column.type is not ColumnType.CHOICE or column.sealed:
        return []
    parse = cell_parser(column, CellContext(is_csv=True))
    return [text for text in dict.fromkeys(one.strip() for one in samples) if parse(text).reject is not None]


def likeliest_tables(columns: Sequence[ColumnSketch], schema: Schema) -> list[tuple[Table, float]]:
    """Return the tables that a sheet may hold, likeliest first: required columns found, and columns understood (0..1)."""
    scored = []
    for table in schema.tables:
        proposals = propose(table, columns, schema, {})
        keys = [one.key for one in proposals if one.key]
        if keys:
            needed = sum(column.required for column in table.columns)
            whole = 1 - len(missing(table, keys, schema)) / max(needed, 1)
            understood = sum(one.score for one in proposals) / len(proposals)
            scored.append((table, round(_WHOLE * whole + (1 - _WHOLE) * understood, 4)))
    return sorted(scored, key=lambda one: -one[1])


def shown_samples(table: Table, proposal: Proposal) -> list[str]:
    """Return some cells as pages and terminals may show them: masked wherever they may be personal.

    In a table with sealed columns only the cells of a column that is surely none of them are shown in plain.
    """
    texts = list(dict.fromkeys(" ".join(text.split()) for text in proposal.column.samples if text.strip()))
    sealed = {column.key for column in table.sealed_columns()}
    hidden = proposal.key in sealed or looks_personal(proposal.column.samples)
    if sealed and proposal.reason not in _NAMED and not _is_harmless(table, proposal):
        hidden = True
    shown = [mask_value(text) if hidden else text for text in texts[:_SHOWN]]
    return [text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…" for text in shown]


def _is_harmless(table: Table, proposal: Proposal) -> bool:
    """True for a column whose cells fit a telling column that is not sealed: levels, dates of certificates, codes."""
    if not proposal.key:
        return False
    column = table.column(proposal.key)
    share = fit(column, proposal.column.samples)
    return is_telling(column) and share is not None and share > _MISFIT


class _Judge:
    """Scores the columns of one table for a header and its cells."""

    def __init__(self, table: Table, schema: Schema) -> None:
        self._table, self._book = table, HeaderBook(schema, {})
        self._synonyms, self._titles = synonyms_of(table), title_headers(table)
        self._names = {
            column.key: (normalise(column.zh), normalise(column.key), *self._synonyms[column.key])
            for column in table.columns
        }
        self._places = {column.key: place for place, column in enumerate(table.columns)}

    def place(self, key: str) -> int:
        """Return the place of a column in its table."""
        return self._places[key]

    def options(self, column: ColumnSketch) -> list[Proposal]:
        """Return what the column may mean, in the order of the table."""
        exact = self._book.meaning(self._table, column.header)
        if exact == IGNORED:
            return []
        header = normalise(column.header)
        words = holds_titles(column.samples)
        return [self._option(one, column, header, exact, words=words) for one in self._table.columns]

    def _option(
        self, ours: Column, column: ColumnSketch, header: str, exact: str | None, *, words: bool
    ) -> Proposal:
        titles = words and ours.refers_to == ("occupations",) and "weighted" not in ours.type.value
        named, reason = self._by_name(ours, header, exact)
        if titles and exact is None:
            likeness, why = self._by_title(ours, header)
            named, reason = (likeness, why) if likeness > named else (named, reason)
        share = 1.0 if titles else fit(ours, column.samples)
        by_name = bool(ours.refers_to) and ours.type is ColumnType.USCC and holds_words(column.samples)
        score = named * _BY_NAME if by_name and exact is None else named
        if share is not None and is_telling(ours) and named < _SYNONYM and not titles:
            shaped = _SHAPE * share * share
            reason = "shape" if shaped > named else reason
            score = min(named + shaped, 0.95)
        if share is not None and share < _MISFIT:
            score = (
                min(score, _NAMED_MISFIT) if named >= _SYNONYM else score * (1 - _MISFIT_COSTS * (1 - share))
            )
        return Proposal(column, ours.key, round(score, 4), reason, titles)

    def _by_title(self, ours: Column, header: str) -> tuple[float, str]:
        if self._titles.get(header) == ours.key:
            return _SYNONYM, "synonym"
        headers = [one for one, key in self._titles.items() if key == ours.key]
        return _SIMILAR * max((similarity(header, one) for one in headers), default=0.0), "similar"

    def _by_name(self, ours: Column, header: str, exact: str | None) -> tuple[float, str]:
        if exact is not None:
            return (_EXACT, "exact") if exact == ours.key else (0.0, "none")
        if header in self._synonyms[ours.key]:
            return _SYNONYM, "synonym"
        return _SIMILAR * max(similarity(header, name) for name in self._names[ours.key]), "similar"


def similarity(one: str, other: str) -> float:
    """Return how much two short texts share (0..1): Dice over characters and pairs of characters."""
    ours, theirs = _grams(one), _grams(other)
    both = len(ours) + len(theirs)
    return 2 * len(ours & theirs) / both if both else 0.0


def _grams(text: str) -> set[str]:
    return set(text) | {text[place : place + 2] for place in range(len(text) - 1)}
