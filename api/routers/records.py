"""Imports, table exports, audit, policy, own rights."""

import io
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, Response, UploadFile

from api.deps import DepsDep, ServiceDep, ViewerDep
from api.exports import export_table
from api.imports import ImportRequest
from api.routers.common import PROBLEM, PROBLEMS, XLSX, Documented, file_answer
from api.schemas.answers import (
    AuditShape,
    ImportComparisonShape,
    ImportShape,
    MeShape,
    RulesShape,
    StartedShape,
)
from kg.errors import InvalidInputError
from kg.policy.rights import demand_loader

router = APIRouter(tags=["records"], responses=PROBLEMS)
_LARGEST = 2**53
_FIELDS = frozenset({"files", "source", "full", "dry_run", "mapping", "confirm_retire"})
Number = Annotated[str, Path(alias="id", max_length=100, description="导入或批次的编号")]
_FORMS = ("application/json", "text/csv", XLSX)


async def _sent_fields(request: Request) -> frozenset[str]:
    return frozenset(await request.form())


@router.post(
    "/imports",
    status_code=202,
    response_model=Documented,
    responses={202: {"model": StartedShape}, 415: PROBLEM},
)
def start_import(
    deps: DepsDep,
    viewer: ViewerDep,
    sent: Annotated[frozenset[str], Depends(_sent_fields)],
    files: Annotated[list[UploadFile], File(description="一个或多个文件")],
    source: Annotated[str, Form(max_length=100)] = "default",
    full: Annotated[bool, Form()] = False,
    dry_run: Annotated[bool, Form()] = False,
    mapping: Annotated[UploadFile | str | None, File(description="映射（TOML）：文件，或其内容")] = None,
    confirm_retire: Annotated[int | None, Form(ge=0)] = None,
) -> dict[str, Any]:
    """Load files as one batch; the answer comes at once, the report at GET /imports/{id}."""
    demand_loader(viewer)
    for name in sorted(sent - _FIELDS):  # a misspelt dry_run would load in earnest
        text = f"没有“{name}”这一项，请改正或删去；可用：{'、'.join(sorted(_FIELDS))}"
        raise InvalidInputError(text, field=name)
    request = ImportRequest(source=source, full=full, dry_run=dry_run, confirm_retire=confirm_retire)
    taken = [(upload.filename or "上传文件", upload.file) for upload in files]
    number = deps.imports.accept(taken, request, viewer=viewer, mapping=_mapping(mapping))
    return {"id": number, "status": "running"}


def _mapping(given: UploadFile | str | None) -> IO[bytes] | None:
    """Return the mapping, sent as a file or as a plain field; an empty field is none."""
    if isinstance(given, str):
        return io.BytesIO(given.encode()) if given.strip() else None
    return None if given is None else given.file


@router.get("/imports/{id}", response_model=Documented, responses={200: {"model": ImportShape}})
def import_report(deps: DepsDep, _: ServiceDep, viewer: ViewerDep, number: Number) -> dict[str, Any]:
    """Return the load report, or that it is still running."""
    demand_loader(viewer)
    return dict(deps.imports.report(number, viewer=viewer))


@router.get(
    "/imports/{id}/comparison", response_model=Documented, responses={200: {"model": ImportComparisonShape}}
)
def import_comparison(deps: DepsDep, _: ServiceDep, viewer: ViewerDep, number: Number) -> dict[str, Any]:
    """Return what the comparison of persons and names found that follows an import by itself."""
    demand_loader(viewer)
    return deps.imports.comparison(number)


@router.get("/imports/{id}/errors.xlsx", response_class=Response, responses={200: file_answer(XLSX)})
def import_errors(deps: DepsDep, _: ServiceDep, viewer: ViewerDep, number: Number) -> Response:
    """Return the errors workbook: rejected rows with their reasons, ready to be corrected and sent back."""
    demand_loader(viewer)
    content = deps.imports.errors_workbook(number)
    deps.graph.audit.record(viewer.name, "errors-workbook", number, {})
    return Response(
        content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{number}.xlsx"'}
    )


@router.get("/exports/tables/{table}.{form}", response_class=Response, responses={200: file_answer(*_FORMS)})
def export(
    deps: DepsDep,
    _: ServiceDep,
    viewer: ViewerDep,
    table: str,
    form: Literal["json", "csv", "xlsx"],
    sealed: bool = False,
    source: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Return one table as the viewer may see it, in the form the loaders read."""
    content, media_type = export_table(deps.graph, table, form, viewer=viewer, sealed=sealed, source=source)
    headers = {"Content-Disposition": f'attachment; filename="{table}.{form}"'}
    return Response(content, media_type=media_type, headers=headers)


@router.get("/audit", response_model=Documented, responses={200: {"model": AuditShape}})
def audit(
    service: ServiceDep,
    viewer: ViewerDep,
    cursor: Annotated[int, Query(ge=0, le=_LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> dict[str, Any]:
    """Return who did what."""
    return service.audit(viewer=viewer, after=cursor, limit=limit)


@router.get("/policy", response_model=Documented, responses={200: {"model": RulesShape}})
def policy(service: ServiceDep, viewer: ViewerDep) -> dict[str, Any]:
    """Return the rules: every number with its basis."""
    return service.policy(viewer=viewer)


@router.get("/me", response_model=Documented, responses={200: {"model": MeShape}})
def me(service: ServiceDep, viewer: ViewerDep) -> dict[str, Any]:
    """Return who asks and what he may see."""
    return service.me(viewer=viewer)
