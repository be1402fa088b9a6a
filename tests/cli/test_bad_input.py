"""Bad input: one clear sentence on stderr that says what to do, the right exit code, and nothing changed."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import main
from kg.policy import policy_file
from tests.api.world import OTHER, OWN
from tests.cli.conftest import Ran, Run, state
from tests.loaders.files_made import workbook
from tests.ports import free_port

POLICY = Path(policy_file.__file__).with_name("default_policy.yaml").read_text(encoding="utf-8")
ASK = ("search", "北湖")


def _told(ran: Ran, code: int, *words: str) -> None:
    assert ran.code == code, ran
    line = ran.err.strip()
    assert "\n" not in line, line
    assert any("\u4e00" <= character <= "\u9fff" for character in line), line
    assert "Traceback" not in line
    for word in words:
        assert word in line, line


@pytest.fixture(autouse=True)
def _nothing_changes(data: Path, request: pytest.FixtureRequest) -> object:
    """Every test here leaves the store as it was."""
    before = state(data)
    yield
    assert state(data) == before


# -- settings, policy, key, store ---------------------------------------------------------------------------


def test_an_unknown_setting(run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("JIANGTU_STROE", "x")
    _told(run(*ASK), 1, "JIANGTU_STROE", "JIANGTU_STORE", "删去")
    monkeypatch.delenv("JIANGTU_STROE")
    toml = folder / "jiangtu.toml"
    toml.write_text('stroe = "x"\n', encoding="utf-8")
    try:
        _told(run(*ASK), 1, "stroe", "jiangtu.toml")
    finally:
        toml.unlink()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  tie_decimals: 6", "  tie_decimal: 6", ("tie_decimal", "第", "行")),
        ("school_side: {major: 0.25", "school_side: {major: 0.35", ("school_side", "1.1", "应等于 1")),
        ("[skill, pay, topic", "[birth_date, pay, topic", ("birth_date", "受保护")),
        ("  neutral: 0.5 ", "  sex: 0.5 ", ("sex", "受保护")),
    ],
)
def test_a_policy_that_does_not_hold(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    assert POLICY.count(old) == 1
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.replace(old, new), encoding="utf-8")
    monkeypatch.setenv("JIANGTU_POLICY", str(path))
    _told(run("recommend", "talents", "N1"), 1, *words)


def test_a_wrong_key_file(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path) -> None:
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "other"))
    assert main(["user", "list"]) == 0
    monkeypatch.setenv("JIANGTU_DATA", str(data))
    for key, word in (
        (tmp_path / "other" / "jiangtu.key", "密钥"),
        (tmp_path / "none.key", "找不到密钥文件"),
    ):
        monkeypatch.setenv("JIANGTU_KEY_FILE", str(key))
        _told(run(*ASK), 1, word)
    broken = tmp_path / "broken.key"
    broken.write_text("x", encoding="utf-8")
    broken.chmod(0o600)
    monkeypatch.setenv("JIANGTU_KEY_FILE", str(broken))
    _told(run(*ASK), 1, "不是有效的密钥文件")
    shutil.copy(data / "jiangtu.key", tmp_path / "open.key")
    (tmp_path / "open.key").chmod(0o644)
    monkeypatch.setenv("JIANGTU_KEY_FILE", str(tmp_path / "open.key"))
    _told(run(*ASK), 1, "chmod 600")
    assert not (tmp_path / "none.key").exists()


@pytest.mark.parametrize("name", ["jiangtu.db", "jiangtu.ledger.db"])
def test_a_store_made_by_a_newer_version(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path, name: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    with sqlite3.connect(copy / name) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    monkeypatch.setenv("JIANGTU_DATA", str(copy))
    _told(run(*ASK), 1, "升级")


@pytest.mark.parametrize("name", ["jiangtu.db", "jiangtu.ledger.db"])
def test_a_store_that_is_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path, name: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    for path in copy.glob(f"{name}*"):
        path.unlink()
    (copy / name).write_bytes(b"this is no store" * 500)
    monkeypatch.setenv("JIANGTU_DATA", str(copy))
    _told(run(*ASK), 1, "不是")


@pytest.mark.parametrize("store", ["postgres://x", "jiangtu.db", "sqlite:", "sqlite:.", "neo4j:x"])
def test_a_store_that_is_not_supported(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: str
) -> None:
    monkeypatch.setenv("JIANGTU_STORE", store)
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "new"))
    _told(run(*ASK), 1, "sqlite:文件名")
    assert not (tmp_path / "new").exists()


def test_a_server_without_a_password(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANGTU_STORE", "neo4j://localhost:7687")
    _told(run(*ASK), 1, "没有 Neo4j 密码", "JIANGTU_NEO4J_PASSWORD_FILE")


@pytest.mark.slow
def test_a_server_that_is_away(tmp_path: Path, data: Path) -> None:
    """The real command: here the driver would write lines of its own to the terminal."""
    password = tmp_path / "password"
    password.write_text("x", encoding="utf-8")
    password.chmod(0o600)
    command = [str(Path(sys.executable).with_name("jiangtu")), *ASK]
    settings = {
        "JIANGTU_DATA": str(data),
        "JIANGTU_STORE": f"neo4j://127.0.0.1:{free_port()}",
        "JIANGTU_NEO4J_PASSWORD_FILE": str(password),
    }
    ran = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, encoding="utf-8", check=False
    )
    _told(Ran(ran.returncode, ran.stdout, ran.stderr), 1, "连不上 Neo4j")


def test_no_rights_on_the_data_folder(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setenv("JIANGTU_DATA", str(path))
        _told(run(*ASK), 1, "不能写入", "JIANGTU_DATA")


def test_a_port_in_use(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        _told(run("serve", "--port", str(port)), 1, str(port), "--port")
        _told(run("demo", "--port", str(port)), 1, str(port), "--port")


def test_an_address_that_is_none(run: Run) -> None:
    for host in (
        "no.such.host.invalid",
        "192.0.2.1",
    ):  # the second is kept free for examples: no machine has it
        _told(run("serve", "--host", host), 1, host, "--host")


# -- questions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("recommend", "talents", "none"), 1, ("需求",)),
        (("recommend", "talents", "N1", "-k", "0"), 2, ("k", "1 到 200")),
        (("recommend", "talents", "N1", "-k", "201"), 2, ("k", "1 到 200")),
        (("recommend", "talents", "N1", "-k", "many"), 2, ("-k", "整数")),
        (("recommend", "talents", "N1", "--as-of", "昨天"), 2, ("昨天", "2026-11-23")),
        (("recommend", "talents", "N1", "--as-of", "2026-02-30"), 2, ("2026-02-30",)),
        (("recommend", "talents", "N1", "--as-of", "0001-01-01"), 2, ("1900",)),
        (("recommend", "talents", "N1", "--format", "xlsx"), 2, ("-o",)),
        (("recommend", "talents", "N1", "--format", "fax"), 2, ("--format", "fax")),
        (("recommend", "talents"), 2, ("NEED",)),
        (("recommend", "talents", "N1", "-o", "/dev/null/x"), 1, ("/dev/null/x",)),
        (("recommend", "partners", "没有这家", "--mode", "internship"), 1, ("没有这家", "代码")),
        (("recommend", "partners", OWN), 2, ("--mode",)),
        (("recommend", "partners", OWN, "--mode", "nonsense"), 2, ("nonsense", "internship")),
        (("recommend", "partners", OWN, "--mode", "internship", "--year", "x"), 2, ("--year",)),
        (("recommend", "partners", OWN, "--mode", "internship", "--order", "luck"), 2, ("luck",)),
        (("search", "北湖", "--limit", "0"), 2, ("limit",)),
        (("search", "北湖", "--kind", "nonsense"), 2, ("kind", "enterprise")),
        (("nonsense",), 2, ("nonsense", "recommend")),
        ((), 2, ("VERB",)),
        (("search", "北湖", "--loud"), 2, ("--loud",)),
        (("serve", "--port", "0"), 2, ("65535",)),
        (("serve", "--port", "x"), 2, ("整数",)),
        (("export", "nonsense", "-o", "x.json"), 1, ("表",)),
        (("export", "enterprises", "-o", "x.pdf"), 2, (".xlsx",)),
        (("export", "enterprises", "schools", "-o", "x.csv"), 2, ("CSV",)),
        (("export", "enterprises", "-o", "/dev/null/x.json"), 1, ("/dev/null/x.json",)),
        (("export", "enterprises", "--source", "nobody", "-o", "x.json"), 1, ("nobody",)),
        (("template", "nonsense", "-o", "x.xlsx"), 2, ("nonsense",)),
        (("template", "-o", "x.pdf"), 2, (".xlsx",)),
        (("generate", "--day", "x", "-o", "x"), 2, ("x",)),
        (("generate", "--size", "world", "-o", "x"), 2, ("world", "province")),
        (("user", "add", "x", "--role", "king"), 2, ("king", "officer")),
        (("user", "add", "x", "--role", "school"), 2, ("--org",)),
        (("user", "add", "x", "--role", "school", "--org", "91990101MA00000011"), 2, ("校验码",)),
        (("user", "disable", "nobody"), 1, ("nobody", "user list")),
        (("token", "create", "nobody", "--days", "3"), 1, ("nobody",)),
        (("token", "revoke", "x"), 1, ("令牌",)),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(run: Run, words: tuple[str, ...], code: int, told: tuple[str, ...]) -> None:
    ran = run(*words)
    _told(ran, code, *told)
    assert ran.out == ""


def test_a_name_that_two_bear_is_refused_with_both(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "data"))
    rows = [{"credit_code": code, "name": "同名有限公司", "district": "990101"} for code in (OWN, OTHER)]
    world = {"districts": [{"code": "990101", "name": "北湖区"}], "enterprises": rows}
    path = tmp_path / "w.json"
    path.write_text(json.dumps(world, ensure_ascii=False), encoding="utf-8")
    assert run("load", path).code == 0
    ran = run("recommend", "partners", "同名有限公司", "--mode", "internship")
    assert ran.code == 1
    assert OWN in ran.err
    assert OTHER in ran.err


# -- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("随便.csv", "甲,乙\n1,2\n", "unknown-table"),
        ("企业.csv", "企业名称,区划代码\n甲厂,990101\n", "missing-column"),
        ("企业.csv", "甲,乙\n1,2\n", "missing-header"),
        ("企业.csv", "企业名称,name,统一社会信用代码,区划代码\n甲,甲,x,1\n", "duplicate-column"),
        ("企业.csv", "", "missing-header"),
        ("企业.json", "[{", "bad-json"),
        ("企业.json", '[{"credit_code": NaN}]', "bad-json"),
        ("企业.xlsx", "%PDF-1.7", "unsupported-type"),
    ],
)
def test_files_that_are_refused(run: Run, tmp_path: Path, name: str, text: str, code: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    ran = run("load", path, "--json")
    assert ran.code == 1
    assert ran.json["status"] == "refused"
    assert ran.json["batch"] is None
    assert code in {error["code"] for error in ran.json["errors"]}
    assert code in ran.err
    plain = run("load", path)
    assert plain.code == 1
    assert code in plain.err


def test_a_folder_without_any_table(run: Run, tmp_path: Path) -> None:
    ran = run("load", tmp_path, "--json")
    assert (ran.code, ran.json["errors"][0]["code"]) == (1, "no-rows")
    (tmp_path / ".hidden.csv").write_text("x", encoding="utf-8")
    assert run("load", tmp_path).code == 1
    _told(run("load", tmp_path / "none"), 1, "none")


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("区县.csv", "区划代码,名称\n990120,甲区\n990120,乙区\n", ["duplicate-conflict"] * 2),
        ("企业.csv", f"统一社会信用代码,企业名称,区划代码\n{OWN[:-1]}{'0' if OWN[-1] != '0' else '1'},甲厂,990101\n", ["bad-check-digit"]),
        ("企业.csv", "统一社会信用代码,企业名称,区划代码\nIOIOIO,甲厂,990101\n", ["bad-code"]),
        ("flex_needs.json", json.dumps([{"need_id": "X1", "host": "没有这家单位", "title": "t", "occupations": ["6-18-01-01"], "skills": ["主轴修理=3*2"],
                                         "modes": ["consult"], "total_hours": 8, "valid_from": "2026-12-07", "valid_to": "2027-01-03"}]), ["unknown-reference"]),
    ],
)  # fmt: skip
def test_rows_that_are_rejected(run: Run, tmp_path: Path, name: str, text: str, codes: list[str]) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    ran = run("load", path, "--source", "市库", "--json")
    assert ran.code == 3
    assert [entry["code"] for entry in ran.json["rejects"]] == codes
    assert all(any("\u4e00" <= c <= "\u9fff" for c in entry["message"]) for entry in ran.json["rejects"])
    assert ran.json["changed"] is False


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--source", ""), 2, "来源"),
        (("--source", "a\nb"), 2, "来源"),
        (("--confirm-retire", "-1"), 2, "退出"),
        (("--confirm-retire", "x"), 2, "整数"),
        (("--table", "nonsense"), 2, "nonsense"),
        (("--errors", "/dev/null/x.xlsx"), 1, "/dev/null/x.xlsx"),
        (("--errors", "x.csv"), 2, ".xlsx"),
    ],
)
def test_options_of_load(run: Run, tmp_path: Path, words: tuple[str, ...], code: int, told: str) -> None:
    path = tmp_path / "区县.csv"
    path.write_text("区划代码,名称\n99,甲区\n", encoding="utf-8")
    _told(run("load", path, "--source", "市库", *words), code, told)


def test_the_errors_workbook_never_takes_the_place_of_a_file_to_load(run: Run, tmp_path: Path) -> None:
    path = workbook(tmp_path, "区县.xlsx", {"区县": [["区划代码", "名称"], ["370785", ""]]})
    content = path.read_bytes()
    for given in (path, tmp_path):
        _told(run("load", given, "--errors", path), 2, "换一个文件名")
        assert path.read_bytes() == content


def test_a_mapping_that_is_none(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "区县.csv"
    path.write_text("区划代码,名称\n990120,甲区\n", encoding="utf-8")
    mapping = tmp_path / "m.toml"
    for content in (None, "x = ", '[nonsense]\n"a" = "b"\n', '[districts]\n"a" = "nonsense"\n'):
        if content is not None:
            mapping.write_text(content, encoding="utf-8")
        ran = run("load", path, "--mapping", mapping, "--json")
        assert (ran.code, ran.json["errors"][0]["code"]) == (1, "bad-mapping")


@pytest.mark.slow
def test_the_real_command_refuses_without_a_traceback(folder: Path) -> None:
    script = Path(sys.executable).with_name("jiangtu")
    for words, code in (
        (("recommend", "talents", "none"), 1),
        (("recommend", "talents", "N1", "-k", "0"), 2),
        (("nonsense",), 2),
    ):
        told = subprocess.run([script, *words], capture_output=True, cwd=folder, check=False)
        assert told.returncode == code
        assert told.stdout == b""
        assert len(told.stderr.decode("utf-8").strip().splitlines()) == 1
