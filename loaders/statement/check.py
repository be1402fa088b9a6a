"""Reads a report (text, Word, table) and tells which of its figures do not add up; it changes none."""

import zipfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from kg.errors import InvalidInputError, NotFoundError
from loaders.cells import display
from loaders.sources.csv_source import find_encoding
from loaders.sources.detect import open_source
from loaders.sources.limits import Limits
from loaders.statement.figures import MEASURE_LABELS, Figure
from loaders.statement.findings import StatementFinding
from loaders.statement.sentences import read_text
from loaders.statement.tables import RatioFormula, check_table, read_table
from loaders.statement.word import read_word

TEXTS: Final = frozenset({".txt", ".md"})
WORD: Final = frozenset({".docx"})
TABLES: Final = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".xls"})
MOST_CHARACTERS: Final = 500_000
_MOST_ROWS: Final = 5_000
_HEADER_WORDS: Final = ("需求", "求职", "倍率", "缺口", "供给", "等级")

Grid = list[list[str]]


def check_statement(path: Path) -> dict[str, Any]:
    """Return `{file, figures, findings, formulas, unchecked}` of a report.

    `.txt`, `.md`, `.docx` are read as text (tables of a Word file as tables), `.csv`, `.tsv`, `.xlsx`, `.xls` as
    tables. Raises InvalidInputError for other kinds, NotFoundError for a missing file, RefusedFileError (codes of
    `files.md`) for what cannot be read.
    """
    if not path.is_file():
        raise NotFoundError(f"没有文件“{path}”，请核对路径")
    kind = path.suffix.lower()
    if kind in TEXTS:
        return _told(path.name, _text_of(path), ())
    if kind in WORD:
        try:
            text, grids = read_word(path)
        except (zipfile.BadZipFile, KeyError, ParseError) as error:
            raise InvalidInputError(
                f"“{path.name}”不是可读的 Word 文件，请另存为 .docx 或 .txt", field="file"
            ) from error
        return _told(path.name, text, grids)
    if kind in TABLES:
        return _told(path.name, "", _grids(path))
    raise InvalidInputError(
        f"口径校验读 .txt、.md、.docx、.csv、.xlsx，“{path.name}”不在其中，请另存后再试", field="file"
    )


def check_text(text: str, name: str = "粘贴的文字") -> dict[str, Any]:
    """Return the same for a text that somebody pasted."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidInputError(f"文字超过 {MOST_CHARACTERS} 字，请分段校验", field="text")
    return _told(name, text, ())


def _text_of(path: Path) -> str:
    if path.stat().st_size > 4 * MOST_CHARACTERS:
        raise InvalidInputError(f"“{path.name}”太长，最多 {MOST_CHARACTERS} 字，请分段校验", field="file")
    return path.read_text(encoding=find_encoding(path, path.name))


def _grids(path: Path) -> list[tuple[str, Grid]]:
    raw = open_source(path, path.name, Limits(), lambda text: any(word in text for word in _HEADER_WORDS))
    return [
        (
            f"“{sheet.name}”" if sheet.name else "",
            [[display(cell) for cell in row] for row in islice(sheet.rows(), _MOST_ROWS)],
        )
        for sheet in raw.sheets
    ]


def _told(name: str, text: str, grids: Iterable[tuple[str, Grid]]) -> dict[str, Any]:
    figures, findings, unchecked = read_text(text) if text else ([], [], [])
    formulas: list[tuple[str, RatioFormula]] = []
    for where, grid in [*_tabbed(text), *grids]:
        table = read_table(grid, where, len(figures) + 1)
        if table is None:
            continue
        figures += table.figures
        found, formula = check_table(table)
        findings += found
        unchecked += [
            f"{figure.where}：{MEASURE_LABELS[figure.measure]}被遮盖，没有核对"
            for figure in table.figures
            if figure.value is None
        ]
        if formula is not None:
            formulas.append((where, formula))
    return {
        "file": name,
        "figures": [_figure(figure) for figure in figures],
        "findings": [finding.told() for finding in _in_order(findings)],
        "formulas": [{"where": where, **formula.told()} for where, formula in formulas],
        "unchecked": unchecked,
    }


def _tabbed(text: str) -> list[tuple[str, Grid]]:
    """Return the tables that stand in a text with tabs or upright bars between their cells."""
    grids: list[tuple[str, Grid]] = []
    block: Grid = []
    for line in [*text.splitlines(), ""]:
        cells = line.strip().strip("|").split("|") if line.count("|") > 1 else line.split("\t")
        if len(cells) > 1 and set(line) - set("|-: \t"):
            block.append([cell.strip() for cell in cells])
        elif len(cells) == 1:
            if len(block) > 1:
                grids.append((f"第 {len(grids) + 1} 张表", block))
            block = []
    return grids


def _in_order(findings: list[StatementFinding]) -> list[StatementFinding]:
    return sorted(findings, key=lambda finding: finding.severity != "error")


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "id": figure.id,
        "text": figure.text,
        "measure": figure.measure,
        "label": MEASURE_LABELS[figure.measure],
        "value": None if figure.value is None else float(figure.value),
        "masked": figure.value is None,
        "unit": figure.unit,
        "where": figure.where,
    }
