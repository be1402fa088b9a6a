"""`check store` finds each kind of damage, made here by hand in the file, and says nothing of a whole store."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kg.operations.checks import check_store
from kg.schema import SCHEMA
from tests.contract.samples import put, row
from tests.operations.worlds import fill, make_site, opened, publish


def codes(folder: Path, **settings: Any) -> list[str]:
    found = check_store(make_site(folder, **settings), SCHEMA)
    for finding in found["findings"]:
        assert finding["text"]
        assert finding["advice"]
        assert finding["total"] >= len(finding["where"])
        json.dumps(finding)
    return [finding["code"] for finding in found["findings"]]


def damage(folder: Path, *statements: str, file: str = "jiangtu.db") -> None:
    with closing(sqlite3.connect(folder / file)) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    fill(make_site(tmp_path))
    assert codes(tmp_path) == []
    return tmp_path


def test_a_whole_store_is_counted(filled: Path) -> None:
    told = check_store(make_site(filled), SCHEMA)
    assert told["counts"] == {"batches": 5, "rows": 3, "edges": 1, "log": 8, "sealed": 1, "audit": 3}


DAMAGES = {
    "a batch is gone": (
        ["DELETE FROM batch WHERE revision = 3"],
        {"log-gap"},
    ),
    "the counter stands elsewhere": (["UPDATE meta SET value = '7' WHERE name = 'revision'"], {"revision-differs", "log-gap"}),
    "an edge is gone": (["DELETE FROM edge"], {"edge-missing", "reverse-missing"}),
    "an edge too many": (
        ["INSERT INTO edge SELECT src, relation, src, row_id FROM edge LIMIT 1"],
        {"edge-stray"},
    ),
    "an edge of no row": (["INSERT INTO edge SELECT src, relation, dst, 999 FROM edge LIMIT 1"], {"edge-stray"}),
    "a sealed part is gone": (["DELETE FROM sealed"], {"seal-missing"}),
    "a sealed part is another": (["UPDATE sealed SET data = CAST('x' || data AS BLOB)"], {"seal-closed"}),
    "a sealed part of no row": (["INSERT INTO sealed VALUES (999, 'm', x'00')"], {"seal-stray"}),
    "a row is found elsewhere": (["UPDATE source_row SET node = (SELECT id FROM node WHERE key = 'e1') WHERE body LIKE '%数控%'"], {"lookup-differs"}),
    "a row is shown to others": (["UPDATE source_row SET public = 0 WHERE body LIKE '%数控%'"], {"lookup-differs"}),
    "a row is half": (["UPDATE source_row SET body = substr(body, 1, 40) WHERE body LIKE '%数控%'"], {"body-broken"}),
    "a row of no batch": (["UPDATE source_row SET batch = 99 WHERE body LIKE '%数控%'"], {"row-unwritten"}),
    "the newest log entry of a row is gone": (["DELETE FROM change WHERE before IS NOT NULL"], {"change-missing"}),
    "the first log entry of a row is gone": (
        ["DELETE FROM change WHERE row_id IN (SELECT row_id FROM change WHERE before IS NOT NULL) AND before IS NULL"],
        {"change-missing"},
    ),
    "the log of a batch is gone": (["DELETE FROM change WHERE batch = (SELECT MAX(batch) FROM change)"], {"change-missing", "log-short"}),
    "a log entry of no row": (["INSERT INTO change VALUES (1, 999, NULL, NULL)"], {"change-stray"}),
    "undo data of a row that was not there": (
        ["UPDATE change SET before_batch = 1, before = (SELECT body FROM source_row WHERE body LIKE '%数控%') WHERE batch = 1"],
        {"log-broken"},
    ),
    "a node is gone": (["DELETE FROM node WHERE key = 'n1'"], {"foreign-key"}),
    "a staged change of nothing": (["INSERT INTO staged VALUES (1, 1, NULL, '', NULL)"], {"staged-stray"}),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found(filled: Path, name: str) -> None:
    statements, expected = DAMAGES[name]
    damage(filled, *statements)
    assert expected <= set(codes(filled))


def test_the_reverse_index_is_compared(filled: Path) -> None:
    """An index that lacks an entry: SQLite's own check names it."""
    with closing(sqlite3.connect(filled / "jiangtu.db")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        root: int = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'edge_reverse'"
        ).fetchone()[0]
        size: int = connection.execute("PRAGMA page_size").fetchone()[0]
    with (filled / "jiangtu.db").open("r+b") as file:
        file.seek((root - 1) * size)
        page = bytearray(file.read(size))
        page[3:5] = b"\0\0"  # the number of cells: none
        page[5:7] = b"\0\0" if size == 65536 else size.to_bytes(2, "big")
        file.seek((root - 1) * size)
        file.write(page)
    assert "integrity" in codes(filled)


def test_an_entry_of_the_audit_that_was_edited_is_named(filled: Path) -> None:
    damage(filled, "UPDATE entry SET body = replace(body, '5', '6') WHERE journal = 'audit' AND number = 1", file="jiangtu.ledger.db")  # fmt: skip
    found = check_store(make_site(filled), SCHEMA)["findings"]
    assert [(one["code"], one["where"]) for one in found] == [("audit-broken", ["1"])]


def test_a_reference_that_must_resolve(filled: Path) -> None:
    site = make_site(filled)
    with opened(site) as (store, _):
        links = [("offering:o1", "offerings.school", "school:none")]
        publish(store, site, put(row("o1", table="offerings", at="offering:o1", links=links)))
    assert codes(filled) == ["dangling"]


@pytest.mark.parametrize("file", ["jiangtu.db", "jiangtu.ledger.db"])
def test_files_that_are_no_database(filled: Path, file: str) -> None:
    (filled / file).write_bytes(b"no database" * 1000)
    assert codes(filled) == ["damaged"]
    (filled / file).unlink()
    assert codes(filled) == ["damaged"]


def test_another_key_is_a_finding(filled: Path) -> None:
    (filled / "jiangtu.key").unlink()
    assert codes(filled, key=b"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=\n") == ["wrong-key"]


@pytest.mark.parametrize("file", ["jiangtu.db", "jiangtu.ledger.db"])
def test_a_file_of_a_newer_program_is_named_and_not_called_damaged(filled: Path, file: str) -> None:
    with closing(sqlite3.connect(filled / file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    (finding,) = check_store(make_site(filled), SCHEMA)["findings"]
    assert finding["code"] == "store-newer"
    assert str(filled / file) in finding["text"]
    assert "恢复" not in finding["advice"]
