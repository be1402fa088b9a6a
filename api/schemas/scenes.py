"""Scenes, expansion, paths and edges of the explorer: bodies of requests and shapes of answers (OpenAPI).

A node is written `kind:key` (`ref`). An edge is drawn once for each (source, relation, target); `rows` says how many
rows state it. Labels of kinds and relations stand once per answer, in `kinds` and `relations`.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.requests import Day, PartnersRequest, TalentsRequest, Whole

MOST_NODES = 500
Ref = Annotated[
    str, Field(min_length=3, max_length=400, pattern=r"^[a-z_]+:(?s:.+)$", description="kind:key")
]
Name = Annotated[str, Field(max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilterBody(_Body):
    """What is drawn: nothing given is no limit. Nodes of the scene of other kinds are left out, and their edges with them."""

    kinds: list[Name] | None = Field(default=None, max_length=50)
    relations: list[Name] | None = Field(default=None, max_length=100)
    on: Day | None = Field(default=None, description="只要在这一天有效的关系")
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    sources: list[Name] | None = Field(default=None, max_length=50, description="只要这些来源说的")


class SceneRequest(_Body):
    """A scene: nodes by reference, filters. Unknown and hidden nodes are left out alike and counted in `left_out`."""

    nodes: list[Ref] = Field(max_length=MOST_NODES)
    filters: FilterBody = FilterBody()


class ExpandRequest(_Body):
    """Expand one node of a scene: the most relevant neighbours that are not in `shown`, at most `limit`."""

    node: Ref
    shown: list[Ref] = Field(max_length=MOST_NODES)
    relation: Name | None = None
    direction: Literal["in", "out"] | None = None
    kind: Name | None = None
    limit: Annotated[Whole, Field(ge=1, le=100)] = 10
    filters: FilterBody = FilterBody()


class SplitRequest(_Body):
    """A group of a scene, to be split by another relation of its members (none: occupation, district …)."""

    node: Ref
    relation: Name
    direction: Literal["in", "out"]
    kind: Name
    by: Name | None = None


class EvidenceRequest(_Body):
    """The evidence of one item of an answer: the question and its rank, or edge ids that an answer cited."""

    talents: TalentsRequest | None = None
    partners: PartnersRequest | None = None
    rank: Annotated[Whole, Field(ge=1, le=200)] = 1
    to_verify: bool = False
    edges: list[Annotated[str, Field(pattern="^[0-9a-f]{20}$")]] | None = Field(default=None, max_length=200)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class HiddenShape(_Shape):
    """Neighbours of a node by relation, direction and kind: how many there are, and how many are not in the scene."""

    relation: str
    direction: Literal["in", "out"]
    kind: str
    total: int
    hidden: int


class RelevanceShape(_Shape):
    """Why a neighbour comes before others: `score` is the sum of `parts`."""

    score: float
    parts: dict[str, float]
    text: str


class SceneNodeShape(_Shape):
    """A node of a scene; `hidden_total` is the number on its badge."""

    ref: str
    kind: str
    key: str
    name: str
    subtitle: str
    family: Literal["talent", "school", "firm", "common"]
    hidden_total: int
    hidden: list[HiddenShape]
    relevance: RelevanceShape | None = None


class SceneEdgeShape(_Shape):
    """An edge of a scene: `id` leads to GET /edges/{id}; `ids` are those of all rows that state it.

    `style`: structure, ability, service, class. `inferred`: stated by the person or merged, below certainty.
    `evidence`: cited by the answer that the scene was opened from.
    """

    id: str
    ids: list[str]
    source: str
    target: str
    relation: str
    style: Literal["structure", "ability", "service", "class"]
    inferred: bool
    confidence: float
    basis: str
    registers: list[str]
    valid_from: date | None
    valid_to: date | None
    recorded_at: datetime
    rows: int
    evidence: bool


class SceneGroupShape(_Shape):
    """Neighbours that the scene cannot hold, told as one; POST /scenes/groups splits it."""

    id: str
    node: str
    relation: str
    direction: Literal["in", "out"]
    kind: str
    total: int
    hidden: int
    text: str


class PartShape(_Shape):
    """The members of a group that point to one node: how many, and the first of them."""

    ref: str
    kind: str
    key: str
    name: str
    subtitle: str
    family: str
    total: int
    first: list[str]


class SplitShape(_Shape):
    """A group in parts, largest first. A member with several counts in each; `without` have none."""

    node: str
    relation: str
    direction: Literal["in", "out"]
    kind: str
    by: str
    by_label: str
    total: int
    without: int
    parts_total: int
    parts: list[PartShape]
    truncated: bool
    note: str


class KindShape(_Shape):
    """One line of the legend: `shown` nodes of the scene, `total` in the graph as the viewer may see it (null: not counted)."""

    label: str
    family: str
    glyph: str
    shown: int
    total: int | None


class RelationShape(_Shape):
    """One relation of the scene: short label, style of its line, how many edges are drawn."""

    label: str
    style: str
    shown: int


class SceneShape(_Shape):
    """A scene as the viewer may see it; `counts` are the badges after an expansion, for every node of the scene.

    `counts_ignore` names the filters that exact totals cannot know (on, confidence, sources).
    """

    nodes: list[SceneNodeShape]
    edges: list[SceneEdgeShape]
    groups: list[SceneGroupShape]
    kinds: dict[str, KindShape]
    relations: dict[str, RelationShape]
    left_out: int
    filtered: int
    limits: dict[str, int]
    counts_ignore: list[str]
    note: str
    revision: int
    as_of: date


class SceneCountsShape(_Shape):
    """The badge of one node."""

    ref: str
    hidden_total: int
    hidden: list[HiddenShape]


class ExpandShape(SceneShape):
    """An expansion: `nodes` are the new ones with their `relevance`, `edges` those that touch a new node.

    `counts` are the badges of all nodes of the scene; `left` is how many of the asked neighbours are still hidden;
    `ranked` how many neighbours were compared (fewer than there are: `ranked_all` is false, and `note` says so).
    """

    node: str
    counts: list[SceneCountsShape]
    left: int
    ranked: int
    ranked_all: bool


class EvidenceSceneShape(SceneShape):
    """The scene of one item: edges that the answer cited carry `evidence`; `withheld` are those that may not be seen."""

    item: dict[str, Any] | None
    withheld: int


class PathNodeShape(_Shape):
    """A node on a path."""

    ref: str
    kind: str
    key: str
    name: str
    subtitle: str
    family: str


class WalkedEdgeShape(_Shape):
    """A step of a path, in the direction in which its row states it; `forward` is false where the path walks it back."""

    id: str
    source: str
    relation: str
    label: str
    target: str
    sentence: str
    confidence: float
    forward: bool


class FoundPathShape(_Shape):
    """One path: smaller `weight` is more telling. `alike`: how many other found paths go the same way of relations."""

    length: int
    weight: float
    weak: bool
    alike: int
    text: str
    nodes: list[PathNodeShape]
    edges: list[WalkedEdgeShape]


class PathsShape(_Shape):
    """The most telling paths between two nodes. `truncated`: not every path was looked at, and `note` says why."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    start: PathNodeShape = Field(alias="from")
    to: PathNodeShape
    items: list[FoundPathShape]
    total: int
    total_is_exact: bool
    truncated: bool
    note: str


class EdgeShape(_Shape):
    """Why an edge exists: its sentence, and the row that states it."""

    id: str
    sentence: str
    text: str
    relation: str
    relation_label: str
    start: PathNodeShape
    end: PathNodeShape
    source: str
    table: str
    table_label: str
    row: str
    origin: str
    batch: str
    batch_at: datetime | None
    batch_by: str | None
    recorded_at: datetime
    valid_from: date | None
    valid_to: date | None
    confidence: float
    basis: str
    properties: list[dict[str, Any]]
    also: list[dict[str, Any]]
