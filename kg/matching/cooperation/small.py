"""The part of a generation that the pairs of one school and one enterprise read, small enough to be edited and scored anew."""

from dataclasses import replace

from kg.index.cooperation.entities import Demand, Offering
from kg.index.cooperation.view import CooperationView
from kg.matching.cooperation.scorer import Scorer
from kg.matching.cooperation.seats import seat_year


def small_view(view: CooperationView, school: str, enterprise: str) -> CooperationView:
    """Return the cohorts of the school, the posts of the enterprise, and every agreement that takes seats of these.

    Cohorts of other schools stay where an agreement of the enterprise names them: they say when it ends.
    """
    own, posts = view.offerings_of.get(school, ()), view.demands_of.get(enterprise, ())
    keys = {one.id for one in own}
    agreed = tuple(one for one in view.cooperations if one.enterprise == enterprise or one.offering in keys)
    named = {one.offering for one in agreed if one.offering and one.offering in view.offerings}
    return replace(
        view,
        offerings={key: view.offerings[key] for key in sorted(keys | named)},
        demands={one.id: one for one in posts},
        cooperations=agreed,
        offerings_of={school: own},
        demands_of={enterprise: posts},
        derived={},
    )


def with_offering(view: CooperationView, row: Offering) -> CooperationView:
    """Return the view with one cohort changed, or one more."""
    known = {one.id: one for one in view.offerings_of[row.school]}
    own = sorted({**known, row.id: row}.values(), key=lambda one: one.id)
    return replace(
        view,
        offerings=dict(sorted({**view.offerings, row.id: row}.items())),
        offerings_of={**view.offerings_of, row.school: tuple(own)},
        derived={},
    )


def with_demand(view: CooperationView, row: Demand) -> CooperationView:
    """Return the view with one post changed."""
    rows = tuple(row if one.id == row.id else one for one in view.demands_of[row.enterprise])
    return replace(
        view,
        demands={**view.demands, row.id: row},
        demands_of={**view.demands_of, row.enterprise: rows},
        derived={},
    )


def scorer_of(base: Scorer, view: CooperationView) -> Scorer:
    """Return the scorer of the same question over a small view."""
    facts, world = base.facts, replace(base.world, cooperation=view)
    seats = seat_year(view, facts.policy.query_a, facts.seats.year)
    return Scorer(world, base.policy, base.question, facts.over(world, seats))
