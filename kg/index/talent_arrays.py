"""The same facts as arrays over all talents: what finds, for a need, who must be looked at closely.

Talents are numbered in order of their keys. Facts lie in parallel arrays sorted by talent; words (districts,
occupations, organisations) are numbered by `Names`, 0 standing for "absent". Days are ordinals.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.index.talent_facts import BROKEN_OFF, FINISHED, SIGNED, SUCCESS
from kg.index.talent_records import Packed
from kg.model.graph import MASKED
from kg.model.rules import Policy
from kg.vocab.modes import ENGAGEMENT_MODES

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOREVER: Final = 10_000_000
"""An open end as an ordinal; 0 is an open beginning."""

STATUSES: Final[Mapping[str, int]] = {"在职": 1, "退休": 2, "自由职业": 3, "待业": 4}
"""Codes of `talents.work_status`; 0 absent or masked."""

ENDS: Final[Mapping[str, int]] = {SIGNED: 1, FINISHED: 2, BROKEN_OFF: 3}
"""Codes of `engagements.status`; 0 for any other."""

MODES: Final = tuple(ENGAGEMENT_MODES)
ANYONE: Final = "任意"
KIND_LABELS: Final[Mapping[str, str]] = {"enterprise": "企业", "school": "院校"}
"""How consents name the kinds of hosts."""

Grouped = Sequence[list[Packed] | None]


class Names:
    """Numbers words in order of first sight; 0 is the absent one."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {"": 0}

    def __call__(self, word: str | None) -> int:
        """Return the number of a word, a new one if it is new."""
        return self.ids.setdefault(word or "", len(self.ids))

    def find(self, word: str | None) -> int:
        """Return the number of a word, -1 if it was never seen, 0 for an absent one."""
        return self.ids.get(word or "", -1)

    @property
    def words(self) -> tuple[str, ...]:
        """All words by number."""
        return tuple(self.ids)


class Postings(NamedTuple):
    """Entries grouped by a word: `bounds[word]` is the slice of `owner` that has it."""

    bounds: Mapping[str, tuple[int, int]]
    owner: Ints

    def of(self, word: str) -> Ints:
        """Return the owners of a word, ascending; empty for an unknown word."""
        start, end = self.bounds.get(word, (0, 0))
        return self.owner[start:end]


class Persons(NamedTuple):
    """One entry per talent; hours, pay are nan where absent or masked; hidden flags mark masked cells."""

    district: Ints
    employer: Ints
    status: NDArray[np.int8]
    occupation: Ints
    level: NDArray[np.int8]
    modes: Floats
    has_modes: Bools
    weekly: Floats
    first: Ints
    last: Ints
    hidden_time: Bools
    floor: Floats
    hidden_floor: Bools
    wish: Floats
    hidden_wish: Bools
    travel: Floats
    hidden_travel: Bools
    home_refuses: Bools
    objects: Bools
    achievements_known: Bools
    honours_known: Bools
    has_interests: Bools


class Proofs(NamedTuple):
    """Certificates and appointments; level -1 absent, -2 masked; a certificate without issue day never begins."""

    talent: Ints
    occupation: Ints
    level: NDArray[np.int8]
    first: Ints
    last: Ints


class Held(NamedTuple):
    """Held skills: who holds which at which level times share of basis."""

    postings: Postings
    strength: Floats
    has_rows: Bools


class Achieved(NamedTuple):
    """Achievements: day 0 undated; `tags` posts achievements (not talents) by tag."""

    talent: Ints
    day: Ints
    verified: Bools
    tag_count: Ints
    tags: Postings


class Honoured(NamedTuple):
    """Honours: points of the policy and year (0: hidden)."""

    talent: Ints
    points: Floats
    year: Ints


class Consents(NamedTuple):
    """Consents to flexible recommendation; `recipients` posts consents by recipient."""

    talent: Ints
    first: Ints
    last: Ints
    revoked: Ints
    hidden: Bools
    recipients: Postings


class Restrictions(NamedTuple):
    """Restrictions; a field is 0 absent, the number of MASKED hidden."""

    talent: Ints
    competing: Bools
    org: Ints
    occupation: Ints
    district: Ints
    first: Ints
    last: Ints


class Services(NamedTuple):
    """Engagements; hours and trips nan where absent; `counted` marks the modes whose trips are limited."""

    talent: Ints
    status: NDArray[np.int8]
    success: NDArray[np.int8]
    counted: Bools
    hours: Floats
    trips: Floats
    first: Ints
    last: Ints
    place: Ints
    need: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class TalentArrays:
    """All arrays; `memo` keeps what follows from them for one day, year or district."""

    count: int
    persons: Persons
    proofs: Proofs
    held: Held
    achieved: Achieved
    honoured: Honoured
    consents: Consents
    restrictions: Restrictions
    services: Services
    interests: Postings
    districts: tuple[str, ...]
    occupations: tuple[str, ...]
    organisations: Names
    district_names: Names
    needs: Names
    memo: dict[tuple[object, ...], Any] = field(default_factory=dict)


def starts_of(talent: Ints, count: int) -> Ints:
    """Return where the entries of each talent begin (count + 1 bounds) in arrays sorted by talent."""
    return np.searchsorted(talent, np.arange(count + 1)).astype(np.int32)


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
        best: dict[tuple[str, int], float] = {}
        for place, p in flat:
            strength = p[4] * p[5]
            if strength > best.get((p[3], place), 0.0):
                best[p[3], place] = strength
        ordered = sorted(best.items())
        has_rows = np.zeros(len(self._own), dtype=np.bool_)
        has_rows[[place for place, _ in flat]] = True
        postings = _postings((skill, place) for (skill, place), _ in ordered)
        return Held(postings, _floats(strength for _, strength in ordered), has_rows)

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


def masked_name(names: Names) -> int:
    """Return the number that stands for a masked word, -1 if none is masked."""
    return names.find(MASKED)


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
