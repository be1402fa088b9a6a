"""What helps to fill the question forms: pickers that need no script, the calendar of a need's hours, caps on seats."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.pages.parts.drawing import Weeks, weeks_strip
from api.pages.parts.figures import hours
from api.pages.parts.forms import Form, number, whole
from api.pages.parts.links import with_params
from api.pages.parts.sections import Cell, Section, figure, node_cell, words
from api.pages.views.organisations import data, related
from kg.errors import InvalidInputError
from kg.matching.mobility.hours import counted_weeks
from kg.model.viewers import Viewer
from kg.service import Service

Json = Mapping[str, Any]
FIND: Final = {"find_occupation": "occupation", "find_skill": "skill"}
"""Fields of the pickers and the kind that they look for; they never belong to a question."""
_FOUND: Final = 12
_LONGEST: Final = 366
_SKILL_LEVEL: Final = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its words and the address of the form with it added."""

    text: str
    code: str
    href: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The hours of a need spread over its counted weeks, with the sum in words."""

    strip: Weeks
    sum: str


def picks(
    service: Service, form: Form, pairs: Sequence[tuple[str, str]], viewer: Viewer, path: str
) -> dict[str, Any]:
    """Return, by picker, the words, what they found, and how each would be added to the form."""
    found = {}
    for field, kind in FIND.items():
        asked = next((value.strip()[:100] for name, value in pairs if name == field), "")
        items = service.search(asked, kind, _FOUND, viewer=viewer)["items"] if asked else []
        hits = [_hit(hit["node"], kind, form, path) for hit in items]
        found[kind] = {"asked": asked, "hits": list({hit.code: hit for hit in hits}.values())}
    return found


def _hit(node: Json, kind: str, form: Form, path: str) -> Hit:
    field, part, join = (
        ("occupations", str(node["key"]).partition("@")[0], "、")
        if kind == "occupation"
        else ("skills", f"{node['name']}={_SKILL_LEVEL}*1", "\n")
    )
    held = form.value(field).rstrip()
    kept = [pair for pair in form.pairs if pair[0] != field]
    href = with_params(path, kept, **{field: f"{held}{join}{part}" if held else part})
    return Hit(str(node["name"]), part, f"{href}#f-{field}")


def hours_plan(form: Form, least_days: int) -> Plan | None:
    """Return the calendar of the hours in the form; None while dates or hours are missing or wrong."""
    try:
        first, last = (date.fromisoformat(form.value(name)) for name in ("valid_from", "valid_to"))
        total, weekly, wanted = (
            number(form, "total_hours"), number(form, "hours_per_week"), whole(form, "weeks"),
        )  # fmt: skip
    except (ValueError, InvalidInputError):
        return None
    if last < first or (last - first).days > _LONGEST or not (total or weekly):
        return None
    mondays = counted_weeks(first, last, least_days)
    used = min(wanted, len(mondays)) if weekly and wanted else len(mondays)
    whole_sum = weekly * used if weekly else float(total or 0)
    share = weekly if weekly else whole_sum / len(mondays)
    weeks = [
        {
            "week": f"{monday:%G-W%V}",
            "monday": monday.isoformat(),
            "free": share if place < used else 0.0,
            "signed": 0.0,
        }
        for place, monday in enumerate(mondays)
    ]
    strip = weeks_strip(weeks, whole_sum)
    text = (
        f"每周 {hours(weekly)} 小时 × {used} 周 ＝ {hours(whole_sum)} 小时"
        if weekly
        else f"{hours(whole_sum)} 小时 ÷ {len(mondays)} 周 ＝ 每周 {hours(share)} 小时"
    )
    note = f"；窗口内计 {len(mondays)} 周（窗口里有 {least_days} 天以上的周）"
    return None if strip is None else Plan(strip, text + note)  # fmt: skip


def policy_number(policy: Json, key: str) -> Any:
    """Return a number of the policy as the rules page tells it."""
    return next(
        row["value"] for section in policy["sections"] for row in section["rows"] if row["key"] == key
    )


def seat_caps(service: Service, anchor: str, viewer: Viewer) -> Section | None:
    """Return the caps on an enterprise's seats with their arithmetic; None for other anchors."""
    kind, _, key = anchor.partition(":")
    if kind != "enterprise" or not key:
        return None
    page = service.node(kind, key, viewer=viewer)
    policy = service.policy(viewer=viewer)
    staff_share, post_share = (float(policy_number(policy, name)) for name in ("staff_cap", "post_cap"))
    staff = data({row["key"]: row for row in page["properties"]}, "staff")
    posts, total = related(service, page, "demands.enterprise", viewer)
    whole_cap = _floor(staff_share, staff)
    return Section(
        key="caps",
        title="这家企业最多能接几个实习学生",
        note=f"共 {total:,} 个岗位",
        intro=f"在岗上限 ＝ ⌊{staff_share:.0%} × 职工 {'未填' if staff is None else f'{staff:,}'}⌋ ＝ {'未知' if whole_cap is None else whole_cap}，全部岗位合计；同岗上限 ＝ ⌊{post_share:.0%} × 同岗在岗⌋，每个岗位各算。已签的合作另行扣除，以结果里的席位为准。",
        head=(("岗位", ""), ("招收", "r"), ("同岗在岗", "r"), ("同岗上限", "r"), ("在实习", "r"), ("同岗还能接", "r"), ("卡口", "")),
        rows=tuple(_cap_row(one, values, post_share, whole_cap) for one, values in posts),
        empty="没有登记岗位需求。",
    )  # fmt: skip


def _cap_row(one: Json, values: Mapping[str, Any], share: float, whole_cap: int | None) -> tuple[Cell, ...]:
    same, interns, wanted = (data(values, name) for name in ("same_post", "interns", "count"))
    cap = _floor(share, same)
    left = None if cap is None else max(0, cap - int(interns or 0))
    parts = {"同岗上限": left, "招收人数": wanted, "在岗上限": whole_cap}
    known = {name: value for name, value in parts.items() if value is not None}
    least = min(known.values(), default=None)
    binding = "、".join(name for name, value in known.items() if value == least)
    sum_of = "—" if cap is None else f"{cap} − {int(interns or 0)} ＝ {left}"
    return (
        node_cell(one), figure(wanted), figure(same), figure(cap), figure(interns), words(sum_of),
        Cell(text=f"{binding}：至多 {least} 人" if least is not None else "未知", tone="" if least else "warn"),
    )  # fmt: skip


def _floor(share: float, heads: Any) -> int | None:
    return math.floor(share * int(heads) + 1e-9) if isinstance(heads, int | float) else None
