"""What a pair would be worth without one row that its explanation cites."""

from dataclasses import replace

from kg.index.cooperation.entities import Demand, Offering
from kg.index.left_out import world_without
from kg.index.world import World
from kg.matching.cooperation.factors import Facts
from kg.matching.cooperation.scorer import Figures, Scorer
from kg.matching.cooperation.seats import seat_year
from kg.matching.cooperation.small import small_view
from kg.model.graph import RowId

_OWN = frozenset({"cooperations", "major_groups"})
"""The tables of query A alone whose rows can be left out: an agreement, a major group."""


def figures_without(scorer: Scorer, offering: Offering, demand: Demand, row: RowId) -> Figures | None:
    """Return the pair scored as if that row were not there; None where it cannot be left out alone.

    Left out are an agreement, a major group, and what many share (`world_without`). Right where one register states
    the row: of several, the others would still tell it.
    """
    world = scorer.world if row.table in _OWN else world_without(scorer.world, row)
    if world is None:
        return None
    left = _pair_without(world, offering.school, demand.enterprise, row)
    facts = scorer.facts
    seats = seat_year(left.cooperation, facts.policy.query_a, facts.seats.year)
    own = Scorer(left, scorer.policy, scorer.question, Facts(left, facts.policy, facts.as_of, seats))
    return own.figures(offering, demand)


def _pair_without(world: World, school: str, enterprise: str, row: RowId) -> World:
    """Return what the pairs of one school and one enterprise read, without that agreement or major group."""
    view = small_view(world.cooperation, school, enterprise)
    kept = tuple(one for one in view.cooperations if row.table != "cooperations" or one.id != row.key)
    groups = {
        code: tuple(group for group in found if group.row != row) for code, found in view.groups.items()
    }
    return replace(world, cooperation=replace(view, cooperations=kept, groups=groups, derived={}))
