"""The market of a mode and a school year: every pair that passes, with what both sides think of it (`scoring.md` §4)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat
from typing import Any, Final

import numpy as np

from kg.errors import InvalidInputError
from kg.index.cooperation.arrays import Ints as Numbers
from kg.index.world import World
from kg.matching.cooperation.grid import judge, rows_of
from kg.matching.cooperation.question import (
    FIRST_YEAR,
    LAST_YEAR,
    WHOLE_AREA,
    PartnerQuestion,
    school_year,
)
from kg.matching.cooperation.scorer import Scorer
from kg.matching.cooperation.scores import score_pairs
from kg.matching.cooperation.tables import PASS, Amounts, Tables, tables_of
from kg.matching.plans.market import Bools, Floats, Ints, Market
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.vocab.modes import COOPERATION_MODES, SEAT_MODES

_PAIRS: Final = 60_000
"""So many pairs are scored at once: their arrays stay near the processor."""
_THREADS: Final = 4
"""So many blocks are judged side by side; the order of the pairs does not depend on it."""
_CLASS_MODE: Final = "order_class"
_ENDLESS: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class PlanQuestion:
    """Which market: mode, school year, day, and the district of the enterprises (None: the whole area)."""

    mode: str
    year: int
    as_of: date
    district: str | None = None

    def as_asked(self) -> dict[str, object]:
        """Return the question as a plan repeats it."""
        return {"kind": "cooperation", "mode": self.mode, "year": self.year, "district": self.district}


def plan_question(
    world: World, *, mode: str, as_of: date, year: int | None = None, district: str | None = None
) -> PlanQuestion:
    """Return the checked question; InvalidInputError names the field that is wrong."""
    if mode not in SEAT_MODES:
        known = "、".join(f"{key}（{COOPERATION_MODES[key]}）" for key in SEAT_MODES)
        raise InvalidInputError(
            f"市场方案只用于占席位的方式，现为“{mode}”；可用：{known}", field="mode", value=mode
        )
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        text = f"学年（year）应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，现为 {year}"
        raise InvalidInputError(text, field="year", value=year)
    if district is not None and district not in world.travel.listed:
        raise InvalidInputError(
            f"没有区划代码“{district}”，请填区县表里的六位代码", field="district", value=district
        )
    return PlanQuestion(mode, school_year(as_of) if year is None else year, as_of, district)


def market_of(world: World, policy: Policy, asked: PlanQuestion) -> Market:
    """Return all passing pairs of the question, with caps as every row together leaves them, whoever looks."""
    anchor = WHOLE_AREA if asked.district is None else NodeRef("district", asked.district)
    question = PartnerQuestion(anchor=anchor, mode=asked.mode, as_of=asked.as_of, year=asked.year)
    scorer = Scorer.of(world, policy, question)
    tables = tables_of(scorer.facts)
    cohorts, posts = _sure_alone(scorer, tables, *rows_of(scorer, tables))
    with ThreadPoolExecutor(max_workers=_THREADS) as threads:
        found = list(
            threads.map(lambda block: _block(scorer, tables, block), _blocks(tables, cohorts, posts))
        )
    return _market(tables, _joined(found), ordered=asked.mode == _CLASS_MODE)


def _sure_alone(scorer: Scorer, tables: Tables, cohorts: Numbers, posts: Numbers) -> tuple[Numbers, Numbers]:
    """Leave out cohorts and posts that pass with nobody: one of the filters that look at them alone is not passed."""
    arrays = tables.arrays
    study = np.maximum(tables.cohort_ok[cohorts], tables.supply_ok[cohorts])
    study = np.maximum(study, tables.school_ok[arrays.school[cohorts]])
    work = np.maximum(tables.legal_ok[posts], tables.open_ok[posts])
    work = np.maximum(work, tables.enterprise_ok[arrays.enterprise[posts]])
    work = np.maximum(work, tables.offers(scorer.question)[posts])
    return cohorts[study == PASS], posts[work == PASS]


@dataclass(frozen=True, slots=True)
class _Passing:
    """Passing pairs in order of cohort, then post: numbers of rows, and what both sides think of them."""

    cohort: Numbers
    post: Numbers
    a: Floats
    b: Floats
    score: Floats


def _blocks(tables: Tables, cohorts: Numbers, posts: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield some cohorts of one major, and the posts of all occupations that surely fit it."""
    arrays, fits = tables.arrays, tables.trade(in_seats=True) == PASS
    majors = arrays.major[cohorts]
    for major in np.unique(majors).tolist():
        fitting = posts[fits[major, arrays.occupation[posts]]]
        students, step = cohorts[majors == major], max(1, _PAIRS // max(1, len(fitting)))
        for place in range(0, len(students) if len(fitting) else 0, step):
            yield students[place : place + step], fitting


def _block(scorer: Scorer, tables: Tables, rows: tuple[Numbers, Numbers]) -> _Passing:
    """Return the passing pairs of some cohorts and posts."""
    pairs = judge(scorer, tables, rows)
    if pairs.unknown.any():
        sure: Bools = ~pairs.unknown
        pairs = replace(pairs, cohort=pairs.cohort[sure], post=pairs.post[sure])
    scores = score_pairs(scorer, tables, pairs)
    return _Passing(pairs.cohort, pairs.post, scores.a, scores.b, scores.score)


def _joined(parts: list[_Passing]) -> _Passing:
    """Return the pairs of all blocks in order of cohorts; those of one cohort lie in one block, side by side."""
    runs: list[tuple[int, int, int, int]] = []
    for number, part in enumerate(parts):
        first = np.flatnonzero(np.diff(part.cohort, prepend=-1))
        ends = [*first[1:].tolist(), len(part.cohort)]
        runs += zip(
            part.cohort[first].tolist(), repeat(number), first.tolist(), ends[: len(first)], strict=False
        )
    runs.sort()

    def column(name: str, none: Numbers | Floats) -> Any:
        whole = [getattr(part, name) for part in parts]
        return np.concatenate([none, *(whole[number][first:end] for _, number, first, end in runs)])

    none, nothing = np.empty(0, dtype=np.int32), np.empty(0)
    return _Passing(
        cohort=column("cohort", none),
        post=column("post", none),
        a=column("a", nothing),
        b=column("b", nothing),
        score=column("score", nothing),
    )


def _market(tables: Tables, found: _Passing, *, ordered: bool) -> Market:
    """Number the cohorts (by school, then id) and posts (by enterprise, then id) that occur; the pairs are in that order."""
    arrays = tables.arrays
    cohorts, cohort = _numbered(found.cohort, len(arrays.offerings))
    posts, post = _numbered(found.post, len(arrays.demands))
    enterprises, firsts, enterprise = np.unique(
        arrays.enterprise[posts], return_index=True, return_inverse=True
    )
    place = arrays.enterprise[posts].astype(np.int64) * len(arrays.occupations) + arrays.occupation[posts]
    _, first, kind = np.unique(place, return_index=True, return_inverse=True)
    supply, open_ = _whole(tables.supply)[cohorts], _whole(tables.open)[posts]
    kind_cap = _whole(tables.post_left)[posts[first]]
    enterprise_cap = _whole(tables.staff_left)[posts[firsts]]
    least = [arrays.offerings[one].class_min or 0 if ordered else 0 for one in cohorts.tolist()]
    most = np.minimum(open_, np.minimum(kind_cap[kind], enterprise_cap[enterprise]))
    return Market(
        cohorts=tuple(arrays.offerings[one].id for one in cohorts.tolist()),
        posts=tuple(arrays.demands[one].id for one in posts.tolist()),
        enterprises=tuple(arrays.enterprises[one] for one in enterprises.tolist()),
        kind=kind.astype(np.int64),
        enterprise=enterprise.astype(np.int64),
        supply=supply,
        class_min=np.array(least, dtype=np.int64),
        open=open_,
        kind_cap=kind_cap,
        enterprise_cap=enterprise_cap,
        cohort=cohort,
        post=post,
        a=found.a,
        b=found.b,
        score=found.score,
        bound=np.minimum(supply[cohort], most[post]),
    )


def _numbered(numbers: Numbers, count: int) -> tuple[Ints, Ints]:
    """Return those that occur, in order, and the place of each given one among them."""
    there = np.zeros(count, dtype=np.bool_)
    there[numbers] = True
    place = np.cumsum(there) - 1
    return np.flatnonzero(there), place[numbers]


def _whole(amounts: Amounts) -> Ints:
    """Return whole seats left, at least 0; what is not told does not bind."""
    return np.clip(np.nan_to_num(amounts.value, posinf=_ENDLESS), 0, _ENDLESS).astype(np.int64)
