"""Erasing a person leaves no byte of what was known about him in any file of the data folder, or in later backups."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from api.cli import main
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.errors import ForbiddenError, InvalidInputError, NotFoundError
from kg.model.viewers import CLI_VIEWER, Role, Viewer
from kg.operations.checks import check_store
from kg.schema import SCHEMA
from tests.operations.worlds import make_site

ID_NUMBER = "110101199003074477"
SECRETS = (
    "PZQ-77",
    "欧阳铁柱",
    "铁柱",
    "欧阳",
    ID_NUMBER,
    "13912345678",
    "宝塔镗削社",
    "深孔绝活甲",
    "深孔绝活乙",
)


def tables(topic: str) -> dict[str, list[dict[str, str]]]:
    person = {
        "人才编号": "PZQ-77",
        "姓名": "欧阳铁柱",
        "证件号码": ID_NUMBER,
        "手机": "13912345678",
        "区划代码": "370781",
    }
    other = {"人才编号": "P2", "姓名": "李四", "手机": "13887654321", "区划代码": "370781"}
    return {
        "区县": [{"区划代码": "370781", "名称": "青州市"}],
        "人才": [{**person, "现单位名称": "宝塔镗削社", "意向主题": topic}, other],
        "人才技能": [{"人才编号": "PZQ-77", "技能": "镗削", "水平": "3", "依据": "核实"}],
    }


def spellings(text: str) -> list[bytes]:
    return [text.encode(), text.encode("utf-16-le"), json.dumps(text)[1:-1].encode(), text.encode("gbk")]


def holding(folder: Path, *, skip: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """Return (file, secret) for every secret found in the bytes of any file, in any usual spelling."""
    found: set[tuple[str, str]] = set()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in skip:
            continue
        bodies = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                bodies += [archive.read(name) for name in archive.namelist()]
        for secret in SECRETS:
            if any(one in body for body in bodies for one in spellings(secret)):
                found.add((path.name, secret))
    return found


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("JIANGTU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    for topic in ("深孔绝活甲", "深孔绝活乙"):
        world = tmp_path / "in.json"
        world.write_text(json.dumps(tables(topic), ensure_ascii=False), encoding="utf-8")
        assert main(["load", str(world), "--source", "市库", "--json"]) in {0, 3}
        world.unlink()
    return tmp_path / "data"


def talent(graph: Graph) -> str:
    """Return the key of the person, who is the one with an identity."""
    (row,) = (row for row in graph.store.rows(table="talents") if row.identity)
    assert row.node is not None
    return row.node.key


def test_no_byte_is_left(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_graph(Settings(data=data)) as graph:
        key = talent(graph)
        assert graph.service.reveal(key, "核对", viewer=CLI_VIEWER)["name"] == "欧阳铁柱"
    held = {secret for _, secret in holding(data)}
    assert {"PZQ-77", "宝塔镗削社", "深孔绝活甲", "深孔绝活乙"} <= held, "the search finds what is there"
    assert "欧阳铁柱" not in held, "sealed"
    assert main(["backup", str(tmp_path / "before.jtb")]) == 0
    assert holding(tmp_path, skip=("jiangtu.db", "jiangtu.db-wal")) != set(), "also in a zip"
    (tmp_path / "before.jtb").unlink()
    capsys.readouterr()
    assert main(["erase", key, "--reason", "本人要求", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["key"], told["pseudonym"], told["copies"]) == (key, False, [])
    assert told["live"] >= 2
    assert told["rows"] >= told["live"]
    assert holding(data) == set()
    assert main(["backup", str(data / "after.jtb")]) == 0
    assert main(["export", "--source", "市库", "--sealed", "-o", str(data / "out.json")]) == 0
    assert holding(data) == set()
    assert "李四" in (data / "out.json").read_text(encoding="utf-8")
    with open_graph(Settings(data=data)) as graph:
        assert graph.audit.verify() == []
        with pytest.raises(NotFoundError):
            graph.service.reveal(key, "核对", viewer=CLI_VIEWER)
        actions = [(entry["action"], entry["subject"]) for _, entry in graph.audit.entries()]
        assert ("erase", f"talent:{key}") in actions
    assert check_store(make_site(data), SCHEMA)["findings"] == []
    capsys.readouterr()
    assert main(["erase", key, "--reason", "再清一次文件"]) == 0, "a second time only empties the files"
    assert "after.jtb" in capsys.readouterr().out, "backups in the folder are named"


def test_only_administrators_and_only_with_a_reason(data: Path) -> None:
    with open_graph(Settings(data=data)) as graph:
        key = talent(graph)
        officer = Viewer(name="o", roles=frozenset({Role.OFFICER}))
        for viewer in (officer, Viewer(name="p", roles=frozenset({Role.PLANNER}))):
            with pytest.raises(ForbiddenError):
                graph.service.erase(key, "本人要求", viewer=viewer)
        with pytest.raises(InvalidInputError):
            graph.service.erase(key, "  ", viewer=CLI_VIEWER)
        with pytest.raises(NotFoundError):
            graph.service.erase("0" * 32, "本人要求", viewer=CLI_VIEWER)
        assert talent(graph) == key
        assert "erase" not in [entry["action"] for _, entry in graph.audit.entries()]
