"""Exports over HTTP and on the command line: what is in them, for whom, and that they load back."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from api.cli import main
from tests.api.conftest import Site, load_tables
from tests.api.world import ID_NUMBER, NAME, OWN, PHONE, tables

SECRET = (NAME, ID_NUMBER, PHONE)


def _rows(site: Site, table: str, viewer: str = "officer", **params: Any) -> list[dict[str, Any]]:
    answer = site.client.get(
        f"/api/v1/exports/tables/{table}.json", params=params, headers=site.headers(viewer)
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_the_three_forms_hold_the_same_rows(site: Site) -> None:
    rows = _rows(site, "demands")
    assert {row["demand_id"] for row in rows} == {"D1", "D2", "CANARYdemand"}
    text = site.get("/exports/tables/demands.csv")
    assert text.headers["content-type"].startswith("text/csv")
    read = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(site.get("/exports/tables/demands.xlsx").content))
    sheet = [[cell.value for cell in row] for row in book.active]  # type: ignore[union-attr]  # has a sheet
    assert len(read) == len(sheet) == len(rows) + 1
    assert read[0] == sheet[0]
    for form in ("json", "csv", "xlsx"):
        assert "attachment" in site.get(f"/exports/tables/demands.{form}").headers["content-disposition"]


def test_canonical_values(site: Site) -> None:
    row = next(row for row in _rows(site, "flex_needs") if row["need_id"] == "N1")
    assert row["modes"] == ["consult", "advise_remote"]
    assert row["skills"] == ["主轴修理=3*2"]
    assert row["min_level"] == "高级工"
    assert row["weeks"] is None
    assert (row["valid_from"], row["total_hours"]) == ("2026-12-07", 16)


def test_sealed_is_for_administrators_and_recorded_before_it_is_made(site: Site) -> None:
    path = "/exports/tables/talents.json?sealed=true&source=市库"
    for viewer, status in (("officer", 403), ("enterprise", 403), ("public", 403), ("administrator", 200)):
        assert site.get(path, viewer).status_code == status
    told = site.get(path, "administrator").text
    assert all(word in told for word in SECRET)
    assert not any(word in json.dumps(_rows(site, "talents"), ensure_ascii=False) for word in SECRET)
    found = [entry for entry in site.get("/audit").json()["items"] if entry["action"] == "sealed-export"]
    assert [(entry["viewer"], entry["subject"]) for entry in found] == [("administrator", "talents")] * 2


def test_several_sources_must_be_named(site: Site, tmp_path: Path) -> None:
    load_tables(site.graph, tmp_path, source="省库")
    refused = site.get("/exports/tables/talents.json?sealed=true", "administrator")
    assert refused.status_code == 409
    assert "市库" in refused.text
    assert "省库" in refused.text
    assert len(_rows(site, "talents", "administrator", sealed="true", source="省库")) == 3


def test_what_others_get(site: Site) -> None:
    public = {row["demand_id"] for row in _rows(site, "demands", "public")}
    own = {row["demand_id"] for row in _rows(site, "demands", "other")}
    assert (public, own) == ({"D1", "D2"}, {"D1", "D2", "CANARYdemand"})
    assert [row["cooperation_id"] for row in _rows(site, "cooperations", "school")] == ["C1"]
    assert site.get("/exports/tables/cooperations.json", "public").status_code == 404
    assert "staff" in _rows(site, "enterprises")[0]
    assert "staff" not in _rows(site, "enterprises", "public")[0]
    for table in ("talents", "certificates", "consents"):
        for viewer in ("public", "enterprise", "school", "planner"):
            assert site.get(f"/exports/tables/{table}.json", viewer).status_code == 404


def test_own_rows_of_an_organisation_have_their_columns(site: Site) -> None:
    (row,) = _rows(site, "cooperations", "school")
    assert (row["mode"], row["seats"]) == ("internship", 5)


@pytest.mark.parametrize("form", ["json", "xlsx"])
def test_a_sealed_export_loads_back_without_a_change(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "data"))
    world, out = tmp_path / "world.json", tmp_path / f"out.{form}"
    world.write_text(json.dumps(tables(), ensure_ascii=False), encoding="utf-8")
    assert main(["load", str(world), "--source", "市库", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["export", "-o", str(out), "--sealed", "--source", "市库", "--json"]) == 0
    assert (out.stat().st_mode & 0o077) == 0
    assert json.loads(capsys.readouterr().out)["file"] == str(out)
    assert main(["load", str(out), "--source", "市库", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["changed"], again["revision"], again["batch"]) == (False, first["revision"], None)
    assert again["totals"]["unchanged"] == again["totals"]["read"] == first["totals"]["read"]
    assert OWN in world.read_text(encoding="utf-8")
