"""A generation without one row that many share: a way, a crosswalk, a relation of two skills, a wage, an organ."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from kg.index.world import World
from kg.model.graph import RowId


def world_without(world: World, row: RowId) -> World | None:
    """Return the generation as if that row were not there; None for a row of any other table.

    Right where one register states the row: of several, the others would still tell it. What is kept of the arrays
    over all talents is not made anew, so only single pairs may be scored in it.
    """
    leave_out = _LEAVE_OUT.get(row.table)
    return None if leave_out is None else leave_out(world, row)


def _way(world: World, row: RowId) -> World:
    times = {way: told for way, told in world.travel.times.items() if told[1] != row}
    return replace(world, travel=replace(world.travel, times=times, _ways={}))


def _crosswalk(world: World, row: RowId) -> World:
    kept = {
        start: tuple((end, edge) for end, edge in walks if edge.row != row)
        for start, walks in world.occupations.crosswalk.items()
    }
    return replace(world, occupations=replace(world.occupations, crosswalk=kept, _fits={}, _resolved={}))


def _relation(world: World, row: RowId) -> World:
    kept = {
        skill: {other: told for other, told in others.items() if told[1].row != row}
        for skill, others in world.skills.relations.items()
    }
    return replace(world, skills=replace(world.skills, relations=kept, _similar={}))


def _wage(world: World, row: RowId) -> World:
    view = world.cooperation
    kept = {
        place: wage for place, wage in view.wages.items() if all(edge.row != row for edge in wage.evidence)
    }
    return replace(world, cooperation=replace(view, wages=kept, derived={}))


def _organ(world: World, row: RowId) -> World:
    view = world.cooperation
    kept = {
        name: tuple(organ for organ in organs if all(edge.row != row for edge in organ.evidence))
        for name, organs in view.organs.items()
    }
    return replace(world, cooperation=replace(view, organs=kept, derived={}))


_LEAVE_OUT: Final[Mapping[str, Callable[[World, RowId], World]]] = {
    "travel_times": _way,
    "occupation_crosswalk": _crosswalk,
    "skill_relations": _relation,
    "wages": _wage,
    "organs": _organ,
}
