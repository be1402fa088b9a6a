"""Builds the arrays over all talents from their packed facts, table by table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.columns import (
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
from kg.index.talents.facts import SUCCESS
from kg.index.talents.records import HIDDEN_LEVEL, NO_LEVEL, Packed
from kg.model.rules import Policy

V = TypeVar("V")
_MOST_COLUMNS: Final = 25
"""Columns of the widest record: an empty table has that many empty columns."""

Grouped = Sequence[Sequence[Packed] | None]
"""The packed facts of one table by talent, None for none."""
Columns = Sequence[Sequence[Any]]
"""The packed facts of one table side by side: column by column, in order of talents."""


class ArrayBuilder:
    """Takes packed facts table by table and returns the arrays; every table must have been added."""

    def __init__(self, own: Sequence[Packed], policy: Policy) -> None:
        self._count, self._rules = len(own), policy.query_b
        self._districts, self._occupations = Names(), Names()
        self._organisations, self._needs = Names(), Names()
        self._tables: dict[str, Any] = {}
        self._persons = self._read_persons(own)
        self._interests = _postings([person[16] for person in own])

    def add(self, table: str, grouped: Grouped) -> None:
        """Read one table: `grouped` holds the packed facts of each talent, None for none."""
        counts = [len(facts) if facts else 0 for facts in grouped]
        talents = np.repeat(np.arange(len(grouped), dtype=np.int32), counts)
        columns = list(zip(*chain.from_iterable(filter(None, grouped)), strict=True))
        readers: Mapping[str, Callable[[Ints, Columns], Any]] = {
            "certificates": self._certificates,
            "appointments": self._appointments,
            "talent_skills": self._talent_skills,
            "achievements": self._achievements,
            "honours": self._honours,
            "consents": self._consents,
            "restrictions": self._restrictions,
            "engagements": self._engagements,
        }
        self._tables[table] = readers[table](talents, columns or [()] * _MOST_COLUMNS)

    def arrays(self) -> TalentArrays:
        """Return the finished arrays."""
        return TalentArrays(
            count=self._count,
            persons=self._persons,
            proofs=_joined(self._tables["certificates"], self._tables["appointments"]),
            held=self._tables["talent_skills"],
            achieved=self._tables["achievements"],
            honoured=self._tables["honours"],
            consents=self._tables["consents"],
            restrictions=self._tables["restrictions"],
            services=self._tables["engagements"],
            interests=self._interests,
            districts=self._districts.words,
            occupations=self._occupations.words,
            organisations=self._organisations,
            district_names=self._districts,
            needs=self._needs,
        )

    def _read_persons(self, persons: Sequence[Packed]) -> Persons:
        own: Columns = list(zip(*persons, strict=True)) or [()] * _MOST_COLUMNS
        place = {mode: number for number, mode in enumerate(MODES)}
        modes = np.zeros((len(MODES), len(persons)))
        for number, wanted in enumerate(own[9]):
            for mode, share in wanted or ():
                if mode in place:
                    modes[place[mode], number] = share
        return Persons(
            district=_numbered(self._districts, own[4]),
            employer=_numbered(self._organisations, own[5]),
            status=_small(_mapped(lambda word: STATUSES.get(word or "", 0), own[6])),
            occupation=_numbered(self._occupations, own[7]),
            level=_small(own[8]),
            modes=modes,
            has_modes=_bools(wanted is not None for wanted in own[9]),
            weekly=_floats(own[10]),
            first=_ints(own[11]),
            last=_ends(own[12]),
            hidden_time=_bools(
                _mapped(lambda hidden: "available_from" in hidden or "available_to" in hidden, own[21])
            ),
            floor=_floats(own[13]),
            hidden_floor=_bools(_mapped(lambda hidden: "pay_floor" in hidden, own[21])),
            wish=_floats(own[14]),
            hidden_wish=_bools(_mapped(lambda hidden: "pay_wish" in hidden, own[21])),
            travel=_floats(own[15]),
            hidden_travel=_bools(_mapped(lambda hidden: "travel_hours" in hidden, own[21])),
            home_refuses=_bools(own[19]),
            objects=_bools(own[20]),
            achievements_known=_bools(own[22]),
            honours_known=_bools(own[23]),
            has_interests=_bools(map(bool, own[16])),
        )

    def _certificates(self, talents: Ints, own: Columns) -> Proofs:
        return Proofs(
            talents, _numbered(self._occupations, own[3]), _small(own[4]), _ends(own[5]), _ends(own[6])
        )

    def _appointments(self, talents: Ints, own: Columns) -> Proofs:
        level = _small(own[4])
        level[level == NO_LEVEL] = HIDDEN_LEVEL
        return Proofs(talents, _numbered(self._occupations, own[3]), level, _ints(own[5]), _ends(own[6]))

    def _talent_skills(self, talents: Ints, own: Columns) -> Held:
        names = Names()
        skill = _numbered(names, own[3])
        strength = _ints(own[4]) * _floats(own[5])
        order = np.lexsort((-strength, talents, skill))
        skill, place, strength = skill[order], talents[order], strength[order]
        best = np.ones(len(order), dtype=np.bool_)
        best[1:] = (skill[1:] != skill[:-1]) | (place[1:] != place[:-1])
        bounds = np.searchsorted(skill[best], np.arange(len(names.words) + 1)).tolist()
        spans = {word: (bounds[number], bounds[number + 1]) for word, number in names.ids.items() if number}
        has_rows = np.zeros(self._count, dtype=np.bool_)
        has_rows[place] = True
        return Held(Postings(spans, place[best]), strength[best], has_rows)

    def _achievements(self, talents: Ints, own: Columns) -> Achieved:
        return Achieved(
            talents, _ints(own[5]), _bools(own[6]), _ints(list(map(len, own[4]))), _postings(own[4])
        )

    def _honours(self, talents: Ints, own: Columns) -> Honoured:
        points = self._rules.honour_points
        return Honoured(talents, _floats(_mapped(lambda word: points.get(word, 0.0), own[4])), _ints(own[5]))

    def _consents(self, talents: Ints, own: Columns) -> Consents:
        return Consents(
            talents, _ints(own[4]), _ends(own[5]), _ends(own[6]), _bools(own[7]), _postings(own[3])
        )

    def _restrictions(self, talents: Ints, own: Columns) -> Restrictions:
        return Restrictions(
            talents,
            _bools(own[3]),
            _numbered(self._organisations, own[4]),
            _numbered(self._occupations, own[5]),
            _numbered(self._districts, own[6]),
            _ints(own[7]),
            _ends(own[8]),
        )

    def _engagements(self, talents: Ints, own: Columns) -> Services:
        trip_modes = frozenset(self._rules.trip_modes)
        return Services(
            talents,
            _small(_mapped(lambda word: ENDS.get(word, 0), own[9])),
            _small(_mapped(lambda word: 0 if not word else 1 if word == SUCCESS else 2, own[10])),
            _bools(map(trip_modes.__contains__, own[4])),
            _floats(own[5]),
            _floats(own[8]),
            _ints(own[6]),
            _ends(own[7]),
            _numbered(self._districts, own[12]),
            _numbered(self._needs, own[11]),
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


def _postings(groups: Sequence[Sequence[str]]) -> Postings:
    """Return which entries hold a word, each once, words in order."""
    flat = list(chain.from_iterable(groups))
    words = sorted(set(flat))
    number = {word: place for place, word in enumerate(words)}
    owners = np.repeat(np.arange(len(groups), dtype=np.int64), list(map(len, groups)))
    pairs = np.unique(np.array([number[word] for word in flat], dtype=np.int64) * len(groups) + owners)
    ids, owner = np.divmod(pairs, max(len(groups), 1))
    bounds = np.searchsorted(ids, np.arange(len(words) + 1)).tolist()
    spans = {word: (bounds[place], bounds[place + 1]) for word, place in number.items()}
    return Postings(spans, owner.astype(np.int32))


def _mapped(meaning: Callable[[Any], V], words: Sequence[Any]) -> list[V]:
    """Return what each word means, asked once for each different word."""
    known = {word: meaning(word) for word in dict.fromkeys(words)}
    return [known[word] for word in words]


def _numbered(names: Names, words: Sequence[str | None]) -> Ints:
    return _ints(_mapped(names, words))


def _ends(days: Sequence[int]) -> Ints:
    """Return last days; an absent one (0) is open."""
    found = _ints(days)
    found[found == 0] = FOREVER
    return found


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int32)


def _small(values: Sequence[int]) -> NDArray[np.int8]:
    return np.array(values, dtype=np.int8)


def _bools(values: Iterable[bool]) -> Bools:
    return np.fromiter(values, dtype=np.bool_)


def _floats(values: Sequence[float | None]) -> Floats:
    """Return numbers, nan for absent ones."""
    return np.array(values, dtype=np.float64)
