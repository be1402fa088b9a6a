"""What cohorts, posts, needs and talents of a plan are called; persons stay masked."""

from collections.abc import Iterable, Mapping
from typing import Any

from kg.index.world import World
from kg.matching.plans.hours_market import OpenNeed

Json = dict[str, Any]


def seats_names(world: World, told: Mapping[str, Any]) -> Json:
    """Return the names of every cohort and post that a plan of seats speaks of: with seats, closed, to move, blocking."""
    pairs, moves = [*told["allocation"], *told["blocking"]], told["negotiable"]
    offerings = sorted({*(one["offering"] for one in [*pairs, *moves]), *told["closed"]})
    demands = sorted({
        *(one["demand"] for one in pairs),
        *(one[end] for one in moves for end in ("from", "to")),
    })
    return {
        "offerings": {key: _offering(world, key) for key in offerings},
        "demands": {key: _demand(world, key) for key in demands},
    }


def _offering(world: World, key: str) -> Json:
    found = world.cooperation.offerings[key]
    major = world.cooperation.major(found.major).name
    return {
        "name": major if found.intake_year is None else f"{found.intake_year} 级{major}",
        "school": found.school,
        "school_name": world.organisations.name(found.school),
        "students": found.students,
        "class_min": found.class_min,
    }


def _demand(world: World, key: str) -> Json:
    found = world.cooperation.demands[key]
    return {
        "name": found.label,
        "enterprise": found.enterprise,
        "enterprise_name": world.organisations.name(found.enterprise),
    }


def hours_names(world: World, needs: Mapping[str, OpenNeed], allocation: Iterable[Json]) -> Json:
    """Return the names of all needs, and of the talents that serve some."""
    talents = sorted({entry["talent"] for entry in allocation})
    labels = {key: found.label for key in talents if (found := world.talents.talent(key)) is not None}
    return {
        "needs": {
            key: {
                "name": need.title,
                "host": need.host,
                "host_name": world.organisations.name(need.host),
                "from": need.first.isoformat(),
                "to": need.last.isoformat(),
            }
            for key, need in sorted(needs.items())
        },
        "talents": {key: {"name": label} for key, label in labels.items()},
    }
