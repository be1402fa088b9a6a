"""The filters of query B in checking order, each with its sentence and what to verify by hand (`scoring.md` §3)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from kg.index.lookups import Occupation
from kg.index.talents.columns import ANYONE, KIND_LABELS
from kg.index.talents.facts import Appointment, Certificate, Consent, Restriction, Stated
from kg.matching.mobility.pair import WORKING, Pair
from kg.matching.mobility.texts import TEXTS, figure, say
from kg.matching.quantities import SLACK, all_of, one_of
from kg.model.answers import Evidence, Factor, FilterResult, Status
from kg.model.graph import MASKED
from kg.vocab.levels import LEVEL_LABELS, SkillLevel
from kg.vocab.modes import ENGAGEMENT_MODES

_FREE_STATUSES = ("退休", "自由职业", "待业")
_WORDS = {status: status.value for status in Status}
Proof = Certificate | Appointment


def judge_filters(pair: Pair, skill: Factor, trade: Factor, evidence: Factor) -> tuple[FilterResult, ...]:
    """Return all ten filters in checking order; the factors are those of the need's side."""
    return (
        consent(pair),
        relevance(pair, skill, trade, evidence),
        level(pair),
        employer(pair),
        modes(pair),
        restrictions(pair),
        hours(pair),
        travel(pair),
        services(pair),
        pay(pair),
    )


def _result(
    code: str,
    status: Status,
    variant: str = "",
    evidence: tuple[Evidence, ...] = (),
    check: str = "",
    **figures: object,
) -> FilterResult:
    """Return a filter's outcome with the sentence `code.status.variant`; an unknown one says what to check."""
    key = f"{code}.{_WORDS[status]}.{variant}" if variant else f"{code}.{_WORDS[status]}"
    text = TEXTS[key].format_map(figures)
    if status is Status.UNKNOWN:
        check = TEXTS[f"{key}.check"].format_map(figures)
    return FilterResult(code, status, text, check, evidence)


def consent(pair: Pair) -> FilterResult:
    """B1: a consent to flexible recommendation that covers the host today, and no objection."""
    talent, host = pair.talent, pair.question.host
    if talent.objects:
        return _result("B1", Status.FAIL, "objects")
    names = {ANYONE, KIND_LABELS.get(host.kind, ""), host.code}
    found = [c for c in pair.standing.consents if not names.isdisjoint(c.recipients)]
    if not found:
        return _result("B1", Status.FAIL)
    sure = [consent for consent in found if not consent.hidden]
    judged = sure or found
    best = judged[0] if len(judged) == 1 else max(judged, key=_lasting)
    evidence = (talent.evidence("consents", "consent", best.stated),)
    if not sure:
        return _result("B1", Status.UNKNOWN, evidence=evidence)
    if best.last is None:
        return _result("B1", Status.PASS, "open", evidence)
    return _result("B1", Status.PASS, evidence=evidence, until=best.last)


def _lasting(consent: Consent) -> tuple[bool, date, Stated]:
    return consent.last is None, consent.last or date.min, consent.stated


def relevance(pair: Pair, skill: Factor, trade: Factor, evidence: Factor) -> FilterResult:
    """B0: relevance, or evidence, or one main skill well covered."""
    rules, value = pair.rules, _relevance(pair, skill, trade)
    if value is not None and value >= rules.relevance_floor - SLACK:
        return _result("B0", Status.PASS, value=f"{value:.2f}", floor=rules.relevance_floor)
    if evidence.known and evidence.value >= rules.relevance_evidence - SLACK:
        figures: dict[str, Any] = {"value": f"{evidence.value:.2f}", "floor": rules.relevance_evidence}
        return _result("B0", Status.PASS, "evidence", **figures)
    wanted = pair.question.need.skills
    mean = sum(want.weight for want in wanted) / len(wanted) if wanted else 0.0
    for cover in pair.covers:
        if cover.wanted.weight >= mean - SLACK and cover.value >= rules.relevance_cover - SLACK:
            name = pair.world.skills.label(cover.wanted.skill)
            found: dict[str, Any] = {
                "skill": name,
                "value": f"{cover.value:.2f}",
                "floor": rules.relevance_cover,
            }
            return _result("B0", Status.PASS, "cover", **found)
    if value is None:
        return _result("B0", Status.UNKNOWN)
    return _result("B0", Status.FAIL, value=f"{value:.2f}", floor=rules.relevance_floor)


def _relevance(pair: Pair, skill: Factor, trade: Factor) -> float | None:
    if skill.known and trade.known:
        return pair.rules.relevance_skill * skill.value + pair.rules.relevance_trade * trade.value
    return skill.value if skill.known else trade.value if trade.known else None


def level(pair: Pair) -> FilterResult:
    """B2: a valid certificate or appointment of the level, in a fitting occupation."""
    need = pair.question.need
    if need.min_level is None:
        if "min_level" in need.hidden:
            return _result("B2", Status.UNKNOWN, "need")
        return _result("B2", Status.PASS, "free")
    leveled = [found for found in pair.standing.certificates if found.level is not None or found.hidden_level]
    proofs: list[Proof] = [*leveled, *pair.standing.appointments]
    if not proofs:
        return _declared_level(pair, need.min_level)
    judged = [(_proof(pair, proof, need.min_level), proof) for proof in proofs]
    status = one_of(found for found, _ in judged)
    if status is Status.FAIL:
        return _result("B2", status, wanted=level_name(need.min_level))
    best = max((proof for found, proof in judged if found is status), key=lambda proof: proof.level or -1)
    return _result(
        "B2",
        status,
        evidence=(best.evidence,),
        proof=say("proof.certificate" if isinstance(best, Certificate) else "proof.appointment"),
        level=level_name(best.level),
        wanted=level_name(need.min_level),
    )


def _declared_level(pair: Pair, least: int) -> FilterResult:
    declared, hidden = pair.talent.level, "level" in pair.talent.hidden
    if hidden or (declared is not None and declared >= least):
        return _result("B2", Status.UNKNOWN, "declared", level=level_name(declared))
    return _result("B2", Status.FAIL, wanted=level_name(least))


def _proof(pair: Pair, proof: Proof, least: int) -> Status:
    high = Status.UNKNOWN if proof.level is None else Status.PASS if proof.level >= least else Status.FAIL
    wanted = pair.question.need.occupations
    return all_of((high, _fits(pair, proof.occupation, wanted, pair.rules.level_fit))) if wanted else high


def _fits(pair: Pair, own: Occupation | None, wanted: Sequence[Occupation], least: float) -> Status:
    """Whether an occupation fits one of those of the need well enough."""
    if own is None:
        return Status.UNKNOWN
    fits = [pair.world.occupations.fit(want, own) for want in wanted]
    if any(fit is not None and fit >= least - SLACK for fit in fits):
        return Status.PASS
    return Status.UNKNOWN if None in fits else Status.FAIL


def level_name(level: int | None) -> str:
    """Return the Chinese name of a level."""
    return figure(None) if level is None else LEVEL_LABELS[SkillLevel(level)]


def employer(pair: Pair) -> FilterResult:
    """B3: the host is neither the employer nor affiliated with it."""
    talent, host = pair.talent, pair.question.host
    if talent.employer == host.code:
        return _result("B3", Status.FAIL, "own")
    if talent.work_status in _FREE_STATUSES:
        return _result("B3", Status.PASS, "status", word=talent.work_status)
    if talent.employer is None:
        return _result("B3", Status.UNKNOWN)
    control = pair.world.control
    if talent.employer in control.affiliates(host.code, pair.as_of):
        way = control.affiliation(talent.employer, host.code, pair.as_of)
        return _result("B3", Status.FAIL, evidence=way or ())
    return _result("B3", Status.PASS)


def modes(pair: Pair) -> FilterResult:
    """B4: a mode that both want and that its rule allows, and no refusal of the employer."""
    talent = pair.talent
    if talent.work_status == WORKING and talent.home_refuses:
        return _result("B4", Status.FAIL, "home")
    status = one_of(found.rule for found in pair.modes)
    if status is Status.FAIL:
        return _result("B4", Status.FAIL)
    names = mode_names(found.mode for found in pair.modes if found.rule is status)
    if talent.modes is None:
        return _result("B4", Status.UNKNOWN, "modes", modes=names)
    if status is Status.UNKNOWN:
        return _result("B4", status, modes=names)
    if talent.work_status != WORKING:
        return _result("B4", status, modes=names)
    if talent.home_agrees:
        return _result("B4", status, "consent", check=say("B4.pass.consent.check"), modes=names)
    return _result("B4", status, check=say("B4.pass.silent.check"), modes=names)


def mode_names(found: Iterable[str]) -> str:
    """Return the Chinese names of modes."""
    return TEXTS["list"].join([ENGAGEMENT_MODES.get(mode, mode) for mode in found])


def restrictions(pair: Pair) -> FilterResult:
    """B5: no restriction on competition that matches the need, none of secrecy left open."""
    question, talent = pair.question, pair.talent
    found = [r for r in talent.restrictions if r.overlaps(question.first, question.last)]
    if not found:
        return _result("B5", Status.PASS)
    judged = [(_restriction(pair, restriction), restriction) for restriction in found]
    status = all_of(verdict for verdict, _ in judged)
    evidence = tuple(
        talent.evidence("restrictions", "restriction", restriction.stated)
        for verdict, restriction in judged
        if verdict is status
    )
    if status is not Status.PASS:
        return _result("B5", status, evidence=evidence)
    if any(not r.competing and not _given(r) for r in found):
        return _result("B5", status, "secrecy", evidence, check=say("B5.pass.secrecy.check"))
    return _result("B5", status, "other", evidence)


def _given(restriction: Restriction) -> bool:
    return any((restriction.org, restriction.occupation, restriction.district))


def _restriction(pair: Pair, restriction: Restriction) -> Status:
    if not _given(restriction):
        return Status.FAIL if restriction.competing else Status.PASS
    match = all_of(_matches(pair, restriction))
    if match is Status.FAIL:
        return Status.PASS
    vague = restriction.occupation is not None and not pair.question.need.occupations
    return Status.FAIL if restriction.competing and match is Status.PASS and not vague else Status.UNKNOWN


def _matches(pair: Pair, restriction: Restriction) -> Iterable[Status]:
    """Yield whether each given field matches the need; an occupation matches a need without occupations."""
    question = pair.question
    if restriction.org is not None:
        yield _same(restriction.org, question.host.code)
    if restriction.occupation is not None and question.need.occupations:
        if restriction.occupation == MASKED:
            yield Status.UNKNOWN
        else:
            own = pair.world.occupations.resolve(restriction.occupation)
            yield _fits(pair, own, question.need.occupations, pair.rules.restriction_fit)
    if restriction.district is not None:
        yield _same(restriction.district, question.district)


def _same(given: str, wanted: str | None) -> Status:
    if given == MASKED or wanted is None:
        return Status.UNKNOWN
    return Status.PASS if given == wanted else Status.FAIL


def hours(pair: Pair) -> FilterResult:
    """B6: enough free hours, week by week where the need asks so."""
    question, free = pair.question, pair.free
    if pair.talent.weekly_hours is None:
        return _result("B6", Status.UNKNOWN)
    if question.weekly is not None:
        good = free.weeks_with(question.weekly, SLACK)
        enough, variant = good >= question.weeks_wanted, "weekly"
        figures: dict[str, Any] = {
            "good": good,
            "weekly": figure(question.weekly),
            "wanted": question.weeks_wanted,
        }
    else:
        enough, variant = free.total >= question.hours - SLACK, ""
        figures = {"free": figure(free.total), "hours": figure(question.hours)}
    if enough and not free.complete:
        return _result("B6", Status.UNKNOWN)
    return _result("B6", Status.PASS if enough else Status.FAIL, variant, **figures)


def travel(pair: Pair) -> FilterResult:
    """B7: one of the modes leaves the talent within his own limit and the yearly number of trips."""
    judged = [found for found in pair.modes if found.rule is not Status.FAIL]
    status = one_of(found.travel for found in judged)
    budget, evidence = pair.budget, ways_evidence(pair)
    if status is Status.UNKNOWN:
        unknown = say("unknown.district")
        names = pair.world.travel
        start = names.name(pair.talent.district) if pair.talent.district else unknown
        end = names.name(pair.question.district) if pair.question.district else unknown
        return _result("B7", status, start=start, end=end)
    chosen = pair.chosen if status is Status.PASS else next(iter(judged), None)
    road = chosen.road if chosen is not None else None
    if status is Status.FAIL:
        return _result(
            "B7",
            status,
            evidence=evidence,
            road=figure(road),
            used=figure(budget.hours),
            trips=figure(budget.trips),
            visits=figure(pair.question.visits),
        )
    if not road:
        return _result("B7", status, "remote")
    if pair.talent.travel_hours is None:
        return _result("B7", status, "free", evidence, road=figure(road))
    limit = figure(pair.talent.travel_hours)
    return _result("B7", status, evidence=evidence, road=figure(road), used=figure(budget.hours), limit=limit)


def ways_evidence(pair: Pair) -> tuple[Evidence, ...]:
    """Return the rows that state the way there and back: often one row for both."""
    there = pair.way.evidence if pair.way else None
    back = pair.way_back.evidence if pair.way_back else None
    found = (there,) if there is back or there == back else (there, back)
    return tuple(evidence for evidence in found if evidence is not None)


def services(pair: Pair) -> FilterResult:
    """B8: fewer signed services in the window than the limit, none of them on this need."""
    question, limit = pair.question, pair.rules.concurrent
    signed = [e for e in pair.standing.signed if e.overlaps(question.first, question.last)]
    evidence = tuple(pair.talent.evidence("engagements", "engagement", e.stated) for e in signed)
    key = question.need.key
    if key is not None and any(engagement.need == key for engagement in signed):
        return _result("B8", Status.FAIL, "same", evidence)
    status = Status.PASS if len(signed) < limit else Status.FAIL
    return _result("B8", status, evidence=evidence, count=len(signed), limit=limit)


def pay(pair: Pair) -> FilterResult:
    """B9: the highest pay reaches the talent's floor."""
    need, talent = pair.question.need, pair.talent
    if "pay_max" in need.hidden or "pay_floor" in talent.hidden:
        return _result("B9", Status.UNKNOWN)
    if need.pay_max is None or talent.pay_floor is None:
        return _result("B9", Status.PASS, "open")
    figures: dict[str, Any] = {"offer": figure(need.pay_max), "floor": figure(talent.pay_floor)}
    if need.pay_max >= talent.pay_floor - SLACK:
        return _result("B9", Status.PASS, **figures)
    return _result("B9", Status.FAIL, **figures)
