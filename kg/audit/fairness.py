"""Who is shown how often, against who could have been: skew@k and NDKL of ranked lists.

Geyik, Ambler, Kenthapadi: Fairness-aware ranking in search and recommendation systems (arXiv 1905.01989), §4.1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, log2


@dataclass(frozen=True, slots=True)
class GroupReport:
    """One attribute over many lists: shares of groups among those shown and in the pools, skew of each, and NDKL.

    `skew` is ln(share shown / share in the pool), averaged over the lists in which the group was in the pool, 0 =
    as often as in the pool; None where it was never among the first k. `ndkl` is 0 for lists that mirror their pools.
    """

    lists: int
    shown: Mapping[str, int]
    pool: Mapping[str, int]
    skew: Mapping[str, float | None]
    ndkl: float | None


def group_report(lists: Sequence[tuple[Sequence[str], Mapping[str, int]]], *, k: int) -> GroupReport:
    """Return the report of lists, each the groups of its items in order, and the groups of its eligible pool."""
    shown: Counter[str] = Counter()
    pool: Counter[str] = Counter()
    skews: dict[str, list[float]] = {}
    distances: list[float] = []
    for ranked, eligible in lists:
        top = list(ranked[:k])
        if not top or not sum(eligible.values()):
            continue
        shown.update(top)
        pool.update(eligible)
        for group, value in skew_at(top, eligible).items():
            skews.setdefault(group, []).append(value)
        distances.append(ndkl(top, eligible))
    return GroupReport(
        lists=len(distances),
        shown=dict(sorted(shown.items())),
        pool=dict(sorted(pool.items())),
        skew={group: _mean(skews.get(group, [])) for group in sorted(pool)},
        ndkl=_mean(distances),
    )


def skew_at(top: Sequence[str], eligible: Mapping[str, int]) -> dict[str, float]:
    """Return ln(share among the first / share in the pool) of every group that is in both."""
    total, counts = sum(eligible.values()), Counter(top)
    return {
        group: log((counts[group] / len(top)) / (eligible[group] / total))
        for group in sorted(counts)
        if eligible.get(group)
    }


def ndkl(ranked: Sequence[str], eligible: Mapping[str, int]) -> float:
    """Return the discounted Kullback-Leibler distance of every prefix from the pool, normalised; 0 is no distance."""
    total = sum(eligible.values())
    weights = [1 / log2(place + 1) for place in range(1, len(ranked) + 1)]
    counts: Counter[str] = Counter()
    sum_of = 0.0
    for place, (group, weight) in enumerate(zip(ranked, weights, strict=True), start=1):
        counts[group] += 1
        distance = sum(
            count / place * log((count / place) / (eligible[one] / total))
            for one, count in counts.items()
            if eligible.get(one)
        )
        sum_of += weight * distance
    return sum_of / sum(weights) if weights else 0.0


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
