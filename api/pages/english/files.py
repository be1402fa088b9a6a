"""Reads the catalogue: the TOML files of `words/` and the English names that the schema declares."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.pages.english.catalogue import Catalogue, is_chinese
from kg.paths.relations import short_label
from kg.schema import Schema

WORDS: Final = Path(__file__).parent / "words"


def catalogue_of(schema: Schema) -> Catalogue:
    """Return the whole catalogue; the files speak before the schema, whose names are meant for headers of columns."""
    words, own = read_words(WORDS)
    return Catalogue({**declared(schema), **words}, own)


def read_words(folder: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return all words of a folder, and those of single templates (the tables named like a template).

    Where two files translate one text, the first by name speaks; a test keeps them from disagreeing.
    """
    words: dict[str, str] = {}
    own: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.toml")):
        for chinese, english in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(english, dict):
                own.setdefault(chinese, {}).update(english)
            else:
                words.setdefault(chinese, english)
    return words, own


def declared(schema: Schema) -> Mapping[str, str]:
    """Return the English of every table, column and relation as the schema declares it; tables speak first."""
    words: dict[str, str] = {}
    for table in schema.tables:
        words.setdefault(table.zh, table.en)
    for relation in schema.relations.values():
        words.setdefault(relation.zh, relation.en)
        words.setdefault(short_label(relation), relation.en)
    for table in schema.tables:
        for column in table.columns:
            words.setdefault(column.zh, column.en)
    return words


def labels_of(schema: Schema, catalogue: Catalogue) -> dict[str, str]:
    """Return the English of what open columns are called, of their closed values, and of short names of relations."""
    labels = [short_label(relation) for relation in schema.relations.values()]
    for table in schema.tables:
        labels.append(table.zh)
        for column in table.columns:
            if not (column.sealed or column.protected):
                labels += [column.zh, *column.choices, *column.modes.values()]
    return {label: catalogue.english(label) for label in sorted({*labels}) if is_chinese(label)}
