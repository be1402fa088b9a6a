"""Reports in the layout of official documents: page, type, line spacing; every text escaped; everything that must be printed is."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from api.reports import question_lines
from kg.bootstrap import open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from tests.api.page_reading import read
from tests.api.test_pages_hostile import spoilt
from tests.api.world import OWN
from tests.filling import load_into
from tests.visualizations.pictures import HOSTILE, stamp
from visualizations.print_page import print_page
from visualizations.reports import Report, Table, report_of
from visualizations.word_report import LINE, word_report

ASKED = {
    "talents": {"need": "N1"},
    "partners": {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], list[tuple[str, str]]]]:
    """Return both answers with evidence rows, and the lines of their questions."""
    import json

    from tests.api.world import tables

    folder = tmp_path_factory.mktemp("reports")
    with open_graph(
        Settings(data=folder / "data"), clock=lambda: datetime(2026, 11, 23, 8, tzinfo=UTC)
    ) as graph:
        path = Path(folder / "world.json")
        path.write_text(json.dumps(tables(), ensure_ascii=False), encoding="utf-8")
        load_into(graph, [path], source="市库", synthetic=True)
        service = graph.service
        answers = {
            "talents": service.recommend_talents(ASKED["talents"], viewer=CLI_VIEWER, detail="first"),
            "partners": service.recommend_partners(ASKED["partners"], viewer=CLI_VIEWER, detail="first"),
        }
        return {
            name: (answer, question_lines(graph, answer["question"], CLI_VIEWER))
            for name, answer in answers.items()
        }


def _report(answer: dict[str, Any], lines: list[tuple[str, str]], viewer: str = "李") -> Report:
    evidence = {0: answer["items"][0]["evidence_rows"]}
    return report_of(answer, stamp(viewer, title="报告"), lines, evidence)


def _texts(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("name", ["talents", "partners"])
def test_the_page_follows_the_standard(name: str, told: Any) -> None:
    document = Document(io.BytesIO(word_report(_report(*told[name]))))
    section = document.sections[0]
    assert (section.page_width.mm, section.page_height.mm) == (
        pytest.approx(210, abs=0.1),
        pytest.approx(297, abs=0.1),
    )
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    title, *_ = document.paragraphs
    assert title.runs[0].font.size == Pt(22)
    assert _font(title.runs[0]) == "方正小标宋简体"
    assert (Mm(297) - Mm(37) - Mm(35)) // Pt(LINE) == 22
    for paragraph in document.paragraphs:
        assert paragraph.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
        assert paragraph.paragraph_format.line_spacing.pt == pytest.approx(LINE, abs=0.05)
    fonts = {_font(run) for paragraph in document.paragraphs for run in paragraph.runs}
    assert {"仿宋_GB2312", "黑体"} <= fonts
    assert document.settings.odd_and_even_pages_header_footer
    for footer in (section.footer, section.even_page_footer):
        assert "PAGE" in footer._element.xml
    for table in document.tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in table.rows)


def _font(run: Any) -> str:
    fonts = run._r.rPr.rFonts
    names = {fonts.get(qn(script)) for script in ("w:ascii", "w:hAnsi", "w:eastAsia")}
    assert len(names) == 1
    return str(names.pop())


@pytest.mark.parametrize("name", ["talents", "partners"])
def test_everything_that_must_be_printed_is(name: str, told: Any) -> None:
    answer, lines = told[name]
    report = _report(answer, lines)
    for text in (_texts(word_report(report)), read(print_page(report).decode()).elements[0].text):
        for part in (answer["query_id"], answer["as_of"], answer["policy"]["id"], answer["policy"]["hash"][:12], "修订 1", "导出人 李",
                     "2026-11-23 16:00:00+00:00", answer["notice"], "经办人", "□ 采纳", "均未参与评分"):  # fmt: skip
            assert part in text, part
        for one in answer["to_verify"]:
            open_points = [f for f in one["filters"] if f["check"] and f["status"] != "fail"]
            assert (f"待核实第 {one['rank']}　{one['node']['name']}" in text) == bool(open_points)
        item = answer["items"][0]
        for side in item["sides"].values():
            assert f"{side['score']:.4f}" in text
            for factor in side["factors"]:
                assert factor["text"] in text
                assert f"{factor['contribution']:.4f}" in text
        for row in item["evidence_rows"]:
            assert row["text"] in text
        for part in ("staff_text", "post_text", "binding_text"):
            assert str((item["facts"].get("seats") or {}).get(part, "")) in text


def test_contributions_of_a_printed_ledger_add_up(told: Any) -> None:
    report = _report(*told["talents"])
    ledgers = [block for block in report.blocks if isinstance(block, Table) and block.bold]
    assert len(ledgers) == 2
    for ledger in ledgers:
        *rows, total = ledger.rows
        assert sum(float(row[3]) for row in rows) == pytest.approx(float(total[3]), abs=5e-4)
        assert sum(float(row[1]) for row in rows) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["talents", "partners"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(name: str, text: str, told: Any) -> None:
    answer, lines = told[name]
    answer = {**answer, "items": answer["items"][:1], "to_verify": answer["to_verify"][:1]}
    spoilt_answer = spoilt(answer, text)
    spoilt_answer["policy"] = answer["policy"]
    report = _report(spoilt_answer, [(text, text) for _ in lines], viewer=text)
    content = word_report(report)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for part in parts.namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(part))
        relations = parts.read("word/_rels/document.xml.rels").decode()
    assert 'TargetMode="External"' not in relations
    page = print_page(report).decode()
    harmless = print_page(_report(*told[name])).decode()
    assert {one.tag for one in read(page).elements} <= {one.tag for one in read(harmless).elements}
    assert "<script" not in page
    assert not {
        name
        for one in read(page).elements
        for name in one.attributes
        if name.startswith("on") or name in {"href", "src"}
    }


def test_an_empty_list_is_a_report_too(told: Any) -> None:
    answer, lines = told["talents"]
    empty = {**answer, "items": [], "to_verify": []}
    report = report_of(empty, stamp(title="报告"), lines, {})
    assert "没有可列出的对象" in _texts(word_report(report))
    assert "没有可列出的对象" in print_page(report).decode()
