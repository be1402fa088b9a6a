"""The table twin of a picture as CSV and as a workbook; no cell runs as a formula."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Final

from kg.text import guard_formula
from visualizations.picture import Edge, Node, Picture, Say

NODE_COLUMNS: Final = ("类型", "编号", "名称", "说明", "未显示邻居")
EDGE_COLUMNS: Final = (
    "起点类型", "起点编号", "起点名称", "关系", "终点类型", "终点编号", "终点名称", "来源", "依据", "可信度", "有效起", "有效止",
    "推断", "引用为依据", "关系编号",
)  # fmt: skip
Cell = str | int | float


def csv_table(picture: Picture) -> bytes:
    """Return one table: a line for each edge, one for each node without edges, then what the export carries."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_titles(picture, EDGE_COLUMNS))
    writer.writerows(_safe(cells) for cells in _lines(picture))
    writer.writerow([])
    writer.writerows([guard_formula(label), guard_formula(value)] for label, value in picture.stamp.lines())
    if picture.note:
        writer.writerow([picture.stamp.say("备注"), guard_formula(picture.note)])
    return buffer.getvalue().encode("utf-8-sig", "replace")


def workbook(picture: Picture) -> bytes:
    """Return a workbook: sheets 节点, 关系, 说明, or these in English."""
    from openpyxl import Workbook

    say = picture.stamp.say
    book = Workbook()
    nodes = book.active
    assert nodes is not None
    nodes.title = say("节点")
    nodes.append(_titles(picture, NODE_COLUMNS))
    for node in picture.nodes:
        nodes.append(_safe([node.kind_label, node.key, node.name, node.subtitle, node.hidden]))
    edges = book.create_sheet(say("关系"))
    edges.append(_titles(picture, EDGE_COLUMNS))
    for cells in _lines(picture, lonely=False):
        edges.append(_safe(cells))
    note = book.create_sheet(say("说明"))
    for pair in (*picture.stamp.lines(), (say("备注"), picture.note)):
        note.append(_safe(list(pair)))
    for sheet in (nodes, edges):
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
        for letter in "ABCDEFG":
            sheet.column_dimensions[letter].width = 22
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _titles(picture: Picture, columns: Sequence[str]) -> list[str]:
    return [picture.stamp.say(column) for column in columns]


def _lines(picture: Picture, *, lonely: bool = True) -> list[list[Cell]]:
    nodes = {node.ref: node for node in picture.nodes}
    joined = {end for edge in picture.edges for end in (edge.source, edge.target)}
    lines = [
        _line(nodes[edge.source], edge, nodes[edge.target], picture.stamp.say)
        for edge in picture.edges
        if edge.source in nodes and edge.target in nodes
    ]
    alone = [node for node in picture.nodes if lonely and node.ref not in joined]
    for node in alone:
        lines.append([node.kind_label, node.key, node.name, *[""] * (len(EDGE_COLUMNS) - 3)])
    return lines


def _line(start: Node, edge: Edge, end: Node, say: Say) -> list[Cell]:
    return [
        start.kind_label, start.key, start.name, edge.label, end.kind_label, end.key, end.name, edge.registers, edge.basis,
        edge.confidence, edge.valid_from, edge.valid_to, say("是" if edge.inferred else "否"), say("是" if edge.evidence else "否"),
        edge.id,
    ]  # fmt: skip


def _safe(cells: list[Cell]) -> list[Cell]:
    return [guard_formula(cell) if isinstance(cell, str) else cell for cell in cells]
