"""Smallest teams against every subset tried one by one."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.matching.teams.search import Member, Team, smallest_team

WANTED = 0b111


def brute(
    people: list[Member], hours: float, per_firm: int, most: int, known: set[frozenset[str]]
) -> tuple | None:
    """Return size, travel, acquainted pairs and keys of the best team by trying all."""
    for size in range(1, most + 1):
        found = []
        for team in combinations(people, size):
            covered = 0
            for one in team:
                covered |= one.skills
            firms = [one.firm for one in team if one.firm is not None]
            if covered & WANTED != WANTED or sum(one.hours for one in team) < hours - 1e-9:
                continue
            if any(firms.count(firm) > per_firm for firm in firms):
                continue
            pairs = sum(frozenset((a.key, b.key)) in known for a, b in combinations(team, 2))
            found.append((
                round(sum(one.travel for one in team), 9),
                -pairs,
                tuple(sorted(one.key for one in team)),
            ))
        if found:
            return size, *min(found)
    return None


people = st.lists(
    st.tuples(
        st.integers(0, 7), st.integers(0, 6), st.integers(0, 4), st.sampled_from([None, "甲", "乙", "丙"])
    ),
    max_size=9,
)


@settings(deadline=None, max_examples=300)
@given(people, st.integers(0, 14), st.integers(1, 2), st.integers(1, 4))
def test_size_and_travel_are_the_best_of_all_subsets(
    drawn: list[tuple[int, int, int, str | None]], hours: int, per_firm: int, most: int
) -> None:
    members = [
        Member(f"p{n}", skills, float(free), float(road), firm)
        for n, (skills, free, road, firm) in enumerate(drawn)
    ]
    wanted = brute(members, hours, per_firm, most, set())
    found = smallest_team(members, wanted=WANTED, hours=hours, per_firm=per_firm, most=most)
    if wanted is None:
        assert found is None
        return
    assert found is not None
    assert found.exact
    assert (len(found.members), round(found.travel, 9)) == wanted[:2]
    check(found, hours, per_firm)


@pytest.mark.parametrize("seed", range(4))
def test_among_equals_those_who_know_each_other_come_first(seed: int) -> None:
    """Size, travel and acquainted pairs of 500 small worlds are those of the best of all subsets."""
    chance = Random(seed)
    found_teams = 0
    for _ in range(500):
        members = [
            Member(
                f"p{n}", chance.randrange(8), float(chance.randrange(7)), float(chance.choice((0, 1, 1, 2))),
                chance.choice((None, "甲", "乙", "丙")),
            )
            for n in range(chance.randrange(2, 9))
        ]  # fmt: skip
        known = {
            frozenset(pair) for pair in combinations([one.key for one in members], 2) if chance.random() < 0.3
        }
        hours, per_firm, most = chance.randrange(12), chance.randrange(1, 3), chance.randrange(1, 5)
        wanted = brute(members, hours, per_firm, most, known)
        found = smallest_team(
            members, wanted=WANTED, hours=hours, per_firm=per_firm, most=most, acquainted=known
        )
        assert (found is None) == (wanted is None), (members, hours, per_firm, most)
        if found is not None and wanted is not None:
            pairs = sum(frozenset((a.key, b.key)) in known for a, b in combinations(found.members, 2))
            assert (len(found.members), round(found.travel, 9), -pairs) == wanted[:3]
            check(found, hours, per_firm)
            found_teams += 1
    assert found_teams > 100


def test_hours_that_only_many_together_give_are_found() -> None:
    """The one who covers everything, then the most hours first: no order of keys may stand in the way."""
    members = [Member("a", 0b100, 2, 1, "甲"), Member("b", 0b111, 1, 2, "乙"), Member("c", 0b001, 3, 0, None)]
    found = smallest_team(members, wanted=WANTED, hours=6, per_firm=1, most=3)
    assert found is not None
    assert [one.key for one in found.members] == ["a", "b", "c"]


def check(team: Team, hours: float, per_firm: int) -> None:
    covered = 0
    for one in team.members:
        covered |= one.skills
    assert covered & WANTED == WANTED
    assert team.hours >= hours - 1e-9
    firms = [one.firm for one in team.members if one.firm]
    assert all(firms.count(firm) <= per_firm for firm in firms)


def test_those_who_know_each_other_are_preferred_among_equals() -> None:
    members = [Member("a", 0b011, 9, 1, None), Member("b", 0b100, 9, 1, None), Member("c", 0b100, 9, 1, None)]
    plain = smallest_team(members, wanted=WANTED, hours=4, per_firm=1, most=3)
    known = smallest_team(members, wanted=WANTED, hours=4, per_firm=1, most=3, acquainted={frozenset("ac")})
    assert plain is not None
    assert known is not None
    assert [one.key for one in plain.members] == ["a", "b"]
    assert [one.key for one in known.members] == ["a", "c"]


def test_nobody_for_one_skill_means_no_team() -> None:
    assert smallest_team([Member("a", 0b011, 9, 0, None)], wanted=WANTED, hours=1, per_firm=1, most=3) is None
