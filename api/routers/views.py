"""Saved views of the explorer."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.deps import DepsDep, ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.views import ForgottenShape, ViewRequest, ViewShape, ViewsShape
from api.views import Views

router = APIRouter(tags=["explorer"], responses=PROBLEMS)
ViewId = Annotated[str, Path(max_length=40, description="视图编号")]


def _views(deps: DepsDep) -> Views:
    return Views(deps.graph.ledger, deps.graph.clock)


@router.get("/views", response_model=Documented, responses={200: {"model": ViewsShape}})
def views(deps: DepsDep, _: ServiceDep, viewer: ViewerDep) -> Told:
    """Return one's own saved views."""
    own = _views(deps).mine(viewer=viewer)
    return Told({"items": own, "total": len(own), "total_is_exact": True})


@router.post("/views", response_model=Documented, responses={200: {"model": ViewShape}})
def keep(deps: DepsDep, viewer: ViewerDep, body: ViewRequest) -> Told:
    """Save a scene under a name; one's own view of that name is replaced."""
    return Told(_views(deps).keep(body.name, body.scene, viewer=viewer))


@router.get("/views/{number}", response_model=Documented, responses={200: {"model": ViewShape}})
def view(deps: DepsDep, _: ServiceDep, viewer: ViewerDep, number: ViewId) -> Told:
    """Return a saved view, one's own or a colleague's; what it shows depends on who looks."""
    return Told(_views(deps).open(number, viewer=viewer))


@router.delete("/views/{number}", response_model=Documented, responses={200: {"model": ForgottenShape}})
def forget(deps: DepsDep, viewer: ViewerDep, number: ViewId) -> Told:
    """Delete one's own view."""
    _views(deps).forget(number, viewer=viewer)
    return Told({"id": number, "status": "deleted"})
