"""The two headline questions."""

from fastapi import APIRouter

from api.deps import ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.answers import RecommendationShape
from api.schemas.requests import PartnersRequest, TalentsRequest

router = APIRouter(prefix="/recommendations", tags=["recommendations"], responses=PROBLEMS)


@router.post("/talents", response_model=Documented, responses={200: {"model": RecommendationShape}})
def talents(service: ServiceDep, viewer: ViewerDep, body: TalentsRequest) -> Told:
    """Which flexible talents can serve this need without changing employer?"""
    question = {
        key: value for key, value in (("need", body.need), ("inline", body.inline)) if value is not None
    }
    answer = service.recommend_talents(
        question, viewer=viewer, k=body.k, as_of=body.as_of, detail=body.detail, known_at=body.known_at
    )
    return Told(answer)


@router.post("/partners", response_model=Documented, responses={200: {"model": RecommendationShape}})
def partners(service: ServiceDep, viewer: ViewerDep, body: PartnersRequest) -> Told:
    """Which schools and enterprises should cooperate, in this mode, with how many seats?"""
    question = body.model_dump(exclude={"k", "as_of", "known_at", "detail"}, exclude_none=True)
    answer = service.recommend_partners(
        question, viewer=viewer, k=body.k, as_of=body.as_of, detail=body.detail, known_at=body.known_at
    )
    return Told(answer)
