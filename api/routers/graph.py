"""Search, nodes, neighbours, reveal."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.deps import ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.answers import NeighboursShape, NodeShape, RevealShape, SearchShape
from api.schemas.requests import Day, RevealRequest

router = APIRouter(tags=["graph"], responses=PROBLEMS)
Limit = Annotated[int, Query(ge=1, le=200)]
AsOf = Annotated[Day | None, Query(description="只看这一天有效的，如 2026-06-30")]
KnownWhen = Annotated[
    str | None, Query(max_length=40, description="按何时所知：修订号、日期（当天结束时）或时间；要登录")
]


@router.get("/search", response_model=Documented, responses={200: {"model": SearchShape}})
def search(
    service: ServiceDep,
    viewer: ViewerDep,
    q: Annotated[str, Query(max_length=200, description="名称、别名、代码、拼音或首字母")],
    kind: Annotated[str | None, Query(max_length=50)] = None,
    limit: Limit = 20,
) -> Told:
    """Find nodes by name, alias, code, pinyin or initials."""
    return Told(service.search(q, kind, limit, viewer=viewer))


@router.get(
    "/nodes/{kind}/{key:path}/neighbours",
    response_model=Documented,
    responses={200: {"model": NeighboursShape}},
)
def neighbours(
    service: ServiceDep,
    viewer: ViewerDep,
    kind: str,
    key: str,
    relation: str | None = None,
    direction: Annotated[Literal["in", "out", "both"] | None, Query(description="不写同 both")] = None,
    limit: Limit = 20,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    as_of: AsOf = None,
    known_at: KnownWhen = None,
) -> Told:
    """Return the neighbours of a node in groups; totals are exact and rights-filtered."""
    return Told(
        service.neighbours(
            kind,
            key,
            viewer=viewer,
            relation=relation,
            direction=None if direction == "both" else direction,
            limit=limit,
            cursor=cursor,
            as_of=as_of,
            known_at=known_at,
        )
    )


@router.post("/nodes/talent/{key}/reveal", response_model=Documented, responses={200: {"model": RevealShape}})
def reveal(service: ServiceDep, viewer: ViewerDep, key: str, body: RevealRequest) -> Told:
    """Give an officer a talent's name and phone; recorded with the reason."""
    return Told(service.reveal(key, body.reason, viewer=viewer))


@router.get("/nodes/{kind}/{key:path}", response_model=Documented, responses={200: {"model": NodeShape}})
def node(
    service: ServiceDep,
    viewer: ViewerDep,
    kind: str,
    key: str,
    as_of: AsOf = None,
    known_at: KnownWhen = None,
) -> Told:
    """Return the properties of a node that the viewer may see, with their sources."""
    return Told(service.node(kind, key, viewer=viewer, as_of=as_of, known_at=known_at))
