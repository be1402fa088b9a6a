"""Further questions of the graph."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.deps import ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.further import (
    AllianceShape,
    ChainShape,
    FurtherListShape,
    LineageShape,
    NextStepsShape,
    PeersShape,
    TransfersShape,
)
from api.schemas.requests import Day

router = APIRouter(tags=["further"], responses=PROBLEMS)
K = Annotated[int | None, Query(ge=1, le=200)]
Key = Annotated[str, Path(max_length=200)]
Code = Annotated[str | None, Query(max_length=200)]
Year = Annotated[int | None, Query(ge=1900, le=2199)]


@router.get(
    "/talents/{key}/next-steps", response_model=Documented, responses={200: {"model": NextStepsShape}}
)
def next_steps(
    service: ServiceDep, viewer: ViewerDep, key: Key, k: K = None, as_of: Day | None = None
) -> Told:
    """Which certificate or skill would open most open needs, counted, and where it is taught."""
    return Told(service.next_steps(key, viewer=viewer, k=k, as_of=as_of))


@router.get("/talents/{key}/peers", response_model=Documented, responses={200: {"model": PeersShape}})
def peers(service: ServiceDep, viewer: ViewerDep, key: Key, k: K = None, as_of: Day | None = None) -> Told:
    """Who masters the same trade, processes and equipment at another employer."""
    return Told(service.peers(key, viewer=viewer, k=k, as_of=as_of))


@router.get("/talents/{key}/lineage", response_model=Documented, responses={200: {"model": LineageShape}})
def lineage(
    service: ServiceDep, viewer: ViewerDep, key: Key, depth: Annotated[int, Query(ge=1, le=10)] = 4
) -> Told:
    """Masters of masters and apprentices of apprentices."""
    return Told(service.lineage(key, viewer=viewer, depth=depth))


@router.get("/indicators/transfers", response_model=Documented, responses={200: {"model": TransfersShape}})
def transfers(
    service: ServiceDep,
    viewer: ViewerDep,
    quarter: Annotated[str | None, Query(max_length=10)] = None,
    k: K = None,
) -> Told:
    """Ways from occupations with more seekers than posts to short ones, by what is missing."""
    return Told(service.transfers(viewer=viewer, quarter=quarter, k=k))


@router.get("/indicators/targets", response_model=Documented, responses={200: {"model": FurtherListShape}})
def targets(service: ServiceDep, viewer: ViewerDep, year: Year = None) -> Told:
    """Targets beside what the registers show."""
    return Told(service.targets(viewer=viewer, year=year))


@router.get(
    "/schools/{key}/pathways", response_model=Documented, responses={200: {"model": FurtherListShape}}
)
def pathways(service: ServiceDep, viewer: ViewerDep, key: Key, k: K = None) -> Told:
    """Ways on from a school: cohorts elsewhere that lead higher in the same trade."""
    return Told(service.pathways(key, viewer=viewer, k=k))


@router.get(
    "/alliances/{key}/completions", response_model=Documented, responses={200: {"model": AllianceShape}}
)
def completions(service: ServiceDep, viewer: ViewerDep, key: Key, k: K = None) -> Told:
    """Members of an alliance that complete each other, and schools that teach what none of them does."""
    return Told(service.alliance_completions(key, viewer=viewer, k=k))


@router.get("/carriers/near", response_model=Documented, responses={200: {"model": FurtherListShape}})
def carriers(
    service: ServiceDep,
    viewer: ViewerDep,
    district: Annotated[str, Query(max_length=20)],
    occupation: Code = None,
    k: K = None,
) -> Told:
    """Bases, studios and stations near a district, those of the occupation first."""
    return Told(service.carriers_near(district, viewer=viewer, occupation=occupation, k=k))


@router.get("/competitions/{key}/chain", response_model=Documented, responses={200: {"model": ChainShape}})
def chain(service: ServiceDep, viewer: ViewerDep, key: Key) -> Told:
    """The competitions above and below one, with how many were placed."""
    return Told(service.competition_chain(key, viewer=viewer))
