"""Dirty files of offices, each with the right values or the exact errors: every rule of the page on files is met."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from kg.model.graph import RowId
from kg.ports import GraphStore
from kg.schema import SCHEMA
from loaders.codes import CODES
from loaders.pipeline import load
from tests.golden_files import (
    cases_batches,
    cases_books,
    cases_links,
    cases_refused,
    cases_text,
    cases_values,
)
from tests.golden_files.base import BASE, PEOPLE, SOURCE
from tests.golden_files.case import Case, Files
from tests.loaders.batches import NOON, SEALER, memory_store

OWN = "登记"
CASES: tuple[Case, ...] = (
    *cases_text.CASES,
    *cases_values.CASES,
    *cases_links.CASES,
    *cases_books.CASES,
    *cases_batches.CASES,
    *cases_refused.CASES,
)
TOLD_ALWAYS = frozenset({"new-term"})
"""Warnings about the words of the base, which a case need not count."""


def deliver(
    store: GraphStore, folder: Path, files: Files, source: str = OWN, **options: Any
) -> dict[str, Any]:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    paths = [folder] if any("/" in name for name in files) else [folder / name for name in files]
    more: dict[str, Any] = {"source": source, "actor": "test", "clock": lambda: NOON, **options}
    return dict(load(paths, store=store, sealer=SEALER, schema=SCHEMA, **more).to_json())


def outcome(case: Case, folder: Path) -> tuple[GraphStore, int, dict[str, Any]]:
    """Return the store, its revision before the delivery that counts, and the report of that delivery."""
    store = memory_store()
    assert deliver(store, folder / "base", BASE, SOURCE)["status"] == "done"
    assert deliver(store, folder / "people", PEOPLE)["status"] == "done"
    for number, files in enumerate(case.before):
        assert deliver(store, folder / f"before{number}", files)["status"] != "refused"
    options = dict(case.options)
    if case.mapping is not None:
        options["mapping"] = folder / "mapping.toml"
        options["mapping"].write_text(case.mapping, encoding="utf-8")
    revision = store.revision()
    return store, revision, deliver(store, folder / "files", case.files, **options)


def accounted(report: Mapping[str, Any]) -> None:
    """Every row that was read is in exactly one count, and every rejected one is listed."""
    tables, parts = report["tables"], ("inserted", "updated", "unchanged", "rejected")
    assert report["totals"] == {
        name: sum(counts[name] for counts in tables.values()) for name in ("read", *parts, "retired")
    }
    for table, counts in tables.items():
        assert counts["read"] == sum(counts[part] for part in parts), table
        listed = {
            (one["file"], one["sheet"], one["row"]) for one in report["rejects"] if one["table"] == table
        }
        assert len(listed) == counts["rejected"], table
    if report["status"] != "refused":
        stated = sum(read_rows(sheet) for file in report["files"] for sheet in file["sheets"])
        assert stated == report["totals"]["read"]
    codes = {one["code"] for kind in ("rejects", "warnings", "errors") for one in report[kind]}
    assert codes <= {code for kind in CODES.values() for code in kind}


def read_rows(sheet: Mapping[str, Any]) -> int:
    """Return how many rows stand between the first and the last one, without those that were skipped."""
    if sheet["first_row"] is None:
        return 0
    rows = set(range(sheet["first_row"], sheet["last_row"] + 1))
    for entry in sheet["skipped"]:
        start, _, end = entry["rows"].partition("-")
        rows -= set(range(int(start), int(end or start) + 1))
    return len(rows)


def stored(store: GraphStore, table: str, key: str) -> RowId:
    (row,) = [row.id for row in store.rows(table=table, source=OWN) if row.id.key == key]
    return row


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_golden_file(case: Case, tmp_path: Path) -> None:
    store, before, report = outcome(case, tmp_path)
    accounted(report)
    found = [(one["row"], one["column"], one["code"]) for one in report["rejects"]]
    assert found == list(case.rejects)
    assert [one["code"] for one in report["errors"]] == list(case.errors)
    status = "refused" if case.errors else "done-with-rejects" if case.rejects else "done"
    assert report["status"] == status
    if case.errors:
        assert (store.revision(), report["batch"]) == (before, None)
        return
    counted = {
        table: (one["read"], one["inserted"], one["updated"], one["unchanged"], one["rejected"])
        for table, one in report["tables"].items()
    }
    assert counted == dict(case.counts)
    warnings = Counter(one["code"] for one in report["warnings"] if one["code"] not in TOLD_ALWAYS)
    assert dict(warnings) == dict(case.warnings)
    check_values(store, case)
    check_sheet(report, case)


def check_values(store: GraphStore, case: Case) -> None:
    rows = {row.id: row.values for row in store.rows(source=OWN)}
    for table, expected in case.values.items():
        for key, columns in expected.items():
            values = rows[stored(store, table, key)]
            assert {name: values.get(name) for name in columns} == dict(columns), (table, key)
    for table, expected in case.sealed.items():
        for key, columns in expected.items():
            row = stored(store, table, key)
            opened = SEALER.unseal(store.sealed([row])[row], row)
            assert {name: opened.get(name) for name in columns} == dict(columns), (table, key)


def check_sheet(report: Mapping[str, Any], case: Case) -> None:
    sheets = [sheet for file in report["files"] for sheet in file["sheets"]]
    if case.skipped is not None:
        assert [(one["rows"], one["reason"]) for one in sheets[0]["skipped"]] == list(case.skipped)
    if case.header_rows is not None:
        assert sheets[0]["header_rows"] == list(case.header_rows)
    if case.encoding is not None:
        assert report["files"][0]["encoding"] == case.encoding
    if case.delimiter is not None:
        assert report["files"][0]["delimiter"] == case.delimiter


def test_every_rule_is_met() -> None:
    rules = {f"S{number}" for number in range(1, 47)}
    met = set(itertools.chain.from_iterable(case.covered for case in CASES))
    assert met - {"§1", "§4"} == rules


def test_every_code_of_rows_and_refusals_is_met() -> None:
    met = {code for case in CASES for _, _, code in case.rejects} | {
        code for case in CASES for code in case.errors
    }
    assert met == {*CODES["rows"], *CODES["refusals"]}
    warned = {code for case in CASES for code in case.warnings}
    assert warned == {*CODES["warnings"], "unknown-reference"} - TOLD_ALWAYS


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 60
    assert all(re.fullmatch(r"(?:S\d+|§\d)(?: (?:S\d+|§\d))*", case.rules) for case in CASES)


def test_files_are_the_same_bytes_every_time() -> None:
    again: Sequence[Files] = [builder() for builder in cases_books.BUILDERS]
    assert [dict(files) for files in again] == [dict(builder()) for builder in cases_books.BUILDERS]
    assert max(len(content) for case in CASES for content in case.files.values()) < 1_200_000
