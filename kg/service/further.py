"""Further questions: next steps, peers, lineage, transfers, targets, ways between schools, carriers, competitions."""

from collections.abc import Iterator
from datetime import date

from kg.errors import ForbiddenError, NotFoundError
from kg.index.registers import reader
from kg.index.talents.facts import Talent
from kg.index.views import View
from kg.index.world import World
from kg.indicators.suppression import SMALLEST_TOLD
from kg.model.batches import in_force
from kg.model.graph import NodeRef
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.questions.lineage import lineage
from kg.questions.next_steps import next_steps
from kg.questions.peers import agrees, peers_of
from kg.questions.progress import progress, told_actuals
from kg.questions.schools import completions, pairs, pathways, wanted_by
from kg.questions.transfers import transfers, typical_skills
from kg.service.frame import Json, within
from kg.service.indicators import Indicators, may_tell_of, told_count
from kg.vocab.levels import LEVEL_LABELS, SkillLevel

_MOST_TEACHINGS = 500


class FurtherQuestions(Indicators):
    """Questions about people are for officers; counts and schools for planners too; carriers and contests for all."""

    def next_steps(
        self, key: str, *, viewer: Viewer, k: int | None = None, as_of: date | None = None
    ) -> Json:
        """Return which certificate or skill would open most open needs to a talent, counted, with programmes."""
        limit, day = self._list_size(k), self._day(as_of)
        world, talent = self._talent(key, viewer)
        steps, looked_at = next_steps(
            world, self._policy, talent, day=day, k=limit, programs=self._views("programs")
        )
        return {
            "node": self._person(talent),
            "as_of": day.isoformat(),
            "needs_considered": looked_at,
            "items": [
                {
                    "kind": step.kind,
                    "text": step.text,
                    "node": self._named(world, step.node),
                    "level": step.level if step.kind == "skill" else LEVEL_LABELS[SkillLevel(step.level)],
                    "opens": [
                        {"kind": "need", "key": need, "name": self._need_name(world, need)}
                        for need in step.opens
                    ],
                    "raises": step.raises,
                    "gain": step.gain,
                    "programs": [{"kind": "program", "key": one, "name": one} for one in step.programs],
                }
                for step in steps
            ],
            "revision": world.revision,
        }

    def peers(self, key: str, *, viewer: Viewer, k: int | None = None, as_of: date | None = None) -> Json:
        """Return who shares trade, processes and equipment with a talent at other employers, rarest skills first."""
        limit, day = self._list_size(k), self._day(as_of)
        world, talent = self._talent(key, viewer)
        found, total = peers_of(world, talent, k=limit, day=day)
        return {
            "node": self._person(talent),
            "items": [
                {
                    "node": self._person(peer.talent),
                    "overlap": peer.overlap,
                    "shared": list(peer.shared),
                    "trade": peer.trade,
                    "district": world.travel.name(peer.talent.district),
                    "employer": world.organisations.name(peer.talent.employer)
                    if peer.talent.employer
                    else None,
                }
                for peer in found
            ],
            "total": total,
            "total_is_exact": True,
            "revision": world.revision,
        }

    def lineage(self, key: str, *, viewer: Viewer, depth: int = 4) -> Json:
        """Return the masters and apprentices around a talent, each with the row that says so; only who has agreed."""
        within("depth", depth, 1, 10)
        world, talent = self._talent(key, viewer)
        today = self.today()

        def named(ref: NodeRef) -> bool:
            """True for the person asked about and for those who have agreed to be shown."""
            other = world.talents.talent(ref.key)
            return ref == talent.ref or (other is not None and agrees(other, today))

        found, cut = lineage(self._store, talent.ref, depth=depth, most=_MOST_TEACHINGS, sees=named)
        return {
            "node": self._person(talent),
            "items": [
                {
                    "generation": one.generation,
                    "mentor": self._person_of(world, one.mentor),
                    "apprentice": self._person_of(world, one.apprentice),
                    "edge": one.edge.id,
                    "from": _day(one.edge.provenance.valid_from),
                    "to": _day(one.edge.provenance.valid_to),
                    "carrier": one.edge.values.get("carrier"),
                }
                for one in found
            ],
            "truncated": cut,
            "revision": world.revision,
        }

    def transfers(self, *, viewer: Viewer, quarter: str | None = None, k: int | None = None) -> Json:
        """Return ways from occupations with more seekers than posts to short ones, by the skills that are missing."""
        self._demand_planner(viewer)
        world, answers, limit = self.world(), self._answers(), self._list_size(k)
        chosen = answers.quarter(quarter)
        lines = answers.lines(chosen, frozenset({"occupation"}), {}, open_to_all=not sees_all(viewer))
        gaps = {
            world.occupations.resolve(line.names["occupation"]): line.gap
            for line in lines
            if line.gap is not None
        }
        found = transfers(world, typical_skills(self._views("occupations"), world), gaps, k=limit)
        return {
            "quarter": chosen,
            "items": [
                {
                    "from": self._occupation(world, one.start),
                    "to": self._occupation(world, one.end),
                    "cover": one.cover,
                    "missing": list(one.missing),
                    "surplus": one.surplus,
                    "shortage": one.shortage,
                }
                for one in found
            ],
            "revision": world.revision,
        }

    def targets(self, *, viewer: Viewer, year: int | None = None) -> Json:
        """Return targets beside what the registers show; below officer no count under ten, nor one that gives it away."""
        self._demand_planner(viewer)
        world = self.world()
        found = progress(world, self._views("targets"), year=year)
        told = (
            {one.key: one.actual for one in found} if sees_all(viewer) else told_actuals(found, SMALLEST_TOLD)
        )
        return {
            "items": [
                {
                    "key": one.key, "name": one.name, "year": one.year, "level": one.level, "district": one.district,
                    "occupation": None if one.occupation is None else self._occupation(world, world.occupations.resolve(one.occupation)),
                    "target": one.target, "actual": told.get(one.key),
                    "share": one.actual / one.target if one.target and one.key in told else None,
                }
                for one in found
            ],
            "revision": world.revision,
        }  # fmt: skip

    def pathways(self, school: str, *, viewer: Viewer, k: int | None = None) -> Json:
        """Return ways on from a school: cohorts elsewhere that lead higher in the same trade, dual diplomas marked."""
        self._demand_planner_or(viewer, school)
        world, limit = self.world(), self._list_size(k)
        code = world.organisations.resolve(school)
        if code is None or code not in world.cooperation.schools:
            raise NotFoundError("没有这所院校，请核对统一社会信用代码")
        dual = {
            view.text("offering_id") or ""
            for view in self._views("offerings")
            if view.yes("dual_certificate")
        }
        found = pathways(world, code, dual, k=limit, may_tell=may_tell_of(viewer))
        return {
            "items": [
                {
                    "from": self._cohort(world, one.feeder.id),
                    "to": self._cohort(world, one.onward.id),
                    "fit": one.fit,
                    "hours": one.hours,
                    "dual_certificate": one.dual,
                }
                for one in found
            ],
            "revision": world.revision,
        }

    def alliance_completions(self, key: str, *, viewer: Viewer, k: int | None = None) -> Json:
        """Return which members of an alliance complete each other, and schools that teach what no member does."""
        self._demand_planner(viewer)
        world, limit = self.world(), self._list_size(k)
        view = next((one for one in self._views("alliances") if one.text("alliance_id") == key), None)
        if view is None:
            raise NotFoundError("没有这个联合体，请核对编号")
        members = {world.organisations.resolve(code) or code for code in view.items("members") or ()}
        may_tell = may_tell_of(viewer)
        wanted = wanted_by(world, members, self.today(), may_tell)
        return {
            "node": {"kind": "alliance", "key": key, "name": view.text("name") or key},
            "members": [self._named(world, self._organisation(world, code)) for code in sorted(members)],
            "wanted": sum(wanted.values()),
            "pairs": [
                {
                    "school": self._named(world, NodeRef("school", one.school)),
                    "enterprise": self._named(world, NodeRef("enterprise", one.enterprise)),
                    "occupations": [self._occupation(world, trade) for trade in one.occupations],
                    "posts": one.posts,
                }
                for one in pairs(world, members, self.today(), may_tell)[:limit]
            ],
            "items": [
                {
                    "node": self._named(world, NodeRef("school", one.school)),
                    "occupations": [self._occupation(world, trade) for trade in one.occupations],
                    "posts": one.posts,
                }
                for one in completions(world, members, wanted, k=limit, may_tell=may_tell)
            ],
            "revision": world.revision,
        }

    def carriers_near(
        self,
        district: str,
        *,
        viewer: Viewer,  # noqa: ARG002 - carriers are public
        occupation: str | None = None,
        k: int | None = None,
    ) -> Json:
        """Return bases, studios and stations, the nearest first, those of the occupation before the others."""
        world, limit = self.world(), self._list_size(k)
        if district not in world.travel.listed:
            raise NotFoundError("没有这个区县，请用六位区划代码")
        wanted = None if occupation is None else world.occupations.resolve(occupation)
        found = []
        for view in self._views("carriers"):
            trades = [world.occupations.resolve(code) for code in view.items("occupations") or ()]
            fit = (
                None
                if wanted is None
                else max((world.occupations.fit(wanted, one) or 0.0 for one in trades), default=0.0)
            )
            if fit == 0.0:
                continue
            trip = world.travel.one_way(district, view.text("district"))
            found.append((view, fit, None if trip is None else trip.hours))
        found.sort(
            key=lambda one: (-(one[1] or 0), one[2] is None, one[2] or 0, one[0].text("carrier_id") or "")
        )
        return {
            "items": [
                {
                    "node": {"kind": "carrier", "key": view.text("carrier_id"), "name": view.text("name")},
                    "type": view.text("kind"),
                    "level": view.text("level"),
                    "host": self._named(world, self._organisation(world, view.text("host") or "")),
                    "fit": fit,
                    "hours": hours,
                }
                for view, fit, hours in found[:limit]
            ],
            "total": len(found),
            "total_is_exact": True,
            "revision": world.revision,
        }

    def competition_chain(self, key: str, *, viewer: Viewer) -> Json:
        """Return the competitions above and below one, with how many were placed; below officer no count under ten."""
        world = self.world()
        views = {view.text("competition_id") or "": view for view in self._views("competitions")}
        if key not in views:
            raise NotFoundError("没有这项竞赛，请核对编号")
        parents = {name: view.text("parent") for name, view in views.items()}
        chain, step = [key], parents.get(key)
        while step in views and step not in chain:
            chain.insert(0, step)
            step = parents.get(step)
        below = sorted(name for name, parent in parents.items() if parent == key)
        placed = self._placed([*chain, *below])
        return {
            "chain": [self._competition(views[name], told_count(placed[name], viewer)) for name in chain],
            "below": [self._competition(views[name], told_count(placed[name], viewer)) for name in below],
            "revision": world.revision,
        }

    # -- inside ---------------------------------------------------------------------------------------------

    def _views(self, table: str) -> Iterator[View]:
        return reader(self._store, in_force(self._store.batches()), self._policy, self._schema)(table)

    def _talent(self, key: str, viewer: Viewer) -> tuple[World, Talent]:
        world = self.world()
        talent = world.talents.talent(key) if sees_all(viewer) else None
        if talent is None:
            raise NotFoundError()
        return world, talent

    def _demand_planner_or(self, viewer: Viewer, org: str) -> None:
        if not viewer.has(Role.OFFICER, Role.PLANNER) and viewer.org != org:
            raise ForbiddenError("只有经办人员、规划人员和本校可以看")

    @staticmethod
    def _person(talent: Talent) -> Json:
        return {"kind": "talent", "key": talent.key, "name": talent.label}

    def _person_of(self, world: World, ref: NodeRef) -> Json:
        talent = world.talents.talent(ref.key)
        return {"kind": ref.kind, "key": ref.key, "name": "未登记" if talent is None else talent.label}

    @staticmethod
    def _organisation(world: World, code: str) -> NodeRef:
        known = world.organisations.by_code.get(code)
        return known.ref if known is not None else NodeRef("enterprise", code)

    def _cohort(self, world: World, key: str) -> Json:
        one = world.cooperation.offerings[key]
        return {
            "school": self._named(world, NodeRef("school", one.school)),
            "offering": {"kind": "offering", "key": one.ref.key, "name": one.id},
            "major": world.cooperation.major(one.major).name,
            "exit_level": one.exit_label,
        }

    def _need_name(self, world: World, key: str) -> str:
        need = world.talents.needs.get(key)
        return need.title if need is not None else key

    def _placed(self, keys: list[str]) -> dict[str, int]:
        """Return how many people were placed in each competition."""
        refs = [NodeRef("competition", key) for key in keys]
        return {
            ref.key: sum(one.total for one in self._store.degrees([ref]) if one.relation == "placements")
            for ref in refs
        }

    @staticmethod
    def _competition(view: View, placed: int | None) -> Json:
        return {
            "node": {"kind": "competition", "key": view.text("competition_id"), "name": view.text("name")},
            "level": view.text("level"),
            "year": view.whole("year"),
            "placed": placed,
        }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
