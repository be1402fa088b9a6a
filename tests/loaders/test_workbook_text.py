"""A small workbook that says one long text in every cell takes no room in the service."""

import marshal
import zipfile
from pathlib import Path
from typing import Any

import pytest

from loaders.sources import workbook_reader
from loaders.sources.raw import RefusedFileError
from loaders.sources.workbook_reader import WorkbookReader

_NS = "http://schemas.openxmlformats.org"
_REL = f"{_NS}/officeDocument/2006/relationships"
_LENGTH = 32_000


def _repeated(path: Path, columns: int, rows: int) -> Path:
    """Write a workbook of a few kilobytes: one shared text of 32,000 characters in every cell."""

    def links(*parts: tuple[str, str]) -> str:
        each = "".join(
            f'<Relationship Id="rId{number}" Type="{_REL}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(parts, start=1)
        )
        return f'<Relationships xmlns="{_NS}/package/2006/relationships">{each}</Relationships>'

    main = f'xmlns="{_NS}/spreadsheetml/2006/main"'
    row = "".join(["<row>", '<c t="s"><v>0</v></c>' * columns, "</row>"])
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types"/>',
        "_rels/.rels": links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{_REL}"><sheets><sheet name="企业" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/sharedStrings.xml": f"<sst {main}><si><t>{'a' * _LENGTH}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{row * rows}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


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
