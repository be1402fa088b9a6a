"""Arrays over all cohorts and all posts of one generation: what looking at every pair at once reads.

Cohorts are ordered by school, posts by enterprise, so each organisation's rows lie side by side. Nothing here
depends on policy, day or question. Numbers of rows are int32; -1 stands for "none".
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.index.cooperation.entities import Demand, Offering
from kg.index.cooperation.view import CooperationView
from kg.index.lookups import Occupation, Skills

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEVELS: Final = 8
NO_LEVEL: Final = 8
HIDDEN_LEVEL: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class CooperationArrays:
    """Cohorts (C), posts (P), schools (S), enterprises (E), majors (M), occupations (O), districts (D) by number.

    Levels are 0..7, NO_LEVEL for absent, HIDDEN_LEVEL for not told. `taught_*` list every skill that some post wants
    and some taught skill is near to, sorted by cohort: similarity and the taught proficiency as it counts.
    """

    skills: Skills
    offerings: tuple[Offering, ...]
    demands: tuple[Demand, ...]
    schools: tuple[str, ...]
    enterprises: tuple[str, ...]
    majors: tuple[str, ...]
    occupations: tuple[Occupation, ...]
    districts: tuple[str | None, ...]
    school: Ints
    major: Ints
    exit_level: Ints
    offering_start: Ints
    enterprise: Ints
    occupation: Ints
    level: Ints
    demand_start: Ints
    school_district: Ints
    enterprise_district: Ints
    offering_public: Bools
    demand_public: Bools
    has_courses: Bools
    wanted_start: Ints
    wanted_skill: Ints
    wanted_level: Ints
    wanted_weight: Floats
    wanted_sum: Floats
    skill_count: int
    taught_start: Ints
    taught_skill: Ints
    taught_similarity: Floats
    taught_level: Floats

    def offerings_of(self, school: int) -> Ints:
        """Return the numbers of a school's cohorts."""
        return np.arange(self.offering_start[school], self.offering_start[school + 1], dtype=np.int32)

    def demands_of(self, enterprises: Ints) -> Ints:
        """Return the numbers of the posts of some enterprises, in the order of these."""
        return ranges(self.demand_start[enterprises], self.demand_start[enterprises + 1])


def ranges(starts: Ints, ends: Ints) -> Ints:
    """Return start, start + 1, … end - 1 of every range, one after the other."""
    lengths = ends - starts
    before = np.cumsum(lengths, dtype=np.int32) - lengths
    found: Ints = np.repeat(starts - before, lengths) + np.arange(lengths.sum(), dtype=np.int32)
    return found


def cooperation_arrays(view: CooperationView, skills: Skills) -> CooperationArrays:
    """Return the arrays of a generation, made at first use."""
    return view.remembered("arrays", id(skills), lambda: _build(view, skills), keep=1)


def _build(view: CooperationView, skills: Skills) -> CooperationArrays:
    offerings = tuple(sorted(view.offerings.values(), key=lambda one: (one.school, one.id)))
    demands = tuple(sorted(view.demands.values(), key=lambda one: (one.enterprise, one.id)))
    schools = tuple(sorted({*view.schools, *(one.school for one in offerings)}))
    enterprises = tuple(sorted({*view.enterprises, *(one.enterprise for one in demands)}))
    majors = tuple(sorted({one.major for one in offerings}))
    occupations = tuple(sorted({one.occupation for one in demands}))
    school_places = [view.school(code).district for code in schools]
    enterprise_places = [view.enterprise(code).district for code in enterprises]
    districts = tuple(sorted({*school_places, *enterprise_places}, key=lambda code: code or ""))
    school = _numbers((one.school for one in offerings), schools)
    enterprise = _numbers((one.enterprise for one in demands), enterprises)
    wanted = sorted({want.skill for one in demands for want in one.skills})
    skill_number = {skill: number for number, skill in enumerate(wanted)}
    taught = [_taught(one, skills, skill_number) for one in offerings]
    return CooperationArrays(
        skills=skills,
        offerings=offerings,
        demands=demands,
        schools=schools,
        enterprises=enterprises,
        majors=majors,
        occupations=occupations,
        districts=districts,
        school=school,
        major=_numbers((one.major for one in offerings), majors),
        exit_level=_ints(HIDDEN_LEVEL if one.exit_level is None else one.exit_level for one in offerings),
        offering_start=_starts(school, len(schools)),
        enterprise=enterprise,
        occupation=_numbers((one.occupation for one in demands), occupations),
        level=_ints(_level(one) for one in demands),
        demand_start=_starts(enterprise, len(enterprises)),
        school_district=_numbers(school_places, districts),
        enterprise_district=_numbers(enterprise_places, districts),
        offering_public=np.array([one.public for one in offerings], dtype=np.bool_),
        demand_public=np.array([one.public for one in demands], dtype=np.bool_),
        has_courses=np.array([one.skills is not None for one in offerings], dtype=np.bool_),
        wanted_start=_lengths(len(one.skills) for one in demands),
        wanted_skill=_ints(skill_number[want.skill] for one in demands for want in one.skills),
        wanted_level=_ints(want.level for one in demands for want in one.skills),
        wanted_weight=_floats(want.weight for one in demands for want in one.skills),
        wanted_sum=_floats(sum(want.weight for want in one.skills) for one in demands),
        skill_count=len(wanted),
        taught_start=_lengths(len(rows) for rows in taught),
        taught_skill=_ints(row[0] for rows in taught for row in rows),
        taught_similarity=_floats(row[1] for rows in taught for row in rows),
        taught_level=_floats(row[2] for rows in taught for row in rows),
    )


def _taught(offering: Offering, skills: Skills, number: dict[str, int]) -> list[tuple[int, float, float]]:
    """Return (wanted skill, similarity, proficiency as it counts) for everything near to what is taught."""
    return [
        (number[near], similarity, held.level * held.beta)
        for held in (offering.skills or {}).values()
        for near, similarity in skills.similar(held.skill).items()
        if near in number
    ]


def _level(demand: Demand) -> int:
    if demand.level is not None:
        return int(demand.level)
    return HIDDEN_LEVEL if demand.level_masked else NO_LEVEL


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)


def _numbers(values: Iterable[Hashable], among: Sequence[Hashable]) -> Ints:
    place = {value: number for number, value in enumerate(among)}
    return _ints(place[value] for value in values)


def _starts(numbers: Ints, count: int) -> Ints:
    """Return where each owner's rows begin in rows sorted by owner; one more entry for the end."""
    return np.searchsorted(numbers, np.arange(count + 1)).astype(np.int32)


def _lengths(lengths: Iterable[int]) -> Ints:
    sizes = _ints(lengths)
    return np.concatenate([np.zeros(1, dtype=np.int32), np.cumsum(sizes, dtype=np.int32)])
