"""The import form and the report of a batch (`files.md` §1) as tables."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from api.import_progress import STEP_LABELS
from api.imports import ImportRequest
from api.pages.dependencies import Json, UploadedFile
from api.pages.frame.rendering import Pages
from api.pages.parts.drawing import import_bar
from api.pages.parts.figures import count
from api.pages.parts.forms import Form, whole
from api.pages.parts.labels import CHANGE_LABELS, COUNT_LABELS, SKIP_LABELS, STATUS_LABELS
from api.pages.routes.history import LATEST, batch_line, keeper
from api.pages.routes.shared import Route, page_number
from api.pages.views.results import Asked, pages_of
from kg.errors import InvalidInputError, KgError, NotFoundError
from kg.model.viewers import Viewer
from kg.policy.rights import sees_all
from loaders.sources.raw import RefusedFileError

_FIELDS: Final = ("files", "source", "dry_run", "full", "confirm_retire")
_REJECTS_PER_PAGE: Final = 50
_WARNINGS: Final = 50
_CHANGES: Final = 200
_TITLES: Final = 100
_HEADERS_UNKNOWN: Final = frozenset({"unknown-table", "missing-column", "missing-header"})
_NOWHERE: Final = {"step": "wait", "table_label": None, "rows": 0, "total": None}


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    imports = _Imports(pages)
    return [
        ("GET", "/imports", imports.form),
        ("POST", "/imports", imports.start),
        ("GET", "/imports/{batch}", imports.report),
    ]


class _Imports:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps = pages, pages.deps

    def _loader(self, request: Request) -> Viewer:
        return keeper(self._deps.viewer_of(request))

    def form(self, request: Request, _: FormData) -> Response:
        self._loader(request)
        return self._show(request, Form(_FIELDS))

    def _show(self, request: Request, form: Form) -> Response:
        status = 422 if form.errors else 200
        viewer = self._loader(request)
        latest = self._deps.service.batches(viewer=viewer, limit=LATEST)
        return self._pages.render(
            request,
            "import_form.html",
            status=status,
            section="/imports",
            form=form,
            lines=[batch_line(item) for item in latest["items"]],
            total=latest["total"],
            open_reviews=self._open_reviews(viewer),
        )

    def _open_reviews(self, viewer: Viewer) -> int:
        """Return how many identity questions wait for this viewer."""
        return self._deps.service.reviews(viewer=viewer, limit=1)["counts"]["open"] if sees_all(viewer) else 0

    def start(self, request: Request, fields: FormData) -> Response:
        viewer = self._loader(request)
        texts = tuple((name, value) for name, value in fields.multi_items() if isinstance(value, str))
        form = Form(_FIELDS, tuple((name, value) for name, value in texts if name in _FIELDS))
        chosen = [f for f in fields.getlist("files") if isinstance(f, UploadFile) and f.filename]
        try:
            if not chosen:
                raise InvalidInputError("请先选择文件，再提交", field="files")
            wanted = ImportRequest(
                source=form.value("source").strip() or "default",
                dry_run=form.checked("dry_run", "true"),
                full=form.checked("full", "true"),
                confirm_retire=whole(form, "confirm_retire"),
            )
            if fields.get("do") == "map":
                return self._map(chosen, wanted, viewer)
            batch = self._deps.import_files(
                [UploadedFile(str(file.filename), file.file) for file in chosen],
                **asdict(wanted),
                viewer=viewer,
            )
        except (InvalidInputError, RefusedFileError) as error:
            return self._show(request, form.with_error(_at_files(error)))
        return RedirectResponse(f"/imports/{batch}", status_code=303)

    def _map(self, chosen: Sequence[UploadFile], wanted: ImportRequest, viewer: Viewer) -> Response:
        """Keep the files until somebody has said what their headers mean."""
        files = [(str(file.filename), file.file) for file in chosen]
        draft = self._deps.drafts.keep(files, viewer=viewer, **asdict(wanted))
        return RedirectResponse(f"/imports/mapping/{draft}", status_code=303)

    def report(self, request: Request, _: FormData) -> Response:
        viewer = self._loader(request)
        batch = str(request.path_params["batch"])
        report = self._deps.import_report(batch, viewer=viewer)
        running = report["status"] == "running"
        title = report_title(report, batch)
        shown = {"changes": None, "titles": None, **report}
        context: Json = {"r": shown, "running": running, "title": title, "crumb": batch}
        context["may_review"] = sees_all(viewer)
        if running:
            context |= {
                "steps": list(STEP_LABELS.items()),
                "now_at": _place_of(self._deps.import_progress(batch)),
            }
        if not running:
            context |= self._tables(request, batch, report)
            context["found"] = self._deps.import_comparison(batch)
            context["line"] = self._line(report, viewer)
        return self._pages.render(request, "import_report.html", section="/imports", **context)

    def _line(self, report: Json, viewer: Viewer) -> Json | None:
        """Return what became of the batch since; None for an import that stored nothing."""
        try:
            return batch_line(self._deps.service.batch(str(report.get("batch")), viewer=viewer))
        except NotFoundError:
            return None

    def _tables(self, request: Request, batch: str, report: Json) -> Json:
        names = {table.key: table.zh for table in self._deps.schema.tables}
        largest = max((row["read"] for row in report["tables"].values()), default=0)
        page, first, pages = pages_of(len(report["rejects"]), page_number(request, "page"), _REJECTS_PER_PAGE)
        return {
            "counts": [(key, label) for key, label in COUNT_LABELS.items() if key != "retired"],
            "tables": [
                (key, names.get(key, key), row, import_bar(row, largest))
                for key, row in report["tables"].items()
            ],
            "table_names": names,
            "skip_labels": SKIP_LABELS,
            "rejects": report["rejects"][first : first + _REJECTS_PER_PAGE],
            "first": first,
            "page": page,
            "pages": pages,
            "asked": Asked(path=request.url.path, params=()),
            "warnings": report["warnings"][:_WARNINGS],
            "changes": report.get("changes", {}).get("items", [])[:_CHANGES],
            "change_labels": CHANGE_LABELS,
            "titles": (report.get("titles") or [])[:_TITLES],
            "headers_unknown": any(error["code"] in _HEADERS_UNKNOWN for error in report["errors"]),
            "error_href": f"/api/v1/imports/{batch}/errors.xlsx" if report["rejects_total"] else None,
        }


def _place_of(progress: Json) -> Json:
    """Return where a running import is, as the template takes it."""
    return {**_NOWHERE, **progress}


def _at_files(error: KgError) -> KgError:
    """Return a refusal of the files themselves as one of the field in which they stand."""
    return error if isinstance(error, InvalidInputError) else InvalidInputError(error.message, field="files")


def report_title(report: Json, batch: str) -> str:
    """Return the heading of a report: what became of the batch."""
    totals: dict[str, Any] = report.get("totals") or {}
    status = STATUS_LABELS.get(report["status"], str(report["status"]))
    if report["status"] == "done-with-rejects":
        taken = sum(int(totals.get(name, 0)) for name in ("inserted", "updated", "unchanged", "retired"))
        rejected = count(totals.get("rejected", 0))
        status = f"已导入，有 {rejected} 行被拒" if taken else f"没有行存入，{rejected} 行全部被拒"
    if report.get("dry_run"):
        status = f"试读完成，{'有' if totals.get('rejected') else '没有'}行会被拒"
    return f"批次 {report.get('batch') or batch}：{status}"
