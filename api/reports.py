"""Reports of an answer: the question told in words, the evidence of every line, then Word or a page to print."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from api.drawn import note_export, stamp_of
from kg.bootstrap import Graph
from kg.model.viewers import Viewer
from kg.vocab.modes import COOPERATION_MODES
from visualizations.print_page import print_page
from visualizations.reports import MOST_ITEMS, Report, report_of, told_in
from visualizations.word_report import word_report

Json = Mapping[str, Any]
FORMS: Final = ("docx", "html")
_TOLD: Final = (
    "host", "occupations", "min_level", "skills", "tags", "modes", "total_hours", "hours_per_week", "valid_from",
    "valid_to", "visits", "district", "pay_min", "pay_max",
)  # fmt: skip
_ORDERS: Final = {"value": "按价值", "seats": "按席位", "score": "按得分"}


def export_report(
    graph: Graph,
    question: str,
    asked: Mapping[str, Any],
    form: str,
    *,
    viewer: Viewer,
    k: int | None = None,
    as_of: date | None = None,
    known_at: int | str | None = None,
    say: Callable[[str], str] | None = None,
) -> bytes:
    """Return the report of "talents" or "partners" as "docx" or "html", after noting it in the audit trail.

    With `say`, which tells a text in English, the report is an English one.
    """
    when: dict[str, Any] = {"k": k, "as_of": as_of, "known_at": known_at}

    def ask(**more: Any) -> Json:
        if question == "talents":
            return graph.service.recommend_talents(asked, viewer=viewer, **when, **more)
        return graph.service.recommend_partners(asked, viewer=viewer, **when, **more)

    answer = ask()
    shown = tuple(map(_entity, answer["items"][:MOST_ITEMS]))
    told_in_full = ask(detail=shown, counterfactuals=0)["items"] if shown else ()
    evidence = {place: item.get("evidence_rows", ()) for place, item in enumerate(told_in_full)}
    stamp = stamp_of(graph, viewer, _title(question), revision=answer["revision"], as_of=answer["as_of"])
    report = report_of(answer, stamp, question_lines(graph, answer["question"], viewer), evidence)
    content = _written(report if say is None else told_in(report, say, "en"), form)
    told = {"query_id": answer["query_id"], "items": len(answer["items"]), "people": report.people}
    note_export(graph, viewer, f"{question}.{form}", stamp, told)
    return content


def _entity(item: Json) -> str:
    other = item["other"]
    return str(item["node"]["key"] if other is None else f"{item['node']['key']}‖{other['key']}")


def _title(question: str) -> str:
    return "柔性人才推荐意见" if question == "talents" else "校企合作推荐意见"


def _written(report: Report, form: str) -> bytes:
    return word_report(report) if form == "docx" else print_page(report)


def question_lines(graph: Graph, question: Json, viewer: Viewer) -> list[tuple[str, str]]:
    """Return label and value of what was asked."""
    if question.get("anchor") is not None:
        return _partners_lines(graph, question, viewer)
    if question.get("need") is not None:
        page = graph.service.node("need", str(question["need"]), viewer=viewer)
        told = {one["key"]: one for one in page["properties"]}
        lines = [
            (told[key]["label"], told[key]["value"]) for key in _TOLD if key in told and told[key]["data"]
        ]
        return [("需求", f"{page['node']['name']}（{question['need']}）"), *lines]
    table = graph.schema.by_kind["need"]
    inline: Json = question["inline"]
    found = [(column, inline[column.key]) for column in table.columns if inline.get(column.key) is not None]
    return [
        (column.zh, "；".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        for column, value in found
    ]


def _partners_lines(graph: Graph, question: Json, viewer: Viewer) -> list[tuple[str, str]]:
    anchor = question["anchor"]
    page = graph.service.node(anchor["kind"], anchor["key"], viewer=viewer)
    lines = [
        (page["kind_label"], f"{page['node']['name']}（{anchor['key']}）"),
        ("合作方式", COOPERATION_MODES.get(str(question.get("mode")), str(question.get("mode")))),
        ("学年", str(question.get("year") or "—")),
        ("排序", _ORDERS.get(str(question.get("order")), "按价值")),
    ]
    if question.get("occupations"):
        lines.append(("限定职业", "、".join(question["occupations"])))
    if question.get("radius_hours") is not None:
        lines.append(("单程不超过", f"{question['radius_hours']} 小时"))
    return lines
