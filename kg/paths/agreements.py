"""What an agreement about an item should settle, filled from the match, and the clauses that apply to it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from kg.index.world import World
from kg.model.answers import Answer, Item, Match
from kg.model.graph import MASKED, Row, Value
from kg.paths.agreement_texts import (
    HOME_FREE,
    HOME_WORKING,
    LAW_LABEL,
    OFFERS,
    PARTNER_MODES,
    PARTNER_POINTS,
    SEAT_POINTS,
    SPLIT,
    SUBJECTS,
    TALENT_MODES,
    TALENT_POINTS,
    WEEKLY,
    WORKING,
    Point,
)
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES, SEAT_MODES

Json = dict[str, Any]
Words = Mapping[str, object]


def checklist(answer: Answer, item: Item, world: World, *, whole: bool) -> list[Json]:
    """Return the points `{code, label, text, filled}` in order; `whole` also fills in what only officers may read."""
    if item.match.node.kind == "talent":
        told = _talent(answer, item.match, world, whole=whole)
        points, laws = TALENT_POINTS, TALENT_MODES.get(item.match.mode or "", ())
    else:
        told = _partner(item, world, whole=whole)
        points, laws = PARTNER_POINTS, PARTNER_MODES.get(item.match.mode or "", ())
    in_seats = item.match.mode in SEAT_MODES
    found = [
        _line(code, point, told.get(code))
        for code, point in points.items()
        if in_seats or code not in SEAT_POINTS
    ]
    laws_told = [{"code": "law", "label": LAW_LABEL, "text": text, "filled": True} for text in laws]
    return [*found, *laws_told]


def _line(code: str, point: Point, words: Words | None) -> Json:
    """Return one point: its sentence filled in, or the reminder where a figure of it is not known."""
    if words is None or any(word in (None, "") for word in words.values()):
        return {"code": code, "label": point.label, "text": point.blank, "filled": False}
    text = point.text.format(**words)
    return {"code": code, "label": point.label, "text": text, "filled": True}


# -- a flexible service -----------------------------------------------------------------------------------------


def _talent(answer: Answer, match: Match, world: World, *, whole: bool) -> dict[str, Words]:
    need = _need(answer, world)
    hours, travel = _part(match, "hours"), _part(match, "travel")
    weekly = hours.get("weekly")
    found: dict[str, Words] = {
        "parties": {"host": _name(world, need.get("host")), "person": match.label},
        "task": {"title": _text(need.get("title"))},
        "mode": {"mode": ENGAGEMENT_MODES.get(match.mode or "", "")},
        "term": {"first": _text(need.get("valid_from")), "last": _text(need.get("valid_to"))},
        "hours": {
            "hours": _figure(hours.get("needed")),
            "weeks": hours.get("weeks_wanted"),
            "weekly": WEEKLY.format(weekly=_figure(weekly)) if weekly else " ",
        },
        "place": {"place": travel.get("to_name"), "visits": _visits(travel)},
        "pay": {"pay": _figure(need.get("pay_max"))},
    }
    if whole:
        found["travel"] = {"hours": _figure(travel.get("hours")) if travel.get("hours") else None}
        talent = world.talents.talent(match.node.key)
        status = None if talent is None else talent.work_status
        if status is not None:
            text = HOME_WORKING if status == WORKING else HOME_FREE.format(status=status)
            found["home"] = {"status": text}
    return found


def _need(answer: Answer, world: World) -> Mapping[str, Any]:
    """Return the columns of the need that was asked about, stored or typed in."""
    inline = answer.question.get("inline")
    if isinstance(inline, Mapping):
        return inline
    need = world.talents.needs.get(str(answer.question.get("need")))
    return {} if need is None else need.values


def _visits(travel: Mapping[str, Any]) -> str | None:
    visits = travel.get("visits")
    return None if visits is None else str(visits)


# -- a cooperation ----------------------------------------------------------------------------------------------


def _partner(item: Item, world: World, *, whole: bool) -> dict[str, Words]:
    match, view = item.match, world.cooperation
    assert match.pair is not None, "a partner is named by its best pair"
    offering, demand = view.offerings[match.pair["offering"]], view.demands[match.pair["demand"]]
    seats, year = _part(match, "seats"), match.facts.get("year")
    found: dict[str, Words] = {
        "parties": {
            "school": view.school(offering.school).name,
            "enterprise": view.enterprise(demand.enterprise).name,
        },
        "mode": {"mode": COOPERATION_MODES.get(match.mode or "", ""), "year": year},
        "cohort": {
            "cohort": match.facts.get("offering_label"),
            "supply": _text(seats.get("supply") if seats else offering.students),
        },
        "post": {
            "post": demand.label,
            "occupation": world.occupations.name(demand.occupation),
            "open": _text(seats.get("open") if seats else demand.count),
        },
        "seats": _seats(item),
        "pay": {"pay": _figure(demand.pay)},
        "mentors": {"mentors": _text(demand.mentors)},
        "boarding": {"boarding": None if demand.boarding is None else OFFERS[demand.boarding]},
    }
    if whole:
        found["caps"] = {"staff": seats.get("staff_text"), "post": seats.get("post_text")}
    return found


def _seats(item: Item) -> Words:
    """Return the seats of all pairs together, and how many of them are those of the pair that the points name."""
    pair, given = item.match.pair, item.allocation or ()
    here = next((one.seats for one in given if pair == {"offering": one.offering, "demand": one.demand}), 0)
    split = SPLIT.format(here=here) if item.seats and here != item.seats else " "
    return {"seats": _text(item.seats) if item.seats else None, "split": split}


# -- clauses ----------------------------------------------------------------------------------------------------


def clauses(rows: Iterable[Row], item: Item, day: date) -> list[Json]:
    """Return the clauses of the table `policies` that apply: of this subject, for this mode or any, in force that day."""
    question = "talents" if item.match.node.kind == "talent" else "partners"
    found = {row.values["clause_id"]: row for row in rows if _applies(row, question, item.match.mode, day)}
    return [_clause(row) for _, row in sorted(found.items(), key=lambda one: str(one[0]))]


def _applies(row: Row, question: str, mode: str | None, day: date) -> bool:
    modes = row.values.get("mode")
    for_mode = not isinstance(modes, tuple) or not modes or mode in modes
    first, last = row.provenance.valid_from, row.provenance.valid_to
    in_force = (first is None or first <= day) and (last is None or day <= last)
    return row.values.get("subject") == SUBJECTS[question] and for_mode and in_force


def _clause(row: Row) -> Json:
    told = {name: _shown(row.values.get(name)) for name in ("clause_id", "title", "text", "source")}
    return {
        **told,
        "valid_from": _shown(row.values.get("valid_from")),
        "valid_to": _shown(row.values.get("valid_to")),
    }


# -- cells ------------------------------------------------------------------------------------------------------


def _shown(value: Value) -> Value:
    return None if value == MASKED else value


def _part(match: Match, name: str) -> Mapping[str, Any]:
    part = match.facts.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: object) -> str | None:
    return None if value in (None, MASKED) else str(value)


def _figure(value: object) -> str | None:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else None


def _name(world: World, host: object) -> str | None:
    return world.organisations.name(str(host)) if host else None
