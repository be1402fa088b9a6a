"""`path A B`, and answers as reports for Word and for printing."""

import io
from pathlib import Path

import pytest
from docx import Document

from tests.api.world import OWN, SCHOOL
from tests.cli.conftest import Run


def test_path_by_references_and_by_exact_names(run: Run) -> None:
    told = run("path", "need:N1", f"school:{SCHOOL}", "--json", "-k", "3")
    assert told.code == 0
    found = told.json
    assert len(found["items"]) == 3
    assert found["from"]["ref"] == "need:N1"
    named = run("path", "主轴修理 N1", "临澄技师学院", "--json", "-k", "3")
    assert named.json == found
    text = run("path", "need:N1", f"school:{SCHOOL}", "-k", "3").out
    for path in found["items"]:
        for edge in path["edges"]:
            assert edge["sentence"] in text
            assert edge["id"] in text


def test_path_refuses_what_it_cannot_find(run: Run) -> None:
    missing = run("path", "没有这个名称", "need:N1")
    assert (missing.code, missing.out) == (1, "")
    assert "类型:编号" in missing.err
    several = run("path", "主轴修理", "need:N1", "--json")
    assert several.code in {0, 2}
    assert run("path", "need:N1", f"enterprise:{OWN}", "-k", "0").code == 2
    assert run("path", "need:N1", "need:N1").code == 2


def test_path_goes_round_what_is_forbidden(run: Run) -> None:
    first = run("path", "need:N1", f"school:{SCHOOL}", "--json").json["items"][0]
    other = run("path", "need:N1", f"school:{SCHOOL}", "--json", "--forbid", first["nodes"][1]["ref"]).json
    for path in other["items"]:
        assert first["nodes"][1]["ref"] not in {node["ref"] for node in path["nodes"]}


@pytest.mark.parametrize("words", [("talents", "N1"), ("partners", OWN, "--mode", "internship")])
def test_reports_go_into_files(run: Run, folder: Path, words: tuple[str, ...]) -> None:
    common = ("recommend", *words, "--as-of", "2026-11-23", "-k", "1")
    item = run(*common, "--json").json["items"][0]
    for form in ("docx", "html"):
        path = folder / f"report.{form}"
        told = run(*common, "--format", form, "-o", str(path))
        assert (told.code, told.out) == (0, f"已写出 {path}\n")
        content = path.read_bytes()
        text = content.decode() if form == "html" else _text(content)
        assert item["node"]["name"] in text
        assert f"{item['score']:.4f}" in text
    refused = run(*common, "--format", "docx")
    assert refused.code == 2
    assert "-o" in refused.err


def _text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    return "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
