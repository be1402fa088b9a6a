"""Query A: which schools and enterprises should cooperate (`scoring.md` §2)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from kg.index.cooperation.entities import Demand, Offering
from kg.index.world import World
from kg.matching.cooperation.explain import explain
from kg.matching.cooperation.nominate import Field, survey
from kg.matching.cooperation.partners import Ordering, Partner, arrange, make_item, make_partner
from kg.matching.cooperation.placing import Rivals
from kg.matching.cooperation.question import (
    PartnerQuestion,
    Sees,
    ask,
    check_limit,
    school_year,
    sees_everything,
)
from kg.matching.cooperation.scorer import Scorer, facts_of
from kg.matching.cooperation.tables import tables_of
from kg.matching.ranking import TieKey
from kg.model.answers import Answer, Item, Match
from kg.model.graph import NodeRef
from kg.model.rules import Policy

_DISTRICT_SEARCH: Final = 4
"""A district is first searched for this many times the places asked for."""

__all__ = ["PartnerQuestion", "Sees", "ask", "prepare", "recommend_partners", "score_pair"]


def never_shown(_entity: str) -> int:
    """Return 0: nobody has appeared in any list yet."""
    return 0


def prepare(world: World, policy: Policy, as_of: date) -> None:
    """Make the tables of the school year of a day, so that its first question need not wait for them."""
    tables_of(facts_of(world, policy, as_of, school_year(as_of)))


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
    field = survey(scorer)
    shown = Ordering(exposures=exposures, tie_key=tie_key, k=limit)
    return Answer(
        query_id=query_id,
        as_of=as_of,
        question={**question.as_asked(), "k": limit},
        pool=field.pool,
        items=_items(field, shown, verify=False),
        to_verify=_items(field, shown, verify=True),
        placing=Rivals(field, shown).rank,
    )


def _items(field: Field, shown: Ordering, *, verify: bool) -> tuple[Item, ...]:
    """Return the placed items of one list; a district is searched wider until enough are left after its limits."""
    scorer = field.scorer
    made: dict[tuple[str, str], Partner] = {}
    district = scorer.question.anchor.kind == "district"
    wide = shown.k * (_DISTRICT_SEARCH if district else 1)
    while True:
        drafts, whole = field.candidates(wide, verify=verify)
        for draft in drafts:
            offering, demand = draft.pairs[0]
            key = (offering.school, demand.enterprise)
            if key not in made:
                made[key] = make_partner(scorer, draft)
        placed = arrange(scorer, list(made.values()), shown, reliable=None if whole else wide)
        if whole or not district or len(placed) == shown.k:
            return tuple(make_item(scorer, one) for one in placed)
        wide *= _DISTRICT_SEARCH
