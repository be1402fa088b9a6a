"""The factors of query B: value, whether it is known, sentence and evidence (`scoring.md` §3).

The ledger is what is summed: nothing else of a match enters its score.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from kg.index.lookups import Occupation
from kg.index.talents.facts import Achievement
from kg.matching.mobility.filters import mode_names, proof_name
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.pair import ModeVerdict, Near, Pair, shared_tags
from kg.matching.mobility.standing import unknown_factor
from kg.matching.mobility.texts import TEXTS, figure, say
from kg.matching.quantities import SLACK, clip
from kg.matching.similarity import Cover
from kg.model.answers import FAIL, UNKNOWN, Evidence, Factor, FilterResult
from kg.model.graph import NodeRef
from kg.vocab.modes import ENGAGEMENT_MODES


def _known(
    occasion: Occasion, code: str, value: float, text: str, evidence: tuple[Evidence, ...] = ()
) -> Factor:
    return Factor(code, occasion.weights[code], value, True, text, evidence)  # noqa: FBT003 - `known`


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
    floor, occasion, total = implied(pair), pair.occasion, 0.0
    items: list[str] = []
    evidence: dict[int, Evidence] = {}  # each edge once; the index holds one object per edge of a skill
    for cover in covers:
        wanted, value, by = cover
        if value < floor:
            key, value = "skill.item.implied", floor
        else:
            key = "skill.item" if by is None or by.skill == wanted.skill else "skill.item.near"
        total += wanted.weight * value
        items.append(occasion.skill_items[key, wanted.skill, value])
        for edge in skill_evidence(pair, cover):
            evidence[id(edge)] = edge
    text = TEXTS["items"].join(items)
    return _known(occasion, "skill", min(1.0, total / occasion.total), text, tuple(evidence.values()))


def skill_evidence(pair: Pair, cover: Cover) -> tuple[Evidence, ...]:
    """Return the edge to the held skill and the relations on the way to the wanted one."""
    wanted, _, by = cover
    if by is None or by.evidence is None:
        return ()
    if by.skill == wanted.skill:
        return (by.evidence,)
    return by.evidence, *pair.occasion.steps[by.skill, wanted.skill]


def trade(pair: Pair) -> Factor:
    """Best fit of the need's occupations to the talent's."""
    best = pair.trade
    if best is None:
        return _unknown(pair, "trade", "trade.unknown")
    evidence: tuple[Evidence, ...] = ()
    if best.proof is not None:
        proof, evidence = proof_name(best.proof), (best.proof.evidence,)
    else:
        proof, target = TEXTS["trade.declared"], pair.talent.occupation_target
        if target:
            evidence = (pair.talent.own_evidence("talents.occupation", NodeRef("occupation", target)),)
    text = pair.occasion.once(_trade_text, best.own, proof, best.wanted, best.fit)
    return _known(pair.occasion, "trade", best.fit, text, evidence)


def _trade_text(occasion: Occasion, own: Occupation, proof: str, wanted: Occupation, fit: float) -> str:
    names = occasion.world.occupations
    return say("trade", own=names.name(own), proof=proof, wanted=names.name(wanted), value=f"{fit:.2f}")


def worth(pair: Pair, near: Near) -> float:
    """Return how much one achievement proves, 0..1: shared tags, verification and age."""
    share = len(near.shared) / len(pair.occasion.need.tags)
    return share * (1.0 if near.achievement.verified else pair.occasion.rules.declared_value) * near.age


def evidence(pair: Pair) -> Factor:
    """1 minus the product of what each achievement leaves unproved."""
    tags, near = pair.occasion.need.tags, pair.near
    if not tags:
        return _unknown(pair, "evidence", "evidence.unknown.need")
    if not pair.standing.achievements and not pair.talent.achievements_known:
        return _unknown(pair, "evidence", "evidence.unknown")
    if not near:
        return _known(pair.occasion, "evidence", 0.0, TEXTS["evidence.none"])
    left, verified = 1.0, 0
    for one in near:
        left *= 1.0 - worth(pair, one)
        verified += one.achievement.verified
    text = say(
        "evidence",
        count=len(near),
        shared=max(len(one.shared) for one in near),
        tags=len(tags),
        verified=verified,
        declared=len(near) - verified,
    )
    edges = tuple([tag_evidence(achievement, tag) for achievement, shared, _ in near for tag in shared])
    return _known(pair.occasion, "evidence", 1.0 - left, text, edges)


def tag_evidence(achievement: Achievement, tag: str) -> Evidence:
    """Return the edge from an achievement to one of its tags."""
    source, key, node = achievement.stated
    target = dict(achievement.targets).get(tag, tag) if achievement.targets else tag
    return Evidence(source, "achievements", key, "achievement", node, "achievements.tags", "skill", target)


def productive(pair: Pair, chosen: ModeVerdict | None) -> Factor:
    """Needed hours over needed hours and hours on the road."""
    if chosen is None or chosen.road is None:
        return _unknown(pair, "productive", "productive.unknown")
    return pair.occasion.once(_productive, chosen.mode, chosen.road, pair.talent.district)


def _productive(occasion: Occasion, mode: str, road: float, district: str | None) -> Factor:
    question, way = occasion.question, occasion.ways[district]
    hours = figure(question.hours)
    if not road:
        return _known(occasion, "productive", 1.0, say("productive.remote", hours=hours))
    text = say("productive", hours=hours, visits=question.visits_of(mode), round=figure(way.round_trip))
    return _known(occasion, "productive", question.hours / (question.hours + road), text, way.evidence)


def level(pair: Pair, judged: FilterResult) -> Factor:
    """1 where B2 passes."""
    if judged.status is UNKNOWN:
        return _unknown(pair, "level", "level.unknown")
    if judged.status is FAIL:
        return _known(pair.occasion, "level", 0.0, TEXTS["level.fail"])
    return _known(pair.occasion, "level", 1.0, judged.text, judged.evidence)


def mode(pair: Pair, chosen: ModeVerdict | None) -> Factor:
    """How much the talent likes the chosen mode."""
    if chosen is None:
        return _known(pair.occasion, "mode", 0.0, TEXTS["mode.none"])
    if chosen.preference is None:
        occasion, name = pair.occasion, mode_names((chosen.mode,))
        return unknown_factor(occasion.world, occasion.policy, "mode", "mode.unknown", mode=name)
    others = [
        _other_mode(found.mode, found.preference)
        for found in pair.modes
        if found is not chosen and found.rule is not FAIL and found.travel is not FAIL
    ]
    key, name = "mode.more" if others else "mode", ENGAGEMENT_MODES.get(chosen.mode, chosen.mode)
    text = say(key, mode=name, value=figure(chosen.preference), others=TEXTS["list"].join(others))
    return _known(pair.occasion, "mode", chosen.preference, text)


@lru_cache(maxsize=4096)
def _other_mode(mode: str, preference: float | None) -> str:
    return say("mode.other", mode=ENGAGEMENT_MODES.get(mode, mode), value=figure(preference))


def pay(pair: Pair) -> Factor:
    """Where the offer lies between the talent's floor and wish."""
    need, talent = pair.occasion.need, pair.talent
    offer = need.pay_min if need.pay_max is None else need.pay_max
    hidden = "pay_max" in need.hidden or "pay_wish" in talent.hidden
    if hidden or offer is None or talent.pay_floor is None:
        return _unknown(pair, "pay", "pay.unknown")
    return pair.occasion.once(_pay, offer, talent.pay_floor, talent.pay_wish)


def _pay(occasion: Occasion, offer: float, floor: float, wished: float | None) -> Factor:
    wish = floor if wished is None else wished
    if wish > floor:
        text = say("pay", offer=figure(offer), floor=figure(floor), wish=figure(wish))
        return _known(occasion, "pay", clip((offer - floor) / (wish - floor)), text)
    met = offer >= floor - SLACK
    text = say("pay.met" if met else "pay.below", offer=figure(offer), floor=figure(floor))
    return _known(occasion, "pay", float(met), text)


def slack(pair: Pair) -> Factor:
    """Free hours beyond the need, as a share of it."""
    if pair.talent.weekly_hours is None or not pair.free.complete:
        return _unknown(pair, "slack", "slack.unknown")
    return pair.occasion.once(_slack, pair.free.total)


def _slack(occasion: Occasion, free: float) -> Factor:
    hours = occasion.question.hours
    text = say("slack", free=figure(free), hours=figure(hours))
    return _known(occasion, "slack", clip((free - hours) / hours), text)


def topic(pair: Pair) -> Factor:
    """Share of the need's tags among the talent's interests."""
    tags, talent = pair.occasion.need.tags, pair.talent
    if not tags or not talent.interests:
        return _unknown(pair, "topic", "topic.unknown")
    shared = shared_tags(tags, talent.interests)
    text = pair.occasion.once(_topic_text, *shared)
    spelled = dict(talent.interest_targets) if talent.interest_targets else _AS_IS
    edges = tuple([
        Evidence(*talent.row, "talent", talent.key, "talents.interests", "skill", spelled.get(tag, tag))
        for tag in shared
    ])
    return _known(pair.occasion, "topic", len(shared) / len(tags), text, edges)


_AS_IS: Final[Mapping[str, str]] = {}


def _topic_text(occasion: Occasion, *shared: str) -> str:
    tags = len(occasion.need.tags)
    if not shared:
        return say("topic.none", tags=tags)
    names = TEXTS["list"].join([occasion.labels[tag] for tag in shared])
    return say("topic", tags=tags, count=len(shared), names=names)
