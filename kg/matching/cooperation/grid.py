"""All pairs of a question at once: which are considered, where each fails first, and which do not fail."""

from dataclasses import dataclass

import numpy as np

from kg.index.cooperation.arrays import Bools, Floats, Ints
from kg.matching.cooperation import filters
from kg.matching.cooperation.scorer import Scorer
from kg.matching.cooperation.tables import FAIL, UNKNOWN, Codes, Tables, codes
from kg.matching.quantities import SLACK


@dataclass(slots=True)
class Pairs:
    """The pairs that do not fail, as numbers of cohort and post; `unknown` marks those to verify."""

    cohort: Ints
    post: Ints
    unknown: Bools
    considered: int
    failed: dict[str, int]


@dataclass(slots=True)
class _Grid:
    """Cohorts (rows) by posts (columns), worked through filter by filter."""

    alive: Bools
    unknown: Bools
    failed: dict[str, int]

    def step(self, code: str, status: Codes) -> None:
        """Take out what fails here, count it, and remember what is unknown."""
        failing = self.alive & (status == FAIL)
        count = int(np.count_nonzero(failing))
        if count:
            self.failed[code] = self.failed.get(code, 0) + count
            self.alive &= ~failing
        self.unknown |= status == UNKNOWN


def judge(scorer: Scorer, tables: Tables, among: tuple[Ints, Ints] | None = None) -> Pairs:
    """Judge every pair of the question, or of some of its cohorts and posts (`among`); counts are exact.

    A class minimum (A8) looks at a cohort and all posts of an enterprise: `among` must not part these.
    """
    cohorts, posts = rows_of(scorer, tables) if among is None else among
    alive = _near(scorer, tables, cohorts, posts)
    considered = int(np.count_nonzero(alive))
    grid = _Grid(alive, np.zeros(alive.shape, dtype=np.bool_), {})
    for code, status in _statuses(scorer, tables, cohorts, posts):
        grid.step(code, status)
    row, column = np.nonzero(grid.alive)
    pairs = Pairs(cohorts[row], posts[column], grid.unknown[row, column], considered, grid.failed)
    return _with_classes(tables, pairs) if scorer.question.mode == "order_class" else pairs


def rows_of(scorer: Scorer, tables: Tables) -> tuple[Ints, Ints]:
    """Return the cohorts and the posts that the anchor, the viewer and the occupations leave; no anchor leaves all."""
    arrays, (kind, key) = tables.arrays, scorer.question.anchor
    cohorts = np.arange(len(arrays.offerings), dtype=np.int32)
    posts = np.arange(len(arrays.demands), dtype=np.int32)
    if kind == "school":
        cohorts = arrays.offerings_of(arrays.schools.index(key))
    elif kind == "enterprise":
        posts = arrays.demands_of(np.array([arrays.enterprises.index(key)], dtype=np.int32))
    elif kind == "district":
        place = arrays.districts.index(key) if key in arrays.districts else -1
        posts = posts[arrays.enterprise_district[arrays.enterprise[posts]] == place]
    return _visible(scorer, tables, cohorts, posts)


def _visible(scorer: Scorer, tables: Tables, cohorts: Ints, posts: Ints) -> tuple[Ints, Ints]:
    """Apply A7 (public rows are seen by everyone who may ask) and the occupations asked for."""
    arrays, sees = tables.arrays, scorer.question.sees
    offerings = [(n, arrays.offerings[n]) for n in cohorts[~arrays.offering_public[cohorts]].tolist()]
    unseen = [n for n, one in offerings if not sees((one.school,), one.public)]
    cohorts = cohorts[~np.isin(cohorts, unseen)] if unseen else cohorts
    demands = [(n, arrays.demands[n]) for n in posts[~arrays.demand_public[posts]].tolist()]
    unseen = [n for n, one in demands if not sees((one.enterprise,), one.public)]
    posts = posts[~np.isin(posts, unseen)] if unseen else posts
    if scorer.question.occupations:
        asked = np.array([scorer.asks_for_occupation(one) for one in arrays.occupations], dtype=np.bool_)
        posts = posts[asked[arrays.occupation[posts]]]
    return cohorts, posts


def _near(scorer: Scorer, tables: Tables, cohorts: Ints, posts: Ints) -> Bools:
    """Return which pairs lie within the radius; unknown travel stays."""
    radius = scorer.question.radius_hours
    if radius is None:
        return np.ones((len(cohorts), len(posts)), dtype=np.bool_)
    hours = hours_between(tables, cohorts[:, None], posts[None, :])
    return ~(hours > radius + SLACK)


def hours_between(tables: Tables, cohorts: Ints, posts: Ints) -> Floats:
    """Return hours from the school of each cohort to the enterprise of each post; nan unknown."""
    arrays = tables.arrays
    start = arrays.school_district[arrays.school[cohorts]]
    end = arrays.enterprise_district[arrays.enterprise[posts]]
    return tables.hours[start, end]


def _statuses(scorer: Scorer, tables: Tables, cohorts: Ints, posts: Ints) -> list[tuple[str, Codes]]:
    """Return A1 to A6 as arrays that broadcast to cohorts by posts."""
    arrays, question = tables.arrays, scorer.question
    school, enterprise = arrays.school[cohorts], arrays.enterprise[posts]
    trade = tables.trade(in_seats=question.in_seats)
    found = [
        ("A1", np.maximum(tables.school_ok[school][:, None], tables.enterprise_ok[enterprise][None, :])),
        ("A2", tables.cohort_ok[cohorts][:, None]),
        ("A3", trade[np.ix_(arrays.major[cohorts], arrays.occupation[posts])]),
        ("A4", _modes(scorer, tables, cohorts, posts)),
    ]
    if question.in_seats:
        found += [
            ("A5", tables.legal_ok[posts][None, :]),
            ("A6", np.maximum(tables.supply_ok[cohorts][:, None], tables.open_ok[posts][None, :])),
        ]
    return found


def _modes(scorer: Scorer, tables: Tables, cohorts: Ints, posts: Ints) -> Codes:
    arrays, question = tables.arrays, scorer.question
    status = tables.offers(question)[posts][None, :]
    if question.mode == "internship":
        study = codes(
            filters.cohort_fits_mode(question, arrays.offerings[number]) for number in cohorts.tolist()
        )
        return np.maximum(status, study[:, None])
    if question.mode == "assessment":
        return np.maximum(status, _assessed(scorer, tables, cohorts, posts))
    return status


def _assessed(scorer: Scorer, tables: Tables, cohorts: Ints, posts: Ints) -> Codes:
    """Return which cohorts' schools may assess which posts; equal occupation and level are asked once."""
    arrays, facts = tables.arrays, scorer.facts
    status = np.full((len(cohorts), len(posts)), FAIL, dtype=np.int8)
    schools = arrays.school[cohorts]
    place = arrays.occupation[posts].astype(np.int64) * 16 + arrays.level[posts]
    _, first, back = np.unique(place, return_index=True, return_inverse=True)
    for number in np.unique(schools).tolist():
        school = facts.world.cooperation.school(arrays.schools[number])
        if filters.organs_of(facts, school):
            own = codes(
                filters.may_assess(facts, scorer.question, school, arrays.demands[post])
                for post in posts[first].tolist()
            )
            status[schools == number] = own[back]
    return status


def _with_classes(tables: Tables, pairs: Pairs) -> Pairs:
    """Apply A8: over its pairs with an enterprise a cohort must be able to fill its class."""
    arrays = tables.arrays
    if not len(pairs.cohort):
        return pairs
    least = np.array([one.class_min or 0 for one in arrays.offerings], dtype=np.float64)
    hidden = np.array(
        [one.class_min_masked and one.class_min is None for one in arrays.offerings], dtype=np.bool_
    )
    surely = _greatest(tables, pairs, ~pairs.unknown) >= least[pairs.cohort]
    maybe = _greatest(tables, pairs, np.ones(len(pairs.cohort), dtype=np.bool_)) >= least[pairs.cohort]
    free = least[pairs.cohort] <= 0
    stays = maybe | free | hidden[pairs.cohort]
    unknown = pairs.unknown | ~(surely | free) | hidden[pairs.cohort]
    failed = dict(pairs.failed)
    lost = int(np.count_nonzero(~stays))
    if lost:
        failed["A8"] = lost
    return Pairs(pairs.cohort[stays], pairs.post[stays], unknown[stays], pairs.considered, failed)


def _greatest(tables: Tables, pairs: Pairs, counted: Bools) -> Floats:
    """Return, for each pair, the most seats of its cohort with its enterprise over the counted pairs."""
    arrays = tables.arrays
    enterprise = arrays.enterprise[pairs.post].astype(np.int64)
    group = pairs.cohort.astype(np.int64) * len(arrays.enterprises) + enterprise
    kind = group * len(arrays.occupations) + arrays.occupation[pairs.post]
    kinds, first, back = np.unique(kind, return_index=True, return_inverse=True)
    opened = np.where(counted, np.maximum(0.0, tables.open.value[pairs.post]), 0.0)
    total = np.bincount(back, weights=opened, minlength=len(kinds))
    room = np.minimum(total, np.maximum(0.0, tables.post_left.value[pairs.post[first]]))
    groups, member = np.unique(group[first], return_inverse=True)
    summed = np.bincount(member, weights=room, minlength=len(groups))
    own = np.searchsorted(groups, group)
    staff = np.maximum(0.0, tables.staff_left.value[pairs.post])
    supply = np.maximum(0.0, tables.supply.value[pairs.cohort])
    found: Floats = np.minimum(np.minimum(summed[own], staff), supply)
    return found
