"""The text and the tables of a Word file, read with the limits and refusals of every archive."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from kg.errors import InvalidInputError
from loaders.sources.archive import check_archive
from loaders.sources.limits import Limits

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DOCUMENT: Final = "word/document.xml"
_LIMITS: Final = Limits(archive_bytes=64 * 1024 * 1024)

Grid = list[list[str]]


def read_word(path: Path) -> tuple[str, list[tuple[str, Grid]]]:
    """Return the paragraphs outside tables as lines, and each table as (where, grid of texts)."""
    check_archive(path, path.name, _LIMITS)
    with zipfile.ZipFile(path) as archive:
        content = archive.read(_DOCUMENT)
    if (
        b"<!" in content
        or not content.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml version")
        or b"\0" in content
    ):
        raise InvalidInputError(f"“{path.name}”含有不安全的定义，请另存为 .txt 后再试", field="file")
    body = ET.fromstring(content).find(f"{_W}body")  # noqa: S314 - no definitions, sizes checked
    lines: list[str] = []
    grids: list[tuple[str, Grid]] = []
    for element in body if body is not None else ():
        if element.tag == f"{_W}p":
            lines.append(_text(element))
        elif element.tag == f"{_W}tbl":
            grids.append((f"第 {len(grids) + 1} 张表", list(_rows(element))))
    return "\n".join(lines), grids


def _rows(table: ET.Element) -> Iterator[list[str]]:
    for row in table.iter(f"{_W}tr"):
        cells: list[str] = []
        for cell in row.iter(f"{_W}tc"):
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            width = int(span.get(f"{_W}val") or 1) if span is not None else 1
            cells += [_text(cell)] * min(width, 50)
        yield cells


def _text(element: ET.Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{_W}t"))
