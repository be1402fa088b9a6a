"""The figures that the method owes: made registers with known truth, and real short names of firms."""

import csv
from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.identity_made import records
from kg.identity.clusters import group
from kg.identity.comparing import compare
from kg.identity.organisation_names import NameIndex
from kg.policy.policy_file import load_policy

DATA = Path(__file__).parents[3] / "shared" / "data"
PERSONS = 4_000


def test_persons_of_three_registers_are_joined_and_hardly_anybody_wrongly() -> None:
    pytest.importorskip("splink", reason="the extra identity is not installed")
    made, truth = records(5, PERSONS)
    first: dict[str, str] = {}
    people = [replace(one, person=first.setdefault(one.card or one.person, one.person)) for one in made]
    rules = load_policy().linkage
    groups = group(
        people, compare(people, from_probability=rules.merge_from), from_probability=rules.merge_from
    )
    wanted, said = defaultdict(list), defaultdict(list)
    for place in range(len(people)):
        wanted[truth[place]].append(place)
        said[groups.find(place)].append(place)
    true, found = (
        {pair for one in some.values() for pair in combinations(one, 2)} for some in (wanted, said)
    )
    assert len(true) > 4_000
    right = len(true & found)
    precision, recall = right / len(found), right / len(true)
    assert 2 * precision * recall / (precision + recall) >= 0.985
    false = sum(len({truth[place] for place in one}) - 1 for one in said.values())
    assert false / len(people) <= 1 / 10_000


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the development data is not at {DATA}")
def test_short_names_of_firms_lead_to_the_full_ones() -> None:
    def rows(path: str) -> list[dict[str, str]]:
        with (DATA / path).open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.DictReader(handle))

    known = rows("enterprise_alias_dev/short_to_full_300.csv")
    full = {row["full_name"] for row in [*known, *rows("enterprises_a_share/companies.csv")]}
    index = NameIndex({name: [name] for name in sorted(full)})
    first = sum(index.candidates(row["short_name"], 1)[0].key == row["full_name"] for row in known)
    assert first / len(known) >= 0.93
