"""The two headline questions."""

from typing import Any, Final

from fastapi import APIRouter

from api.deps import ServiceDep, ViewerDep
from api.inline_need import need_asked
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.answers import RecommendationShape
from api.schemas.requests import PartnersRequest, TalentsRequest

_HOW: Final = ("k", "as_of", "known_at", "detail", "counterfactuals")
router = APIRouter(prefix="/recommendations", tags=["recommendations"], responses=PROBLEMS)


@router.post("/talents", response_model=Documented, responses={200: {"model": RecommendationShape}})
def talents(service: ServiceDep, viewer: ViewerDep, body: TalentsRequest) -> Told:
    """Which flexible talents can serve this need without changing employer?"""
    question = need_asked(body)
    answer = service.recommend_talents(question, viewer=viewer, **_asked(body))
    return Told(answer)


@router.post("/partners", response_model=Documented, responses={200: {"model": RecommendationShape}})
def partners(service: ServiceDep, viewer: ViewerDep, body: PartnersRequest) -> Told:
    """Which schools and enterprises should cooperate, in this mode, with how many seats?"""
    question = body.model_dump(exclude=set(_HOW), exclude_none=True)
    return Told(service.recommend_partners(question, viewer=viewer, **_asked(body)))


def _asked(body: TalentsRequest | PartnersRequest) -> dict[str, Any]:
    """Return how much of the answer is wanted, and as of when."""
    return {name: getattr(body, name) for name in _HOW}
