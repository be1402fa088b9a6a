"""Builds the arrays over all talents from their packed facts, table by table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.index.talent_columns import (
    ENDS,
    FOREVER,
    MODES,
    STATUSES,
    Achieved,
    Bools,
    Consents,
    Floats,
    Held,
    Honoured,
    Ints,
    Names,
    Persons,
    Postings,
    Proofs,
    Restrictions,
    Services,
    TalentArrays,
)
from kg.index.talent_facts import SUCCESS
from kg.index.talent_records import Packed
from kg.model.rules import Policy

Grouped = Sequence[list[Packed] | None]
"""The packed facts of one table by talent, None for none."""


class ArrayBuilder:
    """Takes packed facts table by table and returns the arrays; every table must have been added."""

    def __init__(self, own: Sequence[Packed], policy: Policy) -> None:
        self._own, self._rules = own, policy.query_b
        self._districts, self._occupations = Names(), Names()
        self._organisations, self._needs = Names(), Names()
        self._tables: dict[str, Any] = {}

    def add(self, table: str, grouped: Grouped) -> None:
        """Read one table: `grouped` holds the packed facts of each talent, None for none."""
        flat = [(place, fact) for place, facts in enumerate(grouped) if facts for fact in facts]
        readers: Mapping[str, Callable[[Sequence[tuple[int, Packed]]], Any]] = {
            "certificates": self._certificates,
            "appointments": self._appointments,
            "talent_skills": self._talent_skills,
            "achievements": self._achievements,
            "honours": self._honours,
            "consents": self._consents,
            "restrictions": self._restrictions,
            "engagements": self._engagements,
        }
        self._tables[table] = readers[table](flat)

    def arrays(self) -> TalentArrays:
        """Return the finished arrays."""
        return TalentArrays(
            count=len(self._own),
            persons=self._persons(),
            proofs=_joined(self._tables["certificates"], self._tables["appointments"]),
            held=self._tables["talent_skills"],
            achieved=self._tables["achievements"],
            honoured=self._tables["honours"],
            consents=self._tables["consents"],
            restrictions=self._tables["restrictions"],
            services=self._tables["engagements"],
            interests=_postings((tag, place) for place, p in enumerate(self._own) for tag in set(p[16])),
            districts=self._districts.words,
            occupations=self._occupations.words,
            organisations=self._organisations,
            district_names=self._districts,
            needs=self._needs,
        )

    def _persons(self) -> Persons:
        own, place = self._own, {mode: number for number, mode in enumerate(MODES)}
        modes = np.zeros((len(MODES), len(own)))
        for number, person in enumerate(own):
            for mode, share in person[9] or ():
                if mode in place:
                    modes[place[mode], number] = share
        return Persons(
            district=_ints(self._districts(p[4]) for p in own),
            employer=_ints(self._organisations(p[5]) for p in own),
            status=_small(STATUSES.get(p[6] or "", 0) for p in own),
            occupation=_ints(self._occupations(p[7]) for p in own),
            level=_small(p[8] for p in own),
            modes=modes,
            has_modes=_bools(p[9] is not None for p in own),
            weekly=_floats(p[10] for p in own),
            first=_ints(p[11] for p in own),
            last=_ints(p[12] or FOREVER for p in own),
            hidden_time=_bools("available_from" in p[21] or "available_to" in p[21] for p in own),
            floor=_floats(p[13] for p in own),
            hidden_floor=_bools("pay_floor" in p[21] for p in own),
            wish=_floats(p[14] for p in own),
            hidden_wish=_bools("pay_wish" in p[21] for p in own),
            travel=_floats(p[15] for p in own),
            hidden_travel=_bools("travel_hours" in p[21] for p in own),
            home_refuses=_bools(p[19] for p in own),
            objects=_bools(p[20] for p in own),
            achievements_known=_bools(p[22] for p in own),
            honours_known=_bools(p[23] for p in own),
            has_interests=_bools(bool(p[16]) for p in own),
        )

    def _certificates(self, flat: Sequence[tuple[int, Packed]]) -> Proofs:
        return Proofs(
            _ints(place for place, _ in flat),
            _ints(self._occupations(p[3]) for _, p in flat),
            _small(p[4] for _, p in flat),
            _ints(p[5] or FOREVER for _, p in flat),
            _ints(p[6] or FOREVER for _, p in flat),
        )

    def _appointments(self, flat: Sequence[tuple[int, Packed]]) -> Proofs:
        return Proofs(
            _ints(place for place, _ in flat),
            _ints(self._occupations(p[3]) for _, p in flat),
            _small(p[4] if p[4] != -1 else -2 for _, p in flat),
            _ints(p[5] for _, p in flat),
            _ints(p[6] or FOREVER for _, p in flat),
        )

    def _talent_skills(self, flat: Sequence[tuple[int, Packed]]) -> Held:
        names = Names()
        skill = _ints(names(p[3]) for _, p in flat)
        place = _ints(place for place, _ in flat)
        strength = _floats(p[4] * p[5] for _, p in flat)
        order = np.lexsort((-strength, place, skill))
        skill, place, strength = skill[order], place[order], strength[order]
        best = np.ones(len(order), dtype=np.bool_)
        best[1:] = (skill[1:] != skill[:-1]) | (place[1:] != place[:-1])
        bounds = np.searchsorted(skill[best], np.arange(len(names.words) + 1)).tolist()
        spans = {word: (bounds[number], bounds[number + 1]) for word, number in names.ids.items() if number}
        has_rows = np.zeros(len(self._own), dtype=np.bool_)
        has_rows[place] = True
        return Held(Postings(spans, place[best]), strength[best], has_rows)

    def _achievements(self, flat: Sequence[tuple[int, Packed]]) -> Achieved:
        return Achieved(
            _ints(place for place, _ in flat),
            _ints(p[5] for _, p in flat),
            _bools(p[6] for _, p in flat),
            _ints(len(p[4]) for _, p in flat),
            _postings((tag, number) for number, (_, p) in enumerate(flat) for tag in set(p[4])),
        )

    def _honours(self, flat: Sequence[tuple[int, Packed]]) -> Honoured:
        points = self._rules.honour_points
        return Honoured(
            _ints(place for place, _ in flat),
            _floats(points.get(p[4], 0.0) for _, p in flat),
            _ints(p[5] for _, p in flat),
        )

    def _consents(self, flat: Sequence[tuple[int, Packed]]) -> Consents:
        return Consents(
            _ints(place for place, _ in flat),
            _ints(p[4] for _, p in flat),
            _ints(p[5] or FOREVER for _, p in flat),
            _ints(p[6] or FOREVER for _, p in flat),
            _bools(p[7] for _, p in flat),
            _postings((word, number) for number, (_, p) in enumerate(flat) for word in set(p[3])),
        )

    def _restrictions(self, flat: Sequence[tuple[int, Packed]]) -> Restrictions:
        return Restrictions(
            _ints(place for place, _ in flat),
            _bools(p[3] for _, p in flat),
            _ints(self._organisations(p[4]) for _, p in flat),
            _ints(self._occupations(p[5]) for _, p in flat),
            _ints(self._districts(p[6]) for _, p in flat),
            _ints(p[7] for _, p in flat),
            _ints(p[8] or FOREVER for _, p in flat),
        )

    def _engagements(self, flat: Sequence[tuple[int, Packed]]) -> Services:
        trip_modes = frozenset(self._rules.trip_modes)
        return Services(
            _ints(place for place, _ in flat),
            _small(ENDS.get(p[9], 0) for _, p in flat),
            _small(0 if not p[10] else 1 if p[10] == SUCCESS else 2 for _, p in flat),
            _bools(p[4] in trip_modes for _, p in flat),
            _floats(p[5] for _, p in flat),
            _floats(p[8] for _, p in flat),
            _ints(p[6] for _, p in flat),
            _ints(p[7] or FOREVER for _, p in flat),
            _ints(self._districts(p[12]) for _, p in flat),
            _ints(self._needs(p[11]) for _, p in flat),
        )


def _joined(first: Proofs, second: Proofs) -> Proofs:
    """Return both kinds of proof in one, sorted by talent."""
    order = np.argsort(np.concatenate([first.talent, second.talent]), kind="stable")
    return Proofs(
        talent=np.concatenate([first.talent, second.talent])[order],
        occupation=np.concatenate([first.occupation, second.occupation])[order],
        level=np.concatenate([first.level, second.level])[order],
        first=np.concatenate([first.first, second.first])[order],
        last=np.concatenate([first.last, second.last])[order],
    )


def _postings(pairs: Iterable[tuple[str, int]]) -> Postings:
    ordered = sorted(pairs)
    bounds: dict[str, tuple[int, int]] = {}
    start = 0
    for end, (word, _) in enumerate(ordered, start=1):
        if end == len(ordered) or ordered[end][0] != word:
            bounds[word] = (start, end)
            start = end
    return Postings(bounds, _ints(owner for _, owner in ordered))


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _small(values: Iterable[int]) -> NDArray[np.int8]:
    return np.fromiter(values, dtype=np.int8)


def _bools(values: Iterable[bool]) -> Bools:
    return np.fromiter(values, dtype=np.bool_)


def _floats(values: Iterable[float | None]) -> Floats:
    return np.fromiter((np.nan if value is None else value for value in values), dtype=np.float64)
