"""Market plans: made, stored, told, compared, checked. Officers see them whole, planners as sums, others not at all."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from kg.errors import ForbiddenError, InvalidInputError, KgError, NotFoundError
from kg.index.world import World
from kg.matching.plans.checking.document import certificate_in, check_document
from kg.matching.plans.checking.verdict import BadShapeError, Verdict
from kg.matching.plans.cooperation_market import market_of, plan_question
from kg.matching.plans.hours_certificate import hours_certificate
from kg.matching.plans.hours_plan import plan_hours
from kg.matching.plans.mobility_market import hours_market, hours_question
from kg.matching.plans.names import hours_names, seats_names
from kg.matching.plans.record import compare, packed, summary, sums_of, unpacked
from kg.matching.plans.rederive import derived_digest
from kg.matching.plans.seats_plan import GREATEST, STABLE, plan_seats, price
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.service.frame import Frame, Json, offset_of, within
from kg.vocab.reasons import NOTICE

COLLECTION: Final = "plans"
LINES: Final = "plan_lines"
"""One line of each plan, so that a list need not open them."""
DEFAULT_SECONDS: Final = 20
MOST_SECONDS: Final = 300
MOST_PRICED: Final = 1_000_000
"""Beyond so many pairs the greatest value is worked out only when it is asked for."""
_NO_PLAN: Final = "没有这个方案，或您无权查看。请检查编号"


class PlanQuestions(Frame):
    """Plans of a whole market. Every plan is stored under an id that follows from question, data and policy."""

    def plan_cooperation(self, question: Mapping[str, Any], *, viewer: Viewer) -> Json:
        """Return the plan of seats: `{mode, year?, district?, objective?, as_of?, seconds?, priced?}`.

        `objective` is stable (default) or max-value; `seconds` limits the search of the latter; `priced` (default
        true) says whether the other plan is worked out, too, to tell what stability costs.
        """
        _demand_planner(viewer)
        day, world = self._day(question.get("as_of")), self.world()
        asked = plan_question(
            world,
            mode=str(question.get("mode") or ""),
            as_of=day,
            year=question.get("year"),
            district=question.get("district"),
        )
        objective = str(question.get("objective") or STABLE)
        seconds = question.get("seconds") or DEFAULT_SECONDS
        within("seconds", seconds, 1, MOST_SECONDS)
        market = market_of(world, self._policy, asked)
        floor = self._policy.query_a.surplus_floor
        found = plan_seats(market, floor, objective=objective, seconds=seconds)
        priced = bool(question.get("priced", True)) and len(market) <= MOST_PRICED
        told = {**self._head("cooperation", asked.as_asked(), objective, day, world, priced), **found.told}
        if priced:
            told |= self._priced(found.told, market, floor, seconds)
        told["names"] = seats_names(world, told)
        return self._kept(told, found.certificate(told), viewer)

    def plan_mobility(self, question: Mapping[str, Any], *, viewer: Viewer) -> Json:
        """Return the plan of hours: `{district?, k?, as_of?}`; `k` keeps each need to its best talents."""
        _demand_planner(viewer)
        day, world = self._day(question.get("as_of")), self.world()
        k = question.get("k")
        if k is not None:
            within("k", k, 1, self._policy.common.max_items)
        asked = hours_question(world, as_of=day, district=question.get("district"), k=k)
        market = hours_market(world, self._policy, asked)
        told = plan_hours(market, self._policy.plans.hours_floor)
        told = {**self._head("mobility", asked.as_asked(), STABLE, day, world), **told}
        told["names"] = hours_names(world, market.needs, told["allocation"])
        return self._kept(told, hours_certificate(market, told), viewer)

    def plan(self, key: str, *, viewer: Viewer) -> Json:
        """Return a stored plan; NotFoundError alike for unknown ones and for who may not see plans."""
        stored = self._stored(key, viewer)
        return self._told_plan(stored["plan"], viewer)

    def plans(
        self, *, viewer: Viewer, kind: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Json:
        """Return the stored plans in one line each, newest first."""
        within("limit", limit, 1, 200)
        if not _may_plan(viewer):
            raise NotFoundError(_NO_PLAN)
        lines = [dict(line) for _, line in self._ledger.items(LINES)]
        found = [line for line in lines if kind is None or line["kind"] == kind]
        found.sort(key=lambda line: (line["made_at"], line["id"]), reverse=True)
        start = offset_of(cursor)
        rest = start + limit
        return {
            "items": found[start:rest],
            "total": len(found),
            "total_is_exact": True,
            "cursor": str(rest) if rest < len(found) else None,
        }

    def plan_certificate(self, key: str, *, viewer: Viewer) -> Json:
        """Return the whole certificate of a stored plan, for officers."""
        if not sees_all(viewer):
            raise NotFoundError(_NO_PLAN)
        return unpacked(self._stored(key, viewer)["certificate"])

    def compare_plans(self, keys: Sequence[str], *, viewer: Viewer) -> Json:
        """Return two stored plans of one kind side by side, for officers: moved seats, value, blocking pairs."""
        if not sees_all(viewer):
            raise NotFoundError(_NO_PLAN)
        one, other = (self._plan_of(key, viewer) for key in keys)
        if one["kind"] != other["kind"]:
            raise InvalidInputError("两个方案的种类不同，不能对比：请选同一种方案", field="other")
        return compare(one, other) | {"names": _joined(one["names"], other["names"])}

    def check_plan(self, document: Any, *, viewer: Viewer) -> Json:
        """Return what does not hold in a plan or certificate, looked at by itself and beside the data it was made from."""
        if not sees_all(viewer):
            raise NotFoundError(_NO_PLAN)
        certificate: Json | None = None
        try:
            certificate = certificate_in(document)
            if certificate is None:
                certificate = unpacked(self._stored(str(document["id"]), viewer)["certificate"])
        except (BadShapeError, NotFoundError):
            return check_document(document).to_json()
        verdict = check_document(document, certificate)
        if not any(code == "bad-shape" for code, _ in verdict.problems):
            self._compare_with_data(certificate, verdict)
        return verdict.to_json()

    # -- inside ---------------------------------------------------------------------------------------------

    def _compare_with_data(self, certificate: Json, verdict: Verdict) -> None:
        """Work the preferences out anew from the data and policy of the certificate, and compare the digest."""
        verdict.facts["rederived"] = False
        if certificate["policy"].get("hash") != self._policy.hash:
            verdict.notes.append("现用策略与方案的不同，没有重新推算偏好")
            return
        try:
            world = self._world_at(int(certificate["revision"]))
            digest = derived_digest(world, self._policy, certificate)
        except (KgError, KeyError, TypeError, ValueError, AttributeError):
            verdict.refuse("question", "证书里的问题、日期或修订不对，不能重新推算")
            return
        verdict.facts["rederived"] = True
        if digest != certificate["rankings"]["digest"]:
            verdict.refuse("digest-differs", "按数据库里的资料重新推算，两侧排名的摘要与证书的不同")

    def _world_at(self, revision: int) -> World:
        world = self.world()
        return world if revision == world.revision else self._moments.at(revision, None).world

    def _head(
        self,
        kind: str,
        asked: Mapping[str, Any],
        objective: str,
        day: date,
        world: World,
        priced: object = "",
    ) -> Json:
        basis = [kind, asked, objective, day.isoformat(), self._policy.hash, world.revision, priced]
        text = json.dumps(basis, ensure_ascii=False, sort_keys=True)
        return {
            "id": "p-" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest(),
            "kind": kind,
            "question": dict(asked),
            "as_of": day.isoformat(),
            "policy": {"id": self._policy.policy_id, "hash": self._policy.hash},
            "revision": world.revision,
            "made_at": self._clock().isoformat(),
            "notice": NOTICE,
        }

    def _priced(self, told: Json, market: Any, floor: float, seconds: float) -> Json:
        """Return what stability costs; a sentence instead where the greatest value cannot be found out."""
        other = STABLE if told["objective"] == GREATEST else GREATEST
        try:
            beside = plan_seats(market, floor, objective=other, seconds=seconds).told
        except KgError as error:
            return {"price": None, "price_note": error.message}
        stable, greatest = (told, beside) if other == GREATEST else (beside, told)
        return {"price": price(stable, greatest), "price_note": ""}

    def _kept(self, plan: Json, certificate: Json, viewer: Viewer) -> Json:
        """Store a plan; one that is there already stays as it is."""
        plan["certificate"] = {
            "algorithm": certificate["rankings"]["algorithm"],
            "digest": certificate["rankings"]["digest"],
            "pairs": certificate["rankings"]["pairs"],
            "complete": certificate["rankings"]["complete"],
            "address": f"/api/v1/plans/{plan['id']}/certificate",
        }
        record = {"plan": packed(plan), "certificate": packed(certificate)}
        if self._ledger.put(COLLECTION, plan["id"], record, fresh=True):
            self._ledger.put(LINES, plan["id"], summary(plan))
            self._audit.record(viewer.name, "plan", plan["id"], {"question": plan["question"]})
        return self.plan(plan["id"], viewer=viewer)

    def _stored(self, key: str, viewer: Viewer) -> Json:
        stored = self._ledger.get(COLLECTION, key) if _may_plan(viewer) else None
        if stored is None:
            raise NotFoundError(_NO_PLAN)
        return {**stored}

    def _plan_of(self, key: str, viewer: Viewer) -> Json:
        return unpacked(self._stored(key, viewer)["plan"])

    def _told_plan(self, text: str, viewer: Viewer) -> Json:
        plan = unpacked(text)
        if sees_all(viewer):
            return plan
        offerings = self.world().cooperation.offerings

        def public(key: str) -> bool:
            return key in offerings and offerings[key].public

        return sums_of(plan, public)


def _may_plan(viewer: Viewer) -> bool:
    return sees_all(viewer) or viewer.has(Role.PLANNER)


def _demand_planner(viewer: Viewer) -> None:
    if not _may_plan(viewer):
        raise ForbiddenError("您的角色不能编制市场方案：请用经办人员或规划人员账号登录")


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> Json:
    return {kind: {**one.get(kind, {}), **other.get(kind, {})} for kind in sorted({*one, *other})}
