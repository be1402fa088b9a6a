"""Title and facts of a question, as the head of its answer shows them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from api.pages.parts.figures import plain
from api.pages.parts.labels import ORDER_LABELS
from kg.errors import KgError
from kg.model.viewers import Viewer
from kg.service import Service
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES

Json = Mapping[str, Any]
_NEED_FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "host": ("用人单位", ""),
    "total_hours": ("总工时", " 小时"),
    "hours_per_week": ("每周", " 小时"),
    "weeks": ("周数", " 周"),
    "visits": ("到场", " 次"),
    "modes": ("方式", ""),
    "min_level": ("等级", "及以上"),
    "pay_max": ("酬金", " 元/时以内"),
    "district": ("服务地", ""),
}
_CODE: Final = re.compile(r"（[0-9A-Z]{6,18}）$")
_ANCHORS: Final = {"enterprise": "合作院校", "school": "合作企业", "district": "校企配对"}


def talent_head(answer: Json, service: Service, viewer: Viewer) -> dict[str, Any]:
    """Return `{title, facts}` of a need: as the service tells them, else from the need's page or the typed columns."""
    question = answer["question"]
    if question.get("title") and "facts" in question:
        return {"title": question["title"], "facts": question["facts"]}
    inline = question.get("inline")
    if inline is not None:
        values = {name: _inline_text(name, value) for name, value in inline.items()}
        values["host"] = _name_of(service, viewer, ("enterprise", "school"), str(inline.get("host") or ""))
        title = str(inline.get("title") or "没有标题的需求")
    else:
        page = service.node("need", str(question["need"]), viewer=viewer)
        values = {row["key"]: str(row["value"]) for row in page["properties"] if row["value"] != "—"}
        title = str(page["node"]["name"])
    facts = [
        {"label": label, "value": f"{_without_code(values[name])}{unit}"}
        for name, (label, unit) in _NEED_FACTS.items()
        if values.get(name)
    ]
    window = " 至 ".join(values[name] for name in ("valid_from", "valid_to") if values.get(name))
    return {"title": title, "facts": [*facts, *([{"label": "时间", "value": window}] if window else [])]}


def _without_code(text: str) -> str:
    """Return a name without the code that stands in brackets behind it."""
    return _CODE.sub("", text).replace("；", "、")


def _inline_text(name: str, value: Any) -> str:
    if name == "modes":
        return "、".join(ENGAGEMENT_MODES.get(mode, mode) for mode in value)
    return plain(value)


def _name_of(service: Service, viewer: Viewer, kinds: tuple[str, ...], key: str) -> str:
    for kind in kinds:
        try:
            return str(service.node(kind, key, viewer=viewer)["node"]["name"])
        except KgError:
            continue
    return key


def partner_head(answer: Json, service: Service, viewer: Viewer) -> dict[str, Any]:
    """Return `{title, facts}` of a partner question."""
    question = answer["question"]
    if question.get("title") and "facts" in question:
        return {"title": question["title"], "facts": question["facts"]}
    anchor = question["anchor"]
    name = _name_of(service, viewer, (anchor["kind"],), anchor["key"])
    mode = COOPERATION_MODES.get(question.get("mode"), str(question.get("mode")))
    year = question.get("year")
    title = f"{name}：{f'{year} 学年' if year else ''}{mode}{_ANCHORS.get(anchor['kind'], '')}"
    rows = [
        ("方式", mode),
        ("学年", f"{year}-09-01 至 {int(year) + 1}-08-31" if year else ""),
        ("职业", "、".join(question.get("occupations") or ())),
        ("单程", f"不超过 {plain(question['radius_hours'])} 小时" if question.get("radius_hours") else ""),
        ("排序", ORDER_LABELS.get(question.get("order") or "", "")),
    ]
    return {"title": title, "facts": [{"label": label, "value": value} for label, value in rows if value]}
