"""A small workbook that says one long text in every cell takes no room in the service."""

import marshal
from pathlib import Path
from typing import Any

import pytest

from loaders.sources import workbook_reader
from loaders.sources.raw import RefusedFileError
from loaders.sources.workbook_reader import WorkbookReader
from tests.loaders.files_made import xml_workbook

_LENGTH = 32_000


def _repeated(path: Path, columns: int, rows: int) -> Path:
    """Write a workbook of a few kilobytes: one shared text of 32,000 characters in every cell."""
    row = "".join(["<row>", '<c t="s"><v>0</v></c>' * columns, "</row>"])
    return xml_workbook(path, "企业", row * rows, shared="a" * _LENGTH)


def test_an_answer_holds_so_many_characters_and_a_row_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _repeated(tmp_path / "a.xlsx", columns=100, rows=20)
    assert path.stat().st_size < 4096
    sizes: list[int] = []

    def loads(data: bytes) -> Any:
        sizes.append(len(data))
        return marshal.loads(data)

    monkeypatch.setattr(workbook_reader, "marshal", type("Spy", (), {"loads": staticmethod(loads)}))
    reader = WorkbookReader(path, "a.xlsx", "xlsx", cells_at_most=10_000)
    rows = list(reader.rows(0))
    assert [len(row) for row in rows] == [100] * 20
    assert {len(str(cell)) for row in rows for cell in row} == {_LENGTH}
    assert max(sizes) < 13_000_000 < sum(sizes)


def test_a_row_of_endless_text_is_refused(tmp_path: Path) -> None:
    path = _repeated(tmp_path / "a.xlsx", columns=600, rows=1)
    reader = WorkbookReader(path, "a.xlsx", "xlsx", cells_at_most=10_000)
    with pytest.raises(RefusedFileError) as refused:
        list(reader.rows(0))
    assert [finding.code for finding in refused.value.findings] == ["too-large"]
