"""Files that are taken along from English pages: the same figures as in the Chinese ones, Chinese left in data only."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from tests.api.conftest import Site
from tests.api.test_english import KEPT_CHINESE, NEED, PARTNERS, Enter, enter, in_chinese  # noqa: F401 - a fixture
from tests.api.test_indicators import stats  # noqa: F401 - a fixture
from tests.api.world import OWN, tables

NUMBERS = re.compile(r"\d+\.\d{4}")
CHINESE = re.compile(r"[㐀-鿿]+")
KEPT = KEPT_CHINESE + "人才.csv 世界"
QUESTIONS = (NEED, PARTNERS)


def file_of(path: str, form: str) -> str:
    return path.replace("/answer?", f"/answer.{form}?")


def texts_of(content: bytes, form: str) -> list[str]:
    """Return every text of a file."""
    if form == "html":
        return [re.sub(r"<[^>]+>", " ", content.decode().partition("<body")[2])]
    if form == "csv":
        return content.decode("utf-8-sig").replace(",", "\n").split("\n")
    if form in {"graphml", "gexf"}:
        return [content.decode()]
    if form == "svg":
        return [content.decode().partition("<title>")[2]]
    if form == "xlsx":
        book = load_workbook(BytesIO(content))
        cells = [
            cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row
        ]
        return [*book.sheetnames, *(str(cell) for cell in cells if cell is not None)]
    document: Any = Document(BytesIO(content))
    section = document.sections[0]
    lines = [*document.paragraphs, *section.header.paragraphs, *section.even_page_header.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(line.text for line in lines), *cells, document.core_properties.comments]


@pytest.mark.parametrize("form", ["docx", "html", "xlsx"])
@pytest.mark.parametrize("path", QUESTIONS)
def test_a_file_from_an_english_page_is_english(enter: Enter, path: str, form: str) -> None:  # noqa: F811
    answer = enter("officer").get(file_of(path, form))
    assert answer.status_code == 200
    data = json.dumps(tables(), ensure_ascii=False) + KEPT
    left = {run for text in texts_of(answer.content, form) for run in CHINESE.findall(text)}
    assert {run for run in left if run not in data} == set()


@pytest.mark.parametrize("form", ["docx", "html", "xlsx"])
@pytest.mark.parametrize("path", QUESTIONS)
def test_its_figures_are_those_of_the_chinese_file(enter: Enter, path: str, form: str) -> None:  # noqa: F811
    client = enter("officer")
    english, chinese = (
        texts_of(get(file_of(path, form)).content, form)
        for get in (client.get, lambda address: in_chinese(client, address))
    )
    assert len(english) == len(chinese)
    found = [[NUMBERS.findall(text) for text in texts] for texts in (english, chinese)]
    assert found[0] == found[1]
    assert any(found[0])
    assert english != chinese


def test_headings_are_numbered_as_the_language_does(enter: Enter) -> None:  # noqa: F811
    client, path = enter("officer"), file_of(NEED, "docx")
    english = texts_of(client.get(path).content, "docx")
    chinese = texts_of(in_chinese(client, path).content, "docx")
    assert any(line.startswith("2. Recommendation") for line in english)
    assert any(line.startswith("二、推荐结论") for line in chinese)
    assert any(re.match(r"\(1\) No\. 1 · ", line) for line in english)


def test_the_gap_workbook_is_english_too_and_guarded(stats: Site, enter: Enter) -> None:  # noqa: F811
    book = load_workbook(BytesIO(enter("officer").get("/gaps.xlsx").content))
    (head, *_) = book.worksheets[0].iter_rows(values_only=True)
    assert not [name for name in head if CHINESE.search(str(name))]
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_an_english_file_is_noted_like_every_other(site: Site, enter: Enter) -> None:  # noqa: F811
    client, before = enter("officer"), site.graph.audit.newest()
    client.get(file_of(NEED, "docx"))
    assert site.graph.audit.newest() == before + 1


@pytest.mark.parametrize("form", ["csv", "xlsx", "html", "svg", "graphml", "gexf"])
def test_a_scene_is_written_in_the_language_asked_for(site: Site, form: str) -> None:
    asked = {"nodes": [f"enterprise:{OWN}", "need:N1"], "title": "Graph", "language": "en"}
    answer = site.post(f"/exports/scene.{form}", asked)
    assert answer.status_code == 200
    data = json.dumps(tables(), ensure_ascii=False) + KEPT
    left = {run for text in texts_of(answer.content, form) for run in CHINESE.findall(text)}
    assert {run for run in left if run not in data} <= {"企", "需"}, "the marks alone are characters"


def test_a_plan_taken_along_from_an_english_page_is_english(site: Site, enter: Enter) -> None:  # noqa: F811
    plan = site.post("/plans/cooperation", {"mode": "internship", "year": 2026}).json()
    client = enter("officer")
    data = json.dumps(tables(), ensure_ascii=False) + KEPT
    for form in ("xlsx", "csv"):
        answer = client.get(f"/plans/{plan['id']}/export.{form}")
        assert answer.status_code == 200
        left = {run for text in texts_of(answer.content, form) for run in CHINESE.findall(text)}
        assert {run for run in left if run.removeprefix("级") not in data} == set()
