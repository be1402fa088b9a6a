"""What SQLite and the tables themselves say is wrong with the two files of a store. Nothing is repaired."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, LiteralString

from kg.errors import StoreError, StoreNewerError
from kg.store.answers import check_format
from kg.store.sqlite import ledger as ledger_file
from kg.store.sqlite import schema
from kg.store.sqlite.connections import translated

_TOLD: Final = 5
_RESTORE: Final = "停止写入，从最近一份好的备份恢复（jiangtu restore）"
_RULES: Final[tuple[tuple[str, str, LiteralString], ...]] = (
    ("body-broken", "记录的内容不是完整的 JSON", "SELECT id FROM source_row WHERE body IS NOT NULL AND NOT json_valid(body)"),
    ("body-broken", "变更日志的内容不是完整的 JSON", "SELECT row_id FROM change WHERE before IS NOT NULL AND NOT json_valid(before)"),
    (
        "revision-differs",
        "计数的修订号与最新批次不符",
        """SELECT value FROM meta WHERE name = 'revision'
            AND CAST(value AS INTEGER) <> (SELECT COALESCE(MAX(revision), 0) FROM batch)""",
    ),
    (
        "row-unwritten",
        "记录没有写入它的批次",
        "SELECT id FROM source_row WHERE batch <> 0 AND batch NOT IN (SELECT id FROM batch)",
    ),
    (
        "edge-stray",
        "图里的关系不属于任何记录",
        "SELECT row_id FROM edge WHERE row_id NOT IN (SELECT id FROM source_row WHERE body IS NOT NULL)",
    ),
    (
        "change-stray",
        "变更日志里有不存在的记录或批次",
        """SELECT row_id FROM change WHERE row_id NOT IN (SELECT id FROM source_row)
            OR batch NOT IN (SELECT id FROM batch)
            OR (before IS NOT NULL AND before_batch NOT IN (SELECT id FROM batch))""",
    ),
    (
        "change-missing",
        "记录的最后一次改动不在变更日志里",
        """SELECT row.id FROM source_row AS row CROSS JOIN batch ON batch.id = row.batch
            WHERE NOT COALESCE(json_extract(batch.report, '$.log_gone'), 0)
                AND NOT EXISTS (SELECT 1 FROM change WHERE change.batch = row.batch AND change.row_id = row.id)
                AND (row.body IS NOT NULL OR EXISTS (SELECT 1 FROM change WHERE change.row_id = row.id))""",
    ),
    (
        "change-missing",
        "变更日志缺少改动前的那一次",
        """SELECT later.row_id FROM change AS later CROSS JOIN batch ON batch.id = later.before_batch
            WHERE NOT COALESCE(json_extract(batch.report, '$.log_gone'), 0)
                AND NOT EXISTS (SELECT 1 FROM change WHERE batch = later.before_batch AND row_id = later.row_id)""",
    ),
    (
        "lookup-differs",
        "记录登记的对象或公开范围与内容不符，按它查不到或查错",
        """SELECT row.id FROM source_row AS row LEFT JOIN node ON node.id = row.node
            LEFT JOIN term ON term.id = node.kind
            WHERE row.body IS NOT NULL AND (row.public <> json_extract(row.body, '$[10]')
                OR json_extract(row.body, '$[0][0]') IS NOT term.text OR json_extract(row.body, '$[0][1]') IS NOT node.key)""",
    ),
    (
        "seal-stray",
        "封存内容不属于任何记录",
        "SELECT row_id FROM sealed WHERE row_id NOT IN (SELECT id FROM source_row)",
    ),
    (
        "staged-stray",
        "暂存的改动不属于任何批次",
        "SELECT row_id FROM staged WHERE batch NOT IN (SELECT id FROM batch WHERE revision IS NULL)",
    ),
)  # fmt: skip


def check(graph: Path, ledger: Path) -> list[dict[str, Any]]:
    """Return what is wrong as fields of findings.

    Code `damaged` when a file cannot be read as a database, `store-newer` when a newer program made it: what is right
    in it this one cannot know.
    """
    found: list[dict[str, Any]] = []
    files = (graph, schema.APPLICATION_ID, schema.SCHEMA_VERSION), (ledger, None, ledger_file.SCHEMA_VERSION)
    for path, application, newest in files:
        try:
            found += _file(path, application, newest)
        except StoreNewerError as error:
            found.append({
                "code": error.code,
                "text": error.message,
                "advice": "升级程序后再检查一次，文件不要改动",
            })
        except StoreError as error:
            found.append({"code": "damaged", "text": error.message, "advice": _RESTORE})
    return found


def _file(path: Path, application: int | None, newest: int) -> Iterator[dict[str, Any]]:
    if not path.exists():
        raise StoreError(f"没有存储文件 {path}；请检查设置 JIANGTU_DATA。", path=str(path))
    with translated(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        check_format(str(path), connection.execute("PRAGMA user_version").fetchone()[0], newest)
        texts = [text for (text,) in connection.execute("PRAGMA integrity_check(20)") if text != "ok"]
        if texts:
            yield _told("integrity", f"SQLite 检查 {path.name} 不通过", texts)
        broken = [
            f"{table} 第 {row} 行 → {parent}"
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check")
        ]
        if broken:
            yield _told("foreign-key", "表之间的引用落空", broken)
        if application is not None and connection.execute("PRAGMA application_id").fetchone() == (
            application,
        ):
            for code, text, query in _RULES:
                rows = [str(row) for (row,) in connection.execute(query)]
                if rows:
                    yield _told(code, text, rows)
                if rows and code == "body-broken":
                    return  # what looks into the contents cannot


def _told(code: str, text: str, where: list[str]) -> dict[str, Any]:
    return {
        "code": code,
        "text": text,
        "total": len(where),
        "where": tuple(where[:_TOLD]),
        "advice": _RESTORE,
    }
