"""The filters A1 to A6 of one pair, and A8 for the pairs of one cohort with one enterprise (`scoring.md` §2)."""

from collections.abc import Iterable, Sequence

from kg.index.cooperation.entities import STATUS_NORMAL, Demand, Enterprise, Offering, Organ, School
from kg.index.lookups import Occupation
from kg.matching.cooperation.factors import Facts
from kg.matching.cooperation.question import PartnerQuestion
from kg.matching.cooperation.seats import Amount, Legal, last_school_year, least
from kg.matching.quantities import SLACK, all_of, one_of
from kg.model.answers import FAIL, PASS, UNKNOWN, Status


def verdict(answer: bool | None) -> Status:
    """Return pass for yes, fail for no, unknown for None."""
    return UNKNOWN if answer is None else PASS if answer else FAIL


def soften(status: Status, *, complete: bool) -> Status:
    """A pass that rests on something not told is unknown; a fail stays a fail."""
    return UNKNOWN if status is PASS and not complete else status


def at_least_one(amount: Amount) -> Status:
    """Return whether an amount is 1 or more; unknown when it is not told or not complete."""
    return soften(
        verdict(None if amount.value is None else amount.value >= 1),
        complete=amount.complete,
    )


def enterprise_standing(enterprise: Enterprise) -> Status:
    """A1, the enterprise: its status is 正常."""
    return verdict(None if enterprise.status is None else enterprise.status == STATUS_NORMAL)


def school_standing(facts: Facts, school: School) -> Status:
    """A1, the school: its licence covers the day."""
    start, end, day = school.licence_from, school.licence_to, facts.as_of
    if start is None and end is None:
        return UNKNOWN
    covers = (start is None or start <= day) and (end is None or day <= end)
    return soften(verdict(covers), complete=not school.licence_masked)


def cohort(facts: Facts, offering: Offering) -> Status:
    """A2: approved, with students, and at school in the year."""
    year, last = facts.seats.year, last_school_year(offering)
    if offering.intake_year is None:
        there = None
    elif offering.intake_year > year:
        there = False
    else:
        there = None if last is None else year <= last
    students = None if offering.students is None else offering.students > 0
    return all_of((verdict(offering.approved), verdict(students), verdict(there)))


def trade(facts: Facts, question: PartnerQuestion, offering: Offering, occupation: Occupation) -> Status:
    """A3: the major's best fit reaches the floor of the mode."""
    floor = facts.policy.query_a.fit_floor if question.in_seats else 2 * SLACK
    return facts.fits_at_least(facts.fit(offering.major, occupation), floor)


def demand_offers(facts: Facts, question: PartnerQuestion, demand: Demand) -> Status:
    """A4, the post: it offers the mode and is valid in the year."""
    wanted = soften(
        verdict(demand.modes is None or question.mode in demand.modes), complete=not demand.modes_masked
    )
    dated = soften(verdict(facts.seats.in_year[demand.id]), complete=not demand.period_masked)
    return all_of((wanted, dated))


def cohort_fits_mode(question: PartnerQuestion, offering: Offering) -> Status:
    """A4, the cohort: for an internship it is in its second year or later."""
    if question.mode != "internship":
        return PASS
    return verdict(None if offering.intake_year is None else question.year - offering.intake_year >= 1)


def may_assess(facts: Facts, question: PartnerQuestion, school: School, demand: Demand) -> Status:
    """A4, assessment: an organ of the school's name lists the occupation up to the level."""
    if question.mode != "assessment":
        return PASS
    return one_of(_organ_may(organ, demand) for organ in organs_of(facts, school))


def organs_of(facts: Facts, school: School) -> list[Organ]:
    """Return the assessment organs that bear the school's name or an alias of it."""
    organs = facts.world.cooperation.organs
    return [organ for name in sorted(school.names) for organ in organs.get(name, ())]


def _organ_may(organ: Organ, demand: Demand) -> Status:
    lists = None if organ.occupations is None else demand.occupation in organ.occupations
    if demand.level is None:
        high: bool | None = None if demand.level_masked else True
    else:
        high = None if organ.max_level is None else organ.max_level >= demand.level
    return all_of((verdict(lists), verdict(high)))


def legal_room(legal: Legal) -> Status:
    """A5: both caps leave a seat; a failure that rests on seats of no known post is unknown."""
    strict = all_of((at_least_one(legal.staff_left), at_least_one(legal.post_left)))
    if strict is not FAIL:
        return strict
    lenient = all_of((at_least_one(legal.staff_left), at_least_one(legal.post_left_placed)))
    return FAIL if lenient is FAIL else UNKNOWN


def seats_left(supply: Amount, open_: Amount) -> Status:
    """A6: students are left, and places are open."""
    return all_of((at_least_one(supply), at_least_one(open_)))


def class_size(
    facts: Facts, question: PartnerQuestion, offering: Offering, able: Sequence[tuple[Demand, Status]]
) -> Status:
    """A8: the cohort can fill its class with the enterprise; `able` are its posts in which A1–A6 do not fail."""
    if question.mode != "order_class" or (offering.class_min is None and not offering.class_min_masked):
        return PASS
    if offering.class_min is None:
        return UNKNOWN
    sure = [demand for demand, status in able if status is PASS]
    for status, posts in ((PASS, sure), (UNKNOWN, [demand for demand, _ in able])):
        most = greatest(facts, offering, posts)
        if most is None or most >= offering.class_min:
            return status
    return FAIL


def greatest(facts: Facts, offering: Offering, posts: Sequence[Demand]) -> int | None:
    """Return the most seats one cohort can take on posts of one enterprise; None where nothing binds."""
    seats = facts.seats
    kinds: dict[Occupation, list[Demand]] = {}
    for demand in posts:
        kinds.setdefault(demand.occupation, []).append(demand)
    by_kind = [
        _room((seats.legal[rows[0].id].post_left.value, _total(seats.open[row.id].value for row in rows)))
        for rows in kinds.values()
    ]
    staff = seats.legal[posts[0].id].staff_left.value if posts else None
    return _room((seats.supply[offering.id].value, staff, _total(by_kind)))


def _total(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += max(0, value)
    return total


def _room(values: Iterable[int | None]) -> int | None:
    smallest = least(values)
    return None if smallest is None else max(0, smallest)
