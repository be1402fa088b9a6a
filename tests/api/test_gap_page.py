"""The gap page: matrix, drill-down for planners, hidden cells for everybody else, the same as a workbook."""

from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from tests.api.conftest import Site
from tests.api.page_reading import complaints
from tests.api.test_indicators import stats  # noqa: F401 - a fixture
from tests.api.test_pages import Browse, browse  # noqa: F401 - a fixture

CELL = "/gaps?occupation=6-18-01-01&level=%E9%AB%98%E7%BA%A7%E5%B7%A5"


@pytest.fixture
def officer(stats: Site, browse: Browse) -> TestClient:  # noqa: F811
    return browse("officer")


def test_the_matrix_reads_well_and_opens_to_districts_and_schools(officer: TestClient) -> None:
    for path in ("/gaps", "/gaps?formula=official", CELL):
        answer = officer.get(path)
        assert answer.status_code == 200
        assert complaints(answer.text) == []
    text = officer.get(CELL).text
    assert [word in text for word in ("谁能补上", "各区县数值", "在册持证人员")] == [True] * 3
    assert "<b>40</b><small>3.00</small>" in officer.get("/gaps").text


def test_below_officer_the_small_cell_is_a_star(stats: Site, browse: Browse) -> None:  # noqa: F811
    text = browse("planner").get("/gaps").text
    assert "＊" in text
    assert "小于 10" in text
    public = browse("public").get(CELL)
    assert public.status_code == 200
    assert "谁能补上" not in public.text


def test_the_workbook_holds_the_same_numbers(officer: TestClient) -> None:
    book = load_workbook(BytesIO(officer.get("/gaps.xlsx").content))
    rows = {row[2]: row[4:7] for row in book["供需"].iter_rows(min_row=2, values_only=True)}
    assert rows["高级工"] == (60, 20, 40)


def test_without_figures_the_page_says_what_to_import(browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    answer = client.get("/gaps")
    assert (answer.status_code, "供求统计" in answer.text) in {(404, True), (200, True)}
