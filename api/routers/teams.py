"""联合攻关."""

from fastapi import APIRouter

from api.deps import ServiceDep, ViewerDep
from api.inline_need import canonical_need
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.teams import TeamRequest, TeamsShape

router = APIRouter(tags=["teams"], responses=PROBLEMS)


@router.post("/teams", response_model=Documented, responses={200: {"model": TeamsShape}})
def teams(service: ServiceDep, viewer: ViewerDep, body: TeamRequest) -> Told:
    """The smallest team that covers a problem's skills within hours, travel and firms, and two others beside it."""
    inline = None if body.inline is None else canonical_need(body.inline, "problems")
    return Told(service.team(body.problem, viewer=viewer, as_of=body.as_of, inline=inline))
