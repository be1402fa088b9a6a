"""The planner's questions: demand and supply, alignment of majors, what-if. Sums only; small cells stay hidden."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from kg.errors import ForbiddenError, InvalidInputError, NotFoundError
from kg.index.cooperation.entities import Demand, Offering
from kg.index.lookups import Occupation
from kg.index.names import name_of
from kg.index.registers import reader
from kg.index.world import World
from kg.indicators.alignment import DEFINITION, Alignment, MajorChange, align
from kg.indicators.closing import closing
from kg.indicators.market import DIMENSIONS, LEVELS, Market, read_market
from kg.indicators.ratios import FORMULAS
from kg.indicators.suppression import SMALLEST_TOLD
from kg.indicators.telling import Line, MarketAnswers
from kg.matching.cooperation.question import school_year
from kg.model.batches import in_force
from kg.model.graph import NodeRef
from kg.model.viewers import Role, Viewer
from kg.policy.rights import owns, sees_all
from kg.questions.schools import MayTell
from kg.service.frame import Frame, Json, offset_of, within

ORDERS: Final = ("gap", "ratio", "demand", "name")
_MARKET_TABLES: Final = frozenset({"market_stats", "occupations", "occupation_crosswalk"})
_MOST_CHANGES: Final = 50
_MOST_CELLS: Final = 20_000
"""A page shows a whole matrix; programs are given 200 at a time."""
_MOST_LISTED: Final = 50


class Indicators(Frame):
    """Indicators; below officer no cell under ten is told, nor any that would give one away."""

    _market: tuple[int, str, MarketAnswers] | None = None

    def demand_supply(
        self,
        *,
        viewer: Viewer,
        by: Sequence[str] = ("occupation", "level"),
        quarter: str | None = None,
        occupation: str | None = None,
        level: str | None = None,
        district: str | None = None,
        order: str = "gap",
        limit: int = 100,
        cursor: str | None = None,
    ) -> Json:
        """Return demand, supply, gap and both ratios by the dimensions of `by`, with the quarter before.

        Everybody may ask; only officers see cells below ten. `by` and the filters name occupation, level, district;
        a quarter is written 2026Q3 (default: the newest).
        """
        within("limit", limit, 1, _MOST_CELLS)
        filters = self._filters(occupation, level, district)
        told = _dimensions(by) | filters.keys()
        if order not in ORDERS:
            raise InvalidInputError(f"排序（order）应是 {'、'.join(ORDERS)} 之一", field="order", value=order)
        answers = self._answers()
        chosen = answers.quarter(quarter)
        lines = answers.lines(chosen, frozenset(told), filters, open_to_all=not sees_all(viewer))
        lines.sort(key=_order(order))
        start = offset_of(cursor)
        margin = answers.lines(chosen, frozenset(filters), filters, open_to_all=not sees_all(viewer))
        return {
            "quarter": chosen,
            "quarters": list(answers.market.quarters),
            "by": sorted(told, key=DIMENSIONS.index),
            "items": [self._line(line) for line in lines[start : start + limit]],
            "total": len(lines),
            "total_is_exact": True,
            "cursor": str(start + limit) if start + limit < len(lines) else None,
            "totals": self._line(margin[0]) if margin else None,
            "suppressed": sum(line.hidden for line in lines),
            "smallest_told": None if sees_all(viewer) else SMALLEST_TOLD,
            "formulas": FORMULAS,
            "sources": list(answers.market.sources),
            "reported": self._reported(answers.market, chosen),
            "revision": self.revision(),
        }

    def demand_supply_cell(
        self,
        *,
        viewer: Viewer,
        occupation: str,
        level: str | None = None,
        district: str | None = None,
        quarter: str | None = None,
    ) -> Json:
        """Return one cell by district, and who could close its gap: posts, qualified talents (counted), majors, schools."""
        self._demand_planner(viewer)
        filters = self._filters(occupation, level, district)
        answers = self._answers()
        chosen = answers.quarter(quarter)
        open_to_all = not sees_all(viewer)
        cell = answers.lines(chosen, frozenset(filters), filters, open_to_all=open_to_all)
        narrow = {name: value for name, value in filters.items() if name != "district"}
        world = self.world()
        found = closing(
            world,
            world.occupations.resolve(occupation),
            level=level,
            district=district,
            day=self.today(),
            year=school_year(self.today()),
        )
        may_tell = may_tell_of(viewer)
        posts, offerings = list(filter(may_tell, found.posts)), list(filter(may_tell, found.offerings))
        return {
            "quarter": chosen,
            "cell": self._line(cell[0]) if cell else None,
            "districts": [
                self._line(line)
                for line in answers.lines(
                    chosen, frozenset(narrow) | {"district"}, narrow, open_to_all=open_to_all
                )
            ],
            "area": [
                {**self._ref(NodeRef("district", code), name), "at": world.travel.coordinates.get(code)}
                for code, name in sorted(world.travel.names.items())
            ],
            "posts": {
                "count": sum(post.count or 0 for post in posts),
                "items": [
                    {
                        **self._ref(post.ref, post.label),
                        "enterprise": self._ref(
                            world.cooperation.enterprise(post.enterprise).ref,
                            world.cooperation.enterprise(post.enterprise).name,
                        ),
                        "seats": post.count,
                    }
                    for post in posts[:_MOST_LISTED]
                ],
            },
            "talents": {"count": told_count(found.talents, viewer)},
            "majors": [
                {**self._ref(NodeRef("major", major.key), major.name), "fit": fit}
                for major, fit in found.majors
            ],
            "schools": [
                {
                    **self._ref(
                        world.cooperation.school(one.school).ref, world.cooperation.school(one.school).name
                    ),
                    "offering": self._ref(one.ref, one.id),
                    "major": world.cooperation.major(one.major).name,
                    "exit_level": one.exit_label,
                    "students": one.students,
                }
                for one in offerings[:_MOST_LISTED]
            ],
            "revision": self.revision(),
        }

    def alignment(
        self,
        *,
        viewer: Viewer,
        as_of: date | None = None,
        year: int | None = None,
        district: str | None = None,
        school: str | None = None,
    ) -> Json:
        """Return the share of seats whose major meets the priority chains, by major, and what no major trains for."""
        self._demand_planner(viewer)
        day = self._day(as_of)
        found = align(
            self.world(), day=day, year=year or school_year(day), district=district, school=school,
            may_tell=may_tell_of(viewer),
        )  # fmt: skip
        return {
            "as_of": day.isoformat(),
            "year": year or school_year(day),
            "definition": DEFINITION,
            **self._alignment(found),
            "chains_without_group": self._chains_without_group(self.world(), day),
            "revision": self.revision(),
        }

    def what_if_majors(
        self,
        changes: Sequence[Mapping[str, Any]],
        *,
        viewer: Viewer,
        as_of: date | None = None,
        year: int | None = None,
    ) -> Json:
        """Return alignment and seats before and after adding, growing or closing majors; nothing is stored."""
        self._demand_planner(viewer)
        day, world = self._day(as_of), self.world()
        wanted = [self._major_change(world, number, change) for number, change in enumerate(changes)]
        if not 1 <= len(wanted) <= _MOST_CHANGES:
            raise InvalidInputError(f"请给出 1 到 {_MOST_CHANGES} 处改动", field="changes")
        chosen = year or school_year(day)
        may_tell = may_tell_of(viewer)
        before = align(world, day=day, year=chosen, may_tell=may_tell)
        after = align(world, day=day, year=chosen, changes=wanted, may_tell=may_tell)
        return {
            "as_of": day.isoformat(),
            "year": chosen,
            "definition": DEFINITION,
            "before": self._alignment(before),
            "after": self._alignment(after),
            "gained": None if before.share is None or after.share is None else after.share - before.share,
            "revision": self.revision(),
        }

    # -- inside ---------------------------------------------------------------------------------------------

    def _demand_planner(self, viewer: Viewer) -> None:
        if not viewer.has(Role.OFFICER, Role.PLANNER):
            raise ForbiddenError("只有经办人员和规划人员可以看规划指标")

    def _answers(self) -> MarketAnswers:
        """Return the market of the newest revision; read anew only when one of its tables has changed."""
        world = self.world()
        held = self._market
        if held is not None and held[0] != world.revision and not self._touched_since(held[0]):
            held = (world.revision, held[1], held[2])
        if held is None or held[0] != world.revision:
            read = reader(self._store, in_force(self._store.batches()), self._policy, self._schema)
            market = read_market(read("market_stats"), world.occupations)
            held = (world.revision, self._policy.hash, MarketAnswers(market))
        self._market = held
        return held[2]

    def _touched_since(self, revision: int) -> bool:
        return any(
            not change.id.key or change.id.table in _MARKET_TABLES for change in self._store.changes(revision)
        )

    def _filters(self, occupation: str | None, level: str | None, district: str | None) -> dict[str, str]:
        world = self.world()
        found: dict[str, str] = {}
        if occupation is not None:
            known = world.occupations.resolve(occupation)
            found["occupation"] = f"{known.code}@{known.edition}" if known.edition else known.code
        if level is not None:
            if level not in LEVELS:
                raise InvalidInputError(f"等级应是 {'、'.join(LEVELS)} 之一", field="level", value=level)
            found["level"] = level
        if district is not None:
            found["district"] = district
        return found

    def _line(self, line: Line) -> Json:
        world = self.world()
        told: Json = dict.fromkeys(DIMENSIONS)
        for name, value in line.names.items():
            if name == "occupation":
                told[name] = self._ref(
                    NodeRef("occupation", value), world.occupations.name(world.occupations.resolve(value))
                )
            elif name == "district":
                told[name] = self._ref(NodeRef("district", value), world.travel.names.get(value, value))
            else:
                told[name] = value
        return {**told, **line.figures()}

    @staticmethod
    def _ref(ref: NodeRef, name: str) -> Json:
        return {"kind": ref.kind, "key": ref.key, "name": name}

    def _named(self, world: World, ref: NodeRef) -> Json:
        return self._ref(ref, name_of(world, ref))

    def _occupation(self, world: World, one: Occupation) -> Json:
        code = f"{one.code}@{one.edition}" if one.edition else one.code
        return self._ref(NodeRef("occupation", code), world.occupations.name(one))

    def _reported(self, market: Market, quarter: str) -> Json:
        """Return which districts of the area state figures of the quarter."""
        names = self.world().travel.names
        stated = market.districts(quarter)
        return {
            "districts": len(stated & names.keys()),
            "of": len(names),
            "missing": [names[code] for code in sorted(names.keys() - stated)] if stated else [],
        }

    def _alignment(self, found: Alignment) -> Json:
        return {
            "share": found.share,
            "seats": found.seats,
            "aligned": found.aligned,
            "majors": [
                {
                    **self._ref(NodeRef("major", line.major.key), line.major.name),
                    "seats": line.seats,
                    "schools": line.schools,
                    "posts": line.posts,
                    "aligned": line.aligned,
                }
                for line in found.majors
            ],
            "uncovered": [
                {**self._occupation(self.world(), one), "posts": posts}
                for one, posts in found.uncovered[:_MOST_LISTED]
            ],
        }

    def _chains_without_group(self, world: World, day: date) -> list[Json]:
        served = {
            chain
            for groups in world.cooperation.groups.values()
            for group in groups
            for chain in group.chains
        }
        return [
            {**self._ref(NodeRef("chain", key), chain.name), "priority": chain.is_priority(day)}
            for key, chain in sorted(world.cooperation.chains.items())
            if key not in served
        ]

    def _major_change(self, world: World, number: int, change: Mapping[str, Any]) -> MajorChange:
        action, field = change.get("action"), f"changes.{number}"
        if action not in {"add", "grow", "close"}:
            raise InvalidInputError(
                "改动（action）应是 add、grow、close 之一", field=f"{field}.action", value=action
            )
        major = world.majors.node_key(str(change.get("major") or ""))
        school = world.organisations.resolve(str(change.get("school") or ""))
        if major not in world.cooperation.majors:
            raise NotFoundError(f"没有专业 {change.get('major')!r}，请核对专业代码")
        if school is None or school not in world.cooperation.schools:
            raise NotFoundError(f"没有院校 {change.get('school')!r}，请核对统一社会信用代码")
        students = int(change.get("students") or 0)
        if action != "close" and not -100_000 <= students <= 100_000:
            raise InvalidInputError(
                "名额应在 -100000 到 100000 之间", field=f"{field}.students", value=students
            )
        return MajorChange(action, major, school, students)


def _dimensions(by: Sequence[str]) -> set[str]:
    wrong = [name for name in by if name not in DIMENSIONS]
    if wrong:
        raise InvalidInputError(f"分组（by）应从 {'、'.join(DIMENSIONS)} 中选", field="by", value=wrong[0])
    return set(by)


def _order(order: str) -> Any:
    def key(line: Line) -> tuple[Any, ...]:
        value = {"gap": line.gap, "ratio": line.ratio_simple, "demand": line.demand, "name": None}[order]
        return (value is None, -(value or 0), sorted(line.names.items()))

    return key


def told_count(count: int, viewer: Viewer) -> int | None:
    """Return how many people there are; below officer whole tens only, nothing under ten.

    Counts of nested groups asked for one after the other would give small ones away by subtraction; tens do not.
    """
    if sees_all(viewer):
        return count
    return None if count < SMALLEST_TOLD else count - count % SMALLEST_TOLD


def may_tell_of(viewer: Viewer) -> MayTell:
    """Return whether a viewer may know of a cohort or a post: officers of all, others of public and their own ones."""

    def may_tell(one: Offering | Demand) -> bool:
        org = one.school if isinstance(one, Offering) else one.enterprise
        return one.public or sees_all(viewer) or owns(viewer, (org,))

    return may_tell
