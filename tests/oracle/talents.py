"""Query B: which talents can serve a need. Every person, every rule, no short cut."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from tests.oracle import talent_filters as filters
from tests.oracle.ledger import (
    K_LARGEST,
    Item,
    band_number,
    falling,
    make_side,
    pool_of,
    put_in_order,
    scored,
    with_ranks,
)
from tests.oracle.need import Need, read_need
from tests.oracle.reference import Number, best_known, decay, outcome_events, success_rate
from tests.oracle.talent_facts import Candidate, Facts
from tests.oracle.world import (
    FAIL,
    PASS,
    Person,
    Row,
    Status,
    World,
    day,
    flag,
    has_delivered,
    is_masked,
    items,
    number,
    one_of,
    text,
    whole,
)

FILTERS = ("B1", "B0", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9")
NEED_SIDE = {
    "skill": Fraction(28, 100),
    "trade": Fraction(12, 100),
    "evidence": Fraction(25, 100),
    "productive": Fraction(15, 100),
    "reputation": Fraction(10, 100),
    "honour": Fraction(5, 100),
    "level": Fraction(5, 100),
}
TALENT_SIDE = {
    "mode": Fraction(30, 100),
    "pay": Fraction(30, 100),
    "slack": Fraction(20, 100),
    "topic": Fraction(20, 100),
}
TRADE_IMPLIES = Fraction(6, 10)
EVIDENCE_HALF_LIFE, REPUTATION_HALF_LIFE, UNDATED_YEARS = 5, 3, 15
HONOUR_POINTS = {"国家": Fraction(4), "省": Fraction(2), "市": Fraction(1), "县": Fraction(1, 2)}
HONOUR_FULL = 4


def answer_talents(
    world: World,
    need: str | Row,
    *,
    as_of: date,
    k: int = 20,
    viewer: str = "officer",
    org: str | None = None,
    exposures: Mapping[tuple[str, str], int] | None = None,
    tie_order: Callable[[str], str] | None = None,
) -> Item:
    """Answer query B with the numbers of a recommendation, without its texts.

    ``exposures`` counts appearances of a person under any one of its (source, person_id).
    ``tie_order`` gives the text by which the remaining equals are ordered; without it they are
    ordered by person and share one ``tie_group``. Rights do not change a number of query B.
    """
    if not 1 <= k <= K_LARGEST:
        raise ValueError(f"k must be 1..{K_LARGEST}, got {k}")
    facts = Facts(world)
    request = read_need(facts.needs[need] if isinstance(need, str) else need, facts.places, facts.kinds)
    judged = [judge(facts, request, person, as_of) for person in facts.persons]
    shown = exposures or {}

    def standing(item: Item) -> tuple[float, ...]:
        return band_number(item), falling(item["score"])

    def rank(found: list[Item]) -> list[Item]:
        ordered = put_in_order(
            found,
            standing=standing,
            entity=lambda item: str(item["person"]),
            exposures=lambda item: max(shown.get(ref, 0) for ref in item["person"]),
            tie_order=tie_order,
        )
        return with_ranks(ordered, standing)

    listed = rank([item for item in judged if item.get("band") in {"ranked", "low_coverage"}])
    unsure = rank([item for item in judged if item.get("band") == "to_verify"])
    return {
        "pool": pool_of(judged, FILTERS),
        "items": listed[:k],
        "to_verify": unsure[:k],
        "all_items": listed,
        "all_to_verify": unsure,
        "failed_of": {ref: item["failed"] for item in judged if "failed" in item for ref in item["person"]},
    }


def judge(facts: Facts, need: Need, person: Person, as_of: date) -> Item:
    """One person: the first failing filter, or a scored item."""
    candidate = Candidate(facts, need, person, as_of)
    skill, trade, evidence = _skill(candidate), _trade(candidate), _evidence(candidate)
    modes = filters.mode_statuses(candidate)
    roads = filters.travel_statuses(candidate, [mode for mode, status in modes.items() if status != FAIL])
    found: dict[str, Status] = {
        "B1": filters.consent(candidate),
        "B0": filters.relevance(candidate, skill, trade, evidence),
        "B2": filters.level_reached(candidate),
        "B3": filters.employer(candidate),
        "B4": filters.modes_agree(candidate, modes),
        "B5": filters.restrictions(candidate),
        "B6": filters.time_enough(candidate),
        "B7": one_of(roads.values()),
        "B8": filters.few_engagements(candidate),
        "B9": filters.pay_reached(candidate),
    }
    refs = {"person": list(person.refs)}
    for code in FILTERS:
        if found[code] == FAIL:
            return {**refs, "failed": code}
    mode = _chosen_mode(candidate, modes, roads)
    need_side: dict[str, Number | None] = {
        "skill": skill,
        "trade": trade,
        "evidence": evidence,
        "productive": _productive(candidate, mode),
        "reputation": _reputation(candidate),
        "honour": _honour(candidate),
        "level": Fraction(1) if found["B2"] == PASS else None,
    }
    talent_side: dict[str, Number | None] = {
        "mode": candidate.preference(mode),
        "pay": _pay(candidate),
        "slack": _slack(candidate),
        "topic": _topic(candidate),
    }
    neutrals: dict[str, Number] = {
        code: Fraction(0)
        for code, table in (("evidence", "achievements"), ("honour", "honours"))
        if not has_delivered(facts.world, table)
    }
    sides = {
        "need": make_side(NEED_SIDE, need_side, neutrals),
        "talent": make_side(TALENT_SIDE, talent_side),
    }
    return {**refs, "mode": mode, **scored(sides, [(code, found[code]) for code in FILTERS])}


def _chosen_mode(person: Candidate, modes: dict[str, Status], roads: dict[str, Status]) -> str:
    able = [mode for mode in roads if modes[mode] == PASS and roads[mode] == PASS]
    able = able or [mode for mode in roads if roads[mode] != FAIL]

    def worth(mode: str) -> tuple[float, float, int]:
        hours = person.travel_hours(mode)
        road = float("inf") if hours is None else float(hours)
        return -float(person.preference(mode) or 0), road, person.need.modes.index(mode)

    return min(able, key=worth)


def _trade(person: Candidate) -> Fraction | None:
    return best_known(person.facts.occupations.fits(person.need.occupations, person.trades()))


def _skill(person: Candidate) -> Fraction | None:
    wanted, trade = person.need.skills, _trade(person)
    if not wanted or (not person.skill_rows and trade is None):
        return None
    held, implied = person.held_skills(), TRADE_IMPLIES * (trade or 0)
    cover = person.facts.skills.cover_one
    covered = sum(weight * max(cover(name, grade, held), implied) for name, grade, weight in wanted)
    return Fraction(covered) / sum(weight for _, _, weight in wanted)


def _none_known(person: Candidate, table: str) -> Fraction | None:
    """No row: 0 if one of the person's own registers has delivered the table, else unknown."""
    sources = {source for source, _ in person.person.refs}
    return Fraction(0) if has_delivered(person.facts.world, table, sources) else None


def _evidence(person: Candidate) -> Number | None:
    if not person.need.tags:
        return None
    missing, counted = 1.0, False
    for row in person.rows("achievements"):
        when = day(row, "date")
        if when is not None and when > person.as_of:
            continue
        counted = True
        shared = person.facts.skills.share(person.need.tags, items(row, "tags"))
        trust = 1 if flag(row, "verified") else Fraction(1, 2)
        age = 0.5 ** (UNDATED_YEARS / EVIDENCE_HALF_LIFE)
        missing *= 1 - float(shared * trust) * (
            decay(when, person.as_of, EVIDENCE_HALF_LIFE) if when else age
        )
    return 1 - missing if counted else _none_known(person, "achievements")


def _productive(person: Candidate, mode: str) -> Number | None:
    road, hours = person.travel_hours(mode), person.need.hours
    return None if road is None else hours / (hours + road)


def _reputation(person: Candidate) -> float | None:
    events = [(when, 1, int(good)) for when, _, good in outcome_events(person.engagements)]
    return success_rate(list(events), person.as_of, REPUTATION_HALF_LIFE)


def _honour(person: Candidate) -> Fraction | None:
    rows = [row for row in person.rows("honours") if (whole(row, "year") or 9999) <= person.as_of.year]
    if not rows:
        return _none_known(person, "honours")
    points = sum((HONOUR_POINTS[text(row, "level") or "县"] for row in rows), Fraction(0))
    return min(Fraction(1), points / HONOUR_FULL)


def _pay(person: Candidate) -> Fraction | None:
    row, need = person.row, person.need.row
    offer = number(need, "pay_max")
    if offer is None:
        offer = number(need, "pay_min")
    floor, wish = number(row, "pay_floor"), number(row, "pay_wish")
    if offer is None or floor is None or is_masked(row, "pay_wish") or is_masked(need, "pay_max"):
        return None
    wish = floor if wish is None else wish
    if wish <= floor:
        return Fraction(int(floor <= offer))
    return min(Fraction(1), max(Fraction(0), (offer - floor) / (wish - floor)))


def _slack(person: Candidate) -> Fraction | None:
    free, complete = person.free_hours()
    if number(person.row, "weekly_hours") is None or not complete:
        return None
    hours = person.need.hours
    return min(Fraction(1), max(Fraction(0), (sum(free, Fraction(0)) - hours) / hours))


def _topic(person: Candidate) -> Fraction | None:
    wanted, own = person.need.tags, items(person.row, "interests")
    return person.facts.skills.share(wanted, own) if wanted and own else None
