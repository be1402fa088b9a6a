"""Order, equal ranks and ties (`scoring.md` §1): band, rounded score, coverage, exposures, then a keyed digest."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from kg.model.answers import Band

T = TypeVar("T")
TieKey = Callable[[str], str]
"""Maps an entity key to the hex by which ties are ordered (HMAC of key file, query id and entity key)."""


class Candidate(NamedTuple, Generic[T]):
    """One entity to place: `order` are the rounded figures that decide, greatest first; equal order = equal rank."""

    entity: str
    band: Band
    order: tuple[float, ...]
    coverage: float
    exposures: int
    payload: T


class Placed(NamedTuple, Generic[T]):
    """A candidate with its rank; `tie_key` only inside a tie."""

    payload: T
    band: Band
    rank: int
    tied: bool
    tie_key: str | None


_BANDS = (Band.RANKED, Band.LOW_COVERAGE, Band.TO_VERIFY)


def band_of(coverage: float, floor: float) -> Band:
    """Return the band of a listed match."""
    return Band.RANKED if coverage >= floor - 1e-9 else Band.LOW_COVERAGE


def place(
    candidates: Sequence[Candidate[T]], *, tie_key: TieKey, limit: int | None = None
) -> list[Placed[T]]:
    """Return the first `limit` candidates in order, with ranks that run on through the bands (1, 2, 2, 4)."""
    groups: dict[tuple[int, tuple[float, ...]], list[Candidate[T]]] = {}
    for candidate in candidates:
        place_in = (_BANDS.index(candidate.band), tuple([-figure for figure in candidate.order]))
        groups.setdefault(place_in, []).append(candidate)
    placed: list[Placed[T]] = []
    rank = 1
    for place_in in sorted(groups):
        if limit is not None and len(placed) >= limit:
            break
        group = groups[place_in]
        if len(group) == 1:
            placed.append(Placed(group[0].payload, group[0].band, rank, tied=False, tie_key=None))
        else:
            placed.extend(_tied(group, rank, tie_key))
        rank += len(group)
    return placed if limit is None else placed[:limit]


def _tied(group: Sequence[Candidate[T]], rank: int, tie_key: TieKey) -> list[Placed[T]]:
    """Return who shares a rank, in the order of a tie."""
    keys = {member.entity: tie_key(member.entity) for member in group}
    ordered = sorted(group, key=lambda m: (-round(m.coverage, 9), m.exposures, keys[m.entity]))
    return [Placed(m.payload, m.band, rank, tied=True, tie_key=keys[m.entity]) for m in ordered]
