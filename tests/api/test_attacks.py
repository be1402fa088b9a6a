"""What attackers with and without a login tried against the running service, and must not get."""

import io
import time
import zipfile
from typing import Any

import pytest

from tests.api.conftest import Site

_NS = "http://schemas.openxmlformats.org"
_HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>企业名称</t></is></c></row>'
FAR_CELLS = {
    "plain": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "single quotes": "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    "blank before the sign": '<row r="1048576"><c r = "XFD1048576"><v>1</v></c></row>',
    "small letters": '<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>',
    "no addresses": '<row r="1048576">' + "<c><v>1</v></c>" * 16384 + "</row>",
    "sign in a value": '<row r="1048576"><c r="XFD1048576" x="/>" ><v>1</v></c></row>',
    "four letters": '<row r="1048576"><c r="ZZZZ1048576"><v>1</v></c></row>',
    "beyond the sheet": '<row r="4000000000"><c r="XFD4000000000"><v>1</v></c></row>',
}


def workbook(rows: str, target: str = "worksheets/sheet1.xml") -> bytes:
    """Return a tiny workbook with one sheet of these rows."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{_NS}/package/2006/content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{_NS}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_NS}/spreadsheetml/2006/main" xmlns:r="{_NS}/officeDocument/2006/relationships">'
            '<sheets><sheet name="企业" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{_NS}/officeDocument/2006/relationships/worksheet" Target="{target}"/></Relationships>',
        )
        sheet = f'<worksheet xmlns="{_NS}/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return content.getvalue()


def _imported(site: Site, content: bytes) -> Any:
    started = site.client.post(
        "/api/v1/imports", headers=site.headers("officer"), files={"files": ("企业.xlsx", content)}
    )
    for _ in range(600):
        report = site.get(f"/imports/{started.json()['id']}").json()
        if report["status"] != "running":
            return report
        time.sleep(0.05)
    raise AssertionError("the import never ended")


@pytest.mark.parametrize("spelling", sorted(FAR_CELLS))
def test_a_far_cell_never_ends_the_service_however_it_is_spelt(site: Site, spelling: str) -> None:
    report = _imported(site, workbook(_HEAD + FAR_CELLS[spelling]))
    assert (report["status"], [entry["code"] for entry in report["errors"]]) == ("refused", ["too-large"])


def test_a_far_cell_in_a_part_under_another_spelling_is_refused(site: Site) -> None:
    report = _imported(site, workbook(_HEAD + FAR_CELLS["plain"], target="Worksheets/Sheet1.xml"))
    assert report["status"] == "refused"
