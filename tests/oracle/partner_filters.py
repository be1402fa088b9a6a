"""The filters A1 to A6 of query A for one pair, and A8 for the pairs of one cohort."""

from collections.abc import Hashable, Iterable
from unicodedata import normalize

from tests.oracle.partner_facts import FIT_SEATS, PartnerFacts
from tests.oracle.reference import reaches
from tests.oracle.seats import Legal, last_school_year, least
from tests.oracle.world import (
    FAIL,
    PASS,
    SLACK,
    UNKNOWN,
    Row,
    Status,
    all_of,
    holds,
    is_masked,
    items,
    level,
    number,
    one_of,
    soften,
    text,
    verdict,
    whole,
)


def standing(facts: PartnerFacts, offering: Row, demand: Row) -> Status:
    """A1."""
    status = text(facts.enterprises.get(text(demand, "enterprise") or "", {}), "status")
    school = facts.schools.get(text(offering, "school") or "", {})
    return all_of([verdict(None if status is None else status == "正常"), _licence(facts, school)])


def _licence(facts: PartnerFacts, school: Row) -> Status:
    if text(school, "licence_from") is None and text(school, "licence_to") is None:
        return UNKNOWN
    masked = is_masked(school, "licence_from") or is_masked(school, "licence_to")
    return soften(verdict(holds(school, facts.as_of, "licence_from", "licence_to")), not masked)


def cohort_there(facts: PartnerFacts, offering: Row) -> Status:
    """A2."""
    approved, students = text(offering, "approved"), number(offering, "students")
    intake, last = whole(offering, "intake_year"), last_school_year(offering)
    return all_of([
        verdict(None if approved is None else approved == "已批准"),
        verdict(None if students is None else students > 0),
        verdict(None if intake is None else intake <= facts.year),
        verdict(None if last is None else facts.year <= last),
    ])


def trade_fits(facts: PartnerFacts, offering: Row, demand: Row) -> Status:
    """A3."""
    return reaches(facts.fits(offering, demand), FIT_SEATS if facts.in_seats else 2 * SLACK)


def mode_fits(facts: PartnerFacts, offering: Row, demand: Row) -> Status:
    """A4."""
    modes, intake = items(demand, "modes"), whole(offering, "intake_year")
    wanted = facts.mode in [mode.partition("=")[0] for mode in modes] if modes else True
    dated = not (is_masked(demand, "valid_from") or is_masked(demand, "valid_to"))
    statuses = [
        soften(verdict(wanted), not is_masked(demand, "modes")),
        soften(verdict(facts.seats.in_year(demand)), dated),
    ]
    if facts.mode == "internship":
        statuses.append(verdict(None if intake is None else facts.year - intake >= 1))
    if facts.mode == "assessment":
        school = facts.schools.get(text(offering, "school") or "", {})
        names = {_same_name(name) for name in (text(school, "name") or "", *items(school, "aliases")) if name}
        organs = [row for row in facts.organs if _same_name(text(row, "name") or "") in names]
        statuses.append(one_of(_may_assess(facts, organ, demand) for organ in organs))
    return all_of(statuses)


def _same_name(name: str) -> str:
    return "".join(normalize("NFKC", name).split()).casefold()


def _may_assess(facts: PartnerFacts, organ: Row, demand: Row) -> Status:
    own = facts.occupations.resolve(str(demand["occupation"]))
    codes = {facts.occupations.resolve(code) for code in items(organ, "occupations")}
    listed = verdict(own in codes) if codes else UNKNOWN
    asked, most = level(demand, "level"), level(organ, "max_level")
    if asked is None:
        return all_of([listed, UNKNOWN if is_masked(demand, "level") else PASS])
    return all_of([listed, verdict(None if most is None else most >= asked)])


def room_by_law(legal: Legal) -> Status:
    """A5."""
    status = _caps(legal, unplaced=True)
    return UNKNOWN if status == FAIL and _caps(legal, unplaced=False) != FAIL else status


def _caps(legal: Legal, *, unplaced: bool) -> Status:
    parts = (legal.staff, legal.post if unplaced else legal.post_without_unplaced)
    return all_of(soften(verdict(None if p.value is None else p.value >= 1), p.complete) for p in parts)


def seats_left(facts: PartnerFacts, offering: Row, demand: Row) -> Status:
    """A6."""
    amounts = (facts.seats.supply(offering), facts.seats.open(demand))
    return all_of(soften(verdict(None if a.value is None else a.value >= 1), a.complete) for a in amounts)


def may_see(row: Row, owner_column: str, viewer: str, org: str | None) -> bool:
    """A7."""
    if viewer == "officer" or row.get("scope") in (None, "公开"):
        return True
    return org is not None and text(row, owner_column) == org


def class_status(facts: PartnerFacts, offering: Row, rows: list[tuple[Row, Legal, Status]]) -> Status:
    """A8 of a cohort with an enterprise; rows = (demand, caps, A1 to A6 together), none failing."""
    if facts.mode != "order_class":
        return PASS
    wanted = whole(offering, "class_min")
    if wanted is None:
        return UNKNOWN if is_masked(offering, "class_min") else PASS
    sure = [(demand, legal) for demand, legal, status in rows if status == PASS]
    for status, some in ((PASS, sure), (UNKNOWN, [(demand, legal) for demand, legal, _ in rows])):
        most = _greatest(facts, offering, some)
        if most is None or most >= wanted:
            return status
    return FAIL


def _greatest(facts: PartnerFacts, offering: Row, rows: list[tuple[Row, Legal]]) -> int | None:
    """The most seats of one cohort over some posts, ``None`` if nothing binds."""
    kinds: dict[Hashable, list[tuple[Row, Legal]]] = {}
    for demand, legal in rows:
        kinds.setdefault(facts.seats.kind(demand), []).append((demand, legal))
    by_kind = [
        _room([same[0][1].post.value, _total(facts.seats.open(demand).value for demand, _ in same)])
        for same in kinds.values()
    ]
    staff = rows[0][1].staff.value if rows else None
    return _room([facts.seats.supply(offering).value, staff, _total(by_kind)])


def _total(values: Iterable[int | None]) -> int | None:
    found = [None if value is None else max(0, value) for value in values]
    return None if None in found else sum(value or 0 for value in found)


def _room(values: Iterable[int | None]) -> int | None:
    smallest = least(values)
    return None if smallest is None else max(0, smallest)
