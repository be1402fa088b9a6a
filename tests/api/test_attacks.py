"""What attackers with and without a login tried against the running service, and must not get."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.accounts import LOCK_FAILURES
from kg.bootstrap import Graph
from kg.errors import BusyError, UnauthenticatedError
from tests.api.conftest import Site
from tests.api.world import OTHER, OWN, SCHOOL
from tests.filling import load_into
from tests.waiting import until

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


def _imported(site: Site, content: bytes, name: str = "企业.xlsx") -> Any:
    started = site.client.post(
        "/api/v1/imports", headers=site.headers("officer"), files={"files": (name, content)}
    )

    def ended() -> Any:
        report = site.get(f"/imports/{started.json()['id']}").json()
        return None if report["status"] == "running" else report

    return until(ended, "the end of the import")


@pytest.mark.parametrize("spelling", sorted(FAR_CELLS))
def test_a_far_cell_never_ends_the_service_however_it_is_spelt(site: Site, spelling: str) -> None:
    report = _imported(site, workbook(_HEAD + FAR_CELLS[spelling]))
    assert (report["status"], [entry["code"] for entry in report["errors"]]) == ("refused", ["too-large"])


def test_a_far_cell_in_a_part_under_another_spelling_is_refused(site: Site) -> None:
    report = _imported(site, workbook(_HEAD + FAR_CELLS["plain"], target="Worksheets/Sheet1.xml"))
    assert report["status"] == "refused"


NEED: dict[str, Any] = {
    "host": OWN, "title": "主轴修理", "occupations": ["6-18-01-01"], "skills": ["主轴修理=3"], "tags": ["主轴"],
    "modes": ["consult", "advise_remote"], "total_hours": 16, "valid_from": "2026-12-07", "valid_to": "2027-01-03",
    "visits": 2, "pay_max": 200,
}  # fmt: skip


def _post_raw(site: Site, body: Any) -> Any:
    headers = {**site.headers("enterprise"), "Content-Type": "application/json"}
    return site.client.post("/api/v1/recommendations/talents", content=json.dumps(body), headers=headers)


@pytest.mark.parametrize("column", ["occupations", "skills", "tags", "modes"])
def test_a_lone_surrogate_in_a_list_of_a_typed_need_is_refused(site: Site, column: str) -> None:
    answer = _post_raw(site, {"inline": {**NEED, column: ["\ud800"]}})
    assert (answer.status_code, answer.json()["field"]) == (422, column)


@pytest.mark.parametrize(("first", "last"), [("9999-12-01", "9999-12-31"), ("0001-01-01", "0001-02-01")])
def test_a_typed_need_outside_the_calendar_is_refused(site: Site, first: str, last: str) -> None:
    answer = _post_raw(site, {"inline": {**NEED, "valid_from": first, "valid_to": last}})
    assert (answer.status_code, answer.json()["field"]) == (422, "valid_from")


@pytest.mark.parametrize("column", ["occupations", "skills", "tags", "modes"])
def test_a_typed_need_without_end_is_refused_at_once(site: Site, column: str) -> None:
    answer = _post_raw(site, {"inline": {**NEED, column: [f"6-18-01-{n}" for n in range(50_000)]}})
    assert (answer.status_code, answer.json()["field"]) == (422, column)


def _withdraw(site: Site, folder: Path) -> None:
    """End the consent of P2 with a revocation in the past of the day of the question."""
    row = {"person_id": "P2", "purpose": "柔性推荐", "recipients": ["任意"], "valid_from": "2026-01-01"}
    path = folder / "consents.json"
    path.write_text(json.dumps([{**row, "revoked": "2026-08-01"}], ensure_ascii=False), encoding="utf-8")
    graph = site.graph
    load_into(graph, [path], source="市库", synthetic=True)


def test_who_has_withdrawn_is_in_no_list_of_an_organisation_about_the_past(
    site: Site, tmp_path: Path
) -> None:
    question = {"inline": NEED, "as_of": "2026-03-01", "k": 50}
    before = site.post("/recommendations/talents", question, "enterprise").json()
    _withdraw(site, tmp_path)
    after = site.post("/recommendations/talents", question, "enterprise").json()
    officers = site.post("/recommendations/talents", question).json()
    assert len(before["items"]) == len(officers["items"]) == 1, "the past as it was stays with the officers"
    assert after["items"] == []
    assert after["pool"]["listed"] == before["pool"]["listed"] - 1
    assert after["pool"]["considered"] == before["pool"]["considered"] - 1


def test_seats_at_a_foreign_enterprise_do_not_tell_its_staff(site: Site) -> None:
    question = {"anchor": {"kind": "school", "key": SCHOOL}, "mode": "internship", "year": 2026}
    for item in site.post("/recommendations/partners", question, "school").json()["items"]:
        assert "20%" not in item["summary"]
        assert "10%" not in item["summary"]
        for entry in item["allocation"]:
            told = entry["legal"].pop("legal")
            assert set(entry["legal"].values()) == {None}
            assert entry["seats"] <= told <= min(entry["supply"], entry["open"])


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://testserver.evil"])
def test_another_site_cannot_sign_anybody_in(site: Site, origin: str) -> None:
    page = site.client.get("/sign-in").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": token, "name": "officer", "password": "wrong"}
    assert site.client.post("/sign-in", data=form, headers={"Origin": origin}).status_code == 403
    assert site.client.post("/sign-in", data=form, headers={"Origin": "http://testserver"}).status_code == 401


def test_a_lock_does_not_tell_which_names_exist(site: Site) -> None:
    told: dict[str, list[str]] = {"officer": [], "nobody": []}
    for name, codes in told.items():
        for _ in range(LOCK_FAILURES + 1):
            with pytest.raises(UnauthenticatedError) as refused:
                site.accounts.sign_in(name, "wrong password")
            codes.append(str(refused.value.code))
    assert told["officer"] == told["nobody"]
    assert told["nobody"][-1] == "locked"


def test_made_up_methods_do_not_fill_the_metrics(site: Site) -> None:
    for number in range(20):
        site.client.request(f"X{number}", "/health")
    text = site.client.get("/metrics").text
    assert 'method="X' not in text
    assert 'method="other"' in text


def test_an_evidence_row_tells_no_private_column_of_another_enterprise(site: Site) -> None:
    question = {"anchor": {"kind": "school", "key": SCHOOL}, "mode": "internship", "year": 2026}
    told = site.post("/recommendations/partners", {**question, "detail": OTHER}, "school").text
    assert "evidence_rows" in told
    assert "CANARYalias" not in told
    assert "7719937" not in told
    foreign = f"{OTHER}‖{SCHOOL}"
    told = site.post("/recommendations/partners", {**question, "detail": foreign}, "school").text
    assert "evidence_rows" in told
    assert "CANARYalias" not in told
    officers = site.post("/recommendations/partners", {**question, "detail": foreign}).text
    assert "CANARYalias" in officers, "the row is cited; only the column is kept back"


@pytest.mark.parametrize("name", ["enterprises.csv", "enterprises.json"])
def test_a_table_of_endless_columns_is_refused_before_its_cells_are_laid_out(site: Site, name: str) -> None:
    wide = [{"credit_code": OWN, "name": "甲", "district": "990101"}, *({f"a{n}": 1} for n in range(20_000))]
    header = ",".join(["credit_code", "name", "district", *(f"a{n}" for n in range(20_000))])
    content = json.dumps(wide) if name.endswith("json") else header
    report = _imported(site, content.encode(), name)
    assert (report["status"], [entry["code"] for entry in report["errors"]]) == ("refused", ["too-large"])
    assert report["warnings"] == []


@pytest.mark.parametrize("referer", ["http://[/", "http://[::1", "//", "\\", "javascript:alert(1)"])
def test_a_malformed_referer_breaks_no_error_page(site: Site, referer: str) -> None:
    page = site.client.get("/nodes/need/none", headers={"Accept": "text/html", "Referer": referer})
    assert page.status_code == 404
    assert "javascript:" not in page.text


def test_a_new_data_folder_is_closed_to_other_users_of_the_machine(graph: Graph) -> None:
    assert graph.settings.data.stat().st_mode & 0o077 == 0


def test_a_flood_of_sign_ins_is_turned_away(site: Site) -> None:
    """Passwords are checked a few at a time; the rest is told to come back, and other questions go on."""
    with ThreadPoolExecutor(24) as pool:
        form = {"name": "officer", "password": "not the password"}
        tries = [pool.submit(site.accounts.sign_in, form["name"], form["password"]) for _ in range(24)]
        kinds = {type(one.exception()) for one in tries}
    assert kinds <= {BusyError, UnauthenticatedError}
    assert BusyError in kinds


def test_a_large_upload_of_someone_who_may_not_import_is_not_taken_in(site: Site) -> None:
    files = {"files": ("企业.csv", b"x" * (2 << 20), "text/csv")}
    for viewer in ("public", "enterprise", "planner"):
        answer = site.client.post(
            "/api/v1/imports", files=files, headers={**site.headers(viewer), "Cookie": "x=y"}
        )
        assert answer.status_code == 413
