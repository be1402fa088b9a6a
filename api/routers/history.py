"""Import history: the batches, what each changed, undo."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.deps import DepsDep, ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.history import BatchChangesShape, BatchesShape, RollbackShape
from api.schemas.requests import RollbackRequest

router = APIRouter(prefix="/imports", tags=["records"], responses=PROBLEMS)
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=20)]
Number = Annotated[str, Path(alias="id", max_length=100, description="导入或批次的编号")]


@router.get("", response_model=Documented, responses={200: {"model": BatchesShape}})
def batches(service: ServiceDep, viewer: ViewerDep, limit: Limit = 50, cursor: Cursor = None) -> Told:
    """Return the batches of the store, newest first: imports, rollbacks, erasures."""
    return Told(service.batches(viewer=viewer, limit=limit, cursor=cursor))


@router.get("/{id}/changes", response_model=Documented, responses={200: {"model": BatchChangesShape}})
def batch_changes(
    deps: DepsDep,
    service: ServiceDep,
    viewer: ViewerDep,
    number: Number,
    table: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Told:
    """Return what a batch changed: rows before and after; sealed columns only as changed. Id of import or batch."""
    name = deps.imports.batch_of(number, viewer=viewer)
    return Told(service.batch_changes(name, viewer=viewer, table=table, limit=limit, cursor=cursor))


@router.post("/{id}/rollback", response_model=Documented, responses={200: {"model": RollbackShape}})
def roll_back(
    deps: DepsDep,
    service: ServiceDep,
    viewer: ViewerDep,
    number: Number,
    body: RollbackRequest | None = None,
) -> dict[str, Any]:
    """Undo a batch (id of import or batch) as a batch of its own; 409 lists the rows that later batches touched."""
    name = deps.imports.batch_of(number, viewer=viewer)
    return service.roll_back(name, viewer=viewer, dry_run=body is not None and body.dry_run)
