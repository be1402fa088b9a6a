"""Exported pictures open in the programs they are for, carry their stamp, and run nothing that a file has brought."""

import csv
import io
import re
from xml.etree import ElementTree

import networkx as nx
import pytest
from openpyxl import load_workbook

from api.drawn import MEDIA_TYPES
from kg.schema import SCHEMA
from tests.api.page_reading import read
from tests.visualizations.pictures import HOSTILE, LEADS, picture, scene, stamp
from visualizations.graph_files import gexf, graphml
from visualizations.layout import placed
from visualizations.offline_page import offline_page
from visualizations.picture import picture_of, printable
from visualizations.svg_file import svg
from visualizations.table_files import EDGE_COLUMNS, csv_table, workbook
from visualizations.theme import mark_of, outline_of

CARRIED = (
    "试",
    "2026-11-23T16:00:00+00:00",
    "default-2026a",
    "a9d2c4c17258",
    "辅助推荐，由人工决定",
    "演示 · 合成数据",
)
OUTLINES = {"enterprise": (outline_of(mark_of(SCHEMA.by_kind["enterprise"])), True)}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("text", HOSTILE)
def test_graphml_is_read_back_whole(text: str) -> None:
    content = graphml(picture(text))
    graph = nx.read_graphml(io.BytesIO(content), force_multigraph=True)
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (3, 2)
    assert {data["label"] for _, data in graph.nodes(data=True)} == {_xml(printable(text))}
    assert graph.graph["数据修订"] == "7"
    assert not _CONTROL.search(content.decode())


@pytest.mark.parametrize("text", HOSTILE)
def test_gexf_is_read_back_whole(text: str) -> None:
    content = gexf(picture(text))
    graph = nx.read_gexf(io.BytesIO(content))
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (3, 2)
    root = ElementTree.fromstring(content)
    assert root.tag.endswith("gexf")
    assert not _CONTROL.search(content.decode())


def _xml(text: str) -> str:
    """Return a text as XML gives it back: line ends are one character."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_table_is_a_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_table(picture(text)).decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == EDGE_COLUMNS
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(LEADS)]
    book = load_workbook(io.BytesIO(workbook(picture(text))))
    assert book.sheetnames == ["节点", "关系", "说明"]
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            assert not [cell for cell in row if isinstance(cell.value, str) and cell.value.startswith(LEADS)]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_drawing_has_no_script_and_no_address(text: str) -> None:
    root = ElementTree.fromstring(svg(picture(text), OUTLINES))
    allowed = {"svg", "title", "desc", "rect", "path", "g", "text"}
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in allowed
        assert not [name for name in element.attrib if name.lower().startswith("on") or "href" in name]
    marks = [element for element in root.iter() if element.attrib.get("role") == "img"]
    assert len(marks) == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_the_offline_page_keeps_its_structure(text: str) -> None:
    page = offline_page(picture(text), [("理由", text)]).decode()
    harmless = offline_page(picture("甲" if printable(text) else ""), [("理由", "甲")]).decode()
    elements = read(page).elements
    assert [(one.tag, *sorted(one.attributes)) for one in elements] == [
        (one.tag, *sorted(one.attributes)) for one in read(harmless).elements
    ]
    assert not {"src", "href", "srcset", "action"} & {name for one in elements for name in one.attributes}
    (policy,) = [one for one in elements if one.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy.attributes["content"].startswith("default-src 'none';")


def test_the_data_of_the_offline_page_cannot_end_its_script() -> None:
    page = offline_page(picture("</script><script>alert(1)</script>")).decode()
    data = page[page.rindex("<script>") + 8 : page.rindex("</script>")]
    assert "</script" not in data
    assert "\\u003c/script\\u003e" in data


@pytest.mark.parametrize("form", ["graphml", "gexf", "csv", "svg", "html"])
def test_every_file_carries_who_when_and_by_which_rules(form: str) -> None:
    plain = picture_of(scene("甲"), stamp("试"))
    writers = {
        "graphml": lambda: graphml(plain),
        "gexf": lambda: gexf(plain),
        "csv": lambda: csv_table(plain),
        "svg": lambda: svg(plain, OUTLINES),
        "html": lambda: offline_page(plain),
    }
    content = writers[form]().decode("utf-8-sig")
    assert form in MEDIA_TYPES
    for part in CARRIED:
        assert part in content, part
    assert form == "graphml" or re.search("修订\\D{0,40}7", content)


def test_the_workbook_carries_them_too() -> None:
    sheet = load_workbook(io.BytesIO(workbook(picture_of(scene("甲"), stamp("试")))))["说明"]
    told = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert (told["导出人"], told["数据修订"], told["数据截至"]) == ("试", "7", "2026-11-23")


def test_positions_of_the_screen_are_kept_and_missing_ones_are_arranged_alike() -> None:
    given = {f"enterprise:{number}甲": [number * 10.5, -3.0] for number in range(3)}
    assert placed(picture_of(scene("甲"), stamp(), given)) == {
        ref: tuple(place) for ref, place in given.items()
    }
    arranged = placed(picture_of(scene("甲"), stamp()))
    assert arranged == placed(picture_of(scene("甲"), stamp()))
    assert len(set(arranged.values())) == 3


def test_text_that_no_format_can_hold_is_dropped_and_nothing_else() -> None:
    assert printable("\x00空\x01\u202e字\ud800\ufffe") == "空字"
    assert printable("𠮷😀 <b> & \n\t '") == "𠮷😀 <b> & \n\t '"
