"""联合攻关."""

from fastapi import APIRouter

from api.deps import ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.teams import TeamRequest, TeamsShape

router = APIRouter(tags=["teams"], responses=PROBLEMS)


@router.post("/teams", response_model=Documented, responses={200: {"model": TeamsShape}})
def teams(service: ServiceDep, viewer: ViewerDep, body: TeamRequest) -> Told:
    """The smallest team that covers a problem's skills within hours, travel and firms, and two others beside it."""
    return Told(service.team(body.problem, viewer=viewer, as_of=body.as_of))
