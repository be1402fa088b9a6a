"""`load --map`: foreign headers are asked about once; later loads of the source use the answers."""

import io
import json
from pathlib import Path

import pytest

from api.cli import main

FOREIGN = (
    "统一代码,企业名称,所在区划,登记状态,在岗人数,经办人\n"
    "91990102MA0000000A,临澄瑞衡精密轴承有限公司,990102,存续,430,赵某\n"
)


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "data"))
    path = tmp_path / "单位名册.csv"
    path.write_text(FOREIGN, encoding="utf-8")
    return path


def _answer(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_enter_accepts_and_the_source_remembers(
    register: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", str(register), "--source", "监管局"]) == 1
    assert "--map" in capsys.readouterr().err
    _answer(monkeypatch, "", "", "", "", "正常")
    assert main(["load", str(register), "--source", "监管局", "--map", "--json"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["tables"]["enterprises"]["inserted"] == 1
    assert "统一代码" in told.err
    assert [entry["code"] for entry in report["warnings"]] == ["unknown-reference"]
    assert main(["load", str(register), "--source", "监管局", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["unchanged"] == 1
    assert main(["load", str(register), "--source", "别的来源"]) == 1


def test_another_answer_than_the_proposal(
    register: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _answer(monkeypatch, "企业", "没有这列", "-", "简称", "e", "区划代码", "-", "")
    assert main(["load", str(register), "--source", "监管局", "--map", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "没有“没有这列”" in told.err
    assert "已经是 C 列" in told.err
    (saved,) = (tmp_path / "data" / "mappings").glob("*.toml")
    text = saved.read_text(encoding="utf-8")
    assert '"登记状态" = ""' in text
    assert '"经办人" = "aliases"' in text
    assert '"在岗人数" = ""' in text


@pytest.mark.parametrize("answers", [("q",), ("", ""), ()])
def test_giving_up_saves_and_loads_nothing(
    register: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    answers: tuple[str, ...],
) -> None:
    _answer(monkeypatch, *answers)
    assert main(["load", str(register), "--source", "监管局", "--map"]) == 1
    assert "没有保存" in capsys.readouterr().err
    assert not (tmp_path / "data" / "mappings").exists()
    assert main(["batches", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 0


def test_a_mapping_file_that_is_named_goes_before_the_saved_one(
    register: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _answer(monkeypatch, "", "", "", "", "正常")
    assert main(["load", str(register), "--source", "监管局", "--map"]) == 0
    own = tmp_path / "own.toml"
    own.write_text('[enterprises]\n"统一代码" = "nonsense"\n', encoding="utf-8")
    assert main(["load", str(register), "--source", "监管局", "--mapping", str(own)]) == 1
    assert main(["load", str(register), "--mapping", str(own), "--map"]) == 2


def test_what_the_file_lacks_is_asked_for_once(
    register: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register.write_text("统一代码,企业名称\n91990102MA0000000A,临澄瑞衡精密轴承有限公司\n", encoding="utf-8")
    _answer(monkeypatch, "", "", "九九", "990102")
    assert main(["load", str(register), "--source", "监管局", "--map", "--json"]) == 0
    told = capsys.readouterr()
    assert "缺“区划代码”" in told.err
    assert "不能填“九九”" in told.err
    assert json.loads(told.out)["totals"]["inserted"] == 1
    assert main(["load", str(register), "--source", "监管局", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"]["unchanged"] == 1


def test_titles_are_told_with_what_is_left_to_people(
    register: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    occupations = tmp_path / "职业.csv"
    occupations.write_text("职业代码,名称,版本\n6-18-01-01,车工,2022\n", encoding="utf-8")
    assert main(["load", str(occupations), "--source", "省厅"]) == 0
    register.write_text(
        "人才编号,姓名,区划代码,工种\nP1,甲,990101,车工\nP2,乙,990101,捏脸师\n", encoding="utf-8"
    )
    capsys.readouterr()
    _answer(monkeypatch, "", "")
    assert main(["load", str(register), "--source", "街道", "--map"]) == 0
    told = capsys.readouterr().out
    assert "职业名称 2 种：1 种读作编码，其余按名称收下，请核对：捏脸师" in told
