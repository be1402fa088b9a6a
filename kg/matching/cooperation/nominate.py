"""Finds the partners that can reach the lists, over arrays; the plain scorer then makes every number that is shown.

Nominated is everybody within a small slack of the cut, so rounding and the last digits of floats decide nothing here.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from kg.index.cooperation.arrays import Bools, Floats, Ints
from kg.matching.cooperation.allocation import UNITS
from kg.matching.cooperation.grid import Pairs, judge
from kg.matching.cooperation.partners import FINE_DECIMALS, Draft, Pair, make_draft
from kg.matching.cooperation.scorer import Scorer
from kg.matching.cooperation.scores import Scores, score_pairs
from kg.matching.cooperation.tables import Tables, tables_of
from kg.model.answers import Pool

SLACK: Final = 2e-6
"""Twice the step of the rounding that decides ranks."""
_FITS: Final = 1 << 16


@dataclass(slots=True)
class Groups:
    """Pairs of one list sorted by (school, enterprise), and per partner its band (0 before 1) and best score."""

    rows: Ints
    start: Ints
    post_start: Ints
    band: Ints
    score: Floats

    def __len__(self) -> int:
        return len(self.band)

    def rows_of(self, group: int) -> Ints:
        """Return the pairs of one partner."""
        return self.rows[self.start[group] : self.start[group + 1]]


@dataclass(slots=True)
class Field:
    """All pairs of a question that do not fail, judged and scored, and grouped into partners."""

    scorer: Scorer
    tables: Tables
    pairs: Pairs
    scores: Scores
    listed: Groups
    to_verify: Groups
    drafts: dict[tuple[int, bool], Draft] = field(default_factory=dict)

    @property
    def pool(self) -> Pool:
        """The exact counts of pairs."""
        unknown = int(np.count_nonzero(self.pairs.unknown))
        return Pool(
            considered=self.pairs.considered,
            listed=len(self.pairs.unknown) - unknown,
            to_verify=unknown,
            failed=dict(sorted(self.pairs.failed.items())),
        )

    def candidates(self, k: int, *, verify: bool) -> tuple[list[Draft], bool]:
        """Return the partners that can be among the first `k` of a list, and whether these are all."""
        groups = self.to_verify if verify else self.listed
        by_value = self.scorer.question.in_seats and self.scorer.question.order != "score"
        chosen = self._by_value(k) if by_value and not verify else _by_score(groups, k)
        return [self.draft(group, verify=verify) for group in chosen], len(chosen) == len(groups)

    def draft(self, group: int, *, verify: bool = False) -> Draft:
        """Return a partner's pairs in their order, with its allocation; made once."""
        found = self.drafts.get((group, verify))
        if found is None:
            found = self.drafts[group, verify] = self._make_draft(group, verify=verify)
        return found

    def _make_draft(self, group: int, *, verify: bool) -> Draft:
        groups = self.to_verify if verify else self.listed
        floor = self.scorer.policy.common.coverage_floor - 1e-9
        rows = groups.rows_of(group)
        found = [
            (
                (not verify and covered < floor, -round(score, FINE_DECIMALS), pair[0].id, pair[1].id),
                pair,
                score,
            )
            for pair, score, covered in zip(
                self._pairs(rows),
                self.scores.score[rows].tolist(),
                self.scores.coverage[rows].tolist(),
                strict=True,
            )
        ]
        found.sort(key=lambda one: one[0])
        return make_draft(self.scorer, [(pair, score) for _, pair, score in found], verify=verify)

    def _pairs(self, rows: Ints) -> list[Pair]:
        arrays = self.tables.arrays
        return [
            (arrays.offerings[cohort], arrays.demands[post])
            for cohort, post in zip(
                self.pairs.cohort[rows].tolist(), self.pairs.post[rows].tolist(), strict=True
            )
        ]

    def _by_value(self, k: int) -> list[int]:
        """Return who can be among the first k by value (or by seats), band by band."""
        groups = self.listed
        chosen: list[int] = []
        for band in (0, 1):
            members = np.flatnonzero(groups.band == band).astype(np.int32)
            wanted = k - len(chosen)
            if wanted > 0:
                chosen += members.tolist() if len(members) <= wanted else self._best(members, wanted)
        return chosen

    def _best(self, members: Ints, k: int) -> list[int]:
        """Allocate in falling order of an upper bound until nobody left can reach the k-th."""
        bounds, tops = self.bounds(members)
        worth: dict[int, float] = {}
        best: list[float] = []
        for place in np.argsort(-bounds, kind="stable").tolist():
            if len(best) == k and bounds[place] < best[0] - self._slack():
                break
            group = int(members[place])
            worth[group] = found = self.worth(group) if tops[place] > 0 else 0.0
            heapq.heappush(best, found)
            if len(best) > k:
                heapq.heappop(best)
        return self._near_cut(worth, best[0], k)

    def _near_cut(self, worth: Mapping[int, float], cut: float, k: int) -> list[int]:
        """Return those above or near the cut; among those worth nothing at all the score decides."""
        slack = self._slack()
        chosen = [group for group, value in worth.items() if value >= cut - slack and value > 0]
        if cut > slack:
            return chosen
        nothing = np.array([group for group, value in worth.items() if value <= 0], dtype=np.int32)
        above = sum(1 for group in chosen if worth[group] > slack)
        wanted = max(1, k - above)
        if len(nothing) <= wanted:
            return [*chosen, *nothing.tolist()]
        scores = self.listed.score[nothing]
        least = np.partition(scores, -wanted)[-wanted]
        return [*chosen, *nothing[scores >= least - SLACK].tolist()]

    def _slack(self) -> float:
        return 0.5 if self.scorer.question.order == "seats" else SLACK

    def bounds(self, members: Ints) -> tuple[Floats, Floats]:
        """Return an upper bound of the worth of each partner, and the worth of its best seat."""
        groups, tables = self.listed, self.tables
        floor = self.scorer.policy.query_a.surplus_floor
        rows, start = groups.rows, groups.start[:-1]
        gain = np.maximum(0.0, self.scores.score[rows] - floor) / (1 - floor)
        gain = np.where(gain > 0, gain + 1e-9, 0.0)
        if self.scorer.question.order == "seats":
            gain = np.ones(len(rows))
        post = self.pairs.post[rows[groups.post_start]]
        staff = np.maximum(0.0, tables.staff_left.value[post])
        room = np.minimum(np.minimum(tables.open.value[post], tables.post_left.value[post]), staff)
        supply = np.add.reduceat(
            np.maximum(0.0, tables.supply.value[self.pairs.cohort[rows]]), groups.post_start
        )
        seats = np.maximum(0.0, np.minimum(room, supply))
        first = np.searchsorted(groups.post_start, start)
        apart = np.add.reduceat(np.maximum.reduceat(gain, groups.post_start) * seats, first)
        top = np.maximum.reduceat(gain, start)
        bound = np.minimum(apart, top * staff[first])
        return bound[members], top[members]

    def floors(self) -> Floats:
        """Return a lower bound of the value of each listed partner: its best pair alone, where that can be allocated.

        0 where partners are ordered by seats: the most value need not be the most seats.
        """
        groups, rules = self.listed, self.scorer.policy.query_a
        if self.scorer.question.order == "seats":
            return np.zeros(len(groups))
        seats = self.scores.seats[groups.rows]
        if self.scorer.question.mode == "order_class":
            least = np.array([one.class_min or 0 for one in self.tables.arrays.offerings])
            seats = np.where(seats >= least[self.pairs.cohort[groups.rows]], seats, 0.0)
        gain = np.maximum(0.0, self.scores.score[groups.rows] - rules.surplus_floor)
        value = seats * np.maximum(0.0, gain / (1 - rules.surplus_floor) - 1e-9)
        lowest: Floats = np.maximum.reduceat(value, groups.start[:-1])
        return lowest

    def worth(self, group: int) -> float:
        """Return value (or seats) of the exact allocation of one partner, at the scores of the arrays."""
        draft = self.draft(group)
        return float(sum(draft.seats)) if self.scorer.question.order == "seats" else draft.units / UNITS


def survey(scorer: Scorer) -> Field:
    """Judge, score and group all pairs of a question."""
    tables = tables_of(scorer.facts)
    pairs = judge(scorer, tables)
    scores = score_pairs(scorer, tables, pairs)
    passing = np.flatnonzero(~pairs.unknown).astype(np.int32)
    listed = _group(scorer, tables, pairs, scores, passing)
    seen = _keys(tables, pairs, passing)
    unsure = np.flatnonzero(pairs.unknown).astype(np.int32)
    unsure = unsure[~np.isin(_keys(tables, pairs, unsure), seen)]
    return Field(
        scorer, tables, pairs, scores, listed, _group(scorer, tables, pairs, scores, unsure, flat=True)
    )


def _keys(tables: Tables, pairs: Pairs, rows: Ints) -> Ints:
    """Return one number per (school, enterprise)."""
    arrays = tables.arrays
    school = arrays.school[pairs.cohort[rows]].astype(np.int64)
    keys: Ints = school * len(arrays.enterprises) + arrays.enterprise[pairs.post[rows]]
    return keys


def _short(keys: Ints) -> Ints:
    """Return keys of the same order in 16 bits where they fit: such keys sort in linear time."""
    if not len(keys):
        return keys
    low, span = keys.min(), int(keys.max() - keys.min())
    if span < _FITS:
        short: Ints = (keys - low).astype(np.uint16)
        return short
    return keys


def _changes(sorted_keys: Ints) -> Ints:
    """Return where each run of equal keys begins."""
    return np.flatnonzero(np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]])).astype(np.int32)


def _group(
    scorer: Scorer, tables: Tables, pairs: Pairs, scores: Scores, rows: Ints, *, flat: bool = False
) -> Groups:
    """Group some pairs into partners; `flat` puts all of them into one band."""
    arrays = tables.arrays
    place = arrays.school[pairs.cohort[rows]].astype(np.int64) * len(arrays.demands) + pairs.post[rows]
    order = np.argsort(
        _short(place), kind="stable"
    )  # posts are numbered by enterprise: partners lie together
    rows, place = rows[order], place[order]
    keys = _keys(tables, pairs, rows)
    if not len(rows):
        empty = np.empty(0, dtype=np.int32)
        return Groups(rows, np.zeros(1, dtype=np.int32), empty, empty, np.empty(0))
    start, post_start = _changes(keys), _changes(place)
    covered: Bools = scores.coverage[rows] >= scorer.policy.common.coverage_floor - 1e-9
    if flat:
        covered = np.ones(len(rows), dtype=np.bool_)
    full = np.logical_or.reduceat(covered, start)
    sizes = np.diff(np.concatenate([start, [len(rows)]]))
    counts = covered | ~np.repeat(full, sizes)
    best = np.maximum.reduceat(np.where(counts, scores.score[rows], -1.0), start)
    ends = np.concatenate([start, [len(rows)]]).astype(np.int32)
    return Groups(rows, ends, post_start, np.where(full, 0, 1).astype(np.int32), best)


def _by_score(groups: Groups, k: int) -> list[int]:
    """Return who can be among the first k by band and score."""
    if len(groups) <= k:
        return list(range(len(groups)))
    order = np.lexsort((-groups.score, groups.band))
    last = order[k - 1]
    band, score = groups.band[last], groups.score[last]
    chosen = (groups.band < band) | ((groups.band == band) & (groups.score >= score - SLACK))
    return [int(group) for group in np.flatnonzero(chosen)]
