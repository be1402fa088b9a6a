"""Imports over HTTP: the report, refusals, hostile names and sizes, and what is left on disk."""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.after_import import COMPARISON_RUNNING
from api.cli import main
from api.imports import COLLECTION, Imports
from api.limits import BodyLimits
from api.main import create_app
from api.uploads import born, is_running, safe_name
from tests.api.conftest import VIEWERS, Site
from tests.api.world import NAME, OWN, PHONE, id_number
from tests.waiting import until

CSV = "区划代码,名称\n990103,西岭区\n990104,东山区\n"
BAD = "统一社会信用代码,企业名称,区划代码\n91990101MA00000011,甲厂,990101\n"
JSON_KEYS = {
    "schema", "batch", "source", "status", "dry_run", "full", "revision", "changed", "files", "tables", "totals",
    "rejects", "rejects_total", "rejects_truncated", "warnings", "errors", "error_file",
}  # fmt: skip
SECOND_ID = id_number("99010119800202003")
WRONG_ID = SECOND_ID[:-1] + ("1" if SECOND_ID[-1] != "1" else "2")


def _upload(site: Site, *files: tuple[str, str | bytes], viewer: str = "officer", **fields: Any) -> Any:
    parts: list[tuple[str, Any]] = [("files", (name, content)) for name, content in files]
    if "mapping" in fields:
        parts.append(("mapping", ("mapping.toml", fields.pop("mapping"))))
    return site.client.post("/api/v1/imports", files=parts, data=fields, headers=site.headers(viewer))


def _report(site: Site, started: Any, viewer: str = "officer") -> dict[str, Any]:
    assert started.status_code == 202, started.text
    number = started.json()["id"]
    assert started.json() == {"id": number, "status": "running"}

    def ended() -> dict[str, Any] | None:
        answer = site.get(f"/imports/{number}", viewer)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        assert found["status"] != "running" or found == {"id": number, "status": "running"}
        return None if found["status"] == "running" else found

    return until(ended, "the end of the import") or {}


def _load(site: Site, *files: tuple[str, str | bytes], **fields: Any) -> dict[str, Any]:
    return _report(site, _upload(site, *files, **fields))


def _files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_report_has_the_keys_of_the_command(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = _load(site, ("区县.csv", CSV))
    assert report["status"] == "done"
    assert report["tables"]["districts"]["inserted"] == 2
    assert (report["revision"], report["changed"]) == (2, True)
    assert site.get("/me?min_revision=2").status_code == 200
    path = tmp_path / "区县.csv"
    path.write_text(CSV, encoding="utf-8")
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "other"))
    assert main(["load", str(path), "--json"]) == 0
    command = json.loads(capsys.readouterr().out)
    assert set(command) == JSON_KEYS == set(report) - {"id"}
    assert command["files"] == report["files"]
    assert command["tables"] == report["tables"]


def test_the_same_again_changes_nothing(site: Site) -> None:
    _load(site, ("区县.csv", CSV), source="市库")
    again = _load(site, ("区县.csv", CSV), source="市库")
    assert (again["status"], again["changed"], again["batch"]) == ("done", False, None)
    assert again["totals"]["unchanged"] == 2


def test_a_dry_run_changes_nothing(site: Site) -> None:
    before = site.graph.store.revision()
    report = _load(site, ("区县.csv", CSV), dry_run="true")
    assert (report["status"], report["dry_run"], report["changed"]) == ("done", True, False)
    assert report["totals"]["inserted"] == 2
    assert site.graph.store.revision() == before


def test_full_asks_before_much_vanishes(site: Site) -> None:
    _load(site, ("区县.csv", CSV), source="省库")
    shorter = "区划代码,名称\n990103,西岭区\n"
    refused = _load(site, ("区县.csv", shorter), source="省库", full="true")
    assert (refused["status"], refused["full"]) == ("refused", True)
    assert [error["code"] for error in refused["errors"]] == ["retire-limit"]
    wrong = _load(site, ("区县.csv", shorter), source="省库", full="true", confirm_retire="2")
    assert wrong["status"] == "refused"
    done = _load(site, ("区县.csv", shorter), source="省库", full="true", confirm_retire="1")
    assert (done["status"], done["totals"]["retired"]) == ("done", 1)


def test_a_mapping_file(site: Site) -> None:
    odd = "代号,名称,经办人\n990103,西岭区,某某\n"
    mapping = '[districts]\n"代号" = "code"\n"经办人" = ""\n'
    report = _load(site, ("区县.csv", odd), mapping=mapping)
    assert report["status"] == "done"
    assert report["warnings"] == []
    bad = _load(site, ("区县.csv", odd), mapping='[districts]\n"代号" = "nonsense"\n')
    assert (bad["status"], bad["errors"][0]["code"]) == ("refused", "bad-mapping")


def test_a_refused_import_is_an_answer(site: Site) -> None:
    before = site.graph.store.revision()
    report = _load(site, ("区县.csv", "名称\n西岭区\n"))
    assert report["status"] == "refused"
    assert report["batch"] is None
    assert not any(report["totals"].values())
    assert report["errors"][0]["code"] in {"missing-column", "missing-header"}
    assert site.graph.store.revision() == before


def test_rejected_rows_come_back_as_a_workbook_that_loads(site: Site) -> None:
    report = _load(site, ("企业.csv", BAD))
    assert (report["status"], report["totals"]["rejected"]) == ("done-with-rejects", 1)
    assert [entry["code"] for entry in report["rejects"]] == ["bad-check-digit"]
    assert report["error_file"] == f"/api/v1/imports/{report['id']}/errors.xlsx"
    answer = site.client.get(report["error_file"], headers=site.headers("officer"))
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    header = [cell.value for cell in book.active[1]]  # type: ignore[index,union-attr]  # a workbook has a sheet
    column = header.index("统一社会信用代码")
    book.active.cell(2, column + 1).value = OWN  # type: ignore[union-attr]  # as above
    corrected = io.BytesIO()
    book.save(corrected)
    again = _load(site, ("errors.xlsx", corrected.getvalue()))
    assert (again["status"], again["totals"]["inserted"]) == ("done", 1)
    assert again["warnings"] == []
    assert again["error_file"] is None
    assert site.get(f"/imports/{again['id']}/errors.xlsx").status_code == 404


def test_personal_values_are_masked_and_nothing_stays_plain_on_disk(site: Site) -> None:
    rows = (
        f"人才编号,姓名,区划代码,证件号码,手机\nP8,合成八,990101,{WRONG_ID},{PHONE}\n"
        f"P9,合成九,990101,{SECOND_ID},{PHONE}\n"
    )
    report = _load(site, ("人才.csv", rows), source="市库")
    assert report["totals"]["rejected"] == 1
    assert WRONG_ID not in json.dumps(report, ensure_ascii=False)
    assert report["rejects"][0]["value"].startswith(WRONG_ID[:4])
    workbook = site.get(f"/imports/{report['id']}/errors.xlsx").content
    cells = [cell.value for row in load_workbook(io.BytesIO(workbook)).active for cell in row]  # type: ignore[union-attr]  # has a sheet
    assert WRONG_ID in cells
    left = _files_below(site.graph.settings.data)
    assert not [path for path in left if "incoming" in path.parts]
    for path in left:
        content = path.read_bytes()
        for secret in (WRONG_ID, SECOND_ID, "合成八", "合成九"):
            assert secret.encode() not in content, path
        assert not content.startswith(b"PK")


def test_who_may_not_import_is_told_nothing(site: Site) -> None:
    started = _upload(site, ("区县.csv", CSV))
    number = _report(site, started)["id"]
    for viewer in (*VIEWERS, "other"):
        allowed = viewer in {"officer", "administrator"}
        got = site.get(f"/imports/{number}", viewer)
        assert got.status_code == (200 if allowed else 404)
        if not allowed:
            assert got.json() == site.get("/imports/none", viewer).json()
            assert site.get(f"/imports/{number}/errors.xlsx", viewer).status_code == 404
            assert _upload(site, ("区县.csv", CSV), viewer=viewer).status_code == 404
    assert _report(site, _upload(site, ("区县.csv", CSV), viewer="administrator"))["status"] == "done"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("企业.csv", b"%PDF-1.7\n%\xe2\xe3\n"),
        ("企业.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 50),
        ("企业.xlsx", b"\xff\xd8\xff\xe0" + b"\0" * 50),
        ("企业.xls", b"<html><table><tr><td>x</td></tr></table></html>"),
        ("企业.csv", b"Rar!\x1a\x07\x00" + b"\0" * 50),
    ],
)
def test_what_is_never_read_is_refused_at_once(site: Site, name: str, content: bytes) -> None:
    answer = _upload(site, ("区县.csv", CSV), (name, content))
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-type")
    assert name in answer.json()["detail"]
    assert _files_below(site.graph.settings.data / "incoming") == []
    assert [r for _, r in site.graph.ledger.items(COLLECTION) if r["status"] == "running"] == []


@pytest.mark.parametrize(
    "name",
    [
        "../../../../区县.csv", "..\\..\\区县.csv", "/etc/区县.csv", "C:\\temp\\区县.csv", "区县.csv\x00.exe",
        "\u202e区县.csv", ".区县.csv", "区县<>|.csv", "." * 40 + "区县.csv", "区县" + "_" * 400 + ".csv",
        "区县\r\nX-Evil: 1.csv", "企" * 300 + ".csv",
    ],
)  # fmt: skip
def test_hostile_names_are_harmless(site: Site, tmp_path: Path, name: str) -> None:
    before = set(_files_below(tmp_path))
    started = _upload(site, (name, CSV), dry_run="true")
    if started.status_code == 202:
        assert _report(site, started)["status"] in {"done", "refused"}
    else:
        assert started.status_code in {400, 422}
    made = set(_files_below(tmp_path)) - before
    assert not [path for path in made if "区县" in path.name]
    shown = safe_name(name)
    assert shown not in {"", ".", ".."}
    assert "/" not in shown
    assert "\\" not in shown
    assert shown.isprintable()
    assert len(shown.encode()) <= 200


def test_two_files_of_one_name(site: Site) -> None:
    other = "区划代码,名称\n99,错\n990105,南屏区\n"
    report = _load(site, ("区县.csv", CSV), ("区县.csv", other))
    assert [one["file"] for one in report["files"]] == ["区县.csv", "区县(2).csv"]
    assert report["totals"]["inserted"] == 3
    assert {entry["file"] for entry in report["rejects"]} == {"区县(2).csv"}


@pytest.mark.parametrize(
    "fields",
    [
        {"source": ""},
        {"source": " x"},
        {"source": "a\nb"},
        {"source": "x" * 101},
        {"confirm_retire": "-1"},
        {"full": "x"},
    ],
)
def test_bad_fields(site: Site, fields: dict[str, str]) -> None:
    answer = _upload(site, ("区县.csv", CSV), **fields)
    if answer.status_code == 202:  # an empty field is an absent one
        assert fields == {"source": ""}
        assert _report(site, answer)["source"] == "default"
    else:
        assert answer.status_code == 422
        assert answer.json()["field"] in fields


def test_no_file_at_all(site: Site) -> None:
    answer = site.client.post("/api/v1/imports", data={"source": "x"}, headers=site.headers("officer"))
    assert answer.status_code == 422
    empty = _report(site, _upload(site, ("区县.csv", b"")))
    assert empty["status"] == "refused"


def test_bodies_over_the_limit(site: Site) -> None:
    limits = BodyLimits(upload=20_000, other=1_000)
    app = create_app(site.graph, limits=limits)
    big, officer = "x" * 30_000, site.headers("officer")

    def chunks() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
        for _ in range(30):
            yield b"x" * 1_000

    with TestClient(app) as client:
        whole = client.post("/api/v1/imports", files={"files": ("a.csv", big)}, headers=officer)
        typed = {**officer, "Content-Type": "multipart/form-data; boundary=b"}
        chunked = client.post("/api/v1/imports", content=chunks(), headers=typed)
        nobody = client.post("/api/v1/imports", files={"files": ("a.csv", "x" * 2_000)})
        page = client.post(
            "/imports", files={"files": ("a.csv", big)}, headers={**officer, "Accept": "text/html"}
        )
        fits = client.post("/api/v1/imports", files={"files": ("区县.csv", CSV)}, headers=officer)
    assert [answer.status_code for answer in (whole, chunked, nobody, page, fits)] == [
        413,
        413,
        413,
        413,
        202,
    ]
    for answer in (whole, chunked, nobody):
        assert answer.json()["code"] == "too-large"
        assert "content-security-policy" in answer.headers
    assert page.headers["content-type"].startswith("text/html")


def test_an_interrupted_import_is_settled_at_the_next_start(site: Site) -> None:
    """A record of a process that is gone: refused; but done when its batch was published before the end."""
    done = _load(site, ("区县.csv", CSV))
    ledger = site.graph.ledger
    record = {
        "status": "running", "pid": 2**22 + 5, "born": "1", "by": "officer", "source": "default", "since": 1,
        "digests": [done["files"][0]["sha256"]],
    }  # fmt: skip
    ledger.put(COLLECTION, "imp-published", record)
    ledger.put(COLLECTION, "imp-lost", {**record, "digests": ["0" * 64]})
    ledger.put(COLLECTION, "imp-early", {key: value for key, value in record.items() if key != "digests"})
    left = site.graph.settings.data / "incoming" / "imp-lost"
    left.mkdir(parents=True)
    (left / "secret.csv").write_text("x", encoding="utf-8")
    Imports(site.graph).close()
    published = site.get("/imports/imp-published").json()
    assert (published["status"], published["batch"]) == ("done", done["batch"])
    for number in ("imp-lost", "imp-early"):
        lost = site.get(f"/imports/{number}").json()
        assert (lost["status"], lost["batch"], lost["changed"]) == ("refused", None, False)
        assert set(lost) - {"id"} == JSON_KEYS
    assert not left.exists()


def test_a_reused_process_number_is_another_process() -> None:
    assert not is_running(1, "not when it began")
    assert is_running(1, born(1))
    assert not is_running(2**22 + 5, "")


def test_imports_are_in_the_audit_trail(site: Site) -> None:
    report = _load(site, ("企业.csv", BAD))
    site.get(f"/imports/{report['id']}/errors.xlsx")
    found = [(entry["action"], entry["subject"]) for entry in site.get("/audit").json()["items"]]
    assert ("import", report["id"]) in found
    assert ("errors-workbook", report["id"]) in found


def test_after_an_import_new_persons_are_compared(site: Site) -> None:
    pytest.importorskip("splink", reason="the extra identity is not installed")
    person = {
        "person_id": "Z1",
        "name": NAME,
        "district": "990102",
        "occupation": "6-18-01-01",
        "birth_date": "1970-01-01",
        "phone": PHONE,
    }
    number = _upload(site, ("人才.json", json.dumps([person])), source="协会名册").json()["id"]

    def compared() -> dict[str, Any] | None:
        found: dict[str, Any] = site.get(f"/imports/{number}/comparison").json()
        return None if found["status"] in {"none", "running"} else found

    told = until(compared, "what the comparison of persons found") or {}
    assert (told["id"], told["status"], told["merged"]) == (number, "done", 1)
    assert set(site.get(f"/imports/{number}").json()) == {*JSON_KEYS, "id"}
    (batch,) = (one for one in site.get("/imports").json()["items"] if one["kind"] == "identity")
    assert told["batch"] == batch["id"]
    assert [row.person for row in site.graph.store.rows(table="talents") if row.id.key in {"P1", "Z1"}] == [
        _person(site)
    ] * 2


def _person(site: Site) -> str:
    return next(str(row.person) for row in site.graph.store.rows(table="talents") if row.id.key == "P1")


def test_a_comparison_that_ended_with_its_process_is_told(site: Site) -> None:
    report = _load(site, ("区县.csv", CSV))
    record = {"status": "done", "by": "officer", "report": report, "pid": os.getpid(), "born": ""}
    site.graph.ledger.put(COLLECTION, "imp-cut", {**record, "comparison": COMPARISON_RUNNING})
    assert site.get("/imports/imp-cut/comparison").json()["status"] == "running"
    Imports(site.graph).close()
    told = site.get("/imports/imp-cut/comparison").json()
    assert (told["status"], told["code"]) == ("failed", "interrupted")
    assert site.get("/imports/none/comparison").status_code == 404


def test_a_dry_run_compares_nobody(site: Site) -> None:
    report = _load(
        site,
        ("人才.json", json.dumps([{"person_id": "Z1", "name": NAME, "district": "990102"}])),
        dry_run="true",
    )
    assert site.get(f"/imports/{report['id']}/comparison").json()["status"] == "none"
