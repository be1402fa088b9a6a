"""How much hangs on each piece of evidence: the score of an item without one cited row, scored anew."""

from collections.abc import Callable, Mapping
from typing import Any

from kg.index.delta import PERSON_TABLES, PersonRows
from kg.matching.cooperation.counterfactuals import PartnerAdvice
from kg.matching.cooperation.leaving_out import figures_without
from kg.matching.mobility.counterfactuals import TalentAdvice
from kg.model.answers import Match
from kg.model.graph import RowId
from kg.paths.telling import cited

Without = Mapping[RowId, dict[str, Any]]
LeaveOut = Callable[[Match], Without]
_OWN_ROW = "talents"


def talents_without(advice: TalentAdvice, rows_of: Callable[[str], PersonRows]) -> LeaveOut:
    """Return what leaves out the rows about a person, one at a time; `rows_of` reads them by talent key."""

    def leave_out(match: Match) -> Without:
        wanted = {edge.row for edge in cited(match) if edge.row.table in PERSON_TABLES - {_OWN_ROW}}
        if not wanted:
            return {}
        person = rows_of(match.node.key)
        found = {row: advice.without(person.without(row)) for row in sorted(wanted)}
        return {row: {"score": score, "status": status.value} for row, (score, status) in found.items()}

    return leave_out


def partners_without(advice: PartnerAdvice) -> LeaveOut:
    """Return what leaves out agreements and major groups, one at a time; the pair stays the one that was shown."""

    def leave_out(match: Match) -> Without:
        assert match.pair is not None, "a partner is named by its best pair"
        view = advice.scorer.world.cooperation
        offering, demand = view.offerings[match.pair["offering"]], view.demands[match.pair["demand"]]
        found: dict[RowId, dict[str, Any]] = {}
        for row in sorted({edge.row for edge in cited(match)}):
            figures = figures_without(advice.scorer, offering, demand, row)
            if figures is not None:
                found[row] = {"score": figures.score, "status": figures.status.value}
        return found

    return leave_out
