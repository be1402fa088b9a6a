"""The catalogue of query B: what could be otherwise for one talent beside one need, each with its edit of the tables."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from kg.errors import InvalidInputError
from kg.index.lookups import Occupation
from kg.index.parsing import HeldSkill, WantedSkill
from kg.index.talents.facts import Certificate, Need, Stated, Talent
from kg.index.world import World
from kg.matching.advice import Option
from kg.matching.mobility.advice_texts import ADVICE, CERTIFICATE_KIND, DECLARED_BASIS, PROVEN_BASIS
from kg.matching.mobility.filters import level_name
from kg.matching.mobility.question import REMOTE, Question, with_need
from kg.matching.mobility.texts import figure
from kg.matching.quantities import SLACK
from kg.matching.similarity import covers
from kg.model.answers import Evidence
from kg.model.edits import AddedRow, CellEdit
from kg.model.graph import Link, NodeRef, RowId, Value
from kg.model.rules import Policy
from kg.vocab.modes import ENGAGEMENT_MODES

_MOST_WEEKS: Final = 4
_MOST_VISITS: Final = 12
_WEEK: Final = timedelta(days=7)
NEEDS: Final = "flex_needs"


class Case(NamedTuple):
    """A talent beside a need, both perhaps edited; question None: it cannot be asked so."""

    question: Question | None
    talent: Talent


CaseOption = Option[Case]


class Catalogue(NamedTuple):
    """Makes the options of one case."""

    world: World
    policy: Policy
    case: Case
    as_of: date

    def options(self) -> list[CaseOption]:
        """Return everything that could be otherwise, in the order of the catalogue."""
        question, talent = self.case
        assert question is not None, "the catalogue begins with a question that was asked"
        return [
            *self._visits(question),
            *self._modes(question, talent),
            *self._pay(question, talent),
            *self._weeks(question),
            *self._skills(question, talent),
            *self._certificates(question, talent),
        ]

    # -- the need -------------------------------------------------------------------------------------------

    def _of_need(
        self,
        kind: str,
        text: str,
        *,
        cells: dict[str, Value],
        cost: float = 1,
        private: bool = False,
        **fields: Any,
    ) -> CaseOption:
        """Return an option that changes cells of the need: `cells` as tables have them, `fields` as matching reads them."""
        assert self.case.question is not None
        need = self.case.question.need
        edits = tuple(
            CellEdit(
                table=NEEDS,
                source=need.row.source if need.row else None,
                key=need.key,
                column=column,
                before=need.values.get(column),
                after=after,
            )
            for column, after in cells.items()
        )

        def apply(case: Case) -> Case:
            return Case(self._asked(case.question, cells, fields), case.talent)

        priced = self.policy.advice.talent_costs[kind] * cost
        return Option(kind=kind, cost=priced, text=text, edits=edits, apply=apply, private=private)

    def _asked(
        self, question: Question | None, cells: dict[str, Value], fields: dict[str, Any]
    ) -> Question | None:
        if question is None:
            return None
        need: Need = replace(question.need, hidden=question.need.hidden - set(cells), **fields)
        try:
            return with_need(self.world, self.policy, question, need)
        except InvalidInputError:
            return None

    def _visits(self, question: Question) -> Iterator[CaseOption]:
        now = question.visits or 0
        for less in range(1, min(now, _MOST_VISITS) + 1):
            key = "visits" if less < now else "visits.none"
            text = ADVICE[key].format(before=now, after=now - less)
            yield self._of_need("visit", text, cells={"visits": now - less}, cost=less, visits=now - less)

    def _modes(self, question: Question, talent: Talent) -> Iterator[CaseOption]:
        offered = talent.modes or {}
        wanted = question.need.modes
        if REMOTE in offered and question.visits != 0 and wanted != (REMOTE,):
            text = ADVICE["remote"].format(mode=ENGAGEMENT_MODES[REMOTE])
            yield self._of_need("remote", text, cells={"modes": (REMOTE,)}, private=True, modes=(REMOTE,))
        liked = sorted(offered, key=lambda mode: (-offered[mode], mode))
        for mode in liked:
            if mode not in wanted:
                modes = (*wanted, mode)
                text = ADVICE["mode"].format(mode=ENGAGEMENT_MODES.get(mode, mode))
                yield self._of_need("mode", text, cells={"modes": modes}, private=True, modes=modes)

    def _pay(self, question: Question, talent: Talent) -> Iterator[CaseOption]:
        need = question.need
        offer = need.pay_min if need.pay_max is None else need.pay_max
        wish = talent.pay_floor if talent.pay_wish is None else talent.pay_wish
        if wish is None or "pay_wish" in talent.hidden or (offer is not None and wish <= offer + SLACK):
            return
        text = ADVICE["pay.open" if offer is None else "pay"].format(before=figure(offer), after=figure(wish))
        yield self._of_need("pay", text, cells={"pay_max": wish}, private=True, pay_max=wish)

    def _weeks(self, question: Question) -> Iterator[CaseOption]:
        """Yield longer windows; what is wanted in all, and in how many weeks, stays as it is."""
        need = question.need
        for count in range(1, _MOST_WEEKS + 1):
            last = question.last + count * _WEEK
            cells: dict[str, Value] = {"valid_to": last.isoformat()}
            fields: dict[str, Any] = {"last": last}
            if question.weekly is not None and need.weeks is None:
                kept = question.weeks_wanted if need.total_hours is not None else len(question.weeks)
                cells["weeks"] = fields["weeks"] = kept
            text = ADVICE["weeks"].format(count=count, last=last)
            yield self._of_need("week", text, cells=cells, cost=count, **fields)

    # -- the talent -----------------------------------------------------------------------------------------

    def _skills(self, question: Question, talent: Talent) -> Iterator[CaseOption]:
        for cover in covers(self.world.skills, question.need.skills, talent.skills):
            if cover.value < 1 - SLACK:
                yield self._skill(talent, cover.wanted)

    def _skill(self, talent: Talent, wanted: WantedSkill) -> CaseOption:
        held = talent.skills.get(wanted.skill)
        name = self.world.skills.label(wanted.skill)
        level = max(wanted.level, held.level if held else 0)
        proven = HeldSkill(wanted.skill, level, self.policy.common.proven_skill, None)

        def apply(case: Case) -> Case:
            skills = {**case.talent.skills, wanted.skill: proven}
            return case._replace(talent=replace(case.talent, skills=skills))

        text, edits = self._stated_skill(talent, held, proven, name)
        return Option(
            kind=f"skill:{wanted.skill}",
            cost=self.policy.advice.talent_costs["skill"],
            text=text,
            edits=edits,
            apply=apply,
            private=True,
        )

    def _stated_skill(
        self, talent: Talent, held: HeldSkill | None, proven: HeldSkill, name: str
    ) -> tuple[str, tuple[CellEdit | AddedRow, ...]]:
        """Return the sentence and the edits: cells of the row that states the skill, else a row more."""
        if held is None or held.evidence is None:
            values: dict[str, Value] = {"skill": name, "level": proven.level, "basis": PROVEN_BASIS}
            text = ADVICE["skill"].format(skill=name, level=proven.level)
            return text, (self._added(talent, "talent_skills", values),)
        row, edits = held.evidence.row, []
        if held.level != proven.level:
            edits.append(_cell(row, "level", held.level, proven.level))
        if held.beta != proven.beta:
            edits.append(_cell(row, "basis", DECLARED_BASIS, PROVEN_BASIS))
        key = "skill.level" if held.level != proven.level else "skill.proof"
        return ADVICE[key].format(skill=name, before=held.level, level=proven.level), tuple(edits)

    def _certificates(self, question: Question, talent: Talent) -> Iterator[CaseOption]:
        """Yield a certificate of the wanted level in each occupation of the need that the talent does not hold in full."""
        need = question.need
        levels = [need.min_level, talent.level]
        level = next((found for found in levels if found is not None), None)
        if level is None:
            return
        held = {one.occupation for one in talent.certificates if one.valid_on(self.as_of)}
        for occupation in need.occupations:
            if occupation not in held:
                yield self._certificate(talent, occupation, int(level))

    def _certificate(self, talent: Talent, occupation: Occupation, level: int) -> CaseOption:
        code = f"{occupation.code}@{occupation.edition}" if occupation.edition else occupation.code
        target = NodeRef("occupation", code)
        stated = Stated(talent.row.source, "", "")
        evidence = Evidence.of(
            RowId(talent.row.source, "certificates", ""), Link(talent.ref, "certificates.occupation", target)
        )
        proof = Certificate(stated, occupation, level, False, self.as_of, None, code, evidence)  # noqa: FBT003 - hidden_level
        values: dict[str, Value] = {
            "kind": CERTIFICATE_KIND,
            "occupation": code,
            "level": level_name(level),
            "issued": self.as_of.isoformat(),
        }

        def apply(case: Case) -> Case:
            certificates = (*case.talent.certificates, proof)
            return case._replace(talent=replace(case.talent, certificates=certificates))

        name = self.world.occupations.name(occupation)
        return Option(
            kind=f"certificate:{code}",
            cost=self.policy.advice.talent_costs["certificate"],
            text=ADVICE["certificate"].format(occupation=name, level=level_name(level)),
            edits=(self._added(talent, "certificates", values),),
            apply=apply,
            private=True,
        )

    def _added(self, talent: Talent, table: str, values: dict[str, Value]) -> AddedRow:
        source = talent.row.source
        person = next(number for name, number in talent.registers if name == source)
        return AddedRow(table=table, source=source, values={"person_id": person, **values})


def _cell(row: RowId, column: str, before: Value, after: Value) -> CellEdit:
    return CellEdit(
        table=row.table, source=row.source, key=row.key, column=column, before=before, after=after
    )
