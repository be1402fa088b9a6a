"""Builds the arrays over all talents from their packed facts, table by table."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

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
from kg.index.talents.gathered import Gathered
from kg.index.talents.records import HIDDEN_LEVEL, NO_LEVEL
from kg.model.rules import Policy


class ArrayBuilder:
    """Takes the gathered facts table by table and returns the arrays; every table must have been added."""

    def __init__(self, own: Gathered, count: int, policy: Policy) -> None:
        """Take what the persons themselves are; `count` is how many."""
        self._count, self._rules = count, policy.query_b
        self._districts, self._occupations = Names(), Names()
        self._organisations, self._needs = Names(), Names()
        self._tables: dict[str, Any] = {}
        self._persons = self._read_persons(own)
        self._interests = _postings(*own.words(16))

    def add(self, table: str, own: Gathered) -> None:
        """Take one table."""
        readers: Mapping[str, Callable[[Gathered], Any]] = {
            "certificates": self._certificates,
            "appointments": self._appointments,
            "talent_skills": self._talent_skills,
            "achievements": self._achievements,
            "honours": self._honours,
            "consents": self._consents,
            "restrictions": self._restrictions,
            "engagements": self._engagements,
        }
        self._tables[table] = readers[table](own)

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

    def _read_persons(self, own: Gathered) -> Persons:
        wanted, which = own.words(9)
        place = {mode: number for number, mode in enumerate(MODES)}
        modes = np.zeros((len(MODES), len(wanted)))
        for number, listed in enumerate(wanted):
            for mode, share in listed or ():
                if mode in place:
                    modes[place[mode], number] = share

        def hidden(*columns: str) -> Bools:
            return _bools(own, 21, lambda stars: not set(columns).isdisjoint(stars))

        return Persons(
            district=_ints(own, 4, self._districts),
            employer=_ints(own, 5, self._organisations),
            status=_small(own, 6, lambda word: STATUSES.get(word or "", 0)),
            occupation=_ints(own, 7, self._occupations),
            level=_small(own, 8),
            modes=modes[:, which],
            has_modes=_bools(own, 9, lambda listed: listed is not None),
            weekly=_floats(own, 10),
            first=_ints(own, 11),
            last=_ends(own, 12),
            hidden_time=hidden("available_from", "available_to"),
            floor=_floats(own, 13),
            hidden_floor=hidden("pay_floor"),
            wish=_floats(own, 14),
            hidden_wish=hidden("pay_wish"),
            travel=_floats(own, 15),
            hidden_travel=hidden("travel_hours"),
            home_refuses=_bools(own, 19),
            objects=_bools(own, 20),
            achievements_known=_bools(own, 22),
            honours_known=_bools(own, 23),
            has_interests=_bools(own, 16, bool),
        )

    def _certificates(self, own: Gathered) -> Proofs:
        occupation = _ints(own, 3, self._occupations)
        return Proofs(own.talents, occupation, _small(own, 4), _ends(own, 5), _ends(own, 6))

    def _appointments(self, own: Gathered) -> Proofs:
        level = _small(own, 4)
        level[level == NO_LEVEL] = HIDDEN_LEVEL
        return Proofs(own.talents, _ints(own, 3, self._occupations), level, _ints(own, 5), _ends(own, 6))

    def _talent_skills(self, own: Gathered) -> Held:
        names = Names()
        skill = _ints(own, 3, names)
        strength = _ints(own, 4) * _floats(own, 5)
        order = np.lexsort((-strength, own.talents, skill))
        skill, place, strength = skill[order], own.talents[order], strength[order]
        best = np.ones(len(order), dtype=np.bool_)
        best[1:] = (skill[1:] != skill[:-1]) | (place[1:] != place[:-1])
        bounds = np.searchsorted(skill[best], np.arange(len(names.words) + 1)).tolist()
        spans = {word: (bounds[number], bounds[number + 1]) for word, number in names.ids.items() if number}
        has_rows = np.zeros(self._count, dtype=np.bool_)
        has_rows[place] = True
        return Held(Postings(spans, place[best]), strength[best], has_rows)

    def _achievements(self, own: Gathered) -> Achieved:
        tags = _postings(*own.words(4))
        return Achieved(own.talents, _ints(own, 5), _bools(own, 6), tags)

    def _honours(self, own: Gathered) -> Honoured:
        points = self._rules.honour_points
        return Honoured(own.talents, _floats(own, 4, lambda word: points.get(word, 0.0)), _ints(own, 5))

    def _consents(self, own: Gathered) -> Consents:
        recipients = _postings(*own.words(3))
        return Consents(own.talents, _ints(own, 4), _ends(own, 5), _ends(own, 6), _bools(own, 7), recipients)

    def _restrictions(self, own: Gathered) -> Restrictions:
        return Restrictions(
            own.talents,
            _bools(own, 3),
            _ints(own, 4, self._organisations),
            _ints(own, 5, self._occupations),
            _ints(own, 6, self._districts),
            _ints(own, 7),
            _ends(own, 8),
        )

    def _engagements(self, own: Gathered) -> Services:
        return Services(
            own.talents,
            _small(own, 9, lambda word: ENDS.get(word, 0)),
            _small(own, 10, lambda word: 0 if not word else 1 if word == SUCCESS else 2),
            _bools(own, 4, frozenset(self._rules.trip_modes).__contains__),
            _floats(own, 5),
            _floats(own, 8),
            _ints(own, 6),
            _ends(own, 7),
            _ints(own, 12, self._districts),
            _ints(own, 11, self._needs),
            _ints(own, 3, self._organisations),
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


def _postings(groups: Sequence[Sequence[str]], which: Ints) -> Postings:
    """Return which entries hold a word, each once, words in order; entry `n` holds those of `groups[which[n]]`."""
    words = sorted(set(chain.from_iterable(groups)))
    number = {word: place for place, word in enumerate(words)}
    flat = np.array([number[word] for word in chain.from_iterable(groups)], dtype=np.int64)
    lengths = np.array(list(map(len, groups)), dtype=np.int64)
    starts, held = (np.cumsum(lengths) - lengths)[which], lengths[which]
    owners = np.repeat(np.arange(len(which), dtype=np.int64), held)
    places = np.arange(len(owners)) + np.repeat(starts - (np.cumsum(held) - held), held)
    pairs = np.unique(flat[places] * len(which) + owners)
    ids, owner = np.divmod(pairs, max(len(which), 1))
    bounds = np.searchsorted(ids, np.arange(len(words) + 1)).tolist()
    spans = {word: (bounds[place], bounds[place + 1]) for word, place in number.items()}
    return Postings(spans, owner.astype(np.int32))


Meaning = Callable[[Any], Any]


def _ends(own: Gathered, column: int) -> Ints:
    """Return last days; an absent one (0) is open."""
    found = _ints(own, column)
    found[found == 0] = FOREVER
    return found


def _ints(own: Gathered, column: int, meaning: Meaning | None = None) -> Ints:
    return own.array(column, np.int32, meaning)


def _small(own: Gathered, column: int, meaning: Meaning | None = None) -> NDArray[np.int8]:
    return own.array(column, np.int8, meaning)


def _bools(own: Gathered, column: int, meaning: Meaning | None = None) -> Bools:
    return own.array(column, np.bool_, meaning)


def _floats(own: Gathered, column: int, meaning: Meaning | None = None) -> Floats:
    """Return numbers, nan for absent ones."""
    return own.array(column, np.float64, meaning)
