"""The certificate of a plan of hours: quantities of needs and talents, the chances that matter, the plan's statements."""

import hashlib
import struct
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from kg.matching.plans.certificate import FORMAT
from kg.matching.plans.hours_market import Chance, HoursMarket, OpenNeed
from kg.matching.plans.market import INDIFFERENT

Json = dict[str, Any]
_STEPS: Final = 1e12


def hours_digest(market: HoursMarket) -> str:
    """Return SHA-256 (hex) over the needs and both sides' rankings in their canonical form.

    Text lines of needs and talents in the order of their keys; then each need's chances by falling a and each
    talent's by falling rank, as little-endian numbers, values as whole steps of 1e-12.
    """
    found = hashlib.sha256()
    chances = [chance for key in sorted(market.chances) for chance in market.chances[key]]
    needs = {key: place for place, key in enumerate(sorted(market.needs))}
    talents = {key: place for place, key in enumerate(sorted({one.talent for one in chances}))}
    for key in needs:
        one = market.needs[key]
        found.update(f"n\t{key}\t{one.priority!r}\t{one.hours!r}\t{one.first}\t{one.last}\n".encode())
    for key in talents:
        found.update(f"t\t{key}\n".encode())
    for need, value, talent in sorted(
        (needs[one.need], -round(one.a * _STEPS), talents[one.talent]) for one in chances
    ):
        found.update(struct.pack("<IIq", need, talent, -value))
    for talent, value, need in sorted(
        (talents[one.talent], -round(market.rank(one) * _STEPS), needs[one.need]) for one in chances
    ):
        found.update(struct.pack("<IIq", talent, need, -value))
    return found.hexdigest()


def hours_certificate(market: HoursMarket, plan: Mapping[str, Any]) -> Json:
    """Return the certificate of a plan as JSON; chances of talents who could not help a need are left out."""
    served = {entry["need"]: entry for entry in plan["allocation"]}
    matter = [
        one
        for key in sorted(market.chances)
        for one in market.chances[key]
        if key not in served or one.a >= served[key]["a"] - INDIFFERENT or one.talent == served[key]["talent"]
    ]
    stated = ("objective", "question", "as_of", "policy", "revision", "favours", "allocation", "unserved",
              "blocking", "value", "hours", "stable", "hours_floor")  # fmt: skip
    return {
        "format": FORMAT,
        "kind": "mobility",
        **{key: plan[key] for key in stated},
        "indifference": INDIFFERENT,
        "priority_weight": market.priority_weight,
        "concurrent": market.concurrent,
        "needs": [_need(market.needs[key]) for key in sorted(market.needs)],
        "talents": _talents(market, matter),
        "pairs": [_pair(market, one) for one in matter],
        "rankings": {
            "algorithm": "SHA-256",
            "digest": hours_digest(market),
            "pairs": sum(len(one) for one in market.chances.values()),
            "complete": False,
        },
    }


def _need(need: OpenNeed) -> Json:
    return {
        "id": need.key,
        "priority": need.priority,
        "hours": need.hours,
        "weekly": need.weekly,
        "weeks_wanted": need.weeks_wanted,
        "weeks": [week.isoformat() for week in need.weeks],
        "from": need.first.isoformat(),
        "to": need.last.isoformat(),
    }


def _talents(market: HoursMarket, matter: Iterable[Chance]) -> list[Json]:
    """Return each talent's free hours by week, what his years still allow, and his signed services."""
    found: dict[str, Json] = {}
    for one in matter:
        terms = market.terms(one.need, one.talent)
        told = found.setdefault(
            one.talent,
            {
                "key": one.talent,
                "free": {},
                "years": {},
                "signed": [[_day(first), _day(last)] for first, last in market.signed(one.talent)],
            },
        )
        told["free"].update({week.isoformat(): hours for week, hours in terms.free.items()})
        year = str(market.needs[one.need].first.year)
        told["years"][year] = {"travel": terms.travel_left, "trips": terms.trips_left}
    return [found[key] for key in sorted(found)]


def _day(day: date) -> str:
    return day.isoformat()


def _pair(market: HoursMarket, one: Chance) -> Json:
    terms = market.terms(one.need, one.talent)
    return {
        "need": one.need,
        "talent": one.talent,
        "a": one.a,
        "b": one.b,
        "score": one.score,
        "mode": terms.mode,
        "visits": terms.visits,
        "road": terms.road,
        "counted": terms.counted,
        "far": terms.far,
    }
