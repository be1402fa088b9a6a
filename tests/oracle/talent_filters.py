"""The filters B1 to B9 of query B."""

from fractions import Fraction

from tests.oracle.reference import Number, reaches
from tests.oracle.talent_facts import Candidate
from tests.oracle.world import (
    FAIL,
    PASS,
    SLACK,
    UNKNOWN,
    Row,
    Status,
    all_of,
    day,
    holds,
    is_masked,
    items,
    level,
    number,
    one_of,
    overlaps,
    soften,
    text,
    verdict,
)

OCCUPATION_FIT = Fraction(7, 10)
RELEVANCE_SKILL, RELEVANCE_TRADE = Fraction(7, 10), Fraction(3, 10)
RELEVANCE_LEAST, EVIDENCE_LEAST, COVER_LEAST = Fraction(2, 10), Fraction(1, 10), Fraction(8, 10)
PARTTIME_HOURS = 24
TRIP_MODES = {"consult", "project", "station"}
TRIPS_MOST, FAR_HOURS = 3, 1
ENGAGEMENTS_MOST = 3


def consent(person: Candidate) -> Status:
    """B1."""
    if person.person.any_objects:
        return FAIL
    wanted = {"任意", person.need.host, *person.need.host_kinds}
    rows = [row for row in person.rows("consents") if text(row, "purpose") == "柔性推荐"]
    return one_of(_consent(person, row) for row in rows if wanted & set(items(row, "recipients")))


def _consent(person: Candidate, row: Row) -> Status:
    revoked = day(row, "revoked")
    told = holds(row, person.as_of) and not (revoked is not None and revoked <= person.as_of)
    return soften(verdict(told), not (is_masked(row, "revoked") or is_masked(row, "valid_to")))


def relevance(
    person: Candidate, skill: Number | None, trade: Number | None, evidence: Number | None
) -> Status:
    """B0."""
    value = skill if trade is None else trade
    if skill is not None and trade is not None:
        value = RELEVANCE_SKILL * skill + RELEVANCE_TRADE * trade
    if value is not None and value >= RELEVANCE_LEAST - SLACK:
        return PASS
    if evidence is not None and evidence >= EVIDENCE_LEAST - SLACK:
        return PASS
    if _one_skill(person):
        return PASS
    return UNKNOWN if value is None else FAIL


def _one_skill(person: Candidate) -> bool:
    skills, held = person.need.skills, person.held_skills()
    mean = sum((weight for _, _, weight in skills), Fraction(0)) / max(1, len(skills))
    return any(
        weight >= mean - SLACK and person.facts.skills.cover_one(name, grade, held) >= COVER_LEAST - SLACK
        for name, grade, weight in skills
    )


def level_reached(person: Candidate) -> Status:
    """B2."""
    least = person.need.min_level
    if least is None:
        return UNKNOWN if is_masked(person.need.row, "min_level") else PASS
    leveled = [row for row in person.certificates if row.get("level") is not None]
    proofs = leveled + person.appointments
    if not proofs:
        declared = level(person.row, "level")
        if declared is None:
            return UNKNOWN if is_masked(person.row, "level") else FAIL
        return UNKNOWN if declared >= least else FAIL
    return one_of(_proof(person, row, least) for row in proofs)


def _proof(person: Candidate, row: Row, least: int) -> Status:
    own = level(row, "level")
    high = verdict(None if own is None else own >= least)
    if not person.need.occupations:
        return high
    code = text(row, "occupation")
    fits = [
        None if code is None else person.facts.occupations.fit(wanted, code)
        for wanted in person.need.occupations
    ]
    return all_of([high, reaches(fits, OCCUPATION_FIT)])


def employer(person: Candidate) -> Status:
    """B3."""
    own = text(person.row, "employer")
    if own is not None and own == person.need.host:
        return FAIL
    if text(person.row, "work_status") in {"退休", "自由职业", "待业"}:
        return PASS
    if own is None:
        return UNKNOWN
    return FAIL if person.facts.ownership.affiliated(own, person.need.host, person.as_of) else PASS


def mode_rule(person: Candidate, mode: str) -> Status:
    """The rule of one mode: hours of part-time work, status of re-hired and shared staff."""
    need, status = person.need, text(person.row, "work_status")
    if mode == "parttime":
        hours = need.hours_a_week if need.hours_a_week is not None else need.hours / len(need.weeks)
        return verdict(hours <= PARTTIME_HOURS + SLACK)
    asked = {"rehire": "退休", "share": "在职"}.get(mode)
    if asked is None:
        return PASS
    return verdict(None if status is None else status == asked)


def mode_statuses(person: Candidate) -> dict[str, Status]:
    """B4 of each mode on offer; without told modes, what does not fail its rule passes here."""
    found = {mode: mode_rule(person, mode) for mode in person.offered_modes()}
    if person.has_modes:
        return found
    return {mode: FAIL if status == FAIL else PASS for mode, status in found.items()}


def modes_agree(person: Candidate, statuses: dict[str, Status]) -> Status:
    """B4."""
    if text(person.row, "work_status") == "在职" and person.person.any_home_refusal:
        return FAIL
    found = one_of(statuses.values())
    return found if person.has_modes else soften(found, complete=False)


def restrictions(person: Candidate) -> Status:
    """B5."""
    need = person.need
    rows = [row for row in person.rows("restrictions") if overlaps(row, need.first, need.last)]
    return all_of(_restriction(person, row) for row in rows)


def _restriction(person: Candidate, row: Row) -> Status:
    need, competing = person.need, text(row, "kind") == "竞业"
    given = [column for column in ("org", "occupation", "district") if row.get(column) is not None]
    if not given:
        return FAIL if competing else PASS
    matches = {column: _field_matches(person, row, column) for column in given}
    match = all_of(matches.values())
    if "occupation" in given and not need.occupations and match == PASS:
        return UNKNOWN
    if match == FAIL:
        return PASS
    return FAIL if competing and match == PASS else UNKNOWN


def _field_matches(person: Candidate, row: Row, column: str) -> Status:
    need, value = person.need, text(row, column)
    if column == "occupation" and not need.occupations:
        return PASS
    if value is None:
        return UNKNOWN
    if column == "occupation":
        return reaches(
            [person.facts.occupations.fit(wanted, value) for wanted in need.occupations], OCCUPATION_FIT
        )
    if column == "org":
        return verdict(value == need.host)
    return verdict(None if need.district is None else value == need.district)


def time_enough(person: Candidate) -> Status:
    """B6."""
    need = person.need
    if number(person.row, "weekly_hours") is None:
        return UNKNOWN
    free, complete = person.free_hours()
    if need.hours_a_week is None:
        return soften(verdict(sum(free) >= need.hours - SLACK), complete)
    good = sum(hours >= need.hours_a_week - SLACK for hours in free)
    return soften(verdict(good >= need.weeks_wanted), complete)


def travel_statuses(person: Candidate, modes: list[str]) -> dict[str, Status]:
    """B7 of each of the modes."""
    return {mode: _travel(person, mode) for mode in modes}


def _travel(person: Candidate, mode: str) -> Status:
    visits, hours = person.visits(mode), person.travel_hours(mode)
    if visits == 0:
        return PASS
    if visits is None or hours is None or person.way is None:
        return UNKNOWN
    statuses = [_own_limit(person, hours)]
    if mode in TRIP_MODES and person.way >= FAR_HOURS - SLACK:
        told = [number(row, "trips") for row in person.trips_of_year() if text(row, "mode") in TRIP_MODES]
        trips = sum((n for n in told if n is not None), Fraction(0))
        statuses.append(soften(verdict(trips + visits <= TRIPS_MOST + SLACK), None not in told))
    return all_of(statuses)


def _own_limit(person: Candidate, hours: Number) -> Status:
    limit = number(person.row, "travel_hours")
    if limit is None:
        return UNKNOWN if is_masked(person.row, "travel_hours") else PASS
    used: Number = Fraction(0)
    complete = True
    for row in person.trips_of_year():
        way, trips = person.past_round_trip(row), number(row, "trips")
        if way is None:
            continue
        complete = complete and trips is not None
        used += way * (trips or 0)
    return soften(verdict(hours <= limit - used + SLACK), complete)


def few_engagements(person: Candidate) -> Status:
    """B8."""
    need = person.need
    rows = [row for row in person.signed() if overlaps(row, need.first, need.last)]
    same = need.key is not None and any(text(row, "need_id") == need.key for row in rows)
    return verdict(len(rows) < ENGAGEMENTS_MOST and not same)


def pay_reached(person: Candidate) -> Status:
    """B9."""
    told = ((person.need.row, "pay_max"), (person.row, "pay_floor"))
    if all(is_masked(row, name) or number(row, name) is not None for row, name in told) and any(
        is_masked(row, name) for row, name in told
    ):
        return UNKNOWN
    offer, floor = number(person.need.row, "pay_max"), number(person.row, "pay_floor")
    return verdict(offer is None or floor is None or offer >= floor - SLACK)
