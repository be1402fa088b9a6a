"""Replays an answer that somebody kept: edges read again, ledgers added up again, every pair scored again."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from kg.errors import InvalidInputError
from kg.index.world import World
from kg.matching.cooperation.counterfactuals import PartnerAdvice
from kg.matching.cooperation.recommendation import ask, score_pair
from kg.matching.cooperation.scorer import Scorer
from kg.matching.mobility.recommendation import parse_need, score_talent
from kg.model.answers import Band, Match
from kg.model.graph import NodeRef
from kg.model.viewers import Viewer
from kg.paths.replay import Finding, check_item, cited_edges
from kg.paths.telling import AnswerTeller, cited
from kg.policy.rights import owns, sees_all
from kg.service.frame import Frame, Json
from kg.service.moments import Moment

Rescore = Callable[[Json], tuple[Match, int | None] | None]
"""Scores the pair of a told item anew, with the seats of a partner that is listed; None if one of its ends is gone."""

_NO_ANSWER: Final = "这个文件不是推荐结果：请用 --json 写出的整份结果"
_GONE: Final = "名单中的对象已不在数据中，无法重算"
_POLICY: Final = "答案按策略 {told} 给出，现在是 {now}：只核对依据和加总，重算会不同"
_SEATS: Final = "可安排 {again} 人，写的是 {told} 人"


class CheckQuestions(Frame):
    """Checks of what was told before."""

    def check_answer(self, answer: Mapping[str, Any], *, viewer: Viewer, now: bool = False) -> Json:
        """Return what of a kept answer does not hold: `{holds, items, edges, revision, findings}`.

        It is replayed as known at its own revision; `now`: on the newest state. Raises InvalidInputError for what is
        no answer; rights as for asking.
        """
        self._demand_right(viewer)
        try:
            told = [*answer["items"], *answer["to_verify"]]
            day, revision = date.fromisoformat(answer["as_of"]), int(answer["revision"])
            hash_ = str(answer["policy"]["hash"])
            moment = self._moment(None if now else revision, viewer)
            rescore = self._rescorer(answer["question"], moment.world, day, viewer)
            findings = [self._policy_finding(answer)] if hash_ != self._policy.hash else []
            for item in told:
                findings += self._check(item, rescore, moment, day, viewer, same=not findings)
            edges = sum(len(cited_edges(item)) for item in told)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInputError(_NO_ANSWER, field="file") from error
        return {
            "holds": not findings,
            "items": len(told),
            "edges": edges,
            "revision": moment.world.revision,
            "findings": findings,
        }

    def _policy_finding(self, answer: Mapping[str, Any]) -> Json:
        told = f"{answer['policy']['id']} {answer['policy']['hash'][:8]}"
        text = _POLICY.format(told=told, now=f"{self._policy.policy_id} {self._policy.hash[:8]}")
        return {"item": None, "code": "policy", "where": "policy", "text": text}

    def _check(
        self, item: Json, rescore: Rescore, moment: Moment, day: date, viewer: Viewer, *, same: bool
    ) -> list[Json]:
        found, name = rescore(item), str(item["node"]["key"])
        if found is None:
            return [{"item": name, "code": "gone", "where": "node", "text": _GONE}]
        match, seats = found
        teller = AnswerTeller(moment.store, self._schema, moment.world, viewer)
        again = teller.tell_match(match)
        hints = {evidence.id: evidence.row for evidence in cited(match)}
        wrong = check_item(item, again if same else None, moment.store, hints, day)
        if same and seats is not None and item["band"] != Band.TO_VERIFY and seats != item["seats"]:
            text = _SEATS.format(again=seats, told=item["seats"])
            wrong = [*wrong, Finding("seats", "allocation", text)]
        return [{"item": name, **finding.as_json()} for finding in wrong]

    def _rescorer(self, question: Json, world: World, day: date, viewer: Viewer) -> Rescore:
        if "anchor" in question:
            return self._partners_again(question, world, day, viewer)
        need = parse_need(world, self._policy, question.get("need") or question["inline"])

        def talent_again(item: Json) -> tuple[Match, None] | None:
            talent = world.talents.talent(item["node"]["key"])
            if talent is None:
                return None
            return score_talent(world, self._policy, need, talent, as_of=day), None

        return talent_again

    def _partners_again(self, question: Json, world: World, day: date, viewer: Viewer) -> Rescore:
        asking = ask(
            world,
            anchor=NodeRef(question["anchor"]["kind"], question["anchor"]["key"]),
            mode=question["mode"],
            as_of=day,
            year=question.get("year"),
            occupations=question.get("occupations"),
            radius_hours=question.get("radius_hours"),
            order=question.get("order"),
            sees=lambda owners, public: sees_all(viewer) or public or owns(viewer, owners),
        )
        view, advice = world.cooperation, PartnerAdvice(Scorer.of(world, self._policy, asking), _first)

        def partner_again(item: Json) -> tuple[Match, int | None] | None:
            pair = item["pair"]
            offering, demand = view.offerings.get(pair["offering"]), view.demands.get(pair["demand"])
            if offering is None or demand is None:
                return None
            match = score_pair(world, self._policy, asking, offering, demand)
            case = advice.case(match)
            found = case.judge(case.view)
            return match, None if found is None else found.stand().seats

        return partner_again


def _first(*_: object) -> int:
    """Rank nobody: a check looks at one pair, not at its rivals."""
    return 1
