"""The part of a generation that query A reads, built from the merged rows of all registers."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

from kg.index.cooperation.entities import (
    Chain,
    Cooperation,
    Demand,
    Enterprise,
    Major,
    MajorGroup,
    Offering,
    Organ,
    School,
    Wage,
)
from kg.index.cooperation.reading import EntityReader
from kg.index.lookups import Occupation
from kg.index.views import View
from kg.index.vocabularies import Moved, Reader, Vocabularies
from kg.model.graph import NodeRef

T = TypeVar("T")
_OWN: Final = frozenset({"arrays", "seats"})
"""What is worked out from the rows of query A and the skills alone, whatever other look-ups say."""
_COUNTED: Final = frozenset({"offerings", "demands", "cooperations", "schools", "enterprises"})
"""The parts that it is worked out from."""


class Registers(Protocol):
    """The registers as one."""

    def __call__(self, table: str) -> Iterator[View]:
        """Yield the views of a table."""
        ...

    def about(self, *, nodes: Sequence[NodeRef]) -> Reader:
        """Return what yields the views of these nodes only."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CooperationView:
    """Everything query A reads apart from the shared look-ups; mappings are in the order of their keys.

    `derived` caches what matching computes from this generation (seats of a year, arrays); it is never part of
    the content.
    """

    schools: Mapping[str, School]
    enterprises: Mapping[str, Enterprise]
    offerings: Mapping[str, Offering]
    demands: Mapping[str, Demand]
    cooperations: tuple[Cooperation, ...]
    majors: Mapping[str, Major]
    groups: Mapping[str, tuple[MajorGroup, ...]]
    chains: Mapping[str, Chain]
    wages: Mapping[tuple[Occupation, str], Wage]
    organs: Mapping[str, tuple[Organ, ...]]
    demands_of: Mapping[str, tuple[Demand, ...]]
    offerings_of: Mapping[str, tuple[Offering, ...]]
    derived: dict[tuple[str, Hashable], object] = field(default_factory=dict, compare=False, repr=False)

    def remembered(self, name: str, key: Hashable, make: Callable[[], T], *, keep: int = 4) -> T:
        """Return what `make` gives for this key, made once; of each name the newest `keep` are kept."""
        place = (name, key)
        found = self.derived.get(place)
        if found is None:
            found = make()
            held = [other for other in list(self.derived) if other[0] == name]
            for other in held[: max(0, len(held) + 1 - keep)]:
                self.derived.pop(other, None)
            self.derived[place] = found
        return cast(T, found)

    def underived(self) -> "CooperationView":
        """Return the same content without what was worked out from look-ups that have changed."""
        return replace(
            self, derived={place: kept for place, kept in self.derived.items() if place[0] in _OWN}
        )

    def with_changes(
        self,
        read: Registers,
        words: Vocabularies,
        moved: Moved,
        tables: Set[str],
        nodes: Set[NodeRef],
    ) -> "CooperationView":
        """Return the next generation after changes to rows of `tables`, which are about `nodes`, and to vocabularies.

        Small tables are read whole again, of large ones only these nodes and what names something that has `moved`.
        """
        reader = EntityReader(words)
        fresh: dict[str, Any] = {}
        for name, part in _SMALL.items():
            if part.table in tables or moved.among(part.vocabularies):
                fresh[name] = part.make(reader, read(part.table))
        for name, large in _LARGE.items():
            held: Mapping[str, Any] = getattr(self, name)
            stale = {one.ref for one in held.values() if one.ref in nodes or large.names(one, moved)}
            stale |= {node for node in nodes if node.kind == large.kind}
            if stale:
                anew = map(partial(large.make, reader), read.about(nodes=sorted(stale))(name))
                fresh[name] = _in_order(
                    [*(one for one in held.values() if one.ref not in stale), *anew], large.key
                )
        fresh = {name: value for name, value in fresh.items() if value != getattr(self, name)}
        if not fresh:
            return self.underived()
        derived = {} if fresh.keys() & _COUNTED else self.underived().derived
        return replace(
            _complete({name: fresh.get(name, getattr(self, name)) for name in _PARTS}), derived=derived
        )

    def school(self, code: str) -> School:
        """Return the school; one that no row describes knows its code only."""
        return self.schools.get(code) or School(code=code, name=code)

    def enterprise(self, code: str) -> Enterprise:
        """Return the enterprise; one that no row describes knows its code only."""
        return self.enterprises.get(code) or Enterprise(code=code, name=code)

    def major(self, key: str) -> Major:
        """Return the major; one that no row describes leads to unknown occupations."""
        return self.majors.get(key) or Major(key, key, (), told=False)

    def wage(self, occupation: Occupation, district: str | None) -> Wage | None:
        """Return the wage of the occupation in the district, else in the whole area, else None."""
        local = self.wages.get((occupation, district)) if district else None
        return local or self.wages.get((occupation, ""))


class _Small(NamedTuple):
    """A part that is read whole when its table, or a text of one of the vocabularies, has changed."""

    table: str
    vocabularies: tuple[str, ...]
    make: Callable[[EntityReader, Iterable[View]], object]


class _Large(NamedTuple):
    """A part, named like its table, of which only the nodes concerned are read again."""

    kind: str
    key: str
    make: Callable[[EntityReader, View], Any]
    names: Callable[[Any, Moved], bool]


def _in_order(found: Iterable[Any], key: str) -> dict[str, Any]:
    """Return entities by that field, in its order."""
    return {getattr(one, key): one for one in sorted(found, key=attrgetter(key))}


def _grouped(found: Iterable[T], column: str) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for one in found:
        groups.setdefault(getattr(one, column), []).append(one)
    return {key: tuple(members) for key, members in sorted(groups.items())}


def _cohort_names(one: Offering, moved: Moved) -> bool:
    return (
        one.school in moved.organisations
        or one.major in moved.majors
        or not moved.skills.isdisjoint(one.skills or ())
    )


def _post_names(one: Demand, moved: Moved) -> bool:
    return (
        one.enterprise in moved.organisations
        or one.occupation in moved.occupations
        or any(want.skill in moved.skills for want in one.skills)
    )


def _nothing(_one: object, _moved: Moved) -> bool:
    return False


_LARGE: Final[Mapping[str, _Large]] = {
    "offerings": _Large("offering", "id", EntityReader.offering, _cohort_names),
    "demands": _Large("demand", "id", EntityReader.demand, _post_names),
    "schools": _Large("school", "code", EntityReader.school, _nothing),
    "enterprises": _Large("enterprise", "code", EntityReader.enterprise, _nothing),
}
_SMALL: Final[Mapping[str, _Small]] = {
    "cooperations": _Small(
        "cooperations",
        ("organisations",),
        lambda reader, views: tuple(sorted(map(reader.cooperation, views), key=lambda found: found.id)),
    ),
    "majors": _Small(
        "majors", ("occupations",), lambda reader, views: {one.key: one for one in map(reader.major, views)}
    ),
    "groups": _Small(
        "major_groups",
        ("majors", "organisations"),
        lambda reader, views: _grouped(map(reader.major_group, views), "school"),
    ),
    "chains": _Small("chains", (), lambda reader, views: {one.key: one for one in map(reader.chain, views)}),
    "wages": _Small("wages", ("occupations",), lambda reader, views: reader.wages(views)),
    "organs": _Small(
        "organs", ("occupations",), lambda reader, views: _grouped(map(reader.organ, views), "name")
    ),
}
_PARTS: Final = (*_LARGE, *_SMALL)


def build_cooperation(read: Reader, words: Vocabularies) -> CooperationView:
    """Build the view from the merged rows that `read(table)` yields; order of rows does not matter."""
    reader = EntityReader(words)
    large = {
        name: _in_order(map(partial(part.make, reader), read(name)), part.key)
        for name, part in _LARGE.items()
    }
    small = {name: part.make(reader, read(part.table)) for name, part in _SMALL.items()}
    return _complete({**large, **small})


def _complete(parts: Mapping[str, Any]) -> CooperationView:
    """Return the view of its parts, with posts by enterprise and cohorts by school."""
    return CooperationView(
        **parts,
        demands_of=_grouped(parts["demands"].values(), "enterprise"),
        offerings_of=_grouped(parts["offerings"].values(), "school"),
    )
