"""口径校验: paste a text or send a file of a report, and see which figures do not add up."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from fastapi import Request, Response
from starlette.datastructures import FormData, UploadFile

from api.pages.dependencies import Json
from api.pages.frame.rendering import Pages
from api.pages.parts.forms import Form
from api.pages.routes.shared import Route, signed_in
from kg.errors import ForbiddenError, InvalidInputError, RefusedError
from kg.model.viewers import Role
from loaders.statement.check import check_statement, check_text

_FIELDS: Final = ("text", "file")
_PATH: Final = "/check"


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    checking = _Checking(pages)
    return [("GET", _PATH, checking.form), ("POST", _PATH, checking.check)]


class _Checking:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def _demand_reader(self, request: Request) -> None:
        viewer = signed_in(self._pages.deps.viewer_of(request))
        if not viewer.has(Role.OFFICER, Role.PLANNER, Role.ADMINISTRATOR):
            raise ForbiddenError("只有经办人员、规划人员和管理员可以做口径校验")

    def form(self, request: Request, _: FormData) -> Response:
        self._demand_reader(request)
        return self._show(request, Form(_FIELDS), None)

    def check(self, request: Request, fields: FormData) -> Response:
        self._demand_reader(request)
        form = Form(_FIELDS, (("text", str(fields.get("text") or "")),))
        upload = fields.get("file")
        try:
            if isinstance(upload, UploadFile) and upload.filename:
                found = _check_upload(upload)
            elif form.value("text").strip():
                found = check_text(form.value("text"))
            else:
                raise InvalidInputError("请粘贴文字，或选择一个文件", field="text")
        except InvalidInputError as error:
            return self._show(request, form.with_error(error), None)
        except RefusedError as error:
            return self._show(request, form.with_error(InvalidInputError(error.message, field="file")), None)
        return self._show(request, form, found)

    def _show(self, request: Request, form: Form, found: Json | None) -> Response:
        status = 422 if form.errors else 200
        texts = {figure["id"]: figure["text"] for figure in found["figures"]} if found else {}
        return self._pages.render(
            request, "check.html", status=status, section=_PATH, form=form, found=found, texts=texts
        )


def _check_upload(upload: UploadFile) -> Json:
    """Check a sent file; its name is used for its ending and for showing only."""
    name = Path(str(upload.filename).replace("\\", "/")).name
    with tempfile.TemporaryDirectory(prefix="jiangtu-check-") as folder:
        path = Path(folder) / f"report{Path(name).suffix.lower()[:8]}"
        with path.open("wb") as target:
            shutil.copyfileobj(upload.file, target)
        return {**check_statement(path), "file": name}
