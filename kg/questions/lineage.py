"""传技带徒: masters of masters and apprentices of apprentices, with the carrier where it happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kg.model.graph import Edge, NodeRef
from kg.ports import GraphStore

RELATION = "mentorships"
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Teaching:
    """One master and one apprentice; `generation` counts from the person asked about: -1 his master, 1 his apprentice."""

    generation: int
    mentor: NodeRef
    apprentice: NodeRef
    edge: Edge


def lineage(
    store: GraphStore,
    person: NodeRef,
    *,
    depth: int,
    most: int,
    sees: Callable[[NodeRef], bool] = lambda _: True,
) -> tuple[list[Teaching], bool]:
    """Return the tree of teaching around a person, nearest generations first, and whether it was cut at `most`.

    Nobody is visited twice, so a circle ends by itself. People whom `sees` denies end the walk.
    """
    found: list[Teaching] = []
    for direction, sign in (("in", -1), ("out", 1)):
        seen, front = {person}, [person]
        for step in range(1, depth + 1):
            edges = _edges(store, front, direction)
            following: list[NodeRef] = []
            for edge in edges:
                other = edge.link.start if direction == "in" else edge.link.end
                if not sees(other):
                    continue
                if len(found) >= most:
                    return found, True
                found.append(Teaching(sign * step, edge.link.start, edge.link.end, edge))
                if other not in seen:
                    seen.add(other)
                    following.append(other)
            front = sorted(following)
            if not front:
                break
    return found, False


def _edges(store: GraphStore, front: Sequence[NodeRef], direction: str) -> list[Edge]:
    """Return all teachings that leave or reach the people in front, page by page."""
    found: list[Edge] = []
    after: tuple[str, str] | None = None
    while True:
        page = store.edges(front, direction=direction, relation=RELATION, after=after, limit=_PAGE)
        found += page
        others = {edge.link.end if direction == "out" else edge.link.start for edge in page}
        if len(others) < _PAGE:
            return found
        after = max((other.kind, other.key) for other in others)
