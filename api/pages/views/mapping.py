"""The page on which headers get their meaning: columns of a file on the left, ours on the right, and what was chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import FormData

from api.import_drafts import Draft
from api.import_mappings import Mappings
from kg.schema import Column, Schema, Table
from loaders.mapping import constant, may_be_the_same
from loaders.proposals import REASONS, SURE, Proposal, foreign_words, missing, propose, shown_samples
from loaders.saved_mappings import Choice
from loaders.shapes import holds_titles
from loaders.sketches import SheetSketch

_WORDS: Final = 20
_PROPOSED: Final = 0.6


@dataclass(slots=True)
class SheetChoice:
    """What was chosen for one sheet: its table ("" for none), a column for each header, a choice for each word."""

    place: int
    sheet: SheetSketch
    table: Table | None
    proposals: list[Proposal]
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def choices(self) -> list[Choice]:
        """Return what is to be saved."""
        return [Choice(one.column.header, one.key, one.titles) for one in self.proposals]


def proposed(draft: Draft, schema: Schema, mappings: Mappings) -> list[SheetChoice]:
    """Return the sheets of a draft with what is proposed for each."""
    return [
        _proposed(place, sheet, sheet.table, draft, schema, mappings)
        for place, sheet in enumerate(draft.sheets)
    ]


def chosen(
    draft: Draft, schema: Schema, mappings: Mappings, form: FormData
) -> tuple[list[SheetChoice], bool]:
    """Return the sheets with what a form chose, and whether a table was changed: its columns are proposed anew then."""
    found, changed = [], False
    for place, sheet in enumerate(draft.sheets):
        key, before = str(form.get(f"t{place}") or ""), str(form.get(f"was{place}") or "")
        key = str(sheet.table) if sheet.fixed else key if key in schema.by_key else ""
        one = _proposed(place, sheet, key or None, draft, schema, mappings)
        if key == before and one.table is not None:
            one.proposals = [_taken(one.table, proposal, form, place) for proposal in one.proposals]
            one.words = _words_of(one, form)
            one.always |= _always_of(one, form, schema)
            one.errors = _errors(one.table, one.proposals, one.always, schema)
        changed = changed or key != before
        found.append(one)
    return found, changed


def view(choices: Sequence[SheetChoice], schema: Schema) -> list[dict[str, Any]]:
    """Return the sheets as the template draws them."""
    tables = [(table.key, table.zh) for table in schema.tables]
    return [
        {
            "place": one.place,
            "title": one.sheet.title,
            "header_rows": "、".join(map(str, one.sheet.header_rows)),
            "table": "" if one.table is None else one.table.key,
            "table_label": "" if one.table is None else one.table.zh,
            "tables": tables,
            "fixed": one.sheet.fixed,
            "rows": []
            if one.table is None
            else [_row(one.table, proposal, one.place) for proposal in one.proposals],
            "options": [] if one.table is None else _options(one.table),
            "lacking": []
            if one.table is None
            else _labels(_lacking(one.table, one.proposals, one.always, schema)),
            "always": [] if one.table is None else _same_fields(one.table, one, schema),
            "words": [] if one.table is None else _words(one),
            "errors": one.errors,
        }
        for one in choices
    ]


def _proposed(
    place: int, sheet: SheetSketch, key: str | None, draft: Draft, schema: Schema, mappings: Mappings
) -> SheetChoice:
    table = None if key is None else schema.by_key[key]
    if table is None:
        return SheetChoice(place, sheet, None, [])
    proposals = propose(table, sheet.columns, schema, mappings.saved(draft.source, table.key))
    words, always = mappings.words(draft.source, table.key), mappings.always(draft.source, table.key)
    return SheetChoice(place, sheet, table, proposals, words, always)


def _taken(table: Table, proposal: Proposal, form: FormData, place: int) -> Proposal:
    """Return a proposal as the form left or changed it."""
    given = form.get(f"c{place}.{proposal.column.index}")
    key = str(given) if isinstance(given, str) else proposal.key
    if key == proposal.key or (key and key not in {column.key for column in table.columns}):
        return proposal
    column = table.column(key) if key else None
    worded = (
        column is not None and column.refers_to == ("occupations",) and holds_titles(proposal.column.samples)
    )
    return Proposal(proposal.column, key, 1.0, "chosen", worded)


def _words_of(one: SheetChoice, form: FormData) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for column, word, name in _foreign(one):
        meaning = str(form.get(name) or "")
        if meaning in column.choices:
            found.setdefault(column.key, {})[word] = meaning
    return found


def _always_of(one: SheetChoice, form: FormData, schema: Schema) -> dict[str, str]:
    """Return what a form says that every row has, "" for what it takes back."""
    assert one.table is not None
    found = {}
    for column in _lacking(one.table, one.proposals, {}, schema):
        given = form.get(f"k{one.place}.{column.key}")
        if isinstance(given, str) and may_be_the_same(one.table, column.key):
            found[column.key] = given.strip()
    return found


def _errors(
    table: Table, proposals: Sequence[Proposal], always: Mapping[str, str], schema: Schema
) -> list[str]:
    places: dict[str, list[str]] = {}
    for one in proposals:
        if one.key:
            places.setdefault(one.key, []).append(f"{one.column.letter} 列“{one.column.header}”")
    twice = [
        f"{'和'.join(columns)}都对应到“{table.column(key).zh}”，请只留一列"
        for key, columns in places.items()
        if len(columns) > 1
    ]
    wrong = [
        f"“{table.column(key).zh}”不能填“{text}”"
        for key, text in always.items()
        if text and constant(table, key, text) is None
    ]
    lacking = _labels(_lacking(table, proposals, always, schema))
    return twice + wrong + ([f"还缺必填列：{'、'.join(lacking)}，请指定是哪一列"] if lacking else [])


def _lacking(
    table: Table, proposals: Sequence[Proposal], always: Mapping[str, str], schema: Schema
) -> list[Column]:
    """Return the required columns that neither a column of the file nor a text for every row gives."""
    keys = [one.key for one in proposals if one.key]
    return [column for column in missing(table, keys, schema) if not always.get(column.key)]


def _labels(columns: Sequence[Column]) -> list[str]:
    return [column.zh for column in columns]


def _same_fields(table: Table, one: SheetChoice, schema: Schema) -> list[Mapping[str, Any]]:
    return [
        {
            "label": column.zh,
            "field": f"k{one.place}.{column.key}",
            "choices": column.choices,
            "value": one.always.get(column.key, ""),
        }
        for column in _lacking(table, one.proposals, {}, schema)
        if may_be_the_same(table, column.key)
    ]


def _options(table: Table) -> list[tuple[str, str]]:
    return [
        ("", "不要这一列"),
        *((column.key, f"{column.zh}{'（必填）' if column.required else ''}") for column in table.columns),
    ]


def _row(table: Table, one: Proposal, place: int) -> Mapping[str, Any]:
    return {
        "letter": one.column.letter,
        "header": one.column.header,
        "samples": shown_samples(table, one),
        "field": f"c{place}.{one.column.index}",
        "key": one.key,
        "score": one.score,
        "reason": REASONS.get(one.reason, "您的选择"),
        "tone": "ok" if one.score >= SURE else "warn" if one.score < _PROPOSED else "o",
        "titles": one.titles,
        "unknown": not one.key and one.reason == "none",
    }


def _foreign(one: SheetChoice) -> list[tuple[Column, str, str]]:
    """Return column, word and field name of each word that a column of choices does not know."""
    found = []
    for proposal in one.proposals:
        column = one.table.column(proposal.key) if one.table is not None and proposal.key else None
        words = [] if column is None else foreign_words(column, proposal.column.samples)[:_WORDS]
        for number, word in enumerate(words):
            assert column is not None
            found.append((column, word, f"w{one.place}.{proposal.column.index}.{number}"))
    return found


def _words(one: SheetChoice) -> list[Mapping[str, Any]]:
    return [
        {
            "label": column.zh,
            "word": word,
            "field": name,
            "choices": column.choices,
            "chosen": one.words.get(column.key, {}).get(word, ""),
        }
        for column, word, name in _foreign(one)
    ]
