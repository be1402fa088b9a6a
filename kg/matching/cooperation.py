"""Query A: which schools and enterprises should cooperate (`scoring.md` §2)."""

from collections.abc import Callable, Sequence
from datetime import date

from kg.index.cooperation_entities import Demand, Offering
from kg.index.world import World
from kg.matching.cooperation_explain import explain
from kg.matching.cooperation_nominate import Nomination, nominate
from kg.matching.cooperation_partners import arrange, make_item, make_partner
from kg.matching.cooperation_question import PartnerQuestion, Sees, ask, check_limit, sees_everything
from kg.matching.cooperation_scorer import Scorer
from kg.matching.ranking import TieKey
from kg.model.answers import Answer, Item, Match, Pool
from kg.model.graph import NodeRef
from kg.model.rules import Policy

__all__ = ["PartnerQuestion", "Sees", "ask", "recommend_partners", "score_pair"]


def never_shown(_entity: str) -> int:
    """Return 0: nobody has appeared in any list yet."""
    return 0


def score_pair(
    world: World, policy: Policy, question: PartnerQuestion, offering: Offering, demand: Demand
) -> Match:
    """Return one pair of a cohort and a post with every filter, both ledgers, paths and sentences.

    The pair is judged even where the question would not consider it; A8 reads the pairs of the question.
    """
    scorer = Scorer.of(world, policy, question)
    return explain(scorer, scorer.figures(offering, demand))


def recommend_partners(
    world: World,
    policy: Policy,
    *,
    anchor: NodeRef,
    mode: str,
    as_of: date,
    year: int | None = None,
    occupations: Sequence[str] | None = None,
    radius_hours: float | None = None,
    k: int | None = None,
    order: str | None = None,
    sees: Sees = sees_everything,
    exposures: Callable[[str], int] = never_shown,
    tie_key: TieKey,
    query_id: str,
) -> Answer:
    """Return the best partners of an enterprise, a school or a district, with their reasons.

    `radius_hours` is one way; `k` (default of the policy) limits items and `to_verify` separately; `exposures`
    counts appearances by entity key (credit code; `school‖enterprise` for a district); `tie_key` orders ties.
    Raises InvalidInputError (its `field` names the argument) and NotFoundError for an unknown anchor.
    """
    limit = policy.common.default_items if k is None else k
    check_limit(limit, policy)
    question = ask(
        world,
        anchor=anchor,
        mode=mode,
        as_of=as_of,
        year=year,
        occupations=occupations,
        radius_hours=radius_hours,
        order=order,
        sees=sees,
    )
    scorer = Scorer.of(world, policy, question)
    found = nominate(scorer, limit)
    counted = exposures
    return Answer(
        query_id=query_id,
        as_of=as_of,
        question={**question.as_asked(), "k": limit},
        pool=_pool(found),
        items=_items(scorer, found.listed, counted, tie_key, limit),
        to_verify=_items(scorer, found.to_verify, counted, tie_key, limit),
    )


def _pool(found: Nomination) -> Pool:
    return Pool(
        considered=found.considered,
        listed=found.listed_pairs,
        to_verify=found.verify_pairs,
        failed=dict(sorted(found.failed.items())),
    )


def _items(
    scorer: Scorer,
    groups: Sequence[Sequence[tuple[Offering, Demand]]],
    exposures: Callable[[str], int],
    tie_key: TieKey,
    k: int,
) -> tuple[Item, ...]:
    partners = [make_partner(scorer, pairs) for pairs in groups]
    placed = arrange(scorer, partners, exposures=exposures, tie_key=tie_key, k=k)
    return tuple(make_item(scorer, one) for one in placed)
