"""The columns of the talent arrays: facts over all talents side by side, sorted by talent.

Talents are numbered in order of their keys. Words (districts, occupations, organisations) are numbered by `Names`,
0 standing for "absent". Days are ordinals.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.facts import BROKEN_OFF, FINISHED, SIGNED
from kg.index.vocabularies import Moved
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

    def among(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of those words that were seen, "" left out."""
        return [self.ids[word] for word in words if word and word in self.ids]

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
    host: Ints


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

    def naming(self, moved: Moved, served: Set[str]) -> list[int]:
        """Return the talents of whom some fact names what has moved, or one of these needs, ascending."""
        codes = {"@".join(occupation) for occupation in moved.occupations}
        trades = [number for number, word in enumerate(self.occupations) if word in codes]
        units = self.organisations.among(moved.organisations)
        found: list[NDArray[Any]] = [
            *(self.held.postings.of(skill) for skill in moved.skills),
            *(self.interests.of(skill) for skill in moved.skills),
            *(self.achieved.talent[self.achieved.tags.of(skill)] for skill in moved.skills),
            *(self.consents.talent[self.consents.recipients.of(unit)] for unit in moved.organisations),
            np.flatnonzero(np.isin(self.persons.occupation, trades) | np.isin(self.persons.employer, units)),
            self.proofs.talent[np.isin(self.proofs.occupation, trades)],
            self.restrictions.talent[
                np.isin(self.restrictions.occupation, trades) | np.isin(self.restrictions.org, units)
            ],
            self.services.talent[
                np.isin(self.services.host, self.organisations.among(moved.organisations | moved.hosts))
                | np.isin(self.services.need, self.needs.among(served))
            ],
        ]
        persons: list[int] = np.unique(np.concatenate(found)).tolist()
        return persons
