"""What the start page offers to whom: questions in plain words, work that waits, data that grows old, portals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.pages.parts.figures import day
from api.pages.parts.links import with_params
from api.pages.parts.sections import Cell, Section, words
from api.pages.views import organisations
from api.pages.views.asked import about, again
from kg.decisions.followups import STATES
from kg.model.viewers import Role, Viewer
from kg.policy.rights import may_load, may_recommend, sees_all
from kg.service import Service
from kg.vocab.modes import COOPERATION_MODES

Json = Mapping[str, Any]
STALE_DAYS: Final = 45
"""A register that has not been loaded for longer is named as old: most report by month."""
_RECENT: Final = 8
_ASKED: Final = {"talents": "柔性人才", "partners": "校企合作", "team": "联合攻关"}
_BATCHES: Final = 200
_WAITING: Final = (
    ("adopted", "采纳了，等联系"),
    ("contacted", "联系了，等议定"),
    ("agreed", "议定了，等成效"),
)
_TONES: Final = {"adopted": "warn", "contacted": "warn", "agreed": "warn", "succeeded": "ok", "failed": "bad"}
_SEAT_MODES: Final = ("internship", "order_class", "apprentice_new", "base", "college", "parttime_teacher")


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a whole sentence; `blank` is the part that the reader fills in, `kind` its mark."""

    before: str
    blank: str
    after: str
    href: str
    kind: str


@dataclass(frozen=True, slots=True)
class Task:
    """One line of work that waits, with how many there are."""

    label: str
    count: int
    href: str
    icon: str
    tone: str = "warn"


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a register was last loaded."""

    source: str
    day: str
    days: int

    @property
    def old(self) -> bool:
        """True when it should be asked for again."""
        return self.days > STALE_DAYS


def questions(viewer: Viewer, paths: set[str]) -> list[tuple[str, list[Question]]]:
    """Return the questions by what the reader wants, those that this viewer may ask."""
    asks, officer = may_recommend(viewer), sees_all(viewer)
    plans = viewer.has(Role.OFFICER, Role.PLANNER)
    loads = may_load(viewer)
    firm, school = officer or viewer.has(Role.ENTERPRISE), officer or viewer.has(Role.SCHOOL)
    groups: tuple[tuple[str, tuple[tuple[bool, Question], ...]], ...] = (
        ("找人才", (
            (asks, Question("为 ", "需求", " 找柔性人才", "/talents", "talent")),
            (asks, Question("为 ", "难题", " 组攻关团队", "/teams", "problem")),
            (officer, Question("谁和 ", "某人", " 是同行", "/search?kind=talent", "skill")),
        )),
        ("促合作", (
            (asks and firm, Question("为 ", "企业", " 找合作院校", "/partners?anchor_kind=enterprise", "school")),
            (asks and school, Question("为 ", "院校", " 找合作企业", "/partners?anchor_kind=school", "enterprise")),
            (officer, Question("", "区县", " 里谁与谁该合作", "/partners?anchor_kind=district", "district")),
            (plans, Question("全市的 ", "席位", " 怎样安排", "/plans", "offering")),
        )),
        ("看供需", (
            (True, Question("", "职业", " 缺多少人，哪里缺", "/gaps", "occupation")),
            (True, Question("哪个 ", "区县", " 缺得多", "/map", "district")),
            (plans, Question("增减一个 ", "专业", " 会怎样", "/planning", "major")),
            (plans, Question("推荐都给了 ", "谁", "", "/shown", "talent")),
        )),
        ("查关系", (
            (True, Question("", "A", " 与 B 怎样连上", "/explorer", "chain")),
            (True, Question("", "区县", " 有哪些工作室和基地", "/search?kind=district", "carrier")),
            (True, Question("按什么 ", "规则", " 推荐", "/rules", "policy")),
            (loads, Question("导入 ", "名册", "，看有无错行", "/imports", "market_stat")),
        )),
    )  # fmt: skip
    found = [
        (title, [one for may, one in lines if may and one.href.partition("?")[0] in paths])
        for title, lines in groups
    ]
    return [(title, lines) for title, lines in found if lines]


def asked(service: Service, viewer: Viewer) -> Section:
    """Return the viewer's own newest questions; each can be opened again."""
    found = service.my_questions(viewer=viewer, limit=_RECENT)
    return Section(
        key="asked",
        title="最近的提问",
        note="再次打开按今天的数据重算",
        head=(("事项", ""), ("内容", ""), ("结果", ""), ("跟进", ""), ("日期", "r")),
        rows=tuple(
            (
                words(_ASKED.get(str(one["kind"]), "")),
                Cell(
                    text=about(service, one["question"], viewer),
                    href=again(one["question"], str(one["kind"])),
                ),
                words(f"列出 {one['listed']:,}{_verify(one['to_verify'])}"),
                words("—") if one["kind"] == "team" else _followed(one["states"]),
                words(one["day"]),
            )
            for one in found["items"]
        ),
        empty="还没有提过问题。从上面选一个开始。",
    )


def _verify(count: int) -> str:
    return f"，待核实 {count:,}" if count else ""


def _followed(states: Sequence[str]) -> Cell:
    taken = [state for state in states if state != "rejected"]
    if taken:
        return Cell(text=f"已采纳 {len(taken)}", tone="ok")
    return words(f"不采纳 {len(states)}") if states else Cell(text="待决定", tone="warn")


def recent(service: Service, viewer: Viewer) -> Section:
    """Return the newest follow-ups of the viewer as a table."""
    found = service.decisions(viewer=viewer, limit=_RECENT)
    return Section(
        key="recent",
        title="最近的跟进",
        note=f"共 {found['total']:,} 条",
        head=(("事项", ""), ("人选或单位", ""), ("为了", ""), ("状态", ""), ("经手", ""), ("时间", "r")),
        rows=tuple(
            (
                words("柔性人才" if one["kind"] == "talents" else "校企合作"),
                Cell(text=str(one["name"]), href=with_params("/board", (), state=one["state"])),
                words(about(service, one["question"], viewer)),
                Cell(text=str(one["label"]), tone=_TONES.get(str(one["state"]), "")),
                words(one["viewer"]),
                words(day(str(one["at"]))),
            )
            for one in found["items"]
        ),
        empty="还没有采纳或不采纳。提一个问题，在名单里决定，就会在这里跟进。",
        links=(("/board", "全部跟进"),) if found["items"] else (),
        people=True,
    )


def tasks(service: Service, viewer: Viewer, paths: set[str]) -> list[Task]:
    """Return what waits for this viewer: follow-ups to take further, identity questions, old registers, rejected rows."""
    counts = service.decisions(viewer=viewer, limit=1)["counts"]
    found = [
        Task(label, counts[state], f"/board?state={state}", "ask")
        for state, label in _WAITING
        if state in STATES
    ]
    if sees_all(viewer):
        if "/reviews" in paths:
            found.append(
                Task(
                    "疑似同一人，待判断", service.reviews(viewer=viewer, limit=1)["total"], "/reviews", "info"
                )
            )
        newest = service.batches(viewer=viewer, limit=1)["items"]
        rejected = sum(int(batch["totals"].get("rejected", 0)) for batch in newest)
        found.append(Task("最近一批被拒的行", rejected, "/imports/history", "no", "bad"))
    return found  # fmt: skip


def freshness(service: Service, viewer: Viewer, now: datetime) -> list[Freshness]:
    """Return when each register was last loaded, the oldest first."""
    newest: dict[str, datetime] = {}
    for batch in service.batches(viewer=viewer, limit=_BATCHES)["items"]:
        if batch["kind"] == "load" and batch["source"] and batch["undone_by"] is None:
            at = datetime.fromisoformat(str(batch["at"]))
            newest[batch["source"]] = max(at, newest.get(batch["source"], at))
    lines = [
        Freshness(source, at.astimezone(now.tzinfo).date().isoformat(), max(0, (now - at).days))
        for source, at in newest.items()
    ]
    return sorted(lines, key=lambda one: (-one.days, one.source))


def portal(service: Service, viewer: Viewer) -> tuple[Json, list[Section], list[tuple[str, str]]] | None:
    """Return an organisation's own page: itself, its tables, and a link by way of working together; None for others."""
    page = organisations.own(service, viewer)
    if page is None:
        return None
    kind = page["node"]["kind"]
    parts: Sequence[Any] = (
        (organisations.needs, organisations.posts, organisations.agreements)
        if kind == "enterprise"
        else (organisations.cohorts, organisations.agreements, organisations.teachers, organisations.pathways)
    )
    anchor = f"{kind}:{viewer.org}"
    ways = [
        (with_params("/partners/answer", (), anchor=anchor, mode=mode), COOPERATION_MODES[mode])
        for mode in _SEAT_MODES
    ]
    return page["node"], [part(service, page, viewer) for part in parts], ways
