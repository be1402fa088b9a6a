"""`plan …` and `check plan`: what they print, write and refuse, and that a file can be checked on any machine."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Run

SEATS = ("plan", "cooperation", "--mode", "internship", "--year", "2026", "--as-of", "2026-11-23")
HOURS = ("plan", "mobility", "--as-of", "2026-11-23")


def written(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_plan_of_seats_is_printed_and_its_file_checked(run: Run, tmp_path: Path) -> None:
    printed = run(*SEATS)
    assert printed.code == 0
    assert "稳定：没有一对班级与岗位双方都愿意另行安排" in printed.out
    assert "最大价值方案" in printed.out
    assert "jiangtu check plan" in printed.out
    plan = run(*SEATS, "--json").json
    assert plan["stable"]
    assert plan["certificate"]["format"] == "jiangtu-plan-certificate-1"
    checked = run("check", "plan", written(tmp_path / "plan.json", plan), "--json")
    assert checked.code == 0
    assert checked.json["valid"]
    assert checked.json["facts"]["rederived"]
    alone = run("check", "plan", written(tmp_path / "c.json", plan["certificate"]), "--alone")
    assert alone.code == 0
    assert alone.out.splitlines()[-1] == "证书属实：方案稳定"
    assert "没有用到数据库" in alone.out


def test_a_plan_of_hours_is_printed_and_its_file_checked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    printed = run(*HOURS, "--certificate", path)
    assert printed.code == 0
    assert "柔性服务方案" in printed.out
    assert run("check", "plan", path).code == 0
    assert run(*HOURS, "-k", "1").code == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan["allocation"][0].update(seats=plan["allocation"][0]["seats"] + 1),
        lambda plan: plan["certificate"]["allocation"].clear(),
        lambda plan: plan.update(value=plan["value"] + 1),
        lambda plan: plan["certificate"]["pairs"]["a"].__setitem__(0, 0.01),
        lambda plan: plan["certificate"].update(revision=99),
        lambda plan: plan["certificate"].update(question={}),
    ],
)
def test_a_changed_file_is_refused_with_what_is_wrong(run: Run, tmp_path: Path, change: Any) -> None:
    plan = run(*SEATS, "--json").json
    change(plan)
    checked = run("check", "plan", written(tmp_path / "plan.json", plan))
    assert checked.code == 1
    assert "【不符】" in checked.out
    assert "证书不能采信" in checked.out.splitlines()[-1]


def test_a_plan_of_before_is_checked_as_it_was_known(run: Run, tmp_path: Path) -> None:
    plan = run(*SEATS, "--json").json
    more = {"districts": [{"code": "990103", "name": "西山区", "longitude": 120.3, "latitude": 36.3}]}
    assert run("load", written(tmp_path / "more.json", more), "--source", "民政").code == 0
    checked = run("check", "plan", written(tmp_path / "plan.json", plan), "--json").json
    assert checked["valid"], checked
    assert checked["facts"]["rederived"]
    assert run(*SEATS, "--json").json["revision"] > plan["revision"]


def test_both_plans_and_their_files(run: Run, tmp_path: Path) -> None:
    book = tmp_path / "方案.xlsx"
    assert run(*SEATS, "--objective", "max-value", "--seconds", "5", "-o", book).code == 0
    sheets = load_workbook(book)
    assert sheets.sheetnames == ["安排", "阻断对", "可协商调岗", "未开班", "说明"]
    for title, heads in (("阻断对", 6), ("可协商调岗", 6), ("说明", 2)):
        rows = list(sheets[title].iter_rows(values_only=True))
        assert {len(row) for row in rows} == {heads}
        assert all(row[1] and row[3] for row in rows) if heads == 6 else ("方式", "岗位实习") in rows
    for name in ("a.csv", "a.json"):
        assert run(*HOURS, "-o", tmp_path / name).code == 0
        assert (tmp_path / name).stat().st_size > 0
    assert run("check", "plan", tmp_path / "a.json").code == 0
    refused = run(*SEATS, "-o", tmp_path / "a.pdf")
    assert (refused.code, ".xlsx" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("plan", "cooperation", "--mode", "base"), 2),
        (("plan", "cooperation", "--mode", "internship", "--year", "1950"), 2),
        (("plan", "cooperation", "--mode", "internship", "--district", "123456"), 2),
        (("plan", "cooperation", "--mode", "internship", "--seconds", "0"), 2),
        (("plan", "cooperation", "--mode", "internship", "--seconds", "9999"), 2),
        (("plan", "mobility", "-k", "0"), 2),
        (("plan", "mobility", "-k", "201"), 2),
        (("plan", "mobility", "--as-of", "2026-13-01"), 2),
        (("plan", "cooperation"), 2),
        (("plan",), 2),
        (("check", "plan"), 2),
        (("check", "plan", "no-such-file.json"), 1),
    ],
)
def test_what_cannot_be_asked_is_refused(run: Run, words: tuple[str, ...], code: int) -> None:
    ended = run(*words)
    assert ended.code == code
    assert ended.err
    assert not ended.out


@pytest.mark.parametrize(
    "text", ["", "{", "[1,", "\ufeff", "42", '"x"', "[]", '{"id": "p-none", "certificate": {}}']
)
def test_a_file_that_is_no_plan_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "no.json"
    path.write_text(text, encoding="utf-8")
    ended = run("check", "plan", path)
    assert ended.code in {1, 2}
    assert ended.out + ended.err


def test_without_the_solver_the_stable_plan_is_there_and_the_other_says_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ortools.graph.python.min_cost_flow", None)
    refused = run(*SEATS, "--objective", "max-value")
    assert refused.code == 1
    assert "jiangtu[plan]" in refused.err
    stable = run(*SEATS, "--district", "990101")
    assert stable.code == 0
    assert "jiangtu[plan]" in stable.out
    assert "最大价值方案 " not in stable.out
    assert "jiangtu[plan]" not in run(*SEATS, "--district", "990101", "--no-price").out


def test_checking_elsewhere_makes_no_store(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = run(*SEATS, "--json").json["certificate"]
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "elsewhere"))
    assert run("check", "plan", written(tmp_path / "c.json", certificate)).code == 0
    assert not (tmp_path / "elsewhere").exists()
