"""Body and answer of a team for a technical problem."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.requests import Day
from api.schemas.shapes import NodeReference


class TeamRequest(BaseModel):
    """Which team can solve a problem: a registered one, or one that an officer types in as columns of problems?"""

    model_config = ConfigDict(extra="forbid")

    problem: Annotated[str, Field(min_length=1, max_length=200, description="难题编号")] | None = None
    inline: Annotated[dict[str, Any], Field(description="直接填写的难题：技术难题的各列")] | None = None
    as_of: Day | None = None


class TeamMemberShape(BaseModel):
    """One member: the skills covered, free and travel hours; the employer for officers only."""

    model_config = ConfigDict(extra="allow")

    node: NodeReference
    card: dict[str, Any]
    hours: float
    travel: float
    covers: list[dict[str, Any]]


class TeamShape(BaseModel):
    """A team; `exact` when no smaller one and none of less travel exists, else `bound` is the least possible size."""

    model_config = ConfigDict(extra="allow")

    size: int
    hours: float
    travel: float
    exact: bool
    bound: int
    acquainted: list[list[str]]
    members: list[TeamMemberShape]


class TeamsShape(BaseModel):
    """The best team and two without any of its members."""

    model_config = ConfigDict(extra="allow")

    query_id: str
    as_of: str
    policy: dict[str, str]
    revision: int
    question: dict[str, Any]
    problem: NodeReference | None
    hours: float
    max_per_firm: int
    wanted: list[dict[str, Any]]
    pool: dict[str, int]
    teams: list[TeamShape]
    text: str
    notice: str
