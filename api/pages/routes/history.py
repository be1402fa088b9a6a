"""Import history: the list of batches, what one changed, and its undo with a page that asks first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.labels import CHANGE_LABELS, COUNT_LABELS, UNDO_LABELS
from api.pages.parts.links import with_params
from api.pages.routes.shared import Route, signed_in
from kg.errors import ForbiddenError, RefusedError
from kg.model.viewers import Viewer
from kg.policy.rights import may_load

Json = dict[str, Any]
LATEST: Final = 8
"""So many batches stand below the import form."""
_BATCHES: Final = 50
_ROWS: Final = 50
_CONFLICTS: Final = 50
_KINDS: Final = {"load": "导入", "identity": "身份核对", "rollback": "撤销", "erasure": "彻底删除"}


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module; it stands before the page of a single import."""
    history = _History(pages)
    return [
        ("GET", "/imports/history", history.batches),
        ("GET", "/imports/{batch}/changes", history.changes),
        ("GET", "/imports/{batch}/rollback", history.ask),
        ("POST", "/imports/{batch}/rollback", history.roll_back),
    ]


def keeper(viewer: Viewer) -> Viewer:
    """Return the viewer; raises for whoever may not import."""
    if not may_load(signed_in(viewer)):
        raise ForbiddenError("只有经办人员和管理员可以导入名册")
    return viewer


def batch_line(item: Mapping[str, Any]) -> Json:
    """Return a batch as a line of the list: its words and where it leads."""
    labels = {**COUNT_LABELS, **UNDO_LABELS}
    counts = [(labels[name], number) for name, number in item["totals"].items() if name in labels and number]
    name = item["id"]
    return {
        **item,
        "when": f"{datetime.fromisoformat(item['at']).astimezone():%Y-%m-%d %H:%M}",
        "kind_label": _KINDS[item["kind"]],
        "counts": [pair for pair in counts if pair[0] not in {"读入", "未变"}],
        "href": f"/imports/{name}" if item["kind"] == "load" else f"/imports/{name}/changes",
        "changes_href": f"/imports/{name}/changes",
        "undo_href": f"/imports/{name}/rollback" if may_undo(item) else None,
    }


def may_undo(item: Mapping[str, Any]) -> bool:
    """True when a batch stands and is none that stays for good."""
    return item["undone_by"] is None and item["kind"] != "erasure"


class _History:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps, self._service = pages, pages.deps, pages.deps.service

    def batches(self, request: Request, _: FormData) -> Response:
        viewer = keeper(self._deps.viewer_of(request))
        cursor = request.query_params.get("cursor")
        found = self._service.batches(viewer=viewer, limit=_BATCHES, cursor=cursor)
        older = found["cursor"]
        return self._pages.render(
            request,
            "import_history.html",
            section="/imports",
            lines=[batch_line(item) for item in found["items"]],
            total=found["total"],
            first=cursor is None,
            older_href=None if older is None else with_params("/imports/history", (), cursor=older),
        )

    def changes(self, request: Request, _: FormData) -> Response:
        viewer = keeper(self._deps.viewer_of(request))
        name, table = self._name(request), request.query_params.get("table") or None
        cursor = request.query_params.get("cursor")
        told = self._service.batch_changes(name, viewer=viewer, table=table, limit=_ROWS, cursor=cursor)
        path = f"/imports/{name}/changes"
        more = told["cursor"]
        return self._pages.render(
            request,
            "import_changes.html",
            section="/imports",
            line=batch_line(told["batch"]),
            told=told,
            names={one.key: one.zh for one in self._deps.schema.tables},
            chosen=table,
            labels=CHANGE_LABELS,
            first=int(cursor or 0),
            table_href=lambda key: with_params(path, (), table=key),
            all_href=path,
            more_href=None if more is None else with_params(path, (), table=table, cursor=more),
        )

    def ask(self, request: Request, _: FormData) -> Response:
        viewer = keeper(self._deps.viewer_of(request))
        return self._show(request, viewer, self._name(request))

    def _show(self, request: Request, viewer: Viewer, name: str, *, status: int = 200) -> Response:
        line = batch_line(self._service.batch(name, viewer=viewer))
        plan = self._service.roll_back(name, viewer=viewer, dry_run=True) if line["undo_href"] else None
        return self._pages.render(
            request,
            "import_rollback.html",
            status=status,
            section="/imports",
            line=line,
            plan=plan,
            names={one.key: one.zh for one in self._deps.schema.tables},
            conflicts=[] if plan is None else plan["conflicts"][:_CONFLICTS],
            labels=UNDO_LABELS,
        )

    def roll_back(self, request: Request, _: FormData) -> Response:
        viewer = keeper(self._deps.viewer_of(request))
        name = self._name(request)
        try:
            done = self._service.roll_back(name, viewer=viewer)
        except RefusedError as error:
            if error.code not in {"rollback-conflict", "already-undone"}:
                raise
            return self._show(request, viewer, name, status=409)
        return RedirectResponse(f"/imports/{done['by']}/changes", status_code=303)

    def _name(self, request: Request) -> str:
        """Return the batch that the address means; an import is known by the batch that it became."""
        name = str(request.path_params["batch"])
        return self._deps.import_batch(name, viewer=self._deps.viewer_of(request))
