"""What can be asked about a person or a problem: peers, next steps, masters and apprentices, ways to short trades."""

from collections.abc import Mapping
from typing import Any, Final

from api.pages.parts.links import edges_href, node_href
from api.pages.parts.sections import Cell, Section, figure, node_cell, words
from kg.model.viewers import Viewer
from kg.service import Service

Json = Mapping[str, Any]
_SHOWN: Final = 20
_WAYS: Final = 200


def peers(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return who masters the same at other employers, rarest skills first."""
    found = service.peers(str(page["node"]["key"]), viewer=viewer, k=_SHOWN)
    return Section(
        key="peers",
        title="同行交流",
        note=f"共 {found['total']:,} 人有共同技能，列出前 {len(found['items'])} 人",
        intro="在别的单位、掌握同样技能的人；越少见的技能算得越重。",
        head=(("人才", ""), ("职业", ""), ("区县", ""), ("单位", ""), ("共有技能", ""), ("重合", "r")),
        rows=tuple(
            (
                node_cell(one["node"]), words(one["trade"]), words(one["district"]), words(one["employer"]),
                words("、".join(one["shared"])), figure(one["overlap"] * 100, "{:.0f} %"),
            )
            for one in found["items"]
        ),
        empty="没有别的单位的人与他有共同技能。",
        people=True,
    )  # fmt: skip


def next_steps(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return which certificate or skill would open most needs, counted by asking every open need again."""
    found = service.next_steps(str(page["node"]["key"]), viewer=viewer, k=_SHOWN)
    return Section(
        key="steps",
        title="下一步学什么",
        note=f"逐条重算 {found['needs_considered']:,} 条在招需求",
        intro="多一项证书或技能，能多符合几条需求、得分能高多少。",
        head=(("多一项", ""), ("新符合的需求", ""), ("得分提高的需求", "r"), ("得分提高", "r"), ("培训项目", "")),
        rows=tuple(
            (
                Cell(text=one["text"], href=node_href(one["node"]), kind=one["node"]["kind"]),
                Cell(
                    text=f"{len(one['opens'])} 条",
                    more=tuple((node_href(need), str(need["name"])) for need in one["opens"][:5]),
                ),
                figure(one["raises"]), figure(one["gain"], "+{:.4f}"),
                Cell(
                    text="" if one["programs"] else "—",
                    more=tuple((node_href(program), str(program["name"])) for program in one["programs"][:3]),
                ),
            )
            for one in found["items"]
        ),
        empty="多一项证书或技能不会多符合一条在招需求。",
        people=True,
    )  # fmt: skip


def lineage(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return masters and apprentices around a person, each with the row that says so."""
    found = service.lineage(str(page["node"]["key"]), viewer=viewer)
    node = page["node"]
    return Section(
        key="lineage",
        title="师徒传承",
        note=f"共 {len(found['items'])} 段师徒关系{'，更远的未列' if found['truncated'] else ''}",
        intro="代数从本人算起：负数为师承，正数为传授。",
        head=(("代", "r"), ("师傅", ""), ("徒弟", ""), ("起止", ""), ("载体", ""), ("依据", "")),
        rows=tuple(
            (
                figure(one["generation"], "{:+d}"), node_cell(one["mentor"]), node_cell(one["apprentice"]),
                words(f"{one['from'] or '—'} 至 {one['to'] or '今'}"), words(one["carrier"]),
                Cell(text="在图谱中看", href=edges_href([one["edge"]], node)),
            )
            for one in found["items"]
        ),
        empty="没有登记师徒关系。",
        links=((f"/explorer?node={node['kind']}%3A{node['key']}", "在图谱中看师徒"),) if found["items"] else (),
        people=True,
    )  # fmt: skip


def ways_of_talent(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return ways from the person's own trade to short ones."""
    trades = [row.get("data") for row in page["properties"] if row["key"] == "occupation"]
    return _ways(service, viewer, str(trades[0] or "") if trades else "", start_only=True)


def ways_of_occupation(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return ways out of and into a trade."""
    return _ways(service, viewer, str(page["node"]["key"]), start_only=False)


def ways(items: list[Json], quarter: str, *, empty: str) -> Section:
    """Return ways between trades as a table."""
    return Section(
        key="ways",
        title="转岗方向",
        note=f"{quarter[:4]} 年第 {quarter[5:]} 季度",
        intro="从求职多于岗位的职业，转到岗位多于求职的职业；已会的技能越多越靠前。",
        head=(("从", ""), ("富余", "r"), ("到", ""), ("缺", "r"), ("已会", "r"), ("还要学", "")),
        rows=tuple(
            (
                node_cell(one["from"]), figure(one["surplus"]), node_cell(one["to"]), figure(one["shortage"]),
                figure(one["cover"] * 100, "{:.0f} %"), words("、".join(one["missing"])),
            )
            for one in items
        ),
        empty=empty,
    )  # fmt: skip


def _ways(service: Service, viewer: Viewer, code: str, *, start_only: bool) -> Section:
    found = service.transfers(viewer=viewer, k=_WAYS)
    plain = code.partition("@")[0]
    items = [
        one
        for one in found["items"]
        if plain
        in {str(one[end]["key"]).partition("@")[0] for end in (("from",) if start_only else ("from", "to"))}
    ]
    return ways(
        items[:_SHOWN],
        str(found["quarter"]),
        empty="本季度这个职业没有富余，或没有技能相近的短缺职业。",
    )


def competition_chain(service: Service, page: Json, viewer: Viewer) -> Section:
    """Return the competitions above and below one."""
    found = service.competition_chain(str(page["node"]["key"]), viewer=viewer)
    lines = [*((one, "上级与本级") for one in found["chain"]), *((one, "下级") for one in found["below"])]
    return Section(
        key="chain",
        title="竞赛层级",
        head=(("竞赛", ""), ("级别", ""), ("年份", "r"), ("位置", ""), ("获奖人次", "r")),
        rows=tuple(
            (
                node_cell(one["node"]),
                words(one["level"]),
                words(one["year"]),
                words(place),
                figure(one["placed"]),
            )
            for one, place in lines
        ),
    )
