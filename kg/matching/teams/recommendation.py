"""Teams for a technical problem: who may serve it at all, what each covers, and the smallest team with two others beside it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.index.parsing import WantedSkill
from kg.index.world import World
from kg.matching.mobility.days import ways_to
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.pair import pair_up
from kg.matching.mobility.question import Question
from kg.matching.mobility.recommendation import match_of
from kg.matching.mobility.survey import Survey, survey
from kg.matching.mobility.survey_rules import free_hours, signed_services
from kg.matching.teams.search import Member, Team, smallest_team
from kg.model.answers import Status
from kg.model.rules import Policy

ALTERNATIVES: Final = 2
_LARGEST_CIRCLE: Final = 20
"""More people than this on one need say nothing about who knows whom."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """Teams, the best first, the others without any of its members; `covering` counts people by wanted skill."""

    teams: tuple[Team, ...]
    covering: tuple[int, ...]
    eligible: int
    considered: int
    acquainted: frozenset[frozenset[str]]


def recommend_teams(
    world: World,
    policy: Policy,
    question: Question,
    *,
    as_of: date,
    hours: float,
    per_firm: int,
    may_tell: Callable[[str], bool] | None = None,
) -> TeamAnswer:
    """Return the smallest team that covers every wanted skill at its level, and two disjoint alternatives.

    `question` asks for one hour of anybody (`one_hour_of`): its filters say who may serve at all, those of whom
    something is unknown left out. A skill counts as covered from the policy's `team.cover` on; `hours` is what all
    members together must have free, `per_firm` how many of one employer may be taken. `may_tell` says of a talent key
    whether whoever asks may learn of that person at all: who may not be told is in no team and in no count.
    """
    people, counts = candidates(world, policy, question, as_of)
    if may_tell is not None:
        people = [one for one in people if may_tell(one.key)]
        counts = tuple(sum(one.skills >> place & 1 for one in people) for place in range(len(counts)))
    wanted = (1 << len(question.need.skills)) - 1
    acquainted = _acquainted(world, {one.key for one in people})
    teams: list[Team] = []
    left = people
    while len(teams) <= ALTERNATIVES:
        team = smallest_team(
            left,
            wanted=wanted,
            hours=hours,
            per_firm=per_firm,
            most=policy.team.members,
            acquainted=acquainted,
        )
        if team is None:
            break
        teams.append(team)
        taken = {member.key for member in team.members}
        left = [one for one in left if one.key not in taken]
    return TeamAnswer(tuple(teams), counts, len(people), len(world.talents), acquainted)


def candidates(
    world: World, policy: Policy, question: Question, as_of: date
) -> tuple[list[Member], tuple[int, ...]]:
    """Return everybody who may serve at all as a possible member, and how many cover each wanted skill."""
    found = survey(world, policy, question, as_of)
    people, cover = _members(found, question, policy)
    newer = _newer(world, policy, question, as_of)
    counts = tuple(
        int(count) + sum(one.skills >> place & 1 for one in newer) for place, count in enumerate(cover)
    )
    return people + newer, counts


def _members(found: Survey, question: Question, policy: Policy) -> tuple[list[Member], list[int]]:
    """Return everybody of the arrays whose filters all pass, and how many cover each skill."""
    arrays, world = found.arrays, found.world
    sure = np.flatnonzero(~found.unsure)
    places = found.places[sure]
    covered = [_cover(world, wanted)[places] >= policy.team.cover - 1e-9 for wanted in question.need.skills]
    bits = sum(
        (mask.astype(np.int64) << place for place, mask in enumerate(covered)),
        np.zeros(len(places), np.int64),
    )
    free = free_hours(arrays, question, places, signed_services(arrays, places), policy.query_b.week_days)
    _, road = ways_to(world, question.district)
    travel = np.nan_to_num(road[arrays.persons.district[places]], nan=0.0) * (question.visits or 0)
    firms = arrays.organisations.words
    rows = zip(
        places.tolist(), bits.tolist(), free.total.tolist(), travel.tolist(),
        arrays.persons.employer[places].tolist(), strict=True,
    )  # fmt: skip
    people = [
        Member(world.talents.keys[place], skills, hours, way, firms[firm] or None)
        for place, skills, hours, way, firm in rows
    ]
    return people, [int(mask.sum()) for mask in covered]


def _cover(world: World, wanted: WantedSkill) -> Numbers:
    """Return how far each talent of the arrays covers a skill: the best of similarity times level."""
    held = world.talents.arrays.held
    best = np.zeros(world.talents.arrays.count)
    for skill, similarity in sorted(world.skills.similar(wanted.skill).items()):
        start, end = held.postings.bounds.get(skill, (0, 0))
        owners = held.postings.owner[start:end]
        best[owners] = np.maximum(
            best[owners], similarity * np.minimum(1.0, held.strength[start:end] / wanted.level)
        )
    return best


def _newer(world: World, policy: Policy, question: Question, as_of: date) -> list[Member]:
    """Return the eligible people that are newer than the arrays."""
    occasion = Occasion(world, policy, question, as_of)
    found: list[Member] = []
    for key, talent in sorted(world.talents.changed.items()):
        if talent is None or match_of(occasion, talent).status is not Status.PASS:
            continue
        pair = pair_up(occasion, talent)
        bits = 0
        for place, one in enumerate(pair.covers):
            bits |= (one.value >= policy.team.cover - 1e-9) << place
        travel = (pair.way.round_trip or 0.0) * (question.visits or 0)
        found.append(Member(key, bits, pair.free.total, travel, talent.employer))
    return found


def _acquainted(world: World, keys: Collection[str]) -> frozenset[frozenset[str]]:
    """Return the pairs who have served the same need."""
    arrays = world.talents.arrays
    circles: dict[int, set[str]] = {}
    told = np.flatnonzero(arrays.services.need > 0)
    for place, need in zip(
        arrays.services.talent[told].tolist(), arrays.services.need[told].tolist(), strict=True
    ):
        key = world.talents.keys[place]
        if key in keys:
            circles.setdefault(need, set()).add(key)
    return frozenset(
        frozenset(pair)
        for circle in circles.values()
        if len(circle) <= _LARGEST_CIRCLE
        for pair in combinations(sorted(circle), 2)
    )


def one_hour_of(problem: Mapping[str, object]) -> dict[str, object]:
    """Return the need that asks for one hour of anybody for a problem: its columns as those of flex_needs."""
    visits = problem.get("visits")
    on_site = isinstance(visits, int) and visits > 0
    return {
        "host": problem["host"],
        "title": problem.get("title") or "技术难题",
        "skills": problem["skills"],
        "tags": problem.get("tags") or (),
        "modes": ("project", "consult") if on_site else ("project", "consult", "advise_remote"),
        "total_hours": 1,
        "valid_from": problem["valid_from"],
        "valid_to": problem["valid_to"],
        "visits": visits,
        "district": problem.get("district"),
    }
