"""What a pair would be worth without one row that its explanation cites."""

from dataclasses import replace

from kg.index.cooperation.entities import Demand, Offering
from kg.matching.cooperation.factors import Facts
from kg.matching.cooperation.scorer import Figures, Scorer
from kg.matching.cooperation.seats import seat_year
from kg.matching.cooperation.small import small_view
from kg.model.graph import RowId

LEFT_OUT = frozenset({"cooperations", "major_groups"})
"""The tables whose rows can be left out: an agreement, a major group."""


def figures_without(scorer: Scorer, offering: Offering, demand: Demand, row: RowId) -> Figures | None:
    """Return the pair scored as if that row of `LEFT_OUT` were not there; None for other tables.

    Right where one register states the row: of several, the others would still tell it.
    """
    if row.table not in LEFT_OUT:
        return None
    view = small_view(scorer.world.cooperation, offering.school, demand.enterprise)
    kept = tuple(one for one in view.cooperations if row.table != "cooperations" or one.id != row.key)
    groups = {
        school: tuple(group for group in found if group.row != row) for school, found in view.groups.items()
    }
    left = replace(view, cooperations=kept, groups=groups, derived={})
    world, facts = replace(scorer.world, cooperation=left), scorer.facts
    seats = seat_year(left, facts.policy.query_a, facts.seats.year)
    own = Scorer(world, scorer.policy, scorer.question, Facts(world, facts.policy, facts.as_of, seats))
    return own.figures(offering, demand)
