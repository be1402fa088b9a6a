"""Scenes, expansion, paths, edges."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.deps import ServiceDep, ViewerDep
from api.inline_need import need_asked
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.scenes import (
    EdgeShape,
    EvidenceRequest,
    EvidenceSceneShape,
    ExpandRequest,
    ExpandShape,
    FilterBody,
    PathsShape,
    SceneRequest,
    SceneShape,
    SplitRequest,
    SplitShape,
)
from kg.paths.scenes import Filters

router = APIRouter(tags=["explorer"], responses=PROBLEMS)
EdgeId = Annotated[str, Path(alias="id", max_length=100, description="关系编号")]
_HOW = {"k", "as_of", "known_at", "detail", "counterfactuals"}
RefText = Annotated[str, Query(max_length=400, description="kind:key")]


def filters_of(body: FilterBody) -> Filters:
    """Return the filters of a request."""
    return Filters(
        kinds=None if body.kinds is None else frozenset(body.kinds),
        relations=None if body.relations is None else frozenset(body.relations),
        on=body.on,
        confidence=body.confidence,
        sources=None if body.sources is None else frozenset(body.sources),
    )


@router.post("/scenes", response_model=Documented, responses={200: {"model": SceneShape}})
def scene(service: ServiceDep, viewer: ViewerDep, body: SceneRequest) -> Told:
    """Return a scene: nodes, the edges among them, and exact counts of what is hidden."""
    return Told(service.scene(body.nodes, filters_of(body.filters), viewer=viewer))


@router.post("/scenes/expand", response_model=Documented, responses={200: {"model": ExpandShape}})
def expand(service: ServiceDep, viewer: ViewerDep, body: ExpandRequest) -> Told:
    """Return the most relevant hidden neighbours of one node of a scene."""
    return Told(
        service.expand(
            body.node,
            body.shown,
            viewer=viewer,
            relation=body.relation,
            direction=body.direction,
            kind=body.kind,
            limit=body.limit,
            filters=filters_of(body.filters),
        )
    )


@router.post("/scenes/groups", response_model=Documented, responses={200: {"model": SplitShape}})
def groups(service: ServiceDep, viewer: ViewerDep, body: SplitRequest) -> Told:
    """Split a group that no scene can hold into parts with exact counts."""
    return Told(
        service.split_group(body.node, body.relation, body.direction, body.kind, body.by, viewer=viewer)
    )


@router.post("/scenes/evidence", response_model=Documented, responses={200: {"model": EvidenceSceneShape}})
def evidence(service: ServiceDep, viewer: ViewerDep, body: EvidenceRequest) -> Told:
    """Return what one item of an answer rests on, as a scene; a second look at the answer, not a new list."""
    return Told(service.evidence_scene(viewer=viewer, **asked_evidence(body)))


def asked_evidence(body: EvidenceRequest) -> dict[str, Any]:
    """Return the arguments of the question that a body asks."""
    question = body.talents or body.partners
    when = {} if question is None else question.model_dump(include={"as_of", "known_at"}, exclude_none=True)
    return {
        **when,
        "talents": None if body.talents is None else need_asked(body.talents),
        "partners": None
        if body.partners is None
        else body.partners.model_dump(exclude=_HOW, exclude_none=True),
        "rank": body.rank,
        "to_verify": body.to_verify,
        "edges": body.edges,
    }


@router.get("/edges/{id}", response_model=Documented, responses={200: {"model": EdgeShape}})
def edge(service: ServiceDep, viewer: ViewerDep, number: EdgeId, source: RefText | None = None) -> Told:
    """Return why an edge exists; `source`, the node it leaves, finds it without the index of all ids."""
    return Told(service.edge(number, viewer=viewer, source=source))


@router.get("/paths", response_model=Documented, responses={200: {"model": PathsShape}})
def paths(
    service: ServiceDep,
    viewer: ViewerDep,
    start: Annotated[str, Query(alias="from", max_length=400, description="kind:key")],
    to: RefText,
    k: Annotated[int, Query(ge=1, le=50)] = 5,
    max_length: Annotated[int, Query(ge=1, le=6)] = 4,
    forbid: Annotated[
        list[str] | None, Query(max_length=100, description="kind:key、关系或关系编号，可多次")
    ] = None,
) -> Told:
    """Return the most telling paths between two nodes, each step with its sentence."""
    return Told(service.paths(start, to, viewer=viewer, k=k, max_length=max_length, forbid=forbid or ()))
