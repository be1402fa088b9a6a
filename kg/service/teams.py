"""联合攻关: the smallest team for a technical problem, two others beside it, and who covers what."""

import math
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from kg.errors import InvalidInputError, NotFoundError
from kg.index.views import View
from kg.index.world import World
from kg.matching.mobility.question import Question, parse_need
from kg.matching.similarity import covers
from kg.matching.teams.recommendation import TeamAnswer, one_hour_of, recommend_teams
from kg.matching.teams.search import Member, Team
from kg.model.graph import NodeRef
from kg.model.viewers import Viewer
from kg.paths.cards import talent_card
from kg.paths.withdrawals import still_consents
from kg.policy.rights import owns, sees_all
from kg.service.frame import Frame, Json
from kg.service.recommendations import check_typed
from kg.vocab.reasons import NOTICE

_NO_PROBLEM = "没有这个技术难题，或您无权查看。请检查难题编号"
_NO_HOST = "没有这家单位，或您无权以它的名义提问"
_COLUMNS = ("host", "title", "skills", "tags", "valid_from", "valid_to", "visits", "district")
_TYPED = (*_COLUMNS, "total_hours", "max_per_firm")
_MOST_HOURS = 100_000
_UNTITLED = "临时填写的难题"


class TeamQuestions(Frame):
    """Teams; for officers, and for the host of the problem, who sees cards without names of employers."""

    def team(
        self,
        problem: str | None = None,
        *,
        viewer: Viewer,
        as_of: date | None = None,
        inline: Mapping[str, Any] | None = None,
    ) -> Json:
        """Return the smallest team that covers a problem's skills within hours, travel and firms, and two disjoint others.

        The problem is a registered one (its key), or for officers one typed in: columns of problems, kept nowhere.
        """
        if (problem is None) == (inline is None):
            text = "请给出一个技术难题编号（problem），或直接填写难题（inline），两者选一"
            raise InvalidInputError(text, field="problem")
        day, world = self._day(as_of), self.world()
        values = (
            self._registered(problem, viewer) if problem is not None else _typed(inline or {}, viewer, world)
        )
        asked = {"problem": problem} if problem is not None else {"inline": values}
        question, hours, per_firm = self._asked_of(values, world)
        past = day < self.today() and not sees_all(viewer)
        may_tell = partial(still_consents, world=world, host=question.host, today=self.today())
        answer = recommend_teams(
            world, self._policy, question, as_of=day, hours=hours, per_firm=per_firm,
            may_tell=may_tell if past else None,
        )  # fmt: skip
        query_id = self._query_id({"team": problem} if problem is not None else {"team": asked}, day)
        least = self._policy.team.cover
        told = {
            "query_id": query_id,
            "as_of": day.isoformat(),
            "policy": {"id": self._policy.policy_id, "hash": self._policy.hash},
            "revision": world.revision,
            "question": asked,
            "problem": None
            if problem is None
            else {"kind": "problem", "key": problem, "name": values.get("title") or problem},
            "hours": hours,
            "max_per_firm": per_firm,
            "wanted": [
                {
                    "skill": {
                        "kind": "skill",
                        "key": world.skills.label(wanted.skill),
                        "name": world.skills.label(wanted.skill),
                    },
                    "level": wanted.level,
                    "covering": count,
                }
                for wanted, count in zip(question.need.skills, answer.covering, strict=True)
            ],
            "pool": {"considered": answer.considered, "eligible": answer.eligible},
            "teams": [self._told_team(team, answer, question, world, viewer, least) for team in answer.teams],
            "text": _sentence(answer, question, world, hours, self._policy.team.members),
            "notice": NOTICE,
        }
        self._exposures.record(
            day=self.today(),
            viewer=viewer.name,
            query_id=query_id,
            entities=[member.key for team in answer.teams for member in team.members],
            asked={
                "kind": "team", "question": asked, "as_of": day.isoformat(), "revision": world.revision,
                "policy": self._policy.hash,
            },
        )  # fmt: skip
        return told

    def _registered(self, key: str, viewer: Viewer) -> Json:
        rows = list(self._store.rows(table="problems", nodes=[NodeRef("problem", key)]))
        if not rows or not (sees_all(viewer) or any(owns(viewer, row.owners) for row in rows)):
            raise NotFoundError(_NO_PROBLEM)
        view = View(tuple(rows))
        values = {name: view.raw(name) for name in _COLUMNS}
        return {
            **values,
            "total_hours": view.number("total_hours"),
            "max_per_firm": view.whole("max_per_firm"),
        }

    def _asked_of(self, values: Mapping[str, Any], world: World) -> tuple[Question, float, int]:
        if not values.get("skills"):
            raise InvalidInputError("这个难题没有写明技能要求，无法组队；请补上“技能要求”", field="skills")
        hours = values.get("total_hours")
        if hours is None:
            raise InvalidInputError("这个难题没有写明总小时，无法组队；请补上“总小时”", field="total_hours")
        given: Mapping[str, object] = {key: values.get(key) for key in _COLUMNS}
        need = {key: value for key, value in one_hour_of(given).items() if value is not None}
        question = parse_need(world, self._policy, need)
        return question, hours, values.get("max_per_firm") or self._policy.team.members

    def _told_team(
        self, team: Team, answer: TeamAnswer, question: Question, world: World, viewer: Viewer, least: float
    ) -> Json:
        keys = [member.key for member in team.members]
        known = [sorted(pair) for pair in answer.acquainted if pair <= set(keys)]
        return {
            "size": len(team.members),
            "hours": team.hours,
            "travel": team.travel,
            "exact": team.exact,
            "bound": team.bound,
            "acquainted": sorted(known),
            "members": [self._told_member(member, question, world, viewer, least) for member in team.members],
        }

    def _told_member(
        self, member: Member, question: Question, world: World, viewer: Viewer, least: float
    ) -> Json:
        talent = world.talents.talent(member.key)
        assert talent is not None, "a team names people of its own generation"
        officer = sees_all(viewer)
        told: Json = {
            "node": {"kind": "talent", "key": member.key, "name": talent.label},
            "card": talent_card(talent, world),
            "hours": member.hours,
            "travel": member.travel,
            "covers": [
                {
                    "skill": world.skills.label(one.wanted.skill),
                    "level": one.wanted.level,
                    "value": one.value,
                    "evidence": [one.by.evidence.id]
                    if officer and one.by is not None and one.by.evidence
                    else [],
                }
                for one in covers(world.skills, question.need.skills, talent.skills)
                if one.value >= least - 1e-9
            ],
        }
        if officer:
            told["employer"] = world.organisations.name(member.firm) if member.firm else None
        return told


def _typed(inline: Mapping[str, Any], viewer: Viewer, world: World) -> Json:
    """Return a typed problem with its host as a code; what `parse_need` does not look at is checked here."""
    if not sees_all(viewer):
        raise NotFoundError(_NO_HOST)
    for name in inline:
        if name not in _TYPED:
            raise InvalidInputError(f"“{name}”不是技术难题的列；可用：{'、'.join(_TYPED)}", field=name)
    check_typed(inline)
    hours, most = inline.get("total_hours"), inline.get("max_per_firm")
    if hours is not None and not (_is_number(hours) and 0 < hours <= _MOST_HOURS):
        raise InvalidInputError(f"总小时应在 0 与 {_MOST_HOURS:,} 之间", field="total_hours", value=hours)
    if most is not None and not (_is_number(most) and most == int(most) and 1 <= most <= _MOST_HOURS):
        raise InvalidInputError("每单位人数上限应是大于 0 的整数", field="max_per_firm", value=most)
    host = world.organisations.resolve(inline.get("host"))
    return {**inline, "title": inline.get("title") or _UNTITLED, "host": host}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _sentence(answer: TeamAnswer, question: Question, world: World, hours: float, most: int) -> str:
    if answer.teams:
        team = answer.teams[0]
        exact = "不能再少" if team.exact else f"至少要 {team.bound} 人"
        return f"{len(team.members)} 人可以覆盖 {len(question.need.skills)} 项技能（{exact}），合计空闲 {team.hours:g} 小时，往返 {team.travel:g} 小时"
    missing = [
        world.skills.label(wanted.skill)
        for wanted, count in zip(question.need.skills, answer.covering, strict=True)
        if not count
    ]
    if missing:
        return f"没有人可以覆盖：{'、'.join(missing)}；可降低水平、补充授权，或向外地寻找"
    return (
        f"没有一个 {most} 人以内的组同时满足技能、{hours:g} 小时和每单位人数上限；可分期、放宽上限或减少到场"
    )
