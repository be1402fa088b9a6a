"""Mapping files go with a backup: a restore on another machine reads the files of the same sources."""

import json
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kg.errors import StoreError
from kg.operations.archive import MAPPING_PART
from kg.operations.backup import backup, restore
from kg.schema import SCHEMA
from loaders.saved_mappings import mapping_path, saved_mapping
from tests.operations.worlds import fill, make_site

TEXT = '[enterprises]\n"统一代码" = "credit_code"\n'


@pytest.fixture
def made(tmp_path: Path) -> Path:
    site = make_site(tmp_path / "old")
    fill(site)
    path = mapping_path(tmp_path / "old", "行业协会/一")
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8")
    (path.parent / "别的.txt").write_text("不是映射", encoding="utf-8")
    backup(site, tmp_path / "a.jtb", actor="cli")
    return tmp_path / "a.jtb"


def changed(path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """Write the backup again after a change of its manifest and parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    change(manifest, parts)
    for part in manifest["parts"]:
        content = parts[part["name"]]
        part |= {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    other = path.with_name("b.jtb")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in {**parts, "manifest.json": json.dumps(manifest).encode()}.items():
            archive.writestr(name, content)
    return other


def test_a_restored_service_knows_the_mappings(made: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    restore(make_site(new), made, actor="cli")
    mapping = saved_mapping(new, "行业协会/一", SCHEMA)
    assert mapping is not None
    assert mapping.columns["enterprises"] == {"统一代码": "credit_code"}
    assert [one.name for one in (new / "mappings").iterdir()] == [mapping_path(new, "行业协会/一").name]


def test_mappings_of_other_sources_stay_and_the_same_are_replaced(made: Path, tmp_path: Path) -> None:
    site = make_site(tmp_path / "old")
    same, other = mapping_path(tmp_path / "old", "行业协会/一"), mapping_path(tmp_path / "old", "二")
    same.write_text("[enterprises]\n", encoding="utf-8")
    other.write_text(TEXT, encoding="utf-8")
    restore(site, made, actor="cli", replace=True)
    assert same.read_text(encoding="utf-8") == other.read_text(encoding="utf-8") == TEXT


def test_a_backup_of_before_is_read_without_them(made: Path, tmp_path: Path) -> None:
    def older(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
        manifest["version"] = 1
        manifest["parts"] = [part for part in manifest["parts"] if part["name"] != MAPPING_PART]
        del parts[MAPPING_PART]

    found = restore(make_site(tmp_path / "new"), changed(made, older), actor="cli")
    assert found["revision"] == 5
    assert not (tmp_path / "new" / "mappings").exists()


@pytest.mark.parametrize(
    "content",
    [
        {"../out.toml": TEXT},
        {"a/b.toml": TEXT},
        {".x.toml": TEXT},
        {"a.py": TEXT},
        {"a.toml": 1},
        [TEXT],
        "{",
    ],
)
def test_names_that_lead_elsewhere_are_refused(
    made: Path, tmp_path: Path, content: Mapping[str, Any] | list[str] | str
) -> None:
    def hostile(_: dict[str, Any], parts: dict[str, bytes]) -> None:
        parts[MAPPING_PART] = content.encode() if isinstance(content, str) else json.dumps(content).encode()

    site = make_site(tmp_path / "new")
    with pytest.raises(StoreError) as refused:
        restore(site, changed(made, hostile), actor="cli")
    assert refused.value.code == "bad-backup"
    assert not list(tmp_path.glob("**/out.toml"))
    assert not (tmp_path / "new" / "mappings").exists()
