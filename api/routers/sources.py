"""How old each source is, and how often it should deliver."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import DepsDep, ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented
from api.schemas.sources import SourcesShape
from api.sources import expect, sources

router = APIRouter(prefix="/sources", tags=["records"], responses=PROBLEMS)


class IntervalRequest(BaseModel):
    """After how many days a source is overdue; null to go by its rhythm."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


@router.get("", response_model=Documented, responses={200: {"model": SourcesShape}})
def listed(deps: DepsDep, _: ServiceDep, viewer: ViewerDep) -> dict[str, Any]:
    """Return every table of every source: last delivery, days since, the interval allowed, what is overdue."""
    return sources(deps.graph, viewer=viewer)


@router.post("/intervals", response_model=Documented, responses={200: {"model": SourcesShape}})
def set_interval(deps: DepsDep, viewer: ViewerDep, body: IntervalRequest) -> dict[str, Any]:
    """Set how often a source should deliver, and return all sources."""
    expect(deps.graph, body.source, body.days, viewer=viewer)
    return sources(deps.graph, viewer=viewer)
