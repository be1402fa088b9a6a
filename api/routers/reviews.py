"""Identity questions: who is one person, which organisation or occupation a name means."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.deps import ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.reviews import (
    ComparedShape,
    ConfirmedShape,
    DecidedShape,
    Kind,
    ReviewRequest,
    ReviewsShape,
    ReviewStepsShape,
    State,
)

router = APIRouter(prefix="/reviews", tags=["records"], responses=PROBLEMS)
Name = Annotated[str, Path(alias="id", max_length=40, description="问题的编号")]


@router.get("", response_model=Documented, responses={200: {"model": ReviewsShape}})
def reviews(
    service: ServiceDep,
    viewer: ViewerDep,
    state: State | Literal["all"] = "open",
    kind: Kind | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Told:
    """Return identity questions of a state, the most probable first; merged ones the least sure first."""
    wanted = None if state == "all" else state
    return Told(service.reviews(viewer=viewer, state=wanted, kind=kind, limit=limit, cursor=cursor))


@router.post("", response_model=Documented, responses={200: {"model": ComparedShape}})
def compare(service: ServiceDep, viewer: ViewerDep) -> Told:
    """Compare all registers anew: join what is certain, ask about the rest. After an import that happens by itself."""
    return Told(service.find_identities(viewer=viewer))


@router.post("/exact", response_model=Documented, responses={200: {"model": ConfirmedShape}})
def confirm_exact(service: ServiceDep, viewer: ViewerDep) -> Told:
    """Confirm every name that is the full name of exactly one organisation, in one batch that can be rolled back."""
    return Told(service.confirm_exact(viewer=viewer))


@router.get("/{id}", response_model=Documented, responses={200: {"model": ReviewStepsShape}})
def review(service: ServiceDep, viewer: ViewerDep, name: Name) -> Told:
    """Return one question with every step that was taken."""
    return Told(service.review(name, viewer=viewer))


@router.post("/{id}", response_model=Documented, responses={200: {"model": DecidedShape}})
def decide(service: ServiceDep, viewer: ViewerDep, name: Name, body: ReviewRequest) -> Told:
    """Decide a question; every decision can be undone. 409 says why one is not possible."""
    decided = service.decide_review(name, body.decision, viewer=viewer, choice=body.choice, note=body.note)
    return Told(decided)
