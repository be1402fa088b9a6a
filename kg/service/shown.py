"""Who is shown how often, by district, level and ownership, against who could have been shown."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from kg.audit.exposures import AskedList
from kg.audit.fairness import GroupReport, group_report
from kg.decisions.followups import STATES
from kg.errors import KgError, NotFoundError
from kg.index.world import World
from kg.matching.mobility.question import parse_need
from kg.matching.mobility.survey import survey
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.service.decisions import Decisions
from kg.service.frame import Json, within
from kg.service.indicators import told_count
from kg.vocab.levels import LEVEL_LABELS, SkillLevel

TOP: Final = 10
MOST_LISTS: Final = 200
"""So many of the newest lists are compared with their pools; all are counted."""
UNKNOWN: Final = "未登记"
NO_EMPLOYER: Final = "无单位"
_OWNERSHIP: Final = "ownership_type"
Groups = list[tuple[Sequence[str], Mapping[str, int]]]


class ShownReport(Decisions):
    """The report for officers and planners. Ownership is unsealed for counting only; no row of it leaves the service."""

    def shown_report(self, *, viewer: Viewer, days: int = 30) -> Json:
        """Return lists, people and decisions of the last days, with skew@10 and NDKL by district, level and ownership.

        Pools are those of today: the questions of the newest lists are asked again on their own day.
        """
        if not viewer.has(Role.OFFICER, Role.PLANNER):
            raise NotFoundError()
        within("days", days, 1, 366)
        first = self.today() - timedelta(days=days - 1)
        lists = [asked for asked in self._exposures.asked_lists() if asked.day >= first and asked.entities]
        kinds = Counter(asked.kind for asked in lists)
        records = self._followups().all()
        return {
            "since": first.isoformat(),
            "lists": {kind: kinds.get(kind, 0) for kind in ("talents", "partners", "team")},
            "shown": sum(len(asked.entities) for asked in lists),
            "distinct": len({entity for asked in lists for entity in asked.entities}),
            "decisions": {name: sum(record["state"] == name for record in records) for name in STATES},
            "k": TOP,
            "compared": min(len(lists), MOST_LISTS),
            "groups": self._groups(self.world(), lists[-MOST_LISTS:], viewer),
        }

    def _groups(self, world: World, lists: Sequence[AskedList], viewer: Viewer) -> Json:
        talents: dict[str, Groups] = {"district": [], "level": [], "ownership": []}
        partners: dict[str, Groups] = {"district": [], "ownership": []}
        ownership = self._ownership() if lists else {}
        for asked in lists:
            if asked.kind == "talents":
                self._talent_groups(world, asked, talents, ownership)
            elif asked.kind == "partners":
                self._partner_groups(world, asked, partners, ownership)
        return {
            kind: {name: _told(group_report(groups, k=TOP), viewer) for name, groups in found.items()}
            for kind, found in (("talents", talents), ("partners", partners))
        }

    def _talent_groups(
        self, world: World, asked: AskedList, found: dict[str, Groups], ownership: Mapping[str, str]
    ) -> None:
        """Compare one list of people with all whose filters pass for the same need."""
        try:
            question = parse_need(
                world, self._policy, asked.question.get("need") or asked.question.get("inline") or {}
            )
            pool = survey(world, self._policy, question, date.fromisoformat(asked.as_of))
        except KgError:
            return
        places = pool.places[~pool.unsure]
        persons, names = world.talents.arrays.persons, world.talents.arrays.districts
        people = [talent for talent in map(world.talents.talent, asked.entities) if talent is not None]
        found["district"].append((
            [world.travel.name(one.district) for one in people],
            _counted(persons.district[places], lambda number: world.travel.name(names[number] or None)),
        ))
        found["level"].append((
            [_level(one.level) for one in people],
            _counted(persons.level[places], _level),
        ))
        employers = world.talents.arrays.organisations.words
        found["ownership"].append((
            [_owned(ownership, one.employer) for one in people],
            _counted(persons.employer[places], lambda number: _owned(ownership, employers[number] or None)),
        ))

    def _partner_groups(
        self, world: World, asked: AskedList, found: dict[str, Groups], ownership: Mapping[str, str]
    ) -> None:
        """Compare one list of partners with all organisations of their kind."""
        kind = (asked.question.get("anchor") or {}).get("kind")
        if kind not in {"enterprise", "school"}:
            return
        pool = world.cooperation.schools if kind == "enterprise" else world.cooperation.enterprises
        districts = {code: world.travel.name(one.district) for code, one in pool.items()}
        shown = [code for code in asked.entities if code in pool]
        found["district"].append(([districts[code] for code in shown], Counter(districts.values())))
        if kind == "school":
            owned = [ownership.get(code, UNKNOWN) for code in pool]
            found["ownership"].append(([ownership.get(code, UNKNOWN) for code in shown], Counter(owned)))

    def _ownership(self) -> dict[str, str]:
        """Return the sealed kind of ownership of each enterprise, for counting."""
        found: dict[str, str] = {}
        codes = {
            row.id: row.node.key for row in self._store.rows(table="enterprises") if row.node is not None
        }
        for row_id, blob in self._store.sealed(sorted(codes)).items():
            value = self._sealer.unseal(blob, row_id).get(_OWNERSHIP)
            if value:
                found.setdefault(codes[row_id], str(value))
        return found


def _counted(numbers: "np.typing.NDArray[Any]", name: Callable[[int], str]) -> dict[str, int]:
    values, counts = np.unique(numbers, return_counts=True)
    found: Counter[str] = Counter()
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        found[name(value)] += count
    return dict(found)


def _owned(ownership: Mapping[str, str], employer: str | None) -> str:
    """Return the kind of ownership of somebody's employer."""
    return NO_EMPLOYER if employer is None else ownership.get(employer, UNKNOWN)


def _level(level: int | None) -> str:
    return UNKNOWN if level is None or level < 0 else LEVEL_LABELS[SkillLevel(level)]


def told_share(report: GroupReport, group: str, viewer: Viewer) -> bool:
    """True when the share of a group may be told: neither of its counts stays hidden."""
    counts = (report.shown.get(group, 0), report.pool.get(group, 0))
    return sees_all(viewer) or all(told_count(count, viewer) is not None for count in counts)


def _told(report: GroupReport, viewer: Viewer) -> Json:
    return {
        "lists": report.lists,
        "shown": {group: told_count(count, viewer) for group, count in report.shown.items()},
        "pool": {group: told_count(count, viewer) for group, count in report.pool.items()},
        "skew": {
            group: _rough(value, viewer)
            for group, value in report.skew.items()
            if told_share(report, group, viewer)
        },
        "ndkl": _rough(report.ndkl, viewer)
        if all(told_share(report, group, viewer) for group in report.shown)
        else None,
    }


def _rough(value: float | None, viewer: Viewer) -> float | None:
    """Return a figure to one place below officer: all its places are a fraction that gives both counts exactly."""
    return value if value is None or sees_all(viewer) else round(value, 1)
