"""Query B: which flexible talents can serve a need, and why (`scoring.md` §3).

`score_talent` scores one pair from its entities and makes every number that is shown; the arrays only nominate
who must be scored.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from kg.errors import InvalidInputError
from kg.index.talents.facts import Talent
from kg.index.world import World
from kg.matching.mobility import factors
from kg.matching.mobility.filters import judge_filters, level
from kg.matching.mobility.nominate import Nominated, Scored, nominate
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.pair import pair_up
from kg.matching.mobility.placing import Rivals
from kg.matching.mobility.question import Question, parse_need
from kg.matching.mobility.story import TalentMatch
from kg.matching.ranking import Candidate, TieKey, band_of, place
from kg.model.answers import PASS, UNKNOWN, Answer, Band, Item, Match, Pool, Side, Status
from kg.model.rules import Policy
from kg.vocab.reasons import FILTER_ORDER

__all__ = [
    "Question",
    "parse_need",
    "recommend_talents",
    "score_talent",
]


def score_talent(world: World, policy: Policy, question: Question, talent: Talent, *, as_of: date) -> Match:
    """Return the talent beside the need: both sides, all filters, sentences and evidence; whoever asks."""
    return match_of(Occasion(world, policy, question, as_of), talent)


def match_of(occasion: Occasion, talent: Talent) -> Match:
    """Return the talent beside the need of an occasion."""
    pair = pair_up(occasion, talent)
    chosen = pair.chosen
    skill, trade, evidence = factors.skill(pair), factors.trade(pair), factors.evidence(pair)
    met = level(pair)
    need_side = Side((
        skill,
        trade,
        evidence,
        factors.productive(pair, chosen),
        pair.standing.reputation,
        pair.standing.honour,
        factors.level(pair, met),
    ))
    talent_side = Side((
        factors.mode(pair, chosen),
        factors.pay(pair),
        factors.slack(pair),
        factors.topic(pair),
    ))
    filters = judge_filters(pair, skill, trade, evidence, met)
    return TalentMatch(pair, {"need": need_side, "talent": talent_side}, filters)


def recommend_talents(
    world: World,
    policy: Policy,
    question: Question,
    *,
    as_of: date,
    k: int,
    exposures: Callable[[str], int],
    tie_key: Callable[[str], TieKey],
    query_id: str,
) -> Answer:
    """Return the first `k` listed and the first `k` to verify, with exact counts of the whole pool.

    `exposures` maps a talent key to its appearances in the days before `as_of`; `tie_key` maps the query id to the
    order inside ties. Raises InvalidInputError for a `k` outside 1..max_items.
    """
    most = policy.common.max_items
    if not 1 <= k <= most:
        raise InvalidInputError(f"k 应在 1 至 {most} 之间", field="k", value=k, code="out-of-range")
    found, occasion = (
        nominate(world, policy, question, as_of=as_of, k=k),
        Occasion(world, policy, question, as_of),
    )
    matches = [match_of(occasion, world.talents.at(place)) for place in found.places.tolist()]
    newer = newer_than_arrays(occasion)
    matches += newer
    keys = tie_key(query_id)
    judged: dict[Status, list[Match]] = {status: [] for status in Status}
    for match in matches:
        judged[match.status].append(match)
    return Answer(
        query_id=query_id,
        as_of=as_of,
        question=question.asked,
        pool=_pool(found, newer),
        items=_ranked(policy, judged[PASS], exposures, keys, k),
        to_verify=_ranked(policy, judged[UNKNOWN], exposures, keys, k, unsure=True),
        placing=rivals_of(occasion, found.scored, newer).rank,
    )


def rivals_of(occasion: Occasion, scored: Scored, newer: Sequence[Match]) -> Rivals:
    """Return all who are listed for a need: those scored by the arrays, and those newer than these."""
    talents = occasion.world.talents
    return Rivals(
        occasion.policy.common,
        scored,
        newer,
        talents.index,
        lambda place: match_of(occasion, talents.at(place)).score,
    )


def newer_than_arrays(occasion: Occasion) -> list[Match]:
    """Return the matches of persons newer than the arrays, in order of talent keys."""
    changed = occasion.world.talents.changed
    return [match_of(occasion, talent) for _, talent in sorted(changed.items()) if talent is not None]


def _pool(found: Nominated, newer: Iterable[Match]) -> Pool:
    """Return the counts of all, with persons newer than the arrays."""
    failed, listed, unsure = dict(found.failed), found.listed, found.to_verify
    for match in newer:
        code = match.first_failing
        if code is not None:
            failed[code] = failed.get(code, 0) + 1
        listed += match.status is PASS
        unsure += match.status is UNKNOWN
    return Pool(
        considered=listed + unsure + sum(failed.values()),
        listed=listed,
        to_verify=unsure,
        failed={code: failed[code] for code in FILTER_ORDER["talents"] if failed.get(code)},
    )


def _ranked(
    policy: Policy,
    matches: Iterable[Match],
    exposures: Callable[[str], int],
    keys: TieKey,
    k: int,
    *,
    unsure: bool = False,
) -> tuple[Item, ...]:
    """Return the first `k` of one list with their ranks; `unsure` is the list to verify."""
    common = policy.common
    candidates: list[Candidate[Match]] = []
    for match in matches:
        entity, coverage = match.node.key, match.coverage
        band = Band.TO_VERIFY if unsure else band_of(coverage, common.coverage_floor)
        order = (round(match.score, common.tie_decimals),)
        candidates.append(Candidate(entity, band, order, coverage, exposures(entity), match))
    return tuple([
        Item(match=match, rank=rank, tied=tied, band=band, tie_key=tie_key)
        for match, band, rank, tied, tie_key in place(candidates, tie_key=keys, limit=k)
    ])
