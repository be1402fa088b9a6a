"""The factors of query B: value, whether it is known, sentence and evidence (`scoring.md` §3).

The ledger is what is summed: nothing else of a match enters its score.
"""

from collections.abc import Iterable

from kg.index.talents.facts import Achievement
from kg.matching.mobility.filters import mode_names, proof_name
from kg.matching.mobility.pair import ModeVerdict, Pair, shared_tags
from kg.matching.mobility.standing import unknown_factor
from kg.matching.mobility.texts import TEXTS, figure, say
from kg.matching.quantities import SLACK, clip, decay, decay_years
from kg.matching.similarity import Cover
from kg.model.answers import Evidence, Factor, FilterResult, Status
from kg.model.graph import NodeRef
from kg.vocab.modes import ENGAGEMENT_MODES


def _known(pair: Pair, code: str, value: float, text: str, evidence: tuple[Evidence, ...] = ()) -> Factor:
    return Factor(code, pair.occasion.weights[code], value, True, text, evidence)  # noqa: FBT003 - `known`


def _unknown(pair: Pair, code: str, key: str) -> Factor:
    return pair.occasion.unknown[code, key]


def implied(pair: Pair) -> float:
    """Return the share to which holding the trade stands for each wanted skill."""
    return pair.occasion.rules.trade_implied * pair.trade.fit if pair.trade else 0.0


def skill(pair: Pair) -> Factor:
    """Weighted cover of the wanted skills; the trade stands in where it implies more."""
    covers = pair.covers
    if not covers:
        return _unknown(pair, "skill", "skill.unknown.need")
    if not pair.talent.skills and pair.trade is None:
        return _unknown(pair, "skill", "skill.unknown")
    floor = implied(pair)
    value = sum(cover.wanted.weight * max(cover.value, floor) for cover in covers) / pair.occasion.total
    text = TEXTS["items"].join([_skill_item(pair, cover, floor) for cover in covers])
    evidence = [found for cover in covers for found in skill_evidence(pair, cover)]
    return _known(pair, "skill", min(1.0, value), text, _once(evidence))


def _once(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return each edge once; the index holds one object per edge of a skill."""
    return tuple({id(found): found for found in evidence}.values())


def _skill_item(pair: Pair, cover: Cover, floor: float) -> str:
    wanted, value, by = cover
    if value < floor:
        key, value = "skill.item.implied", floor
    else:
        key = "skill.item" if by is None or by.skill == wanted.skill else "skill.item.near"
    return say(key, skill=pair.occasion.labels[wanted.skill], value=f"{value:.2f}")


def skill_evidence(pair: Pair, cover: Cover) -> tuple[Evidence, ...]:
    """Return the edge to the held skill and the relations on the way to the wanted one."""
    if cover.by is None or cover.by.evidence is None:
        return ()
    return cover.by.evidence, *pair.occasion.steps[cover.by.skill, cover.wanted.skill]


def trade(pair: Pair) -> Factor:
    """Best fit of the need's occupations to the talent's."""
    best, names = pair.trade, pair.occasion.world.occupations
    if best is None:
        return _unknown(pair, "trade", "trade.unknown")
    evidence: tuple[Evidence, ...] = ()
    if best.proof is not None:
        proof, evidence = proof_name(best.proof), (best.proof.evidence,)
    else:
        proof, target = TEXTS["trade.declared"], pair.talent.occupation_target
        if target:
            evidence = (pair.talent.own_evidence("talents.occupation", NodeRef("occupation", target)),)
    text = say(
        "trade",
        own=names.name(best.own),
        proof=proof,
        wanted=names.name(best.wanted),
        value=f"{best.fit:.2f}",
    )
    return _known(pair, "trade", best.fit, text, evidence)


def worth(pair: Pair, achievement: Achievement) -> float:
    """Return how much one achievement proves, 0..1: shared tags, verification and age."""
    tags, rules = pair.occasion.need.tags, pair.occasion.rules
    share = len(shared_tags(tags, achievement.tags)) / len(tags)
    trust = 1.0 if achievement.verified else rules.declared_value
    half_life = rules.evidence_half_life_years
    if achievement.day is None:
        return share * trust * decay_years(rules.undated_years, half_life)
    return share * trust * decay(achievement.day, pair.occasion.as_of, half_life)


def evidence(pair: Pair) -> Factor:
    """1 minus the product of what each achievement leaves unproved."""
    tags, near = pair.occasion.need.tags, pair.near
    if not tags:
        return _unknown(pair, "evidence", "evidence.unknown.need")
    if not pair.standing.achievements and not pair.talent.achievements_known:
        return _unknown(pair, "evidence", "evidence.unknown")
    if not near:
        return _known(pair, "evidence", 0.0, TEXTS["evidence.none"])
    left = 1.0
    for achievement, _ in near:
        left *= 1.0 - worth(pair, achievement)
    verified = sum(achievement.verified for achievement, _ in near)
    text = say(
        "evidence",
        count=len(near),
        shared=max(len(shared) for _, shared in near),
        tags=len(tags),
        verified=verified,
        declared=len(near) - verified,
    )
    edges = tuple([tag_evidence(achievement, tag) for achievement, shared in near for tag in shared])
    return _known(pair, "evidence", 1.0 - left, text, edges)


def tag_evidence(achievement: Achievement, tag: str) -> Evidence:
    """Return the edge from an achievement to one of its tags."""
    source, key, node = achievement.stated
    target = dict(achievement.targets).get(tag, tag) if achievement.targets else tag
    return Evidence(source, "achievements", key, "achievement", node, "achievements.tags", "skill", target)


def productive(pair: Pair, chosen: ModeVerdict | None) -> Factor:
    """Needed hours over needed hours and hours on the road."""
    question = pair.occasion.question
    road = chosen.road if chosen else None
    if chosen is None or road is None:
        return _unknown(pair, "productive", "productive.unknown")
    hours = figure(question.hours)
    if not road:
        return _known(pair, "productive", 1.0, say("productive.remote", hours=hours))
    visits = question.visits_of(chosen.mode)
    text = say("productive", hours=hours, visits=visits, round=figure(pair.way.round_trip))
    return _known(pair, "productive", question.hours / (question.hours + road), text, pair.way.evidence)


def level(pair: Pair, judged: FilterResult) -> Factor:
    """1 where B2 passes."""
    if judged.status is Status.UNKNOWN:
        return _unknown(pair, "level", "level.unknown")
    if judged.status is Status.FAIL:
        return _known(pair, "level", 0.0, TEXTS["level.fail"])
    return _known(pair, "level", 1.0, judged.text, judged.evidence)


def mode(pair: Pair, chosen: ModeVerdict | None) -> Factor:
    """How much the talent likes the chosen mode."""
    if chosen is None:
        return _known(pair, "mode", 0.0, TEXTS["mode.none"])
    if chosen.preference is None:
        occasion, name = pair.occasion, mode_names((chosen.mode,))
        return unknown_factor(occasion.world, occasion.policy, "mode", "mode.unknown", mode=name)
    others = [
        say("mode.other", mode=ENGAGEMENT_MODES.get(found.mode, found.mode), value=figure(found.preference))
        for found in pair.modes
        if found is not chosen and Status.FAIL not in (found.rule, found.travel)
    ]
    text = say(
        "mode.more" if others else "mode",
        mode=mode_names((chosen.mode,)),
        value=figure(chosen.preference),
        others=TEXTS["list"].join(others),
    )
    return _known(pair, "mode", chosen.preference, text)


def pay(pair: Pair) -> Factor:
    """Where the offer lies between the talent's floor and wish."""
    need, talent = pair.occasion.need, pair.talent
    offer = need.pay_min if need.pay_max is None else need.pay_max
    hidden = "pay_max" in need.hidden or "pay_wish" in talent.hidden
    floor = talent.pay_floor
    if hidden or offer is None or floor is None:
        return _unknown(pair, "pay", "pay.unknown")
    wish = floor if talent.pay_wish is None else talent.pay_wish
    if wish > floor:
        text = say("pay", offer=figure(offer), floor=figure(floor), wish=figure(wish))
        return _known(pair, "pay", clip((offer - floor) / (wish - floor)), text)
    met = offer >= floor - SLACK
    text = say("pay.met" if met else "pay.below", offer=figure(offer), floor=figure(floor))
    return _known(pair, "pay", float(met), text)


def slack(pair: Pair) -> Factor:
    """Free hours beyond the need, as a share of it."""
    free, hours = pair.free, pair.occasion.question.hours
    if pair.talent.weekly_hours is None or not free.complete:
        return _unknown(pair, "slack", "slack.unknown")
    text = say("slack", free=figure(free.total), hours=figure(hours))
    return _known(pair, "slack", clip((free.total - hours) / hours), text)


def topic(pair: Pair) -> Factor:
    """Share of the need's tags among the talent's interests."""
    tags, talent = pair.occasion.need.tags, pair.talent
    if not tags or not talent.interests:
        return _unknown(pair, "topic", "topic.unknown")
    shared = shared_tags(tags, talent.interests)
    if not shared:
        return _known(pair, "topic", 0.0, say("topic.none", tags=len(tags)))
    spelled, labels = dict(talent.interest_targets), pair.occasion.labels
    text = say(
        "topic",
        tags=len(tags),
        count=len(shared),
        names=TEXTS["list"].join([labels[tag] for tag in shared]),
    )
    edges = tuple([
        talent.own_evidence("talents.interests", NodeRef("skill", spelled.get(tag, tag))) for tag in shared
    ])
    return _known(pair, "topic", len(shared) / len(tags), text, edges)
