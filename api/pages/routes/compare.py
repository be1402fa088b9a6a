"""Comparison of two to four items of an answer, and an answer as a file."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import SECURITY_HEADERS, Pages
from api.pages.parts.forms import (
    PARTNER_FIELDS,
    TALENT_FIELDS,
    Form,
    day,
    inline_need,
    known_at,
    partner_question,
    prefilled,
    whole,
)
from api.pages.parts.labels import EXPORT_FORMS
from api.pages.parts.links import with_params
from api.pages.routes.answers import asker, question_of
from api.pages.routes.shared import Route
from api.pages.views import compare, decisions, questions
from api.pages.views.results import Asked, item_id
from api.routers.common import XLSX
from kg.decisions.followups import REASONS, STATES
from kg.errors import InvalidInputError, NotFoundError
from kg.model.graph import NodeRef
from kg.model.viewers import Viewer

Json = dict[str, Any]
FEWEST: Final = 2
MOST: Final = 4
_DIFFERENT: Final = "different"
_ANCHORS: Final = ("enterprise", "school", "district")
_TYPES: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": XLSX,
    "html": "text/html; charset=utf-8",
}


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    comparison = _Compare(pages)
    files: list[Route] = [
        ("GET", f"/{question}/answer.{form}", comparison.file_of(question, form))
        for question in ("talents", "partners")
        for form in EXPORT_FORMS
    ]
    return [
        ("GET", "/talents/compare", comparison.talents),
        ("GET", "/partners/compare", comparison.partners),
        *files,
    ]


class _Compare:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._service = pages, pages.deps.service

    def talents(self, request: Request, _: FormData) -> Response:
        viewer = asker(self._pages, request)
        question, times = _talents_asked(request)

        def ask(detail: tuple[str, ...]) -> Json:
            return self._service.recommend_talents(
                question, viewer=viewer, detail=detail, counterfactuals=0, **times
            )

        return self._show(request, viewer, ask, "talents")

    def partners(self, request: Request, _: FormData) -> Response:
        viewer = asker(self._pages, request)
        question, times = _partners_asked(request)

        def ask(detail: tuple[str, ...]) -> Json:
            return self._service.recommend_partners(
                question, viewer=viewer, detail=detail, counterfactuals=0, **times
            )

        return self._show(request, viewer, ask, "partners")

    def _show(
        self, request: Request, viewer: Viewer, ask: Callable[[tuple[str, ...]], Json], kind: str
    ) -> Response:
        picks = list(dict.fromkeys(request.query_params.getlist("pick")))
        if not FEWEST <= len(picks) <= MOST:
            raise InvalidInputError(
                f"勾选了 {len(picks)} 项：请回到名单，勾选 {FEWEST} 到 {MOST} 项再对比", field="pick"
            )
        answer, talents = ask(tuple(picks)), kind == "talents"
        items = sorted(
            (_picked(answer, pick) for pick in picks),
            key=lambda item: (item["band"] == "to_verify", item["rank"], item_id(item)),
        )
        district = (answer["question"].get("anchor") or {}).get("kind") == "district"
        params = question_of(request.query_params.multi_items())
        asked = Asked(path=f"/{kind}/answer", params=params, district=district)
        head = (questions.talent_head if talents else questions.partner_head)(answer, self._service, viewer)
        decides = decisions.may_decide(viewer, talents=talents)
        known = decisions.standings(self._service, answer, viewer) if decides else {}
        standings = [
            decisions.standing_of(item, answer, known, district=district) if decides else None
            for item in items
        ]
        only = request.query_params.get("only") == _DIFFERENT
        here = with_params(request.url.path, [*params, *(("pick", pick) for pick in picks)])
        return self._pages.render(
            request,
            "compare.html",
            section=f"/{kind}",
            talents=talents,
            question=head,
            answer=answer,
            columns=compare.columns(items, answer, asked, standings),
            sides=compare.sides(items),
            texts=compare.text_rows(items, talents=talents),
            only=only,
            toggle_href=here if only else with_params(here.partition("?")[0], [*params, *(("pick", p) for p in picks)], only=_DIFFERENT),
            back_href=asked.href(),
            reasons=REASONS[kind],
            state_labels=STATES,
        )  # fmt: skip

    def file_of(self, question: str, form: str) -> Callable[[Request, FormData], Response]:
        """Return the handler that sends the answer to a question as a file."""

        def send(request: Request, _: FormData) -> Response:
            viewer = asker(self._pages, request)
            asked, times = (_talents_asked if question == "talents" else _partners_asked)(request)
            content = self._pages.deps.export_answer(
                question, asked, form, viewer=viewer, say=self._pages.say(request), **times
            )
            headers = {
                **SECURITY_HEADERS,
                "Content-Disposition": f'attachment; filename="{question}.{form}"',
            }
            return Response(content, media_type=_TYPES[form], headers=headers)

        return send


def _picked(answer: Json, pick: str) -> Json:
    found = next((one for one in (*answer["items"], *answer["to_verify"]) if item_id(one) == pick), None)
    if found is None:
        raise NotFoundError("勾选的这一项已不在名单里，请回到名单重新勾选")
    return dict(found)


def _times(form: Form) -> Json:
    return {"k": whole(form, "k"), "as_of": day(form), "known_at": known_at(form)}


def _talents_asked(request: Request) -> tuple[Json, Json]:
    form = prefilled(TALENT_FIELDS, request.query_params.multi_items())
    need = request.query_params.get("need")
    return {"need": need} if need else {"inline": inline_need(form)}, _times(form)


def _partners_asked(request: Request) -> tuple[Json, Json]:
    form = prefilled(PARTNER_FIELDS, request.query_params.multi_items())
    kind, _, key = form.value("anchor").partition(":")
    if kind not in _ANCHORS or not key:
        raise InvalidInputError("请回到名单，从那里对比或导出", field="anchor")
    return partner_question(form, NodeRef(kind, key)), _times(form)
