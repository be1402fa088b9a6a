"""The two question forms, their answers as list and detail, and the sheet that is printed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.forms import (
    PARTNER_FIELDS,
    TALENT_FIELDS,
    Form,
    checked,
    day,
    inline_need,
    known_at,
    partner_question,
    prefilled,
    whole,
)
from api.pages.parts.labels import EXPORT_FORMS, ORDER_LABELS
from api.pages.parts.links import node_href, with_params
from api.pages.parts.sections import Section
from api.pages.routes.shared import Route, page_number, signed_in
from api.pages.views import decisions, forms, organisations, questions, results
from api.pages.views.results import Asked
from kg.decisions.followups import REASONS, STATES
from kg.errors import AmbiguousNameError, ForbiddenError, InvalidInputError, KgError, NotFoundError
from kg.model.graph import NodeRef
from kg.model.viewers import Viewer
from kg.policy.rights import may_recommend, sees_all
from kg.vocab.levels import LEVEL_LABELS
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES

Json = dict[str, Any]
_SHOWING: Final = ("detail", "page", "vpage", "view", "pick", "only", *forms.FIND)
_MOST: Final = 200
WANTED: Final = {"enterprise": "企业", "school": "院校", "district": "区县"}
"""What the start page asks to be named as anchor."""
_ANCHOR_KINDS: Final = ("enterprise", "school", "district")


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    answers = _Answers(pages)
    return [
        ("GET", "/talents", answers.ask_talents),
        ("GET", "/talents/answer", answers.talents),
        ("GET", "/partners", answers.ask_partners),
        ("GET", "/partners/answer", answers.partners),
    ]


def asker(pages: Pages, request: Request) -> Viewer:
    """Return the viewer who may ask; raises UnauthenticatedError or ForbiddenError for others."""
    viewer = signed_in(pages.deps.viewer_of(request))
    if not may_recommend(viewer):
        raise ForbiddenError("您的角色不能发起推荐：请用经办人员、企业或院校账号登录")
    return viewer


class _Answers:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps, self._service = pages, pages.deps, pages.deps.service

    # -- flexible talents -----------------------------------------------------------------------------------

    def ask_talents(self, request: Request, _: FormData) -> Response:
        viewer = asker(self._pages, request)
        pairs = request.query_params.multi_items()
        form = prefilled(TALENT_FIELDS, pairs)
        if not sees_all(viewer) and viewer.org and not form.value("host"):
            form = prefilled(TALENT_FIELDS, [*pairs, ("host", viewer.org)])
        return self._show_talents(request, viewer, form)

    def _show_talents(self, request: Request, viewer: Viewer, form: Form) -> Response:
        words = request.query_params.get("q", "").strip()[:200]
        found = self._service.search(words, "need", 20, viewer=viewer) if words else None
        return self._pages.render(
            request,
            "ask_talents.html",
            status=422 if form.errors else 200,
            section="/talents",
            form=form,
            q=words,
            found=found,
            own=None if words else self._own_needs(viewer),
            officer=sees_all(viewer),
            ask_href=lambda node: (
                with_params("/talents/answer", (), need=node["key"]) if sees_all(viewer) else node_href(node)
            ),
            levels=[("", "不限"), *((label, label) for label in LEVEL_LABELS.values())],
            modes=list(ENGAGEMENT_MODES.items()),
            picks=forms.picks(self._service, form, request.query_params.multi_items(), viewer, "/talents"),
            plan=forms.hours_plan(
                form, int(forms.policy_number(self._service.policy(viewer=viewer), "week_days"))
            ),
        )

    def _own_needs(self, viewer: Viewer) -> Section | None:
        try:
            page = organisations.own(self._service, viewer)
        except NotFoundError:  # the organisation of the account has not been loaded yet
            return None
        return None if page is None else replace(organisations.needs(self._service, page, viewer), links=())

    def talents(self, request: Request, _: FormData) -> Response:
        viewer = asker(self._pages, request)
        pairs = request.query_params.multi_items()
        form = checked(prefilled(TALENT_FIELDS, pairs))
        if form.errors:
            return self._show_talents(request, viewer, form)
        need = request.query_params.get("need")
        try:
            question: Json = {"need": need} if need else {"inline": inline_need(form)}
            times: Json = {"k": whole(form, "k"), "as_of": day(form), "known_at": known_at(form)}
            wanted = request.query_params.get("detail")
            answer = self._service.recommend_talents(
                question, viewer=viewer, detail=wanted or "first", **times
            )
            item = results.selected(answer, wanted)
            if item is not None and "evidence_rows" not in item:
                first = results.item_id(item)
                answer = self._service.recommend_talents(question, viewer=viewer, detail=first, **times)
        except InvalidInputError as error:
            return self._show_talents(request, viewer, form.with_error(error))
        head = questions.talent_head(answer, self._service, viewer)
        asked = Asked(path="/talents/answer", params=question_of(pairs))
        edit = with_params("/talents", () if need else asked.params)
        return self._answer(
            request, viewer, answer, head, asked, edit, here=need or "临时需求", inline=not need
        )

    # -- partners -------------------------------------------------------------------------------------------

    def ask_partners(self, request: Request, _: FormData) -> Response:
        viewer = asker(self._pages, request)
        pairs = request.query_params.multi_items()
        form = prefilled(PARTNER_FIELDS, pairs)
        kind = organisations.own_kind(viewer)
        if kind and not form.value("anchor"):
            form = prefilled(PARTNER_FIELDS, [*pairs, ("anchor", f"{kind}:{viewer.org}")])
        return self._show_partners(request, viewer, form)

    def _show_partners(
        self, request: Request, viewer: Viewer, form: Form, candidates: list[Mapping[str, Any]] | None = None
    ) -> Response:
        return self._pages.render(
            request,
            "ask_partners.html",
            status=422 if form.errors else 200,
            section="/partners",
            form=form,
            candidates=candidates or (),
            choose_href=lambda node: with_params(
                "/partners/answer" if form.value("mode") else "/partners",
                [pair for pair in form.pairs if pair[0] != "anchor"],
                anchor=f"{node['kind']}:{node['key']}",
            ),
            anchor_name=self._anchor_name(form.value("anchor"), viewer),
            modes=list(COOPERATION_MODES.items()),
            orders=[
                ("", "席位 × 盈余（默认）"),
                ("seats", ORDER_LABELS["seats"]),
                ("score", ORDER_LABELS["score"]),
            ],
            picks=forms.picks(self._service, form, request.query_params.multi_items(), viewer, "/partners"),
            caps=self._caps(form.value("anchor"), viewer),
            wanted=WANTED.get(request.query_params.get("anchor_kind", ""), ""),
        )

    def _caps(self, anchor: str, viewer: Viewer) -> Section | None:
        try:
            return forms.seat_caps(self._service, anchor, viewer)
        except KgError:
            return None

    def _anchor_name(self, text: str, viewer: Viewer) -> str:
        kind, _, key = text.partition(":")
        if kind not in _ANCHOR_KINDS or not key:
            return ""
        try:
            return str(self._service.node(kind, key, viewer=viewer)["node"]["name"])
        except KgError:
            return ""

    def partners(self, request: Request, _: FormData) -> Response:
        viewer = asker(self._pages, request)
        pairs = request.query_params.multi_items()
        form = checked(prefilled(PARTNER_FIELDS, pairs))
        try:
            anchor = self._anchor(form, viewer)
        except (NotFoundError, InvalidInputError) as error:
            return self._choose(request, viewer, form, error)
        if form.errors:
            return self._show_partners(request, viewer, form)
        wanted = request.query_params.get("detail")
        try:
            question = partner_question(form, anchor)
            times: Json = {"k": whole(form, "k"), "as_of": day(form), "known_at": known_at(form)}
            answer = self._service.recommend_partners(
                question, viewer=viewer, detail=wanted or "first", **times
            )
            item = results.selected(answer, wanted)
            if item is not None and "evidence_rows" not in item:
                first = results.item_id(item)
                answer = self._service.recommend_partners(question, viewer=viewer, detail=first, **times)
        except InvalidInputError as error:
            return self._show_partners(request, viewer, form.with_error(error))
        head = questions.partner_head(answer, self._service, viewer)
        params = question_of(pairs, anchor=f"{anchor.kind}:{anchor.key}")
        asked = Asked(path="/partners/answer", params=params, district=anchor.kind == "district")
        edit = with_params("/partners", asked.params)
        return self._answer(request, viewer, answer, head, asked, edit, here=anchor.key, inline=True)

    def _anchor(self, form: Form, viewer: Viewer) -> NodeRef:
        text = form.value("anchor").strip()
        kind, _, key = text.partition(":")
        if kind in _ANCHOR_KINDS and key:
            return NodeRef(kind, key)
        if not text:
            raise InvalidInputError("请填对象：企业、院校或区县", field="anchor")
        return self._service.resolve_anchor(text, viewer=viewer)

    def _choose(self, request: Request, viewer: Viewer, form: Form, error: KgError) -> Response:
        """Show the form again with what the words may have meant."""
        text = form.value("anchor").strip()
        found: list[Mapping[str, Any]] = []
        if isinstance(error, AmbiguousNameError):
            nodes = [{"kind": "enterprise", "key": key, "name": name} for key, name in error.candidates]
            found = [{"node": self._known(node, viewer), "subtitle": ""} for node in nodes]
        elif text:
            for kind in _ANCHOR_KINDS:
                found += self._service.search(text, kind, 8, viewer=viewer)["items"]
        message = f"没有叫“{text}”的单位或区县" + ("，请从候选里选一个" if found else "，请检查写法")
        shown = error if isinstance(error, InvalidInputError) else InvalidInputError(message, field="anchor")
        return self._show_partners(request, viewer, form.with_error(shown), found)

    def _known(self, node: Json, viewer: Viewer) -> Json:
        """Return the candidate under the kind that it has."""
        for kind in ("enterprise", "school"):
            if self._anchor_name(f"{kind}:{node['key']}", viewer):
                return {**node, "kind": kind}
        return node

    # -- both -----------------------------------------------------------------------------------------------

    def _answer(
        self,
        request: Request,
        viewer: Viewer,
        answer: Json,
        head: Json,
        asked: Asked,
        edit: str,
        *,
        here: str,
        inline: bool,
    ) -> Response:
        talents = asked.path.startswith("/talents")
        item = results.selected(answer, request.query_params.get("detail"))
        detail = results.detail(item, answer, asked) if item is not None else None
        current = results.item_id(item) if item is not None else None
        context: Json = {
            "section": "/talents" if talents else "/partners",
            "answer": answer,
            "question": head,
            "d": detail,
            "asked": asked,
            "edit_href": edit,
            "here_label": here,
            "inline": inline,
            "talents": talents,
            "officer": sees_all(viewer),
            "missed": results.not_listed(answer),
            "failed": results.failed_lines(answer),
            "sheet_href": asked.href(detail=current, view="sheet"),
            "exports": [
                (label, with_params(f"{asked.path}.{form}", asked.params))
                for form, label in EXPORT_FORMS.items()
            ],
            "back_href": asked.href(detail=current),
        }
        if detail is not None and request.query_params.get("view") == "sheet":
            title = "柔性人才推荐意见" if talents else "校企合作推荐意见"
            return self._pages.render(request, "sheet.html", sheet_title=title, **context)
        known = decisions.standings(self._service, answer, viewer)
        context |= self._lists(request, answer, asked, current, known)
        context |= {
            "reasons": REASONS["talents" if talents else "partners"],
            "state_labels": STATES,
            "compare": ("/talents/compare" if talents else "/partners/compare", asked.params),
            "standing": None
            if item is None or not decisions.may_decide(viewer, talents=talents)
            else decisions.standing_of(item, answer, known, district=asked.district),
        }
        return self._pages.render(
            request, "answer_talents.html" if talents else "answer_partners.html", **context
        )

    def _lists(
        self,
        request: Request,
        answer: Json,
        asked: Asked,
        current: str | None,
        known: Mapping[str, decisions.Standing],
    ) -> Json:
        listed, verify = answer["items"], answer["to_verify"]
        size = results.entries_per_page(asked)
        page, first, pages = self._page(request, "page", listed, size, current)
        vpage, vfirst, vpages = self._page(request, "vpage", verify, size // 2, current)
        low = next((item for item in listed if item["band"] == "low_coverage"), None)
        shown = listed[first : first + size]
        return {
            "lines": [results.line(item, asked, current, to_verify=False, known=known) for item in shown],
            "verify": [
                results.line(item, asked, current, to_verify=True, known=known)
                for item in verify[vfirst : vfirst + size // 2]
            ],
            "low_from": {results.item_id(low)} if low else set(),
            "shown": len(listed),
            "page": page,
            "pages": pages,
            "vpage": vpage,
            "vpages": vpages,
            "more_href": self._more(answer, asked),
            "unit": "对" if asked.district else results.unit_of(answer),
            "district": asked.district,
            "orders": self._orders(answer, asked) if results.has_seats(answer) else (),
        }

    def _page(
        self, request: Request, name: str, part: Sequence[Json], size: int, current: str | None
    ) -> tuple[int, int, int]:
        """Return page, first index and pages: the page asked for, else the one that holds the current item."""
        places = (place for place, item in enumerate(part) if results.item_id(item) == current)
        wanted = page_number(request, name) if name in request.query_params else next(places, 0) // size + 1
        return results.pages_of(len(part), wanted, size)

    def _more(self, answer: Json, asked: Asked) -> str | None:
        shown = len(answer["items"])
        k = int(dict(asked.params).get("k") or 20)
        full = shown >= k and k < _MOST and answer["pool"]["listed"] > shown
        return asked.href(k=_MOST) if full else None

    def _orders(self, answer: Json, asked: Asked) -> list[tuple[str, str, str, bool]]:
        now = answer["question"].get("order") or "value"
        return [
            (key, label, asked.href(order=None if key == "value" else key), key == now)
            for key, label in ORDER_LABELS.items()
        ]


def question_of(pairs: list[tuple[str, str]], **changes: str) -> tuple[tuple[str, str], ...]:
    """Return the query without what only chooses the view, empty fields left out."""
    kept = [
        (name, value) for name, value in pairs if name not in _SHOWING and value != "" and name not in changes
    ]
    return (*changes.items(), *kept)
