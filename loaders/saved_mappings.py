"""Mapping files kept per source under the data folder: what somebody has accepted once serves every later load."""

import hashlib
import json
import re
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.operations.sites import MAPPINGS
from kg.schema import Schema
from loaders.headers import normalise
from loaders.mapping import Mapping, load_mapping
from loaders.proposals import Proposal

_UNSAFE: Final = re.compile(r"[^\w（）()\-]")
_READABLE: Final = 40
_NAME_LINE: Final = "# 来源："
Words = AnyMapping[str, AnyMapping[str, str]]
"""What words of the file mean, by column key: word -> choice."""
_NO_WORDS: Final[Words] = {}
_NO_TEXTS: Final[AnyMapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a header of a file means: a column key, "" for left out; `titles` where its cells are titles of occupations."""

    header: str
    key: str
    titles: bool = False


def mapping_path(data: Path, source: str) -> Path:
    """Return where the mapping of a source lies: readable, safe as a file name, never that of another source."""
    readable = _UNSAFE.sub("_", source)[:_READABLE]
    digest = hashlib.blake2b(source.encode(), digest_size=4).hexdigest()
    return data / MAPPINGS / f"{readable}-{digest}.toml"


def saved_mapping(data: Path, source: str, schema: Schema) -> Mapping | None:
    """Return the accepted mapping of a source, None where there is none; raises RefusedFileError for a broken one."""
    path = mapping_path(data, source)
    return load_mapping(path, schema) if path.is_file() else None


def saved_choices(mapping: Mapping | None, table: str) -> dict[str, tuple[str, bool]]:
    """Return the accepted meanings of one table as `propose` takes them."""
    if mapping is None:
        return {}
    titles = mapping.titles.get(table, {})
    return {header: (key, header in titles) for header, key in mapping.columns.get(table, {}).items()}


def chosen(proposals: Sequence[Proposal]) -> list[Choice]:
    """Return the proposals as choices; what nobody has proposed anything for is left out."""
    return [Choice(one.column.header, one.key, one.titles) for one in proposals]


def save_choices(
    data: Path,
    source: str,
    table: str,
    choices: Sequence[Choice],
    schema: Schema,
    words: Words = _NO_WORDS,
    always: AnyMapping[str, str] = _NO_TEXTS,
) -> Path:
    """Keep these meanings of headers and words, beside what is kept already of this source, and return the file.

    `always` is what every row has in columns that the files lack, "" to take that back.

    Replaced in one step: whoever loads meanwhile reads the old file or the new one. Raises RefusedFileError when
    the file there is broken.
    """
    path = mapping_path(data, source)
    before = saved_mapping(data, source, schema) or Mapping()
    columns = {key: dict(names) for key, names in before.columns.items()}
    titles = {key: dict(names) for key, names in before.titles.items()}
    own, worded = columns.setdefault(table, {}), titles.setdefault(table, {})
    for choice in choices:
        header = normalise(choice.header)
        worded.pop(header, None)
        own[header] = choice.key
        if choice.titles:
            worded[header] = choice.key
    values = {key: {column: dict(told) for column, told in one.items()} for key, one in before.values.items()}
    for column, told in words.items():
        values.setdefault(table, {}).setdefault(column, {}).update(told)
    same = {key: dict(texts) for key, texts in before.always.items()}
    same[table] = {key: text for key, text in {**same.get(table, {}), **always}.items() if text}
    text = to_toml(Mapping(columns=columns, values=values, titles=titles, always=same), source)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
    return path


def forget_mapping(data: Path, source: str) -> bool:
    """Remove the mapping of a source; return whether there was one."""
    path = mapping_path(data, source)
    if not path.is_file():
        return False
    path.unlink()
    return True


def listed_mappings(data: Path) -> list[tuple[str, Path]]:
    """Return the sources that have a mapping, with its file, by name."""
    found = []
    for path in sorted((data / MAPPINGS).glob("*.toml")):
        with path.open(encoding="utf-8") as handle:
            first = handle.readline().rstrip("\n")
        if first.startswith(_NAME_LINE):
            found.append((str(json.loads(first.removeprefix(_NAME_LINE))), path))
    return sorted(found)


def to_toml(mapping: Mapping, source: str) -> str:
    """Return a mapping as the file that `load_mapping` reads, the name of its source in the first line."""
    lines = [
        f"{_NAME_LINE}{_quoted(source)}",
        "# 左边是名册的列名，右边是本系统的列；右边留空表示不要这一列。",
    ]
    tables = sorted({*mapping.columns, *mapping.values, *mapping.titles, *mapping.always})
    for table in tables:
        titles = mapping.titles.get(table, {})
        plain = {name: key for name, key in mapping.columns.get(table, {}).items() if name not in titles}
        lines += ["", f"[{table}]", *_pairs(plain)]
        if titles:
            lines += ["", f"[{table}.titles]", *_pairs(titles)]
        if mapping.always.get(table):
            lines += ["", f"[{table}.always]", *_pairs(mapping.always[table])]
        for column, words in sorted(mapping.values.get(table, {}).items()):
            lines += ["", f"[{table}.values.{column}]", *_pairs(words)]
    return "\n".join(lines) + "\n"


def _pairs(pairs: AnyMapping[str, str]) -> list[str]:
    return [f"{_quoted(left)} = {_quoted(right)}" for left, right in pairs.items()]


def _quoted(text: str) -> str:
    """Return a basic string of TOML, which is one of JSON but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
