"""Registers of a small town that know the same people under several numbers, loaded through the loaders."""

import json
from pathlib import Path
from typing import Any

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from loaders.pipeline import Report
from tests.filling import load_into

X, Y = "370785199001010013", "370785199001010021"
FIRM, OTHER, SCHOOL = "91370785MA3C0001XC", "91370785MA3C0002XD", "12370785MB2801234A"
OFFICER = CLI_VIEWER
TURNER = "6-18-01-01"


def graph() -> Graph:
    """Return an empty graph in memory."""
    return open_graph(Settings(store="memory:"))


def deliver(
    graph: Graph, folder: Path, tables: dict[str, list[dict[str, Any]]], *, source: str = "a", **more: Any
) -> Report:
    """Load tables as one batch of a source; refused files and rejected rows fail the test."""
    path = folder / f"{source}-{graph.store.revision()}.json"
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    report = load_into(graph, [path], source=source, **more)
    assert not report.errors
    assert not report.rejects, report.rejects
    return report


def master(number: str, **more: Any) -> dict[str, Any]:
    """Return a talent row with everything that identity is told by."""
    return {
        "person_id": number, "name": "欧阳建国", "phone": "13870001111", "birth_date": "1990-01-01",
        "district": "370785", "employer_name": "恒海精工有限公司", "occupation": TURNER, **more,
    }  # fmt: skip


def base() -> dict[str, list[dict[str, Any]]]:
    """Return the tables that others refer to."""
    return {
        "districts": [{"code": "370785", "name": "某市"}],
        "occupations": [
            {"code": TURNER, "name": "车工", "edition": "2022"},
            {"code": "6-18-02-04", "name": "焊工", "edition": "2022"},
        ],
        "enterprises": [
            {"credit_code": FIRM, "name": "临澄恒海精工有限公司", "district": "370785"},
            {"credit_code": OTHER, "name": "临澄瑞川化工股份有限公司", "district": "370785"},
        ],
    }


def people(graph: Graph) -> dict[str, str]:
    """Return person_id -> talent key."""
    return {row.id.key: str(row.person) for row in graph.store.rows(table="talents")}


def content(graph: Graph) -> dict[Any, Any]:
    """Return every row of the store by id, to compare states."""
    return {row.id: row for table in graph.schema.by_key for row in graph.store.rows(table=table)}
