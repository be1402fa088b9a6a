"""The search for the cheapest edits, against trying everything, on made-up subjects."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from kg.matching.advice import Option, Prospect, Standing, search
from kg.model.answers import Band
from kg.model.edits import AddedRow, CellEdit, Edit
from kg.model.rules import AdviceRules

Subject = frozenset[str]
RULES = AdviceRules(
    gain=0.05, top=3, talent_items=1, partner_items=1, most=100, talent_costs={}, partner_costs={}
)
NOW = Standing(score=0.5, rank=6, band=Band.RANKED)


def option(name: str, kind: str, cost: float, cell: str | None = None) -> Option[Subject]:
    """An option that adds its name to the subject."""
    edit: Edit = (
        AddedRow(table="t", source="s", values={"name": name})
        if cell is None
        else CellEdit(table="t", source="s", key="1", column=cell, before=None, after=name)
    )
    return Option(kind=kind, cost=cost, text=name, edits=(edit,), apply=lambda subject: subject | {name})


def world(seed: int) -> tuple[list[Option[Subject]], dict[Subject, Standing | None]]:
    """Options of some kinds, and what every set of at most two of them comes to."""
    chance = random.Random(seed)
    options = [
        option(f"o{n}", f"k{chance.randrange(4)}", chance.randrange(1, 6), chance.choice((None, "x", "y")))
        for n in range(7)
    ]
    table: dict[Subject, Standing | None] = {}
    for size in (1, 2):
        for chosen in combinations(options, size):
            score = 0.5 + chance.choice((-0.02, 0.0, 0.02, 0.04, 0.06, 0.1))
            found = Standing(score=score, rank=chance.randrange(1, 8), band=Band.RANKED)
            table[frozenset(one.text for one in chosen)] = None if chance.random() < 0.2 else found
    return options, table


def prospect(then: Standing | None) -> Prospect | None:
    """What a judge returns."""
    return None if then is None else Prospect(then.score, then.band, lambda: then)


def reaches(then: Standing | None) -> bool:
    """The aim, in other words than the program's."""
    if then is None or then.rank > NOW.rank:
        return False
    return then.score - NOW.score > RULES.gain - 1e-9 or then.rank <= RULES.top


def cells(one: Option[Subject]) -> set[str]:
    """The cells that an option writes."""
    return {edit.column for edit in one.edits if isinstance(edit, CellEdit)}


@pytest.mark.parametrize("seed", range(60))
def test_the_cheapest_single_of_each_kind_and_cheaper_pairs(seed: int) -> None:
    options, table = world(seed)
    found = search(frozenset(), NOW, options, lambda subject: prospect(table[subject]), RULES)
    told = [frozenset(_names(one.edits)) for one in found]
    single = [one for one in options if reaches(table[frozenset({one.text})])]
    kinds = {one.kind for one in single}
    for kind in kinds:
        cheapest = min(one.cost for one in single if one.kind == kind)
        mine = [one for one in single if one.kind == kind and frozenset({one.text}) in told]
        assert [one.cost for one in mine] == [cheapest]
    limit = min((one.cost for one in single), default=float("inf"))
    pairs = [
        (a, b)
        for a, b in combinations(options, 2)
        if a.kind != b.kind
        and not {a.kind, b.kind} & kinds
        and not cells(a) & cells(b)
        and a.cost + b.cost < limit
        and reaches(table[frozenset({a.text, b.text})])
    ]
    for two in {frozenset({a.kind, b.kind}) for a, b in pairs}:
        cheapest = min(a.cost + b.cost for a, b in pairs if {a.kind, b.kind} == two)
        costs = [a.cost + b.cost for a, b in pairs if {a.kind, b.kind} == two and {a.text, b.text} in told]
        assert costs == [cheapest]
    assert len(found) == len(kinds) + len({frozenset({a.kind, b.kind}) for a, b in pairs})
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    for one, names in zip(found, told, strict=True):
        then = table[names]
        assert then is not None
        assert (one.score, one.rank) == (then.score, then.rank)


@pytest.mark.parametrize("seed", range(20))
def test_hope_spares_judging_and_changes_nothing(seed: int) -> None:
    """What misses the aim by its hope is not judged; a hope that is never exceeded hides nothing."""
    options, table = world(seed)
    judged: list[Subject] = []

    def judge(subject: Subject) -> Prospect | None:
        judged.append(subject)
        return prospect(table[subject])

    def hope(chosen: Sequence[Option[Subject]]) -> Prospect:
        then = table[frozenset(one.text for one in chosen)] or NOW
        best = replace(then, score=then.score + 0.01)
        return Prospect(best.score, Band.RANKED, lambda: best)

    whole = search(frozenset(), NOW, options, judge, RULES)
    everything, judged = judged, []
    assert search(frozenset(), NOW, options, judge, RULES, hope) == whole
    assert set(judged) < set(everything)
    assert all(
        (table[one] or NOW).score + 0.01 >= NOW.score + RULES.gain - 1e-9
        or (table[one] or NOW).rank <= RULES.top
        for one in judged
    )


def test_no_more_than_the_policy_allows() -> None:
    options = [option(f"o{n}", f"k{n}", n + 1) for n in range(8)]
    few = AdviceRules(
        gain=0.05, top=3, talent_items=1, partner_items=1, most=3, talent_costs={}, partner_costs={}
    )
    better = Standing(score=0.9, rank=1, band=Band.RANKED)
    found = search(frozenset(), NOW, options, lambda _: prospect(better), few)
    assert [one.cost for one in found] == [1, 2, 3]


def test_a_lower_rank_is_no_promise() -> None:
    worse = Standing(score=0.9, rank=7, band=Band.RANKED)
    assert search(frozenset(), NOW, [option("o", "k", 1)], lambda _: prospect(worse), RULES) == ()


def _names(edits: tuple[Edit, ...]) -> list[str]:
    return [
        str(edit.after) if isinstance(edit, CellEdit) else str(edit.values["name"])
        for edit in edits
        if isinstance(edit, CellEdit | AddedRow)
    ]
