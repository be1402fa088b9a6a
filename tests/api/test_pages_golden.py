"""The two golden cases on their pages: the printed numbers, and ledgers that add up as they are read."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.accounts import Accounts
from api.main import create_app
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import Role
from tests.api.page_reading import Reader, read
from tests.filling import load_into
from tests.golden import golden_a, golden_b

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PARTNERS = f"/partners/answer?anchor=enterprise:{golden_a.ENTERPRISE}&mode=internship&as_of=2026-11-23"
TALENTS = f"/talents/answer?need={golden_b.NEED}&as_of=2026-11-23"


def opened(world: dict[str, Any], folder: Path) -> Graph:
    """Return a graph into which that world was loaded as its bureau would load it."""
    graph = open_graph(Settings(data=folder / "data"), clock=lambda: NOW)
    for source, tables in world.items():
        path = folder / f"{source}.json"
        path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
        report = load_into(graph, [path], source=source, synthetic=True).to_json()
        assert report["status"] == "done", (report["errors"], report["rejects"])
    return graph


def signed_in(graph: Graph) -> TestClient:
    accounts = Accounts(graph.ledger, graph.clock)
    accounts.add("officer", Role.OFFICER, None)
    client = TestClient(create_app(graph), headers={"accept": "text/html"})
    address = f"/sign-in/{accounts.link('officer', direct=True)}"
    token = read(client.get(address).text).all("input", name="csrf")[0].attributes["value"]
    assert client.post(address, data={"csrf": token}).status_code == 200
    return client


@pytest.fixture(params=["partners", "talents"])
def shown(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Reader]]:
    world, path = (
        (golden_a.golden_a(), PARTNERS) if request.param == "partners" else (golden_b.golden_b(), TALENTS)
    )
    with opened(world, tmp_path) as graph:
        answer = signed_in(graph).get(path)
        assert answer.status_code == 200, answer.text[-2000:]
        yield request.param, read(answer.text)


def ledger(page: Reader) -> tuple[list[float], list[list[float]], list[list[str]]]:
    """Return the sums of both sides, the contributions of each, and the words of the formula."""
    sums = [float(e.text) for e in page.all("td") if e.attributes.get("class") == "tot n"]
    parts: list[list[float]] = []
    for element in page.all("td"):
        if element.attributes.get("class") == "tot n":
            parts.append([])
        elif element.attributes.get("class") == "con n":
            parts[-1].append(float(element.text))
    formula = next(e.text for e in page.all("td") if e.attributes.get("colspan") == "6")
    return sums, parts, [re.findall(r"\d\.\d{4}", formula)]


def test_the_printed_numbers_stand_on_the_page(shown: tuple[str, Reader]) -> None:
    name, page = shown
    sums, _, (formula,) = ledger(page)
    expected = {"partners": ([0.7990, 0.8132], "0.8060"), "talents": ([0.7943, 0.7933], "0.7938")}[name]
    assert sums == expected[0]
    assert formula[4] == expected[1]
    big = next(e.text for e in page.elements if e.attributes.get("class") == "big n")
    assert big == expected[1]


def test_contributions_add_up_as_they_are_read(shown: tuple[str, Reader]) -> None:
    sums, parts, (formula,) = ledger(shown[1])
    for side, contributions in zip(sums, parts, strict=True):
        assert sum(contributions) == pytest.approx(side, abs=0.00005 * (len(contributions) + 1))
    assert formula[:4] == [f"{value:.4f}" for value in (*sums, *sums)]
    assert 2 * sums[0] * sums[1] / sum(sums) == pytest.approx(float(formula[4]), abs=0.0001)


def test_an_unknown_factor_is_named_and_drawn_hatched(tmp_path: Path) -> None:
    with opened(golden_a.golden_a(), tmp_path) as graph:
        text = signed_in(graph).get(PARTNERS).text
    page = read(text)
    assert "区间 0.7660 – 0.8425，已知权重 85 %" in text
    assert len([e for e in page.all("rect") if e.attributes.get("class") == "unk"]) == 1
    assert [e.text for e in page.all("b") if e.text == "未知"] == ["未知"]
    assert "未知项全取 0 得 0.7660，全取 1 得 0.8425" in text


def test_seats_name_their_cap(tmp_path: Path) -> None:
    with opened(golden_a.golden_a(), tmp_path) as graph:
        page = read(signed_in(graph).get(PARTNERS).text)
    drawing = next(e for e in page.all("svg") if "可安排" in e.attributes.get("aria-label", ""))
    assert drawing.attributes["aria-label"].endswith("可安排 12，卡口为同岗上限")


def test_every_reason_leads_to_its_row_and_every_row_to_the_graph(tmp_path: Path) -> None:
    with opened(golden_b.golden_b(), tmp_path) as graph:
        client = signed_in(graph)
        page = read(client.get(TALENTS).text)
        cited = {
            e.attributes["href"][1:] for e in page.all("a") if e.attributes.get("href", "").startswith("#e")
        }
        rows = {e.attributes["id"] for e in page.all("li") if e.attributes.get("id", "").startswith("e")}
        assert cited
        assert cited <= rows
        links = [e.attributes["href"] for e in page.all("a") if e.text == "在图谱中看"]
        assert len(links) == len(rows)
        assert {client.get(link).status_code for link in links} == {200}
