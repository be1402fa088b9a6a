"""采纳/不采纳 with reason, follow-up, and what became of it."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.decisions import (
    DecisionRequest,
    DecisionsShape,
    ShownShape,
    State,
    StepsShape,
    TakenShape,
    UndoneShape,
    UndoRequest,
)

router = APIRouter(tags=["decisions"], responses=PROBLEMS)


@router.post("/decisions", response_model=Documented, responses={200: {"model": TakenShape}})
def decide(service: ServiceDep, viewer: ViewerDep, body: DecisionRequest) -> Told:
    """Take one step with a recommended item; an agreement and an outcome go into the graph."""
    terms = None if body.terms is None else body.terms.model_dump(mode="json", exclude_none=True)
    taken = service.decide(
        body.query_id, body.entity, body.state, viewer=viewer, reason=body.reason, note=body.note, terms=terms
    )
    return Told(taken)


@router.post("/decisions/undo", response_model=Documented, responses={200: {"model": UndoneShape}})
def undo(service: ServiceDep, viewer: ViewerDep, body: UndoRequest) -> Told:
    """Take the last step with an item back. 409 when it is no longer the last one, or an agreement stands in the graph."""
    return Told(
        service.take_back_decision(body.query_id, body.entity, viewer=viewer, state=body.state, at=body.at)
    )


@router.get("/decisions", response_model=Documented, responses={200: {"model": DecisionsShape}})
def decisions(
    service: ServiceDep,
    viewer: ViewerDep,
    state: State | None = None,
    query_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Told:
    """Return the follow-ups that the viewer may see."""
    return Told(service.decisions(viewer=viewer, state=state, query_id=query_id, limit=limit, cursor=cursor))


@router.get("/decisions/steps", response_model=Documented, responses={200: {"model": StepsShape}})
def steps(
    service: ServiceDep,
    viewer: ViewerDep,
    query_id: Annotated[str, Query(max_length=64)],
    entity: Annotated[str, Query(max_length=400)],
) -> Told:
    """Return every step of one follow-up with who, when and why."""
    return Told(service.decision_history(query_id, entity, viewer=viewer))


@router.get("/indicators/shown", response_model=Documented, responses={200: {"model": ShownShape}})
def shown(service: ServiceDep, viewer: ViewerDep, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Told:
    """Return who was shown how often in the last days, and what was decided."""
    return Told(service.shown_report(viewer=viewer, days=days))
