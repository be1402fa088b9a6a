"""What can be asked about schools, enterprises, alliances and districts: cohorts, hosts, needs, posts, pathways, carriers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.pages.parts.figures import day
from api.pages.parts.links import node_href, with_params
from api.pages.parts.sections import Cell, Section, figure, node_cell, words
from kg.errors import NotFoundError
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.service import Service
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES

Json = Mapping[str, Any]
Values = Mapping[str, Any]
_SHOWN: Final = 20
_TEACH: Final = "teach"


def related(
    service: Service, page: Json, relation: str, viewer: Viewer, *, most: int = _SHOWN
) -> tuple[list[tuple[Json, Values]], int]:
    """Return the nodes that point to this one by that relation with the values the viewer may read, and how many there are."""
    node = page["node"]
    around = service.neighbours(
        node["kind"], node["key"], viewer=viewer, relation=relation, direction="in", limit=most
    )
    found: list[tuple[Json, Values]] = []
    total = 0
    for group in around["groups"]:
        total += group["total"]
        for item in group["items"]:
            one = item["node"]
            told = service.node(one["kind"], one["key"], viewer=viewer)
            found.append((one, {row["key"]: row for row in told["properties"]}))
    return found, total


def value(values: Values, key: str) -> str:
    """Return a property as people read it, "" for none."""
    return str(values[key]["value"]) if key in values else ""


def data(values: Values, key: str) -> Any:
    """Return a property as it is stored, None for none."""
    return values[key].get("data") if key in values else None


def period(values: Values) -> str:
    """Return from when to when a record holds."""
    return f"{day(data(values, 'valid_from'))} 至 {day(data(values, 'valid_to')) if data(values, 'valid_to') else '长期'}"


def own_kind(viewer: Viewer) -> str:
    """Return "enterprise" or "school" for those who belong to one; "" for those who see all, or belong to none."""
    if not viewer.org or sees_all(viewer):
        return ""
    return "enterprise" if viewer.has(Role.ENTERPRISE) else "school" if viewer.has(Role.SCHOOL) else ""


def own(service: Service, viewer: Viewer) -> Json | None:
    """Return the page of the viewer's own organisation; None for those who have none.

    Raises NotFoundError while the organisation has not been loaded.
    """
    kind = own_kind(viewer)
    return service.node(kind, str(viewer.org), viewer=viewer) if kind else None


def needs(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return the flexible needs of a host; each leads to its people."""
    found, total = related(service, page, "flex_needs.host", viewer)
    own = sees_all(viewer) or page["node"]["key"] == viewer.org
    return Section(
        key="needs",
        title="柔性需求",
        note=f"共 {total:,} 条",
        head=(("需求", ""), ("服务方式", ""), ("起止", ""), ("到场", "r"), ("工时", "r"), ("", "")),
        rows=tuple(
            (
                node_cell(one),
                words(_modes(values, ENGAGEMENT_MODES)),
                words(period(values)),
                words(value(values, "visits")),
                words(_workload(values)),
                Cell(text="找人才", href=with_params("/talents/answer", (), need=one["key"]))
                if own
                else Cell(text=""),
            )
            for one, values in found
        ),
        empty="没有登记柔性需求。",
        links=((with_params("/talents", (), host=page["node"]["key"]), "填一个临时需求"),) if own else (),
    )


def _workload(values: Values) -> str:
    """Return the hours of a need as they were registered: in all, or a week; "" for neither."""
    total, weekly = value(values, "total_hours"), value(values, "hours_per_week")
    if data(values, "total_hours") is not None:
        return f"{total} 小时"
    return f"每周 {weekly} 小时" if data(values, "hours_per_week") is not None else ""


def posts(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return the posts of an enterprise with the seats that they leave."""
    found, total = related(service, page, "demands.enterprise", viewer)
    return Section(
        key="posts",
        title="岗位需求",
        note=f"共 {total:,} 个",
        head=(("岗位", ""), ("职业", ""), ("等级", ""), ("招收", "r"), ("同岗在岗", "r"), ("在实习", "r"), ("起止", "")),
        rows=tuple(
            (
                node_cell(one), words(value(values, "occupation")), words(value(values, "level")),
                words(value(values, "count")), words(value(values, "same_post")), words(value(values, "interns")),
                words(period(values)),
            )
            for one, values in found
        ),
        empty="没有登记岗位需求。",
    )  # fmt: skip


def cohorts(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return the cohorts of a school: students, those already placed, certificate and employment rates."""
    found, total = related(service, page, "offerings.school", viewer, most=40)
    return Section(
        key="cohorts",
        title="专业班级",
        note=f"共 {total:,} 个",
        head=(("班级", ""), ("专业", ""), ("层次", ""), ("入学", "r"), ("在校", "r"), ("已安排", "r"), ("取证率", "r"), ("对口就业率", "r")),
        rows=tuple(
            (
                node_cell(one), _major(service, one, viewer), words(value(values, "exit_level")),
                words(data(values, "intake_year")), words(value(values, "students")), words(value(values, "committed")),
                _share(values, "certificate_rate"), _share(values, "employment_rate"),
            )
            for one, values in found
        ),
        empty="没有登记专业开设。",
    )  # fmt: skip


def agreements(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return with whom an organisation has worked, and how it ended."""
    relation, other = (
        ("cooperations.school", "enterprise")
        if page["node"]["kind"] == "school"
        else ("cooperations.enterprise", "school")
    )
    found, total = related(service, page, relation, viewer)
    return Section(
        key="agreements",
        title="合作单位",
        note=f"共 {total:,} 项",
        head=(("合作", ""), ("对方", ""), ("方式", ""), ("人数", "r"), ("起止", ""), ("状态", ""), ("成效", "")),
        rows=tuple(
            (
                node_cell(one), words(_named(service, other, data(values, other), viewer)),
                words(COOPERATION_MODES.get(str(data(values, "mode")), value(values, "mode"))),
                words(value(values, "seats")), words(period(values)), words(value(values, "status")),
                words(value(values, "outcome")),
            )
            for one, values in found
        ),
        empty="没有登记合作，或您无权查看。",
    )  # fmt: skip


def teachers(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return the part-time teachers that a school is looking for."""
    found, _ = related(service, page, "flex_needs.host", viewer)
    wanted = [(one, values) for one, values in found if _TEACH in (data(values, "modes") or ())]
    anchor = f"school:{page['node']['key']}"
    own = sees_all(viewer) or page["node"]["key"] == viewer.org
    return Section(
        key="teachers",
        title="兼职教师",
        note=f"在找 {len(wanted)} 位",
        intro="能工巧匠进课堂：按需求找人，或找愿意派兼职教师的企业。",
        head=(("需求", ""), ("技能", ""), ("起止", ""), ("到场", "r"), ("", "")),
        rows=tuple(
            (
                node_cell(one),
                words(value(values, "skills")),
                words(period(values)),
                words(value(values, "visits")),
                Cell(text="找兼职教师", href=with_params("/talents/answer", (), need=one["key"]))
                if own
                else Cell(text=""),
            )
            for one, values in wanted
        ),
        empty="没有登记兼职教师需求。",
        links=(
            (with_params("/partners/answer", (), anchor=anchor, mode="parttime_teacher"), "找能派兼职教师的企业"),
            (with_params("/talents", (), host=page["node"]["key"], modes=_TEACH), "填一个兼职教师需求"),
        )
        if own
        else (),
    )  # fmt: skip


def pathways(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return ways on from a school: cohorts elsewhere that lead higher in the same trade."""
    found = service.pathways(str(page["node"]["key"]), viewer=viewer, k=_SHOWN)
    return Section(
        key="pathways",
        title="升学贯通",
        note=f"列出 {len(found['items'])} 条",
        intro="同一职业里层次更高的班级；对口程度 0–1，单程小时按区县之间计。",
        head=(("从", ""), ("到院校", ""), ("班级", ""), ("层次", ""), ("对口", "r"), ("单程", "r"), ("双证", "")),
        rows=tuple(
            (
                node_cell(one["from"]["offering"], note=f"{one['from']['major']} · {one['from']['exit_level']}"),
                node_cell(one["to"]["school"]), node_cell(one["to"]["offering"], note=str(one["to"]["major"])),
                words(one["to"]["exit_level"]), figure(one["fit"], "{:.1f}"), figure(one["hours"], "{:.1f} 小时"),
                words("是" if one["dual_certificate"] else ""),
            )
            for one in found["items"]
        ),
        empty="没有同一职业里层次更高的班级。",
    )  # fmt: skip


def targets(service: Service, viewer: Viewer, district: str | None = None) -> Section:
    """Return targets beside what the registers show, of a district and of the whole area."""
    found = [
        one for one in service.targets(viewer=viewer)["items"] if district in {None, one["district"]} or not one["district"]
    ]  # fmt: skip
    return Section(
        key="targets",
        title="目标与实际",
        note=f"共 {len(found)} 项{'，全区域与本区县' if district else ''}",
        head=(("任务", ""), ("年度", "r"), ("等级", ""), ("职业", ""), ("目标", "r"), ("实际", "r"), ("完成", "r")),
        rows=tuple(
            (
                Cell(text=str(one["name"]), href=node_href({"kind": "target", "key": one["key"]})),
                words(one["year"]), words(one["level"]),
                node_cell(one["occupation"]) if one["occupation"] else words("全部"),
                figure(one["target"]), figure(one["actual"]),
                Cell(
                    text="—" if one["share"] is None else f"{one['share'] * 100:.0f} %",
                    tone="" if one["share"] is None else "ok" if one["share"] >= 1 else "warn",
                ),
            )
            for one in found
        ),
        empty="没有登记目标任务。",
    )  # fmt: skip


def school_targets(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return the targets of the school's district and of the whole area."""
    return targets(service, viewer, district_of(page))


def carriers(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return bases, studios and stations, the nearest first."""
    district = str(page["node"]["key"]) if page["node"]["kind"] == "district" else district_of(page)
    try:
        found = service.carriers_near(district or "", viewer=viewer, k=_SHOWN)
    except NotFoundError as error:
        return _carriers([], 0, error.message)
    return _carriers(found["items"], found["total"], "没有登记载体。")


def _carriers(items: Sequence[Json], total: int, empty: str) -> Section:
    return Section(
        key="carriers",
        title="附近的工作室、基地与工作站",
        note=f"共 {total:,} 个，近的在前",
        head=(("载体", ""), ("类型", ""), ("级别", ""), ("所在单位", ""), ("单程", "r")),
        rows=tuple(
            (
                node_cell(one["node"]),
                words(one["type"]),
                words(one["level"]),
                node_cell(one["host"]) if one["host"]["key"] else words(""),
                figure(one["hours"], "{:.1f} 小时"),
            )
            for one in items
        ),
        empty=empty,
    )


def completions(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return schools that teach what an alliance's enterprises want and no member teaches."""
    found = service.alliance_completions(str(page["node"]["key"]), viewer=viewer, k=_SHOWN)
    return Section(
        key="completions",
        title="可补的院校",
        note=f"成员企业在招 {found['wanted']:,} 人没有成员院校对口",
        intro="开设成员企业要、而成员院校都没有的职业的院校；能补上的岗位多的在前。",
        head=(("院校", ""), ("能补的职业", ""), ("岗位", "r")),
        rows=tuple(
            (
                node_cell(one["node"]),
                Cell(text="", more=tuple((node_href(trade), str(trade["name"])) for trade in one["occupations"])),
                figure(one["posts"]),
            )
            for one in found["items"]
        ),
        empty="成员企业要的职业，成员院校都有。",
    )  # fmt: skip


def district_of(page: Json) -> str | None:
    """Return the district code of a node's page."""
    return next((str(row["data"]) for row in page["properties"] if row["key"] == "district"), None)


def _major(service: Service, offering: Json, viewer: Viewer) -> Cell:
    """Return the major of a cohort under its name."""
    around = service.neighbours(
        offering["kind"], offering["key"], viewer=viewer, relation="offerings.major", direction="out", limit=1
    )
    found = next((item["node"] for group in around["groups"] for item in group["items"]), None)
    return words("") if found is None else Cell(text=str(found["name"]), href=node_href(found))


def _share(values: Values, key: str) -> Cell:
    share = data(values, key)
    return figure(share * 100 if isinstance(share, int | float) else None, "{:.1f} %")


def _modes(values: Values, labels: Mapping[str, str]) -> str:
    return "、".join(labels.get(str(one).partition("=")[0], str(one)) for one in data(values, "modes") or ())


def _named(service: Service, kind: str, key: Any, viewer: Viewer) -> str:
    if not key:
        return ""
    try:
        return str(service.node(kind, str(key), viewer=viewer)["node"]["name"])
    except NotFoundError:
        return str(key)
