"""The page of a node: what is known, what can be asked about it, its relations; and the one way to a name and phone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.forms import Form, day, known_at
from api.pages.parts.labels import PROVEN
from api.pages.parts.links import node_href, with_params
from api.pages.parts.sections import Section
from api.pages.routes.shared import KINDS_OF_PERSONS, Route, signed_in
from api.pages.views import identities, organisations, people
from kg.errors import InvalidInputError, KgError
from kg.model.viewers import Role, Viewer
from kg.policy.rights import may_recommend, sees_all
from kg.service import Service

Json = Mapping[str, Any]
_NEIGHBOURS: Final = 12
_NEIGHBOURS_OF_ONE: Final = 60


def _officer(viewer: Viewer, _: Json) -> bool:
    return sees_all(viewer)


def _planner(viewer: Viewer, _: Json) -> bool:
    return viewer.has(Role.OFFICER, Role.PLANNER)


def _own(viewer: Viewer, page: Json) -> bool:
    return sees_all(viewer) or page["node"]["key"] == viewer.org


def _planner_or_own(viewer: Viewer, page: Json) -> bool:
    return _planner(viewer, page) or _own(viewer, page)


def _anyone(_: Viewer, __: Json) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Ask:
    """One further question about a node: its words, who may ask, who answers."""

    key: str
    label: str
    may: Callable[[Viewer, Json], bool]
    answer: Callable[[Service, Json, Viewer], Section]


ASKS: Final[Mapping[str, tuple[Ask, ...]]] = {
    "talent": (
        Ask("peers", "同行交流", _officer, people.peers),
        Ask("steps", "下一步学什么", _officer, people.next_steps),
        Ask("lineage", "师徒传承", _officer, people.lineage),
        Ask("ways", "转岗方向", _officer, people.ways_of_talent),
    ),
    "occupation": (Ask("ways", "转岗方向", _planner, people.ways_of_occupation),),
    "competition": (Ask("chain", "竞赛层级", _anyone, people.competition_chain),),
    "school": (
        Ask("cohorts", "专业班级", _anyone, organisations.cohorts),
        Ask("agreements", "合作单位", _own, organisations.agreements),
        Ask("teachers", "兼职教师", _anyone, organisations.teachers),
        Ask("pathways", "升学贯通", _planner_or_own, organisations.pathways),
        Ask("targets", "目标与实际", _planner, organisations.school_targets),
        Ask("carriers", "附近载体", _anyone, organisations.carriers),
    ),
    "enterprise": (
        Ask("needs", "柔性需求", _anyone, organisations.needs),
        Ask("posts", "岗位需求", _anyone, organisations.posts),
        Ask("agreements", "合作单位", _own, organisations.agreements),
        Ask("carriers", "附近载体", _anyone, organisations.carriers),
    ),
    "district": (Ask("carriers", "附近载体", _anyone, organisations.carriers),),
    "alliance": (Ask("completions", "可补的院校", _planner, organisations.completions),),
}


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    nodes = _Nodes(pages)
    return [
        ("GET", "/nodes/{kind}/{key:path}", nodes.show),
        ("POST", "/nodes/talent/{key}/reveal", nodes.reveal),
    ]


class _Nodes:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps, self._service = pages, pages.deps, pages.deps.service

    def show(self, request: Request, _: FormData) -> Response:
        kind, key = str(request.path_params["kind"]), str(request.path_params["key"])
        return self._show(request, kind, key, Form(("reason",)))

    def reveal(self, request: Request, fields: FormData) -> Response:
        """Tell name and phone once, on this answer only; the reason is written down before."""
        viewer = signed_in(self._deps.viewer_of(request))
        key = str(request.path_params["key"])
        form = Form(("reason",), (("reason", str(fields.get("reason") or "")),))
        try:
            told = self._service.reveal(key, form.value("reason"), viewer=viewer)
        except InvalidInputError as error:
            return self._show(request, "talent", key, form.with_error(error))
        return self._show(request, "talent", key, form, revealed=told)

    def _show(
        self, request: Request, kind: str, key: str, form: Form, *, revealed: Json | None = None
    ) -> Response:
        viewer = self._deps.viewer_of(request)
        query: Mapping[str, str] = request.query_params
        asked: dict[str, Any] = {
            name: query.get(name) or None for name in ("relation", "direction", "cursor")
        }
        times = Form(("as_of", "known_at"), tuple(request.query_params.multi_items()))
        past: dict[str, Any] = {"as_of": day(times), "known_at": known_at(times)}
        page = self._service.node(kind, key, viewer=viewer, **past)
        only = asked["relation"] is not None
        around = self._service.neighbours(
            kind, key, viewer=viewer, limit=_NEIGHBOURS_OF_ONE if only else _NEIGHBOURS, **asked, **past
        )
        groups = [group for group in around["groups"] if group["items"] or not only]
        asks = [ask for ask in ASKS.get(kind, ()) if ask.may(viewer, page)]
        section = self._answer(asks, query.get("ask"), page, viewer)
        kinds = {kind, *(group["kind"] for group in groups)}
        return self._pages.render(
            request,
            "node.html",
            status=422 if form.errors else 200,
            section="",
            page=page,
            times={name: times.value(name) for name in times.known},
            groups=groups,
            only=only,
            next_href=lambda group: _next_href(page["node"], group, times, only=only),
            people=bool(({kind} if section else kinds) & KINDS_OF_PERSONS)
            or (section is not None and section.people),
            proven=PROVEN,
            actions=self._actions(page, viewer),
            further=[(ask.key, ask.label, with_params(node_href(page["node"]), (), ask=ask.key)) for ask in asks],
            answer=section,
            form=form,
            revealed=revealed,
            may_reveal=kind == "talent" and sees_all(viewer),
            joined=identities.joined(page),
            half=identities.HALF,
        )  # fmt: skip

    def _answer(self, asks: list[Ask], wanted: str | None, page: Json, viewer: Viewer) -> Section | None:
        """Return the answer to the further question; a refusal is told in its place, the page stays."""
        ask = next((one for one in asks if one.key == wanted), None)
        if ask is None:
            return None
        try:
            return ask.answer(self._service, page, viewer)
        except KgError as error:
            return Section(key=ask.key, title=ask.label, head=(("", ""),), empty=error.message)

    def _actions(self, page: Json, viewer: Viewer) -> list[tuple[str, str]]:
        """Return the questions that this viewer may ask about the node."""
        kind, key = page["node"]["kind"], page["node"]["key"]
        if kind == "occupation":
            return [(with_params("/gaps", (), occupation=key), "看供需缺口")]
        if not may_recommend(viewer):
            return []
        anchor = f"{kind}:{key}"
        mine = sees_all(viewer) or key == viewer.org
        hosts = {row.get("data") for row in page["properties"] if row["key"] == "host"}
        own = sees_all(viewer) or viewer.org in hosts
        if kind == "need" and own:
            return [(with_params("/talents/answer", (), need=key), "找柔性人才")]
        if kind == "problem" and own and "/teams" in self._pages.paths:
            return [(with_params("/teams", (), problem=key), "组攻关团队")]
        if kind in {"enterprise", "school"} and mine:
            label = "找合作院校" if kind == "enterprise" else "找合作企业"
            return [(with_params("/partners", (), anchor=anchor), label)]
        if kind == "district" and sees_all(viewer):
            return [(with_params("/partners", (), anchor=anchor), "看校企配对")]
        return []


def _next_href(node: Json, group: Json, times: Form, *, only: bool) -> str:
    asked_for = {name: times.value(name) or None for name in times.known}
    return with_params(
        node_href(node),
        (),
        relation=group["relation"],
        direction=group["direction"],
        cursor=group["cursor"] if only else None,
        **asked_for,
    )
