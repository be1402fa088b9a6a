"""The answer to a question as a file: Word or page as the reports write them, or a workbook. Each is noted in the audit trail."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from api.commands.sheets import write_answer
from api.drawn import note_export, stamp_of
from api.reports import export_report
from kg.bootstrap import Graph
from kg.model.viewers import Viewer

Say = Callable[[str], str]


def export_answer(
    graph: Graph,
    question: str,
    asked: Mapping[str, Any],
    form: str,
    *,
    viewer: Viewer,
    say: Say | None = None,
    **when: Any,
) -> bytes:
    """Return the answer to "talents" or "partners" as docx, html or xlsx; in English where `say` tells a text so."""
    if form != "xlsx":
        return export_report(graph, question, asked, form, viewer=viewer, say=say, **when)
    service = graph.service
    ask = service.recommend_talents if question == "talents" else service.recommend_partners
    answer = ask(asked, viewer=viewer, counterfactuals=0, **when)
    target = BytesIO()
    title = "柔性人才推荐名单" if question == "talents" else "校企合作推荐名单"
    stamp = stamp_of(graph, viewer, title, revision=answer["revision"], as_of=answer["as_of"])
    write_answer(answer, target, lines=stamp.lines())
    told = {"query_id": answer["query_id"], "items": len(answer["items"]), "people": question == "talents"}
    note_export(graph, viewer, f"{question}.xlsx", stamp, told)
    return workbook_in(target.getvalue(), say)


def workbook_in(content: bytes, say: Say | None) -> bytes:
    """Return a workbook with its titles and texts as `say` tells them; None leaves it as it is."""
    if say is None:
        return content
    book = load_workbook(BytesIO(content))
    for sheet in book.worksheets:
        sheet.title = say(sheet.title)[:31]
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.data_type == "s":
                    cell.value = say(cell.value)
                    cell.data_type = "s"
    target = BytesIO()
    book.save(target)
    return target.getvalue()
