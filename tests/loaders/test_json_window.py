"""A JSON text is read through a window: what is found does not depend on how wide it is."""

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loaders.reading import Limits, RefusedFileError
from loaders.sources.json_source import read_json
from loaders.sources.raw import CellMark, RawRow

Found = list[tuple[str, tuple[str, ...] | None, list[RawRow]]]


def _value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8)
    if kind < 4:
        return "".join(chance.choice('ab甲"\\\n😀 {}[],:0') for _ in range(chance.randrange(12)))
    if kind == 4:
        return chance.choice([1, -5, 1.5, 1e30, 0, 123456789])
    if kind == 5:
        return chance.choice([True, False, None])
    if depth > 2:
        return "x"
    items = [_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return items if kind == 6 else {str(place): item for place, item in enumerate(items)}


def _rows(chance: random.Random) -> list[dict[str, Any]]:
    rows = range(chance.randrange(6))
    return [{f"k{chance.randrange(4)}": _value(chance) for _ in range(chance.randrange(4))} for _ in rows]


def _text(chance: random.Random) -> str:
    """Return a document, one time in three with something wrong in it."""
    tables = {f"t{place}": _rows(chance) for place in range(chance.randrange(3))}
    document = _rows(chance) if chance.random() < 0.5 else tables
    text = json.dumps(document, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 1, 3]))
    if chance.random() < 0.33:
        place = chance.randrange(len(text) + 1)
        sign = chance.choice(["", ",", "x", '"', "}", "]", "\\", "[", "1"])
        text = text[:place] + sign + text[place + chance.randrange(3) :]
    return text


def _read(path: Path, window: int) -> Found | tuple[str, str]:
    try:
        sheets = read_json(path, "f", "utf-8", Limits(), window=window)
    except RefusedFileError as refusal:
        return refusal.findings[0].code, refusal.findings[0].message
    found = [(sheet.title, sheet.headers, list(sheet.rows())) for sheet in sheets]
    assert found == [(sheet.title, sheet.headers, list(sheet.rows())) for sheet in sheets]
    return found


def _shown(value: object) -> object:
    return CellMark.NESTED if isinstance(value, dict) else value


@pytest.mark.parametrize("seed", range(150))
def test_every_window_finds_what_the_whole_text_holds(tmp_path: Path, seed: int) -> None:
    path, text = tmp_path / "企业.json", _text(random.Random(seed))
    path.write_bytes(text.encode())
    found = _read(path, 1 << 20)
    assert [_read(path, window) for window in (1, 2, 7, 40)] == [found] * 4
    try:
        whole = json.loads(text, parse_float=Decimal)
    except ValueError:
        whole = None
    if isinstance(found, list):
        tables = {"企业": whole} if isinstance(whole, list) else whole
        assert isinstance(tables, dict)
        assert [title for title, _, _ in found] == list(tables)
        for title, headers, rows in found:
            assert rows == [[_shown(item.get(key)) for key in headers or ()] for item in tables[title]]


def test_the_place_of_an_error_is_told_from_the_beginning_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "企业.json"
    path.write_bytes(('[\n{"甲": "' + "乙" * 300 + '"},\n\n  {"甲": 1 2}]').encode())
    for window in (1, 5, 50, 1 << 20):
        code, message = _read(path, window)
        assert (code, "第 4 行第 11 列" in message) == ("bad-json", True), message


def test_arrays_in_arrays_end_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "企业.json"
    for depth, is_fine in ((62, True), (63, False), (5_000, False)):
        path.write_bytes(('[{"甲": ' + "[" * depth + "]" * depth + "}]").encode())
        found = _read(path, 16)
        assert isinstance(found, list) is is_fine, depth
        assert is_fine or "嵌套超过 64 层" in str(found)
