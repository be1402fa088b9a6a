"""Factors, sides, scores, bands and ranks: one way for both questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from tests.oracle.reference import Number
from tests.oracle.world import UNKNOWN, Status

Item: TypeAlias = dict[str, Any]

NEUTRAL = Fraction(1, 2)
NEUTRAL_OF: Mapping[str, Fraction] = {
    code: Fraction(3, 10) for code in ("skill", "pay", "topic", "slack", "evidence", "honour")
}
COVERAGE_LEAST = 0.6
SCORE_DIGITS = 6
FINE_DIGITS = 9
K_LARGEST = 200


@dataclass(frozen=True)
class Factor:
    """One factor of a side; ``value`` ``None`` = unknown, ``neutral`` then takes its place."""

    code: str
    weight: Fraction
    value: Number | None
    neutral: Number


def make_side(
    weights: Mapping[str, Fraction],
    values: Mapping[str, Number | None],
    neutrals: Mapping[str, Number] | None = None,
) -> list[Factor]:
    """The factors of a side in the order of its weights."""
    special = neutrals or {}
    return [
        Factor(code, weight, values[code], special.get(code, NEUTRAL_OF.get(code, NEUTRAL)))
        for code, weight in weights.items()
    ]


def total(side: Sequence[Factor], unknown_as: Number | None = None) -> float:
    """The sum of contributions; unknown factors at their neutral value, or at ``unknown_as``."""
    return float(sum(f.weight * _value(f, unknown_as) for f in side))


def _value(factor: Factor, unknown_as: Number | None) -> Number:
    if factor.value is not None:
        return factor.value
    return factor.neutral if unknown_as is None else unknown_as


def known_weight(side: Sequence[Factor]) -> float:
    """The coverage of a side."""
    return float(sum(f.weight for f in side if f.value is not None))


def harmonic(a: float, b: float) -> float:
    """``2ab/(a+b)``, 0 if one is 0."""
    return 0.0 if a == 0 or b == 0 else 2 * a * b / (a + b)


def scored(sides: Mapping[str, Sequence[Factor]], filters: Sequence[tuple[str, Status]]) -> Item:
    """Score, coverage, interval, band, sides and filters of one judged pair."""
    one, other = sides.values()
    coverage = min(known_weight(one), known_weight(other))
    status = {verdict for _, verdict in filters}
    covered = coverage >= COVERAGE_LEAST - 1e-9
    band = "to_verify" if UNKNOWN in status else "ranked" if covered else "low_coverage"
    return {
        "score": harmonic(total(one), total(other)),
        "coverage": coverage,
        "interval": [harmonic(total(one, end), total(other, end)) for end in (0, 1)],
        "band": band,
        "sides": {name: _side(side) for name, side in sides.items()},
        "filters": [{"code": code, "status": verdict} for code, verdict in filters],
    }


def _side(side: Sequence[Factor]) -> Item:
    return {
        "score": total(side),
        "coverage": known_weight(side),
        "factors": [
            {
                "code": f.code,
                "weight": float(f.weight),
                "value": float(_value(f, None)),
                "known": f.value is not None,
                "contribution": float(f.weight * _value(f, None)),
            }
            for f in side
        ],
    }


def put_in_order(
    found: list[Item],
    *,
    standing: Callable[[Item], tuple[float, ...]],
    entity: Callable[[Item], str],
    exposures: Callable[[Item], int],
    tie_order: Callable[[str], str] | None,
) -> list[Item]:
    """Best first. ``standing`` decides band and rank; members of a tie get one ``tie_group``."""

    def full(item: Item) -> tuple[object, ...]:
        return (*standing(item), -round(item["coverage"], FINE_DIGITS), exposures(item))

    def last(item: Item) -> str:
        return tie_order(entity(item)) if tie_order else entity(item)

    ordered = sorted(found, key=lambda item: (full(item), last(item)))
    groups = sorted({full(item) for item in ordered})
    return [{**item, "tie_group": groups.index(full(item)) + 1} for item in ordered]


def with_ranks(ordered: list[Item], standing: Callable[[Item], tuple[float, ...]]) -> list[Item]:
    """Equal standing = equal rank (1, 2, 2, 4); ranks run on through the bands."""
    standings = [standing(item) for item in ordered]
    return [
        {**item, "rank": standings.index(own) + 1, "tied": standings.count(own) > 1}
        for item, own in zip(ordered, standings, strict=True)
    ]


def band_number(item: Item) -> float:
    """0 for ``ranked``, 1 for ``low_coverage``, 2 for ``to_verify``."""
    return float(("ranked", "low_coverage", "to_verify").index(item["band"]))


def falling(value: float, digits: int = SCORE_DIGITS) -> float:
    """A sort key for larger first, at the digits of comparisons."""
    return -round(float(value), digits)


def pool_of(judged: list[Item], order: Sequence[str]) -> Item:
    """The counts of a pool; every failed one under its first failing code."""
    failed: dict[str, int] = {}
    for code in order:
        count = sum(item.get("failed") == code for item in judged)
        if count:
            failed[code] = count
    return {
        "considered": len(judged),
        "listed": sum(item.get("band") in {"ranked", "low_coverage"} for item in judged),
        "to_verify": sum(item.get("band") == "to_verify" for item in judged),
        "failed": failed,
    }
