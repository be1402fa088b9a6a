"""A .zip of tables is read like a folder; what is hidden or hostile in it is not (S36, S40)."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from tests.api.world import credit_code
from tests.filling import load_into

CODE = credit_code("91990101MA0000001")
ENTERPRISES = f"统一社会信用代码,企业名称,区划代码\n{CODE},甲厂,990101\n{CODE[:-1]}?,乙厂,990101\n"


@pytest.fixture
def graph(tmp_path: Path) -> Any:
    with open_graph(Settings(data=tmp_path / "data", store="memory:")) as opened:
        yield opened


def packed(folder: Path, parts: dict[str, bytes]) -> Path:
    path = folder / "登记.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def loaded(graph: Graph, path: Path, **more: Any) -> dict[str, Any]:
    return load_into(graph, [path], source="包", synthetic=True, **more).to_json()  # fmt: skip


def test_a_zip_is_read_like_a_folder_and_its_errors_come_back(graph: Graph, tmp_path: Path) -> None:
    parts = {
        "子目录/企业.csv": ENTERPRISES.encode("gb18030"), "区县.csv": "区划代码,名称\n990101,甲区\n".encode(),
        "__MACOSX/._企业.csv": b"junk", ".hidden.csv": b"junk", "~$企业.xlsx": b"junk", "子目录/": b"",
        "Thumbs.db": b"junk", "子目录/desktop.ini": b"junk",
    }  # fmt: skip
    report = loaded(graph, packed(tmp_path, parts), errors_to=tmp_path / "errors.xlsx")
    assert (report["status"], report["totals"]["inserted"], report["totals"]["rejected"]) == (
        "done-with-rejects",
        2,
        1,
    )
    assert sorted(one["file"] for one in report["files"]) == ["区县.csv", "子目录/企业.csv"]
    assert (tmp_path / "errors.xlsx").is_file()


class UnmarkedName(zipfile.ZipInfo):
    """An entry as old Chinese programs and Macs write it: without the mark that its name is UTF-8."""

    encoding = "utf-8"

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name in zipfile
        return self.filename.encode(self.encoding), self.flag_bits & ~0x800


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_the_mark_of_their_encoding_are_understood(
    graph: Graph, tmp_path: Path, encoding: str
) -> None:
    path, entry = tmp_path / "x.zip", UnmarkedName("企业.csv")
    entry.encoding = encoding
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, ENTERPRISES.encode())
    (file,) = loaded(graph, path)["files"]
    assert (file["file"], file["sheets"][0]["table"]) == ("企业.csv", "enterprises")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"../企业.csv": b"x"}, "unsafe-archive"),
        ({"/etc/企业.csv": b"x"}, "unsafe-archive"),
        ({"里面.zip": b"PK\x03\x04" + b"\0" * 40}, "damaged-file"),
        ({"企业.csv": b"0" * 30_000_000}, "unsafe-archive"),
        ({}, "no-rows"),
        ({".hidden.csv": b"x"}, "no-rows"),
    ],
)
def test_a_hostile_or_empty_zip_is_refused(
    graph: Graph, tmp_path: Path, parts: dict[str, bytes], code: str
) -> None:
    report = loaded(graph, packed(tmp_path, parts or {"空/": b""}))
    assert (report["status"], [one["code"] for one in report["errors"]]) == ("refused", [code])
    assert graph.store.revision() == 0


def test_a_zip_inside_a_zip_is_refused(graph: Graph, tmp_path: Path) -> None:
    inner = packed(tmp_path, {"企业.csv": ENTERPRISES.encode()}).read_bytes()
    report = loaded(graph, packed(tmp_path, {"里面.zip": inner}))
    assert [one["code"] for one in report["errors"]] == ["unsupported-type"]


def test_an_entry_of_a_very_long_name_is_read(graph: Graph, tmp_path: Path) -> None:
    report = loaded(graph, packed(tmp_path, {f"{'很长的文件夹名' * 40}/企业.csv": ENTERPRISES.encode()}))
    assert report["totals"]["inserted"] == 1


@pytest.mark.parametrize("second", ["企业\u200b.csv", "企业.csv/区县.csv"])
def test_entries_that_would_hide_each_other_are_refused(graph: Graph, tmp_path: Path, second: str) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("企业.csv", ENTERPRISES.encode())
        archive.writestr(second, ENTERPRISES.encode())
    assert [one["code"] for one in loaded(graph, path)["errors"]] == ["unsafe-archive"]


@pytest.mark.parametrize("damage", [(4, b"\xff"), (6, b"\x77"), (10, b"\x0e"), (46, b"\xff")])
def test_what_the_library_does_not_know_is_damaged(
    graph: Graph, tmp_path: Path, damage: tuple[int, bytes]
) -> None:
    path = packed(tmp_path, {"企业.csv": ENTERPRISES.encode()})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + damage[0]
    content[at : at + 1] = damage[1]
    path.write_bytes(content)
    report = loaded(graph, path)
    assert report["status"] == "refused" or report["totals"]["read"] == 2
