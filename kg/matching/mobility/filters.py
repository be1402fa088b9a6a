"""The filters of query B in checking order, each with its sentence and what to verify by hand (`scoring.md` §3)."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeVar

from kg.index.talents.facts import Appointment, Certificate, Consent, Engagement, Restriction, Stated, Talent
from kg.matching.mobility.occasion import WORKING, Occasion
from kg.matching.mobility.pair import Pair
from kg.matching.mobility.texts import TEXTS, figure, say
from kg.matching.quantities import SLACK, all_of, one_of
from kg.model.answers import FAIL, PASS, UNKNOWN, Evidence, Factor, FilterResult, Status
from kg.model.graph import MASKED
from kg.vocab.levels import LEVEL_LABELS
from kg.vocab.modes import ENGAGEMENT_MODES

_FREE_STATUSES = ("退休", "自由职业", "待业")
_OUTCOMES: Final = {
    key: (found[1], Status(found[2]))
    for key in TEXTS
    if (found := re.fullmatch(r"(B\d)\.(pass|unknown|fail)(\.\w+)?", key)) and found[3] != ".check"
}
"""Code and status that each outcome of a filter stands for, by the key of its sentence."""

Proof = Certificate | Appointment
Spell = TypeVar("Spell", Restriction, Engagement)


def judge_filters(
    pair: Pair, skill: Factor, trade: Factor, evidence: Factor, met: FilterResult
) -> tuple[FilterResult, ...]:
    """Return all ten filters in checking order; the factors are those of the need's side, `met` is B2."""
    return (
        consent(pair),
        relevance(pair, skill, trade, evidence),
        met,
        employer(pair),
        modes(pair),
        restrictions(pair),
        hours(pair),
        travel(pair),
        services(pair),
        pay(pair),
    )


def _result(
    key: str, evidence: tuple[Evidence, ...] = (), check: str = "", **figures: object
) -> FilterResult:
    """Return the outcome that a sentence tells; an unknown one also says what to check."""
    code, status = _OUTCOMES[key]
    if status is UNKNOWN:
        check = say(f"{key}.check", **figures)
    return FilterResult(code, status, say(key, **figures), check, evidence)


_common = lru_cache(maxsize=4096, typed=True)(_result)
"""The same for outcomes that many share: without evidence, and with few different figures."""


def consent(pair: Pair) -> FilterResult:
    """B1: a consent to flexible recommendation that covers the host today, and no objection."""
    talent, hosts = pair.talent, pair.occasion.hosts
    if talent.objects:
        return _common("B1.fail.objects")
    found = [c for c in pair.standing.consents if not hosts.isdisjoint(c.recipients)]
    if not found:
        return _common("B1.fail")
    best = found[0] if len(found) == 1 else max(found, key=_lasting)
    told = pair.standing.told.get(best.stated)
    if told is None:
        told = pair.standing.told[best.stated] = _consent(talent, best)
    return told


def _consent(talent: Talent, best: Consent) -> FilterResult:
    evidence = (talent.evidence("consents", "consent", best.stated),)
    if best.hidden:
        return _result("B1.unknown", evidence)
    if best.last is None:
        return _result("B1.pass.open", evidence)
    return _result("B1.pass", evidence, until=best.last)


def _lasting(consent: Consent) -> tuple[bool, bool, date, Stated]:
    """Order consents: those of known days before the hidden ones, then by how long they last."""
    return not consent.hidden, consent.last is None, consent.last or date.min, consent.stated


def relevance(pair: Pair, skill: Factor, trade: Factor, evidence: Factor) -> FilterResult:
    """B0: relevance, or evidence, or one main skill well covered."""
    rules, value = pair.occasion.rules, _relevance(pair, skill, trade)
    if value is not None and value >= rules.relevance_floor - SLACK:
        return _common("B0.pass", value=f"{value:.2f}", floor=rules.relevance_floor)
    if evidence.known and evidence.value >= rules.relevance_evidence - SLACK:
        return _common("B0.pass.evidence", value=f"{evidence.value:.2f}", floor=rules.relevance_evidence)
    for cover in pair.covers:
        main = cover.wanted.weight >= pair.occasion.mean - SLACK
        if main and cover.value >= rules.relevance_cover - SLACK:
            name = pair.occasion.labels[cover.wanted.skill]
            return _common(
                "B0.pass.cover", skill=name, value=f"{cover.value:.2f}", floor=rules.relevance_cover
            )
    if value is None:
        return _common("B0.unknown")
    return _common("B0.fail", value=f"{value:.2f}", floor=rules.relevance_floor)


def _relevance(pair: Pair, skill: Factor, trade: Factor) -> float | None:
    if skill.known and trade.known:
        rules = pair.occasion.rules
        return rules.relevance_skill * skill.value + rules.relevance_trade * trade.value
    return skill.value if skill.known else trade.value if trade.known else None


def level(pair: Pair) -> FilterResult:
    """B2: a valid certificate or appointment of the level, in a fitting occupation."""
    least, standing = pair.occasion.need.min_level, pair.standing
    if least is None:
        hidden = "min_level" in pair.occasion.need.hidden
        return _common("B2.unknown.need" if hidden else "B2.pass.free")
    if not standing.leveled:
        return _declared_level(pair, least)
    status, best = FAIL, standing.leveled[0]
    for proof in standing.leveled:
        found = _proof(pair, proof, least)
        higher = found is status and (proof.level or -1) > (best.level or -1)
        if higher or (found is not status and one_of((found, status)) is found):
            status, best = found, proof
    if status is FAIL:
        return _common("B2.fail", wanted=level_name(least))
    return _result(
        "B2.pass" if status is PASS else "B2.unknown",
        (best.evidence,),
        proof=proof_name(best),
        level=level_name(best.level),
        wanted=level_name(least),
    )


def _declared_level(pair: Pair, least: int) -> FilterResult:
    declared, hidden = pair.talent.level, "level" in pair.talent.hidden
    if hidden or (declared is not None and declared >= least):
        return _common("B2.unknown.declared", level=level_name(declared))
    return _common("B2.fail", wanted=level_name(least))


def _proof(pair: Pair, proof: Proof, least: int) -> Status:
    high = UNKNOWN if proof.level is None else PASS if proof.level >= least else FAIL
    return all_of((high, pair.occasion.proved[proof.occupation])) if pair.occasion.need.occupations else high


def proof_name(proof: Proof) -> str:
    """Return the Chinese word for a kind of proof."""
    return TEXTS["proof.certificate" if isinstance(proof, Certificate) else "proof.appointment"]


_LEVEL_NAMES: Final = {int(level): name for level, name in LEVEL_LABELS.items()}


def level_name(level: int | None) -> str:
    """Return the Chinese name of a level."""
    return figure(None) if level is None else _LEVEL_NAMES[level]


def employer(pair: Pair) -> FilterResult:
    """B3: the host is neither the employer nor affiliated with it."""
    talent, occasion = pair.talent, pair.occasion
    host = occasion.question.host
    if talent.employer == host.code:
        return _common("B3.fail.own")
    if talent.work_status in _FREE_STATUSES:
        return _common("B3.pass.status", word=talent.work_status)
    if talent.employer is None:
        return _common("B3.unknown")
    if talent.employer in occasion.affiliates:
        way = occasion.world.control.affiliation(talent.employer, host.code, occasion.as_of)
        return _result("B3.fail", way or ())
    return _common("B3.pass")


def modes(pair: Pair) -> FilterResult:
    """B4: a mode that both want and that its rule allows, and no refusal of the employer."""
    talent = pair.talent
    if talent.work_status == WORKING and talent.home_refuses:
        return _common("B4.fail.home")
    status = one_of([found.rule for found in pair.modes])
    if status is FAIL:
        return _common("B4.fail")
    names = mode_names(tuple([found.mode for found in pair.modes if found.rule is status]))
    if talent.modes is None:
        return _common("B4.unknown.modes", modes=names)
    if status is UNKNOWN:
        return _common("B4.unknown", modes=names)
    if talent.work_status != WORKING:
        return _common("B4.pass", modes=names)
    if talent.home_agrees:
        return _common("B4.pass.consent", check=TEXTS["B4.pass.consent.check"], modes=names)
    return _common("B4.pass", check=TEXTS["B4.pass.silent.check"], modes=names)


@lru_cache(maxsize=4096)
def mode_names(found: tuple[str, ...]) -> str:
    """Return the Chinese names of modes."""
    return TEXTS["list"].join([ENGAGEMENT_MODES.get(mode, mode) for mode in found])


def restrictions(pair: Pair) -> FilterResult:
    """B5: no restriction on competition that matches the need, none of secrecy left open."""
    talent, found = pair.talent, _in_window(pair, pair.talent.restrictions)
    if not found:
        return _common("B5.pass")
    judged = [(_restriction(pair, restriction), restriction) for restriction in found]
    status = all_of(verdict for verdict, _ in judged)
    evidence = tuple(
        talent.evidence("restrictions", "restriction", restriction.stated)
        for verdict, restriction in judged
        if verdict is status
    )
    if status is not PASS:
        return _result("B5.fail" if status is FAIL else "B5.unknown", evidence)
    if any(not r.competing and not _given(r) for r in found):
        return _result("B5.pass.secrecy", evidence, TEXTS["B5.pass.secrecy.check"])
    return _result("B5.pass.other", evidence)


def _in_window(pair: Pair, facts: Sequence[Spell]) -> Sequence[Spell]:
    """Return those that have a day in common with the window of the need; most people have none at all."""
    question = pair.occasion.question
    return [fact for fact in facts if fact.overlaps(question.first, question.last)] if facts else ()


def _given(restriction: Restriction) -> bool:
    return any((restriction.org, restriction.occupation, restriction.district))


def _restriction(pair: Pair, restriction: Restriction) -> Status:
    if not _given(restriction):
        return FAIL if restriction.competing else PASS
    match = all_of(_matches(pair, restriction))
    if match is FAIL:
        return PASS
    vague = restriction.occupation is not None and not pair.occasion.need.occupations
    return FAIL if restriction.competing and match is PASS and not vague else UNKNOWN


def _matches(pair: Pair, restriction: Restriction) -> Iterable[Status]:
    """Yield whether each given field matches the need; an occupation matches a need without occupations."""
    occasion = pair.occasion
    if restriction.org is not None:
        yield _same(restriction.org, occasion.question.host.code)
    if restriction.occupation is not None and occasion.need.occupations:
        if restriction.occupation == MASKED:
            yield UNKNOWN
        else:
            yield occasion.barred[occasion.world.occupations.resolve(restriction.occupation)]
    if restriction.district is not None:
        yield _same(restriction.district, occasion.question.district)


def _same(given: str, wanted: str | None) -> Status:
    if given == MASKED or wanted is None:
        return UNKNOWN
    return PASS if given == wanted else FAIL


def hours(pair: Pair) -> FilterResult:
    """B6: enough free hours, week by week where the need asks so."""
    if pair.talent.weekly_hours is None:
        return _common("B6.unknown")
    _, total, enough, complete = pair.free
    return pair.occasion.once(_hours, total, complete, enough)


def _hours(occasion: Occasion, total: float, complete: bool, good: int | None) -> FilterResult:
    question = occasion.question
    if good is not None:
        enough, key = good >= question.weeks_wanted, ".weekly"
        figures: dict[str, Any] = {
            "good": good,
            "weekly": figure(question.weekly),
            "wanted": question.weeks_wanted,
        }
    else:
        enough, key = total >= question.hours - SLACK, ""
        figures = {"free": figure(total), "hours": figure(question.hours)}
    if enough and not complete:
        return _common("B6.unknown")
    return _common(f"B6.pass{key}" if enough else f"B6.fail{key}", **figures)


def travel(pair: Pair) -> FilterResult:
    """B7: one of the modes leaves the talent within his own limit and the yearly number of trips."""
    judged = [found for found in pair.modes if found.rule is not FAIL]
    status = one_of([found.travel for found in judged])
    if status is UNKNOWN:
        return _unknown_way(pair)
    if status is FAIL:
        return _too_far(pair, judged[0].road if judged else None)
    road, talent = pair.chosen.road if pair.chosen is not None else None, pair.talent
    if not road:
        return _common("B7.pass.remote")
    return pair.occasion.once(_passable, road, talent.district, pair.budget.hours, talent.travel_hours)


def _too_far(pair: Pair, road: float | None) -> FilterResult:
    budget, visits = pair.budget, pair.occasion.question.visits
    return _result(
        "B7.fail",
        pair.way.evidence,
        road=figure(road),
        used=figure(budget.hours),
        trips=figure(budget.trips),
        visits=figure(visits),
    )


def _passable(
    occasion: Occasion, road: float, district: str | None, used: float, limit: float | None
) -> FilterResult:
    evidence = occasion.ways[district].evidence
    if limit is None:
        return _result("B7.pass.free", evidence, road=figure(road))
    return _result("B7.pass", evidence, road=figure(road), used=figure(used), limit=figure(limit))


def _unknown_way(pair: Pair) -> FilterResult:
    start, end, travel = pair.talent.district, pair.occasion.question.district, pair.occasion.world.travel
    names = [travel.name(district) if district else TEXTS["unknown.district"] for district in (start, end)]
    return _common("B7.unknown", start=names[0], end=names[1])


def services(pair: Pair) -> FilterResult:
    """B8: fewer signed services in the window than the limit, none of them on this need."""
    question, limit = pair.occasion.question, pair.occasion.rules.concurrent
    signed = _in_window(pair, pair.standing.signed)
    if not signed and limit > 0:
        return _common("B8.pass", count=0, limit=limit)
    evidence = tuple([pair.talent.evidence("engagements", "engagement", e.stated) for e in signed])
    key = question.need.key
    if key is not None and any(engagement.need == key for engagement in signed):
        return _result("B8.fail.same", evidence)
    return _result("B8.pass" if len(signed) < limit else "B8.fail", evidence, count=len(signed), limit=limit)


def pay(pair: Pair) -> FilterResult:
    """B9: the highest pay reaches the talent's floor."""
    need, talent = pair.occasion.need, pair.talent
    floor_hidden, offer_hidden = "pay_floor" in talent.hidden, "pay_max" in need.hidden
    if (need.pay_max is None and not offer_hidden) or (talent.pay_floor is None and not floor_hidden):
        return _common("B9.pass.open")
    if need.pay_max is None or talent.pay_floor is None:
        return _common("B9.unknown")
    met = need.pay_max >= talent.pay_floor - SLACK
    offer, floor = figure(need.pay_max), figure(talent.pay_floor)
    return _common("B9.pass" if met else "B9.fail", offer=offer, floor=floor)
