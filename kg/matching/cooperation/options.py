"""The catalogue of query A: what could be otherwise for a cohort beside a post, each with its edit of the tables."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from kg.index.cooperation.entities import APPROVED, Demand, Offering
from kg.index.cooperation.view import CooperationView
from kg.index.parsing import HeldSkill
from kg.matching.advice import Option
from kg.matching.cooperation.advice_texts import ADVICE
from kg.matching.cooperation.scorer import Scorer
from kg.matching.cooperation.seats import least
from kg.matching.cooperation.sentences import cohort_label
from kg.matching.cooperation.small import with_demand, with_offering
from kg.matching.quantities import SLACK
from kg.matching.similarity import covers
from kg.model.answers import Status
from kg.model.edits import AddedRow, CellEdit, Edit
from kg.model.graph import Value
from kg.schema.columns import SCOPE_PUBLIC
from kg.vocab.levels import LEVEL_LABELS, SkillLevel

ViewOption = Option[CooperationView]
OFFERINGS: Final = "offerings"
DEMANDS: Final = "demands"
_MOST_MENTORS: Final = 10
_MOST_INTAKES: Final = 5
_BY_YEAR: Final = frozenset({"A2", "A4"})
_SECOND: Final = "-2"
_OFFICERS_ONLY: Final = "仅经办"


class Catalogue(NamedTuple):
    """Makes the options of one pair; `scorer` scores it unedited."""

    scorer: Scorer
    offering: Offering
    demand: Demand

    def options(self) -> list[ViewOption]:
        """Return everything that could be otherwise, in the order of the catalogue."""
        found = [*self._courses(), *self._exit_level(), *self._mentors(), *self._boarding(), *self._intakes()]
        if self.scorer.question.in_seats:
            found += [*self._class_size(), *self._post(), *self._split()]
        return found

    # -- the cohort -----------------------------------------------------------------------------------------

    def _courses(self) -> Iterator[ViewOption]:
        skills, held = self.scorer.world.skills, self.offering.skills or {}
        for cover in covers(skills, self.demand.skills, held):
            if cover.value >= 1 - SLACK:
                continue
            wanted, name = cover.wanted, skills.label(cover.wanted.skill)
            old = held.get(wanted.skill)
            taught = HeldSkill(wanted.skill, wanted.level, skills.rules.proven_skill, None)
            whole = {**held, wanted.skill: taught}
            yield self._of_cohort(
                f"course:{wanted.skill}",
                ADVICE["course" if old is None else "course.level"],
                {"skill": name, "level": wanted.level, "before": old.level if old else 0},
                cells={"skills": (self._taught(held) or None, self._taught(whole))},
                skills=whole,
            )

    def _taught(self, held: Any) -> tuple[str, ...]:
        label = self.scorer.world.skills.label
        return tuple(f"{label(one.skill)}={one.level}" for one in held.values())

    def _exit_level(self) -> Iterator[ViewOption]:
        own, wanted, best = self.offering.exit_level, self.demand.level, SkillLevel.SENIOR
        if own is None or wanted is None or own >= min(wanted, best):
            return
        label = LEVEL_LABELS[best]
        yield self._of_cohort(
            "exit_level",
            ADVICE["exit"],
            {"before": self.offering.exit_label, "after": label},
            cells={"exit_level": (self.offering.exit_label, label)},
            exit_level=best,
            exit_label=label,
        )

    def _class_size(self) -> Iterator[ViewOption]:
        """Yield larger classes: as many as places and law allow, and as many as a class needs."""
        seats, students = self.scorer.facts.seats, self.offering.students
        supply, legal = seats.supply[self.offering.id].value, seats.legal[self.demand.id].left
        places = least((seats.open[self.demand.id].value, legal))
        if supply is None or students is None:
            return
        least_class = self.offering.class_min if self.scorer.question.mode == "order_class" else None
        for target in sorted({
            found for found in (places, least_class) if found is not None and found > supply
        }):
            after = students + target - supply
            yield self._of_cohort(
                "class_size",
                ADVICE["class"],
                {"before": students, "after": after},
                cells={"students": (students, after)},
                private=target == places,
                students=after,
            )

    def _split(self) -> Iterator[ViewOption]:
        """Yield half of the cohort, the other half being a cohort of its own that another firm takes."""
        own, students, committed = self.offering, self.offering.students, self.offering.committed
        key = f"{own.id}{_SECOND}"
        if (
            students is None
            or committed is None
            or students < 2
            or key in self.scorer.world.cooperation.offerings
        ):
            return
        kept = (students + 1) // 2
        rest = students - kept
        here = max(0, committed - rest)
        second = replace(
            own, id=key, students=rest, committed=rest, class_min=None, rates=(), sample=None, stat_year=None
        )
        cells: dict[str, tuple[Value, Value]] = {"students": (students, kept)}
        if here != committed:
            cells["committed"] = (committed, here)
        option = self._of_cohort(
            "split",
            ADVICE["split"],
            {"kept": kept, "rest": rest},
            cells=cells,
            students=kept,
            committed=here,
        )
        change = option.apply
        yield replace(
            option,
            edits=(*option.edits, AddedRow(table=OFFERINGS, source=_source(own), values=_row(second))),
            apply=lambda view: with_offering(change(view), second),
        )

    def _intakes(self) -> Iterator[ViewOption]:
        """Yield another year of intake for cohorts that only their year keeps from this post."""
        question, found = self.scorer.question, 0
        for one in self.scorer.world.cooperation.offerings_of[self.offering.school]:
            if one.intake_year is None or not self._only_by_year(one):
                continue
            after = question.year - 1 if question.mode == "internship" else question.year
            if one.intake_year == after or found >= _MOST_INTAKES:
                continue
            found += 1
            yield self._of_cohort(
                f"intake:{one.id}",
                ADVICE["intake"],
                {"before": one.intake_year, "after": after},
                cells={"intake_year": (one.intake_year, after)},
                row=one,
                intake_year=after,
            )

    def _only_by_year(self, one: Offering) -> bool:
        if not self.scorer.considers(one, self.demand):
            return False
        found = self.scorer.own_statuses(one, self.demand)
        failing = {code for code, status in found.items() if status is Status.FAIL}
        return bool(failing) and failing <= _BY_YEAR

    # -- the post -------------------------------------------------------------------------------------------

    def _mentors(self) -> Iterator[ViewOption]:
        open_ = self.scorer.facts.seats.open[self.demand.id]
        now = self.demand.mentors or 0
        if not open_.known or (open_.value or 0) < 1:
            return
        needed = math.ceil((open_.value or 0) / self.scorer.policy.query_a.students_per_mentor)
        for after in range(now + 1, min(needed, now + _MOST_MENTORS) + 1):
            yield self._of_post(
                "mentor",
                ADVICE["mentor" if self.demand.mentors is not None else "mentor.told"],
                {"before": now, "after": after},
                cells={"mentors": (self.demand.mentors, after)},
                times=after - now,
                mentors=after,
            )

    def _boarding(self) -> Iterator[ViewOption]:
        if not self.demand.boarding:
            cells: dict[str, tuple[Value, Value]] = {"boarding": (self.demand.boarding, True)}
            yield self._of_post(
                "boarding", ADVICE["boarding"], {}, cells=cells, boarding=True, boarding_masked=False
            )

    def _post(self) -> Iterator[ViewOption]:
        """Yield so many people on the post that its cap leaves room for all whom both sides want."""
        seats = self.scorer.facts.seats
        kind = seats.legal[self.demand.id].kind
        room = least((seats.supply[self.offering.id].value, seats.open[self.demand.id].value))
        used = kind.used.value
        if kind.cap is None or used is None or room is None or room < 1 or kind.cap - used >= room:
            return
        after = math.ceil((used + room) / self.scorer.policy.query_a.post_cap)
        yield self._of_post(
            "post",
            ADVICE["post"],
            {"before": kind.same_post, "after": after},
            cells={"same_post": (self.demand.same_post, after)},
            private=True,
            same_post=after,
        )

    # -- both -----------------------------------------------------------------------------------------------

    def _of_cohort(
        self,
        kind: str,
        text: str,
        words: dict[str, Any],
        *,
        cells: dict[str, tuple[Value, Value]],
        row: Offering | None = None,
        private: bool = False,
        **fields: Any,
    ) -> ViewOption:
        own = row or self.offering
        named = {"cohort": cohort_label(self.scorer.facts, own), **words}

        def apply(view: CooperationView) -> CooperationView:
            return with_offering(view, replace(view.offerings[own.id], **fields))

        return self._option(kind, text.format(**named), _edits(OFFERINGS, own, cells), apply, private=private)

    def _of_post(
        self,
        kind: str,
        text: str,
        words: dict[str, Any],
        *,
        cells: dict[str, tuple[Value, Value]],
        times: int = 1,
        private: bool = False,
        **fields: Any,
    ) -> ViewOption:
        own = self.demand

        def apply(view: CooperationView) -> CooperationView:
            return with_demand(view, replace(view.demands[own.id], **fields))

        edits = _edits(DEMANDS, own, cells)
        return self._option(
            kind, text.format(post=own.label, **words), edits, apply, times=times, private=private
        )

    def _option(
        self,
        kind: str,
        text: str,
        edits: tuple[Edit, ...],
        apply: Callable[[CooperationView], CooperationView],
        *,
        times: int = 1,
        private: bool,
    ) -> ViewOption:
        cost = self.scorer.policy.advice.partner_costs[kind.partition(":")[0]] * times
        return Option(kind=kind, cost=cost, text=text, edits=edits, apply=apply, private=private)


def _source(row: Offering | Demand) -> str | None:
    """Return the register whose row speaks first: the one that states whose row it is."""
    column = "school" if isinstance(row, Offering) else "enterprise"
    stated = row.evidence.get(column, ())
    return stated[0].row.source if stated else None


def _edits(table: str, row: Offering | Demand, cells: dict[str, tuple[Value, Value]]) -> tuple[Edit, ...]:
    return tuple(
        CellEdit(table=table, source=_source(row), key=row.id, column=column, before=before, after=after)
        for column, (before, after) in cells.items()
    )


def _row(row: Offering) -> dict[str, Value]:
    """Return the cells of a new cohort."""
    found: dict[str, Value] = {
        "offering_id": row.id,
        "school": row.school,
        "major": row.major,
        "exit_level": row.exit_label,
        "intake_year": row.intake_year,
        "years": None if row.years is None else float(row.years),
        "students": row.students,
        "committed": row.committed,
        "approved": APPROVED if row.approved else None,
        "scope": SCOPE_PUBLIC if row.public else _OFFICERS_ONLY,
    }
    return {column: value for column, value in found.items() if value is not None}
