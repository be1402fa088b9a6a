"""What the planner's page shows: how well majors meet the priority chains, candidates to close, and what a change would do."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.pages.parts.forms import Form
from api.pages.parts.links import with_params
from api.pages.parts.sections import Cell, Section, figure, node_cell, words
from kg.errors import InvalidInputError

Json = Mapping[str, Any]
ACTIONS: Final = {"add": "新设", "grow": "扩招", "close": "停招"}
LINES: Final = 3
"""So many changes can be tried together on the page (the route takes more)."""
MOST_STUDENTS: Final = 100_000
_SHOWN: Final = 60


def changes(form: Form) -> list[dict[str, Any]]:
    """Return the changes that the form asks for, lines without an action left out; raises InvalidInputError by field."""
    found = []
    for number in range(1, LINES + 1):
        action = form.value(f"action{number}")
        if not action:
            continue
        major, school = form.value(f"major{number}").strip(), form.value(f"school{number}").strip()
        for name, text in (("major", major), ("school", school)):
            if not text:
                raise InvalidInputError(
                    f"第 {number} 处改动没有填{'专业' if name == 'major' else '院校'}",
                    field=f"{name}{number}",
                )
        students = form.value(f"students{number}").strip()
        if action != "close" and not _is_whole(students):
            raise InvalidInputError(
                f"人数要填 {MOST_STUDENTS:,} 以内的整数，如 40；扩招可填负数", field=f"students{number}"
            )
        found.append({
            "action": action,
            "major": code_of(major),
            "school": code_of(school),
            "students": int(students or 0),
        })
    return found  # fmt: skip


def code_of(text: str) -> str:
    """Return the code where a suggestion such as “数控加工（0106@2018）” was taken, else the text."""
    head, bracket, tail = text.rpartition("（")
    return tail.removesuffix("）").strip() if bracket and head else text


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 6 and int(digits) <= MOST_STUDENTS


def majors(found: Json, base: Sequence[tuple[str, str]], *, edit: str = "/planning/what-if") -> Section:
    """Return the majors with seats, schools and the posts that they meet."""
    lines = found["majors"]
    return Section(
        key="majors",
        title="各专业",
        note=f"共 {len(lines)} 个{f'，列出前 {_SHOWN} 个' if len(lines) > _SHOWN else ''}",
        head=(("专业", ""), ("名额", "r"), ("院校", "r"), ("优先链岗位", "r"), ("对口", ""), ("", "")),
        rows=tuple(
            (
                node_cell(one), figure(one["seats"]), figure(one["schools"]), figure(one["posts"]),
                Cell(text="对口", tone="ok") if one["aligned"] else Cell(text="不对口", tone="warn"),
                Cell(
                    text="试算",
                    href=with_params(edit, base, action1="grow" if one["aligned"] else "close", major1=label(one)),
                ),
            )
            for one in lines[:_SHOWN]
        ),
        empty="这一学年没有在校名额。",
    )  # fmt: skip


def closing(found: Json, base: Sequence[tuple[str, str]]) -> Section:
    """Return majors that meet no post of the priority chains, the largest first."""
    lines = [one for one in found["majors"] if not one["aligned"]]
    return Section(
        key="closing",
        title="可以考虑停招的专业",
        note=f"共 {len(lines)} 个",
        intro="优先产业链里没有同小类或更近的岗位；名额多的在前。是否停招还要看全市岗位与招生，由人工决定。",
        head=(("专业", ""), ("名额", "r"), ("院校", "r"), ("", "")),
        rows=tuple(
            (
                node_cell(one), figure(one["seats"]), figure(one["schools"]),
                Cell(text="试算停招", href=with_params("/planning/what-if", base, action1="close", major1=label(one))),
            )
            for one in lines[:_SHOWN]
        ),
        empty="每个专业都有优先产业链的岗位。",
    )  # fmt: skip


def uncovered(found: Json) -> Section:
    """Return occupations of the priority chains for which no major trains."""
    return Section(
        key="uncovered",
        title="没有专业培养的职业",
        note="优先产业链企业在招，没有对口专业",
        head=(("职业", ""), ("岗位", "r"), ("", "")),
        rows=tuple(
            (
                node_cell(one),
                figure(one["posts"]),
                Cell(text="看缺口", href=with_params("/gaps", (), occupation=one["key"])),
            )
            for one in found["uncovered"]
        ),
        empty="在招的职业都有对口专业。",
    )


def chains(found: Json) -> Section:
    """Return industry chains that no group of majors serves."""
    return Section(
        key="chains",
        title="没有专业群服务的产业链",
        head=(("产业链", ""), ("优先", "")),
        rows=tuple(
            (
                node_cell(one),
                Cell(text="优先发展", tone="warn") if one["priority"] else words("—"),
            )
            for one in sorted(
                found["chains_without_group"], key=lambda one: (not one["priority"], one["key"])
            )
        ),
        empty="每条产业链都有专业群服务。",
    )


def difference(told: Json) -> Section:
    """Return before, after and the difference of a what-if, line by line."""
    before, after = told["before"], told["after"]
    lines = [("名额", "seats", "{:,.0f}"), ("对口名额", "aligned", "{:,.0f}")]
    rows = [
        (words(name), figure(before[key], form), figure(after[key], form), _change(after[key] - before[key]))
        for name, key, form in lines
    ]
    share = (before["share"], after["share"])
    gained = told["gained"]
    rows.append((
        words("专业与产业匹配度"),
        figure(share[0] and share[0] * 100, "{:.2f} %"),
        figure(share[1] and share[1] * 100, "{:.2f} %"),
        _change(gained * 100 if gained is not None else 0, "{:+.2f} 个百分点"),
    ))
    return Section(
        key="difference",
        title="改动前后",
        note=f"{told['year']} 学年，不保存",
        head=(("", ""), ("改动前", "r"), ("改动后", "r"), ("相差", "r")),
        rows=tuple(rows),
    )


def changed_majors(told: Json) -> Section:
    """Return the majors whose line a what-if changes."""
    before = {one["key"]: one for one in told["before"]["majors"]}
    after = {one["key"]: one for one in told["after"]["majors"]}
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    rows = []
    for key in keys:
        one = after.get(key) or before[key]
        seats = (before.get(key, {}).get("seats", 0), after.get(key, {}).get("seats", 0))
        rows.append((
            node_cell(one), figure(seats[0]), figure(seats[1]), _change(seats[1] - seats[0]), figure(one["posts"]),
            Cell(text="对口", tone="ok") if one["aligned"] else Cell(text="不对口", tone="warn"),
        ))  # fmt: skip
    return Section(
        key="changed",
        title="变了的专业",
        note=f"共 {len(rows)} 个",
        head=(("专业", ""), ("改动前名额", "r"), ("改动后名额", "r"), ("相差", "r"), ("优先链岗位", "r"), ("对口", "")),
        rows=tuple(rows),
        empty="这些改动没有改变任何专业的名额：请核对院校是否开设该专业。",
    )  # fmt: skip


def newly_covered(told: Json) -> Section:
    """Return occupations that a what-if covers or leaves uncovered."""
    before = {one["key"]: one for one in told["before"]["uncovered"]}
    after = {one["key"]: one for one in told["after"]["uncovered"]}
    rows = [
        (node_cell(before[key]), figure(before[key]["posts"]), Cell(text="新有专业培养", tone="ok"))
        for key in sorted(before.keys() - after.keys())
    ]
    rows += [
        (node_cell(after[key]), figure(after[key]["posts"]), Cell(text="不再有专业培养", tone="bad"))
        for key in sorted(after.keys() - before.keys())
    ]
    return Section(
        key="covered",
        title="职业的培养变化",
        head=(("职业", ""), ("优先链岗位", "r"), ("变化", "")),
        rows=tuple(rows),
        empty="没有职业因此新有或失去对口专业。",
    )  # fmt: skip


def label(one: Json) -> str:
    """Return a major or school as a suggestion writes it: name and code."""
    return f"{one['name']}（{one['key']}）"


def major_options(found: Json) -> list[str]:
    """Return the suggestions for a major field."""
    return [label(one) for one in found["majors"]]


def definition_parts(found: Json) -> tuple[str, str]:
    """Return the share in words and the sum behind it."""
    if found["share"] is None:
        return "—", "这一学年没有名额"
    return f"{found['share'] * 100:.2f} %", f"{found['aligned']:,} ÷ {found['seats']:,}"


def _change(value: float, form: str = "{:+,.0f}") -> Cell:
    tone = "ok" if value > 0 else "bad" if value < 0 else ""
    return Cell(text=form.format(value).replace("-", "−") if value else "不变", tone=tone)
