"""Works the rankings of a certificate out anew from the data it was made from."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kg.index.world import World
from kg.matching.plans.certificate import rankings_digest
from kg.matching.plans.cooperation_market import market_of, plan_question
from kg.matching.plans.hours_certificate import hours_digest
from kg.matching.plans.mobility_market import hours_market, hours_question
from kg.model.rules import Policy


def derived_digest(world: World, policy: Policy, certificate: Mapping[str, Any]) -> str:
    """Return the digest of both sides' rankings for the question of a certificate.

    Raises InvalidInputError, KeyError, TypeError or ValueError for a question that is none.
    """
    question, day = certificate["question"], date.fromisoformat(certificate["as_of"])
    district = question["district"]
    if certificate["kind"] == "cooperation":
        asked = plan_question(
            world, mode=question["mode"], as_of=day, year=question["year"], district=district
        )
        return rankings_digest(market_of(world, policy, asked))
    wanted = hours_question(world, as_of=day, district=district, k=question["k"])
    return hours_digest(hours_market(world, policy, wanted))
