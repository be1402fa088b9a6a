"""Finds the pairs and partners that can be shown; the plain scorer then makes every number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.index.cooperation_entities import Demand, Offering
from kg.matching.cooperation_scorer import Scorer
from kg.model.answers import Status

Pair = tuple[Offering, Demand]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nomination:
    """Exact counts of pairs, and the partners (as lists of pairs that do not fail) that can reach the lists."""

    considered: int
    listed_pairs: int
    verify_pairs: int
    failed: Mapping[str, int]
    listed: Sequence[Sequence[Pair]]
    to_verify: Sequence[Sequence[Pair]]


def nominate_everybody(scorer: Scorer) -> Nomination:
    """Judge every pair one by one, without any short cut: what `nominate` must agree with."""
    view = scorer.world.cooperation
    groups: dict[tuple[str, str], list[Pair]] = {}
    passing: set[tuple[str, str]] = set()
    counts = {Status.PASS: 0, Status.UNKNOWN: 0}
    failed: dict[str, int] = {}
    for offering in view.offerings.values():
        for demand in view.demands.values():
            if not scorer.considers(offering, demand):
                continue
            statuses = scorer.statuses(offering, demand)
            code = next((code for code, status in statuses.items() if status is Status.FAIL), None)
            if code is not None:
                failed[code] = failed.get(code, 0) + 1
                continue
            status = Status.UNKNOWN if Status.UNKNOWN in statuses.values() else Status.PASS
            counts[status] += 1
            key = (offering.school, demand.enterprise)
            groups.setdefault(key, []).append((offering, demand))
            if status is Status.PASS:
                passing.add(key)
    return Nomination(
        considered=sum(counts.values()) + sum(failed.values()),
        listed_pairs=counts[Status.PASS],
        verify_pairs=counts[Status.UNKNOWN],
        failed=failed,
        listed=[pairs for key, pairs in groups.items() if key in passing],
        to_verify=[pairs for key, pairs in groups.items() if key not in passing],
    )


def nominate(scorer: Scorer, k: int) -> Nomination:
    """Return the pairs that can be shown."""
    del k
    return nominate_everybody(scorer)
