"""What reading the rows about persons needs, and how their facts are packed small; `unpacking` makes facts of them.

40,000 persons have half a million facts. As objects they would take several hundred bytes each; packed by person
and table they take about seventy, and unpacking one person costs some tens of microseconds.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import partial
from sys import intern
from typing import Any, Final, TypeVar

from kg.index.lookups import Occupations, Organisations, Skills
from kg.index.parsing import weighted_items
from kg.index.views import View
from kg.index.vocabularies import Moved
from kg.model.graph import MASKED
from kg.model.rules import CommonRules
from kg.vocab.levels import level_of

T = TypeVar("T")
Packed = tuple[Any, ...]
"""A fact as plain values that `marshal` takes; days are ordinals, 0 where absent."""

NO_LEVEL, HIDDEN_LEVEL = -1, -2
"""Codes of a level that is absent, and of one that is masked."""


class Memo(dict[Any, T]):
    """Remembers what `make` gives for each word: columns repeat few words, and a hit costs one look-up in C."""

    def __init__(self, make: Callable[[Any], T], *, absent: T, masked: T) -> None:
        """Absent cells (None) and masked ones are known from the beginning."""
        super().__init__({None: absent, MASKED: masked})
        self._make = make

    def __missing__(self, word: Any) -> T:
        found = self[word] = self._make(word)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is needed to read a row about a person.

    `places` maps a need to the district where it is served; `delivered` a table to the sources that delivered it.
    The rest reads cells: `skill` and `org` give ids, `code` an occupation as `code@edition` ("" without one), `level`
    and `day` numbers, `mode` the name and share of an item.
    """

    occupations: Occupations
    skills: Skills
    organisations: Organisations
    rules: CommonRules
    places: Mapping[str, str]
    delivered: Mapping[str, frozenset[str]]
    skill: Memo[str] = field(init=False)
    org: Memo[str | None] = field(init=False)
    code: Memo[str] = field(init=False)
    level: Memo[int] = field(init=False)
    day: Memo[int] = field(init=False)
    mode: Memo[tuple[str, float]] = field(init=False)

    def __post_init__(self) -> None:
        """Make the readers of cells."""

        # Interned words are packed as such: whoever unpacks them gets the one word, not a copy for each person.
        def skill(text: str) -> str:
            return intern(self.skills.resolve(text))

        def org(text: str) -> str | None:
            code = self.organisations.resolve(text)
            return None if code is None else intern(code)

        resolve, none = self.occupations.resolve, ("", 0.0)
        memos: dict[str, object] = {
            "skill": Memo(skill, absent=skill(""), masked=skill("")),
            "org": Memo(org, absent=None, masked=None),
            "code": Memo(lambda text: intern("@".join(resolve(text))), absent="", masked=""),
            "level": Memo(_level, absent=NO_LEVEL, masked=HIDDEN_LEVEL),
            "day": Memo(_ordinal, absent=0, masked=0),
            "mode": Memo(lambda item: weighted_items((item,))[0], absent=none, masked=none),
        }
        for name, memo in memos.items():
            object.__setattr__(self, name, memo)

    def __reduce__(self) -> tuple[Callable[[], "Context"], tuple[()]]:
        """Another process gets what is needed to read, and nothing of what was read."""
        needed = {one.name: getattr(self, one.name) for one in fields(self) if one.init}
        return partial(Context, **needed), ()

    def moved(self, before: "Context", hosts: frozenset[str]) -> Moved:
        """Return what the texts of persons' rows, which `before` has read, meant there and do not mean here.

        All these texts are known here too from now on. `hosts` have moved to another district.
        """
        trades = _no_more(before.code, self.code, same=before.occupations is self.occupations)
        units = _no_more(before.org, self.org, same=before.organisations is self.organisations)
        return Moved(
            skills=_no_more(before.skill, self.skill, same=before.skills is self.skills),
            occupations=frozenset(map(self.occupations.resolve, trades)),
            organisations=frozenset(code for code in units if code is not None),
            hosts=hosts,
        )

    def texts(self) -> dict[str, list[str]]:
        """Return the texts that were read and may come to mean something else, by vocabulary."""
        return {name: list(getattr(self, name)) for name in _MOVABLE}

    def learn(self, texts: Mapping[str, Iterable[str]]) -> None:
        """Take texts as read that another reader of the same rows has met."""
        for name, read in texts.items():
            deque(map(getattr(self, name).__getitem__, read), maxlen=0)


_MOVABLE: Final = ("skill", "org", "code")


def _no_more(before: Memo[T], after: Memo[T], *, same: bool) -> frozenset[T]:
    """Return what texts meant before and do not mean any more; `same` says that nothing can have moved."""
    if same:
        after.update(before)
        return frozenset()
    return frozenset(meaning for text, meaning in list(before.items()) if after[text] != meaning)


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _level(label: str) -> int:
    level = level_of(label)
    return NO_LEVEL if level is None else int(level)


def targets(view: View, relation: str, skills: Skills) -> dict[str, str]:
    """Return skill id -> key of the node linked by that relation."""
    found: dict[str, str] = {}
    for row in view.rows:
        for key in row.targets(relation):
            found.setdefault(skills.resolve(key), key)
    return found


def tag_ids(tags: Iterable[str], skills: Skills) -> tuple[str, ...]:
    """Return the skill ids of a list of tags in the row's order; two spellings of one skill are one tag."""
    return tuple(dict.fromkeys(map(skills.resolve, tags)))
