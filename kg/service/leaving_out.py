"""How much hangs on each piece of evidence: the score of an item without one cited row, scored anew."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kg.index.delta import PERSON_TABLES, PersonRows
from kg.index.left_out import world_without
from kg.matching.cooperation.counterfactuals import PartnerAdvice
from kg.matching.cooperation.leaving_out import figures_without
from kg.matching.mobility.counterfactuals import TalentAdvice
from kg.model.answers import Match, Status
from kg.model.graph import RowId
from kg.paths.telling import cited

Without = Mapping[RowId, dict[str, Any]]
LeaveOut = Callable[[Match], Without]
_OWN_ROW = "talents"


def talents_without(advice: TalentAdvice, rows_of: Callable[[str], PersonRows]) -> LeaveOut:
    """Return what leaves out the rows about a person, and those that many share, one at a time.

    `rows_of` reads a person's rows by talent key.
    """

    def leave_out(match: Match) -> Without:
        rows = sorted({edge.row for edge in cited(match)})
        told = _own_rows(
            advice, match, [row for row in rows if row.table in PERSON_TABLES - {_OWN_ROW}], rows_of
        )
        for row in rows:
            world = world_without(advice.world, row)
            if world is not None:
                talent = world.talents.talent(match.node.key)
                told[row] = _without(*replace(advice, world=world).without(talent))
        return told

    return leave_out


def _own_rows(
    advice: TalentAdvice, match: Match, wanted: list[RowId], rows_of: Callable[[str], PersonRows]
) -> dict[RowId, dict[str, Any]]:
    if not wanted:
        return {}
    person = rows_of(match.node.key)
    return {row: _without(*advice.without(person.without(row))) for row in wanted}


def _without(score: float, status: Status) -> dict[str, Any]:
    return {"score": score, "status": status.value}


def partners_without(advice: PartnerAdvice) -> LeaveOut:
    """Return what leaves out agreements, major groups and what many share, one at a time; the pair stays the one shown."""

    def leave_out(match: Match) -> Without:
        assert match.pair is not None, "a partner is named by its best pair"
        view = advice.scorer.world.cooperation
        offering, demand = view.offerings[match.pair["offering"]], view.demands[match.pair["demand"]]
        found: dict[RowId, dict[str, Any]] = {}
        for row in sorted({edge.row for edge in cited(match)}):
            figures = figures_without(advice.scorer, offering, demand, row)
            if figures is not None:
                found[row] = _without(figures.score, figures.status)
        return found

    return leave_out
