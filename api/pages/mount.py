"""Puts the pages onto the application: implements what pages need with the parts of the running service."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response

from api.deps import COOKIE, Deps, csrf_holds, csrf_token, page_viewer, session_of
from api.import_drafts import Draft, Drafts
from api.import_mappings import Mappings
from api.imports import ImportRequest
from api.pages.dependencies import Json, PageDependencies, UploadedFile
from api.pages.export_answers import export_answer
from api.pages.frame.rendering import Pages
from api.pages.router import router_of
from api.sources import expect, sources
from kg.errors import ForbiddenError
from kg.model.viewers import Viewer
from visualizations.district_map import FILE_NAME, district_map

_SESSION_SECONDS = 12 * 3600


def mount_pages(app: FastAPI, deps: Deps) -> None:
    """Add every page, and leave the frame behind for error pages."""
    pages = Pages(_dependencies(deps))
    app.state.pages = pages
    app.router.routes.extend(router_of(pages).routes)


def _dependencies(deps: Deps) -> PageDependencies:
    graph, drafts = deps.graph, Drafts(deps.graph)

    def keep_session(response: Response, session: str) -> None:
        _keep_session(response, session, secure=(graph.settings.public_url or "").startswith("https://"))

    def check_csrf(request: Request, token: str) -> None:
        if not csrf_holds(deps, request, token):
            raise ForbiddenError("这一页放得太久或登录已变，请回到上一页刷新后再提交", code="csrf")

    def sign_in(_: Request, response: Response, name: str, password: str) -> None:
        keep_session(response, deps.accounts.sign_in(name, password))

    def sign_out(request: Request, response: Response) -> None:
        session = session_of(request)
        if session:
            deps.accounts.sign_out(session)
        response.delete_cookie(COOKIE, path="/")

    def enter_link(response: Response, token: str) -> None:
        keep_session(response, deps.accounts.enter(token))

    return PageDependencies(
        service=graph.service,
        viewer_of=page_viewer,
        csrf_of=lambda request: csrf_token(deps, session_of(request)),
        check_csrf=check_csrf,
        sign_in=sign_in,
        sign_out=sign_out,
        link_is_direct=deps.accounts.is_direct,
        enter_link=enter_link,
        redeem_link=deps.accounts.redeem,
        synthetic=lambda: graph.service.synthetic,
        import_files=partial(_import_files, deps),
        import_report=partial(_import_report, deps),
        import_comparison=deps.imports.comparison,
        import_batch=deps.imports.batch_of,
        import_progress=deps.imports.progress,
        import_draft=partial(_import_draft, deps, drafts),
        drafts=drafts,
        mappings=Mappings(graph),
        sources=lambda viewer: sources(graph, viewer=viewer),
        expect_source=partial(expect, graph),
        export_answer=partial(export_answer, graph),
        districts=partial(district_map, graph.settings.data / FILE_NAME),
        now=lambda: graph.clock().astimezone(),
        schema=graph.schema,
    )


def _import_files(deps: Deps, files: Sequence[UploadedFile], *, viewer: Viewer, **wanted: Any) -> str:
    return deps.imports.accept(
        [(file.name, file.stream) for file in files], ImportRequest(**wanted), viewer=viewer
    )


def _import_report(deps: Deps, batch: str, *, viewer: Viewer) -> Json:
    return dict(deps.imports.report(batch, viewer=viewer))


def _import_draft(deps: Deps, drafts: Drafts, draft: Draft, *, viewer: Viewer) -> str:
    wanted = ImportRequest(
        source=draft.source, full=draft.full, dry_run=draft.dry_run, confirm_retire=draft.confirm_retire
    )
    with drafts.files_of(draft) as files:
        return deps.imports.accept(files, wanted, viewer=viewer)


def _keep_session(response: Response, session: str, *, secure: bool) -> None:
    """Set the session cookie: no script reads it, no other site sends it."""
    response.set_cookie(
        COOKIE,
        session,
        max_age=_SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=secure,
        path="/",
    )
