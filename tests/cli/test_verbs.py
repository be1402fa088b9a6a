"""Every verb does what it says; `--json` prints one document and nothing else."""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from api.cli import build_parser
from api.schemas.answers import RecommendationShape
from tests.api.world import OTHER, OWN, SCHOOL
from tests.cli.conftest import Run, state

REPORT = {"schema", "batch", "source", "status", "dry_run", "full", "revision", "changed", "files", "tables", "totals",
          "rejects", "rejects_total", "rejects_truncated", "warnings", "errors", "error_file"}  # fmt: skip


def _verbs(parser: argparse.ArgumentParser, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return [verb for name, one in action.choices.items() for verb in _verbs(one, (*before, name))]
    return [before]


def test_the_verbs_of_the_contract_are_there() -> None:
    wanted = {
        ("demo",), ("serve",), ("load",), ("export",), ("template",), ("generate",), ("search",), ("recommend", "talents"),
        ("recommend", "partners"), ("user", "add"), ("user", "list"), ("user", "disable"), ("token", "create"), ("token", "revoke"),
    }  # fmt: skip
    assert wanted <= set(_verbs(build_parser()))


@pytest.mark.parametrize("verb", _verbs(build_parser()), ids=" ".join)
def test_every_verb_has_help_in_two_languages(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args([*verb, "--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert re.search("[\u4e00-\u9fff].* / [a-z]", told)


def test_load_tells_what_it_did(run: Run, folder: Path) -> None:
    path = folder / "区县.csv"
    path.write_text("区划代码,名称,邮编\n990111,西岭区,1\n99,错,2\n", encoding="utf-8")
    errors = folder / "errors.xlsx"
    told = run("load", path, "--source", "别处", "--json", "--errors", errors)
    assert told.code == 3
    assert set(told.json) == REPORT
    assert (told.json["status"], told.json["error_file"]) == ("done-with-rejects", str(errors))
    assert load_workbook(errors).active.cell(2, 2).value == "区划代码"  # type: ignore[union-attr]  # has a sheet
    text = run("load", path, "--source", "别处")
    assert text.code == 3
    assert "拒收 1" in text.out
    assert "bad-code" in text.out
    assert re.search("提醒 区县.csv：.*邮编.*unknown-column", text.out)


def test_a_dry_run_changes_nothing(run: Run, folder: Path, data: Path) -> None:
    path = folder / "产业链.csv"
    path.write_text("chain_id,name\nL9,新链\n", encoding="utf-8")
    before = state(data)
    told = run("load", path, "--dry-run", "--json")
    assert (told.code, told.json["batch"], told.json["changed"]) == (0, None, False), told.json
    assert told.json["totals"]["inserted"] == 1
    assert state(data) == before


def test_recommend_talents(run: Run) -> None:
    told = run("recommend", "talents", "N1", "--json", "-k", "2", "--as-of", "2026-11-23")
    assert told.code == 0
    RecommendationShape.model_validate_json(told.out, strict=True)
    assert told.json["as_of"] == "2026-11-23"
    assert told.json["items"][0]["node"]["sources"] == [{"source": "市库", "person_id": "P2"}]
    same = run("recommend", "talents", "N1", "--format", "json", "-k", "2", "--as-of", "2026-11-23")
    drop = ("question_number",)
    assert {k: v for k, v in same.json.items() if k not in drop} == {
        k: v for k, v in told.json.items() if k not in drop
    }
    text = run("recommend", "talents", "N1", "--as-of", "2026-11-23").out
    assert "由人工决定" in text
    assert f"{told.json['items'][0]['score']:.4f}" in text


@pytest.mark.parametrize(
    "anchor", [OWN, "北湖轴承有限公司", " 北湖轴承有限公司", "990101", "北湖区", SCHOOL, "临澄技师学院"]
)
def test_recommend_partners_takes_codes_and_names(run: Run, anchor: str) -> None:
    told = run(
        "recommend", "partners", anchor.strip(), "--mode", "internship", "--json", "--as-of", "2026-11-23"
    )
    assert told.code == 0
    RecommendationShape.model_validate_json(told.out, strict=True)
    assert told.json["items"]


def test_a_district_names_both_sides_of_a_pair(run: Run, folder: Path) -> None:
    asked = ("recommend", "partners", "北湖区", "--mode", "internship", "--as-of", "2026-11-23")
    item = run(*asked, "--json").json["items"][0]
    assert item["other"]["kind"] == "enterprise"
    both = (item["node"]["name"], item["other"]["name"])
    assert " × ".join(both) in run(*asked).out
    run(*asked, "--format", "xlsx", "-o", folder / "pairs.xlsx")
    listed = load_workbook(folder / "pairs.xlsx")["名单"]
    assert [cell.value for cell in listed[2]][:4] == [1, "列出", *both]


def test_answers_go_into_files(run: Run, folder: Path) -> None:
    for form in ("json", "text", "xlsx"):
        path = folder / f"answer.{form}"
        told = run("recommend", "talents", "N1", "--format", form, "-o", path, "--as-of", "2026-11-23")
        assert told.code == 0
        assert path.stat().st_size > 100
    json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    assert load_workbook(folder / "answer.xlsx").sheetnames == ["名单", "因素", "说明"]


def test_search(run: Run) -> None:
    told = run("search", "北湖", "--json", "--kind", "enterprise")
    assert (told.code, told.json["total"]) == (0, 1)
    assert told.json["items"][0]["node"] == {"kind": "enterprise", "key": OWN, "name": "北湖轴承有限公司"}
    assert "北湖轴承有限公司" in run("search", "北湖").out
    assert run("search", "没有这样的东西").code == 0


def test_export_and_template(run: Run, folder: Path) -> None:
    told = run("export", "enterprises", "-o", folder / "e.csv", "--json")
    assert (told.code, told.json) == (0, {"file": str(folder / "e.csv"), "tables": ["enterprises"]})
    assert OTHER in (folder / "e.csv").read_text(encoding="utf-8-sig")
    assert run("template", "enterprises", "schools", "-o", folder / "t.xlsx").code == 0
    assert run("template", "企业", "schools", "-o", folder / "t.xlsx").code == 0
    assert run("export", "企业", "-o", folder / "企业.json").code == 0
    assert len(load_workbook(folder / "t.xlsx").sheetnames) >= 2


def test_generate_writes_a_city(run: Run, folder: Path) -> None:
    told = run(
        "generate", "--size", "demo", "--seed", "3", "--day", "2026-11-23", "-o", folder / "city", "--json"
    )
    assert told.code == 0
    assert told.json["folder"] == str(folder / "city")
    assert list((folder / "city").rglob("*"))


def test_accounts(run: Run) -> None:
    made = run("user", "add", "li", "--role", "enterprise", "--org", OWN, "--json")
    assert made.code == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/[\w-]{20,}", made.json["link"])
    assert run("user", "link", "li", "--json").json["link"] != made.json["link"]
    listed = run("user", "list", "--json").json["items"]
    assert {"name": "li", "role": "enterprise", "org": OWN, "disabled": False} in listed
    token = run("token", "create", "li", "--days", "2", "--json").json["token"]
    assert token not in run("token", "list").out
    assert run("token", "revoke", token).code == 0
    assert run("token", "revoke", token).code == 1
    assert run("user", "disable", "li", "--json").json == {"name": "li", "disabled": True}
    assert run("token", "create", "li", "--days", "2").code == 1


def test_the_command_is_audited_as_cli(run: Run, data: Path) -> None:
    from kg.bootstrap import open_graph
    from kg.config import Settings

    run("export", "enterprises", "-o", data.parent / "s.json", "--sealed", "--source", "市库")
    with open_graph(Settings(data=data)) as graph:
        found = [entry for _, entry in graph.audit.entries()]
        assert graph.audit.verify() == []
    assert {"import", "sealed-export"} <= {
        str(entry["action"]) for entry in found if entry["viewer"] == "cli"
    }


def test_the_demo_answers_twice_and_prints_only_json(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIANGTU_DATA", str(folder / "demo"))
    for _ in range(2):
        told = run("demo", "--no-serve", "--json")
        assert told.code == 0
        for answer in (told.json["talents"], told.json["partners"]):
            RecommendationShape.model_validate(answer)
            assert answer["items"]
            assert answer["synthetic"] is True


def test_the_demo_leaves_real_data_alone(run: Run, data: Path) -> None:
    before = state(data)
    told = run("demo", "--no-serve")
    assert told.code == 1
    assert "JIANGTU_DATA" in told.err
    assert state(data) == before


@pytest.mark.slow
def test_the_installed_command(folder: Path) -> None:
    script = Path(sys.executable).with_name("jiangtu")
    told = subprocess.run([script, "search", "北湖", "--json"], capture_output=True, cwd=folder, check=True)
    assert json.loads(told.stdout.decode("utf-8"))["total"] > 0
    assert told.stderr == b""
    plain = {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "JIANGTU_DATA": str(folder / "data")}
    told = subprocess.run([script, "search", "北湖"], capture_output=True, cwd=folder, env=plain, check=True)
    assert "北湖轴承有限公司" in told.stdout.decode("utf-8")
    head = subprocess.run(
        f"'{script}' search 9 --limit 200 | head -c 1", shell=True, capture_output=True, cwd=folder
    )
    assert b"Traceback" not in head.stderr
