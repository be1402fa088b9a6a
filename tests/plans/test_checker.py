"""The checker believes nothing: what is true passes, and every change that breaks legality or stability is refused."""

import ast
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

import kg.matching.plans.checking as checking
from kg.matching.plans.certificate import certificate_of
from kg.matching.plans.checking.document import check_document
from kg.matching.plans.checking.verdict import Verdict
from kg.matching.plans.seats_plan import plan_seats
from tests.plans.tiny import drawn

Json = dict[str, Any]
HEAD: Json = {
    "question": {"kind": "cooperation", "mode": "internship", "year": 2026, "district": None},
    "as_of": "2026-11-23",
    "policy": {"id": "p", "hash": "h"},
    "revision": 1,
}


def certificate(seed: int, objective: str = "stable", *, steps: int = 10**6) -> Json:
    """The certificate of a drawn market as it comes out of a file."""
    found = plan_seats(drawn(seed, steps=steps), 0.5, objective=objective, seconds=5)
    return dict(json.loads(json.dumps(found.certificate({**HEAD, **found.told}))))


def codes(verdict: Verdict) -> set[str]:
    return {code for code, _ in verdict.problems}


@pytest.mark.parametrize("objective", ["stable", "max-value"])
@pytest.mark.parametrize("steps", [4, 10**6])
def test_what_the_solver_says_is_true(objective: str, steps: int) -> None:
    stable = 0
    for seed in range(300):
        verdict = check_document(certificate(seed, objective, steps=steps))
        assert verdict.holds, (seed, verdict.problems)
        stable += verdict.facts["stable"]
    assert stable > 50


@pytest.mark.parametrize("objective", ["stable", "max-value"])
def test_a_certificate_of_the_pairs_that_matter_says_as_much(objective: str) -> None:
    """Cut to the pairs of one side it is smaller, still true, and whoever hides a blocking pair is still found out."""
    left = whole = hidden = 0
    for seed in range(200):
        one = drawn(seed)
        found = plan_seats(one, 0.5, objective=objective, seconds=5)
        cut = certificate_of(one, found.seats, {**HEAD, **found.told}, most=0)
        verdict = check_document(cut)
        assert verdict.holds, (seed, verdict.problems)
        assert verdict.facts["blocking"] == len(found.told["blocking"])
        left, whole = left + len(cut["pairs"]["a"]), whole + len(one)
        if cut["blocking"]:
            assert codes(check_document({**cut, "blocking": cut["blocking"][1:]})) == {"blocking-missing"}, (
                seed
            )
            hidden += 1
    assert left < whole
    assert objective == "stable" or hidden > 20


def test_nothing_of_the_solver_is_used() -> None:
    folder = Path(str(checking.__file__)).parent
    for source in folder.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            used = [name for name in names if name and name.startswith(("kg", "numpy", "ortools"))]
            assert all(name.startswith("kg.matching.plans.checking") for name in used), (source.name, used)


def _more_seats(one: Json, draw: Random) -> None:
    draw.choice(one["allocation"])["seats"] += draw.randint(1, 5)


def _fewer_seats(one: Json, draw: Random) -> None:
    entry = draw.choice(one["allocation"])
    entry["seats"] -= 1
    one["allocation"] = [kept for kept in one["allocation"] if kept["seats"]]


def _half_a_seat(one: Json, draw: Random) -> None:
    draw.choice(one["allocation"])["seats"] -= 0.5


def _drop(one: Json, draw: Random) -> None:
    one["allocation"].remove(draw.choice(one["allocation"]))


def _twice(one: Json, draw: Random) -> None:
    one["allocation"].append(dict(draw.choice(one["allocation"])))


def _unknown_pair(one: Json, draw: Random) -> None:
    draw.choice(one["allocation"])["demand"] = "P99"


def _preference(one: Json, draw: Random) -> None:
    values = one["pairs"][draw.choice("ab")]
    place = draw.randrange(len(values))
    values[place] = (values[place] + draw.uniform(0.05, 0.9)) % 1


def _cap(one: Json, draw: Random) -> None:
    table, key = draw.choice((
        ("cohorts", "supply"),
        ("posts", "open"),
        ("kinds", "cap"),
        ("enterprises", "cap"),
    ))
    draw.choice(one[table])[key] += draw.choice((-1, 1, 3))


def _minimum(one: Json, draw: Random) -> None:
    draw.choice(one["cohorts"])["class_min"] += draw.randint(1, 3)


def _bound(one: Json, draw: Random) -> None:
    bounds = one["pairs"]["bound"]
    bounds[draw.randrange(len(bounds))] += draw.choice((-1, 1))


def _drop_pair(one: Json, draw: Random) -> None:
    place = draw.randrange(len(one["pairs"]["cohort"]))
    for column in one["pairs"].values():
        del column[place]


def _value(one: Json, draw: Random) -> None:
    one["value"] += draw.choice((-1, 1)) * draw.uniform(0.01, 5)


def _total(one: Json, draw: Random) -> None:
    one["seats"] += draw.choice((-1, 1))


def _stable(one: Json, draw: Random) -> None:
    one["stable"] = not one["stable"]


def _blocking(one: Json, draw: Random) -> None:
    pair = draw.randrange(len(one["pairs"]["cohort"]))
    cohort, post = one["pairs"]["cohort"][pair], one["pairs"]["post"][pair]
    named = {"offering": one["cohorts"][cohort]["id"], "demand": one["posts"][post]["id"], "a": 0.5, "b": 0.5}
    ends = [(kept["offering"], kept["demand"]) for kept in one["blocking"]]
    if (named["offering"], named["demand"]) in ends:
        del one["blocking"][ends.index((named["offering"], named["demand"]))]
    else:
        one["blocking"].append(named)


def _closed(one: Json, draw: Random) -> None:
    one["closed"] = one["closed"][1:] if one["closed"] else ["C0"]


def _coalition(one: Json, draw: Random) -> None:
    one["coalitions"] = [] if one["coalitions"] else [{"offering": "C0", "seats": 1}]


def _move(one: Json, draw: Random) -> None:
    one["negotiable"].append({"offering": "C0", "from": "P0", "to": "P0"})


def _digest(one: Json, draw: Random) -> None:
    one["rankings"]["digest"] = "0" * 64


def _indifference(one: Json, draw: Random) -> None:
    one["indifference"] = 0.5


CHANGES: tuple[Callable[[Json, Random], None], ...] = (
    _more_seats, _fewer_seats, _half_a_seat, _drop, _twice, _unknown_pair, _preference, _cap, _minimum, _bound,
    _drop_pair, _value, _total, _stable, _blocking, _closed, _coalition, _move, _digest, _indifference,
)  # fmt: skip


def _changed(change: Callable[[Json, Random], None], seeds: range) -> Iterator[tuple[int, Json]]:
    """Certificates with one change each; one that holds no seat cannot lose or gain any."""
    for seed in seeds:
        one = certificate(seed)
        if one["allocation"]:
            other = copy.deepcopy(one)
            change(other, Random(seed))
            assert other != one
            yield seed, other


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__.strip("_"))
def test_every_change_is_refused(change: Callable[[Json, Random], None]) -> None:
    refused = 0
    for seed, other in _changed(change, range(60)):
        verdict = check_document(other)
        assert not verdict.holds, seed
        assert all(text for _, text in verdict.problems)
        refused += 1
    assert refused > 40


def test_a_forger_who_works_the_digest_out_anew_is_refused_all_the_same() -> None:
    """He moves seats and tells totals rightly; the plan is legal, but somebody would leave it, or it is not legal."""
    refused = 0
    for seed in range(200):
        one = certificate(seed)
        if len(one["allocation"]) < 2 or not one["stable"]:
            continue
        first, second = Random(seed).sample(one["allocation"], 2)
        first["seats"] -= 1
        second["seats"] += 1
        one["allocation"] = [entry for entry in one["allocation"] if entry["seats"]]
        gains = {
            (entry["offering"], entry["demand"]): max(0.0, entry["score"] - 0.5) / 0.5
            for entry in one["allocation"]
        }
        one["value"] = sum(
            round(gains[e["offering"], e["demand"]], 9) * e["seats"] for e in one["allocation"]
        )
        verdict = check_document(one)
        assert not verdict.holds, seed
        legal = {"over-bound", "over-supply", "over-post", "over-kind", "over-enterprise", "below-class-min"}
        found = codes(verdict)
        assert found & (legal | {"blocking-missing", "stable", "coalitions", "closed", "negotiable"}), (
            seed,
            found,
        )
        refused += 1
    assert refused > 80


def test_a_plan_must_say_what_its_certificate_says() -> None:
    one = certificate(3)
    plan = {**{key: one[key] for key in ("allocation", "closed", "coalitions", "blocking", "negotiable", "value",
                                         "seats", "stable", "objective", "question", "as_of", "policy", "revision")},
            "id": "p-1", "certificate": one}  # fmt: skip
    assert check_document(plan).holds
    other = json.loads(json.dumps(plan))
    other["allocation"][0]["seats"] += 1
    assert codes(check_document(other)) == {"plan-differs"}
    named = {**plan, "certificate": {"digest": one["rankings"]["digest"]}}
    assert codes(check_document(named)) == {"bad-shape"}
    assert check_document(named, one).holds


@pytest.mark.parametrize(
    "document",
    [
        None, [], {}, "text", 3, {"format": "other"}, {"format": "jiangtu-plan-certificate-1"},
        {"format": "jiangtu-plan-certificate-1", "kind": "cooperation"},
        {"format": "jiangtu-plan-certificate-1", "kind": "mobility", "needs": [1]},
        {"format": "jiangtu-plan-certificate-1", "kind": "marriage"},
    ],
)  # fmt: skip
def test_what_is_no_certificate_is_refused_in_words(document: Any) -> None:
    verdict = check_document(document)
    assert codes(verdict) == {"bad-shape"}


def test_every_entry_may_be_missing_or_of_another_type() -> None:
    """Whatever stands in a file, the answer is a finding and never a crash."""
    one = certificate(7)
    for key in one:
        for value in (None, [], {}, "x", -1, True, [None], [{}], {"x": 1}):
            other = {**one, key: value}
            if other == one or (key in {"question", "as_of", "policy", "revision", "objective", "favours"}):
                continue
            verdict = check_document(other)
            empty = not one[key] and not value
            assert empty or not verdict.holds, (key, value)
        other = {name: entry for name, entry in one.items() if name != key}
        if key not in {"question", "as_of", "policy", "revision", "objective", "favours"}:
            assert not check_document(other).holds, key
