"""Answers of the further questions."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from api.schemas.shapes import NodeReference


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class NextStepsShape(_Shape):
    """Steps, those that open most needs first; `opens` are the needs, `raises` how many other scores rise by `gain`."""

    node: NodeReference
    as_of: str
    needs_considered: int
    items: list[dict[str, Any]]
    revision: int


class PeersShape(_Shape):
    """People who share trade, processes and equipment; `overlap` 0..1 weighs rarer skills more."""

    node: NodeReference
    items: list[dict[str, Any]]
    total: int
    total_is_exact: bool
    revision: int


class LineageShape(_Shape):
    """Masters (negative generations) and apprentices; `truncated` when there are more."""

    node: NodeReference
    items: list[dict[str, Any]]
    truncated: bool
    revision: int


class TransfersShape(_Shape):
    """Ways from surplus to short occupations."""

    quarter: str
    items: list[dict[str, Any]]
    revision: int


class FurtherListShape(_Shape):
    """A list of lines, each as its question tells it."""

    items: list[dict[str, Any]]
    revision: int


class AllianceShape(FurtherListShape):
    """`pairs` of members that complete each other; `items` are the schools that would complete the alliance."""

    node: NodeReference
    members: list[NodeReference]
    wanted: int
    pairs: list[dict[str, Any]]


class ChainShape(_Shape):
    """A competition with those above and below it."""

    chain: list[dict[str, Any]]
    below: list[dict[str, Any]]
    revision: int
