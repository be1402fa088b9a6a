"""Sentences of the filters of query A, and what an official must verify by hand."""

from kg.index.cooperation.entities import Demand, Offering
from kg.matching.cooperation import filters
from kg.matching.cooperation import sentences as say
from kg.matching.cooperation import texts as t
from kg.matching.cooperation.scorer import Figures, Scorer
from kg.matching.cooperation.seats import Amount, last_school_year
from kg.matching.quantities import all_of
from kg.model.answers import UNKNOWN, Evidence, FilterResult, Status
from kg.vocab.modes import COOPERATION_MODES

_UNKNOWN = t.SEATS["unknown"]


def filter_results(scorer: Scorer, figures: Figures) -> tuple[FilterResult, ...]:
    """Return every filter of a pair with its sentence, in checking order."""
    return tuple(_result(scorer, figures, code, status) for code, status in figures.statuses.items())


def _result(scorer: Scorer, figures: Figures, code: str, status: Status) -> FilterResult:
    texts = {
        "A1": _standing,
        "A2": _cohort,
        "A3": _trade,
        "A4": _mode,
        "A5": _legal,
        "A6": _seats,
        "A7": _scope,
        "A8": _class,
    }
    return FilterResult(
        code=code,
        status=status,
        text=texts[code](scorer, figures.offering, figures.demand),
        check=t.CHECK.get(code, "") if status is UNKNOWN else "",
        evidence=_evidence(scorer, figures, code),
    )


def _evidence(scorer: Scorer, figures: Figures, code: str) -> tuple[Evidence, ...]:
    offering, demand = figures.offering.evidence, figures.demand.evidence
    return {
        "A2": offering.get("school", ()),
        "A3": (*offering.get("major", ()), *demand.get("occupation", ())),
        "A4": (*demand.get("enterprise", ()), *_assessing(scorer, figures)),
        "A5": demand.get("enterprise", ()),
        "A6": (*offering.get("school", ()), *demand.get("enterprise", ())),
    }.get(code, ())


def _assessing(scorer: Scorer, figures: Figures) -> tuple[Evidence, ...]:
    """Return what says that an organ of the school's name may assess the occupation of the post."""
    if scorer.question.mode != "assessment":
        return ()
    organs = filters.organs_of(scorer.facts, scorer.facts.school(figures.offering))
    resolve, wanted = scorer.world.occupations.resolve, figures.demand.occupation
    return tuple(edge for organ in organs for edge in organ.evidence if resolve(edge.end.key) == wanted)


def _joined(pieces: list[tuple[str, Status]], **words: object) -> str:
    """Return the sentences of those parts that decide: failing ones, else unknown ones, else all."""
    whole = all_of(status for _, status in pieces)
    found = [
        t.FILTER[key].format(**words)
        for name, status in pieces
        if status is whole
        for key in (f"{name}-{status.value}",)
        if key in t.FILTER
    ]
    return t.THEN.join(dict.fromkeys(found))


def _standing(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    enterprise = scorer.facts.enterprise(demand)
    pieces = [
        ("status", filters.enterprise_standing(enterprise)),
        ("licence", filters.school_standing(scorer.facts, scorer.facts.school(offering))),
    ]
    return _joined(pieces, status=enterprise.status, day=scorer.question.as_of)


def _cohort(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    del demand
    year, last, intake = scorer.question.year, last_school_year(offering), offering.intake_year
    started = None if intake is None else intake <= year
    there = False if started is False else None if last is None else started and year <= last
    students = None if offering.students is None else offering.students > 0
    pieces = [
        ("approved", filters.verdict(offering.approved)),
        ("students", filters.verdict(students)),
        ("intake", filters.verdict(there)),
    ]
    return _joined(pieces, intake=intake, year=year)


def _trade(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    found = scorer.facts.fit(offering.major, demand.occupation)
    status = filters.trade(scorer.facts, scorer.question, offering, demand.occupation)
    words = say.relation(scorer.policy.common, found.fit or 0.0)
    return t.FILTER[f"trade-{status.value}"].format(relation=words)


def _mode(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    facts, question = scorer.facts, scorer.question
    offers = filters.verdict(demand.modes is None or question.mode in demand.modes)
    pieces = [
        ("mode", filters.soften(offers, complete=not demand.modes_masked)),
        (
            "dated",
            filters.soften(
                filters.verdict(facts.seats.in_year[demand.id]), complete=not demand.period_masked
            ),
        ),
    ]
    if question.mode == "internship":
        pieces.append(("study", filters.cohort_fits_mode(question, offering)))
    if question.mode == "assessment":
        pieces.append(("assess", filters.may_assess(facts, question, facts.school(offering), demand)))
    study = "" if offering.intake_year is None else question.year - offering.intake_year + 1
    return _joined(pieces, mode=COOPERATION_MODES[question.mode], year=question.year, study=study)


def _legal(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    del offering
    legal = scorer.facts.seats.legal[demand.id]
    status = filters.legal_room(legal)
    caps = t.THEN.join(say.caps(scorer.facts, demand, legal))
    return t.FILTER[f"legal-{status.value}"].format(legal=legal.left, caps=caps)


def _seats(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    supply, open_ = scorer.facts.seats.supply[offering.id], scorer.facts.seats.open[demand.id]
    return t.FILTER["seats"].format(supply=amount(supply), open=amount(open_))


def amount(found: Amount) -> str:
    """Return an amount as people read it."""
    if found.value is None:
        return _UNKNOWN
    return str(found.value) if found.complete else f"{found.value}{t.SEATS['incomplete']}"


def _scope(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    del scorer
    return t.FILTER["public" if offering.public and demand.public else "own"]


def _class(scorer: Scorer, offering: Offering, demand: Demand) -> str:
    if offering.class_min is None:
        return t.FILTER["class-masked" if offering.class_min_masked else "class-free"]
    status = scorer.class_status(offering, demand.enterprise)
    return t.FILTER[f"class-{status.value}"].format(least=offering.class_min)
