"""Turns the figures of a pair into a match: ledger with sentences, evidence, paths, seat arithmetic, summary."""

from kg.index.cooperation.entities import Cooperation, Demand, Offering
from kg.matching.cooperation import sentences as say
from kg.matching.cooperation import texts as t
from kg.matching.cooperation.scorer import Figures, Scorer, Values, Words, make_side
from kg.matching.cooperation.seats import least
from kg.matching.cooperation.verdicts import filter_results
from kg.model.answers import Evidence, EvidencePath, Match
from kg.vocab.reasons import FACTOR_LABELS


def explain(scorer: Scorer, figures: Figures) -> Match:
    """Return the match of a scored pair; node is the partner that the question looks for."""
    offering, demand = figures.offering, figures.demand
    school, enterprise = scorer.facts.school(offering), scorer.facts.enterprise(demand)
    node, other = (school, enterprise) if scorer.question.node_kind == "school" else (enterprise, school)
    rules, policy = scorer.policy.query_a, scorer.policy
    ours, theirs = _enterprise_words(scorer, figures), _school_words(scorer, figures)
    return Match(
        node=node.ref,
        label=node.name,
        other=other.ref,
        mode=scorer.question.mode,
        pair={"offering": offering.id, "demand": demand.id},
        sides={
            "enterprise": make_side(rules.enterprise_side, figures.values.enterprise(), policy, ours),
            "school": make_side(rules.school_side, figures.values.school(), policy, theirs),
        },
        filters=filter_results(scorer, figures),
        paths=_paths(scorer, figures),
        facts=_facts(scorer, offering, demand),
        summary=_summary(scorer, figures),
    )


def _enterprise_words(scorer: Scorer, figures: Figures) -> Words:
    facts, offering, demand, values = scorer.facts, figures.offering, figures.demand, figures.values
    return {
        "major": (say.major(facts, offering, demand, values.major), _major_evidence(figures)),
        "skill": (say.skill(facts, offering, values.covers), _skill_evidence(values)),
        "level": (say.level(facts, offering, demand, values.level), _of(offering, "major")),
        "fill": (say.fill(facts, demand, values.fill), _signed(scorer, offering, demand)),
        "outcome": (
            say.outcome(facts, values.outcome),
            tuple(edge for row in values.outcome.cohorts for edge in row.evidence.get("major", ())),
        ),
        "travel": (say.travel(facts, demand, values.travel), _trip_evidence(values)),
    }


def _school_words(scorer: Scorer, figures: Figures) -> Words:
    facts, offering, demand, values = scorer.facts, figures.offering, figures.demand, figures.values
    post = (
        *(values.post.wage.evidence if values.post.wage and values.post.pay is not None else ()),
        *demand.evidence.get("enterprise", ()),
    )
    same = (
        t.MAJOR["again"]
        if values.major.value is not None
        else say.assumed(facts, "major", t.MAJOR["unknown"])
    )
    return {
        "major": (same, _major_evidence(figures)),
        "post": (say.post(facts, values.post), post),
        "industry": (say.industry(facts, values.industry), _industry_evidence(scorer, figures)),
        "volume": (
            say.volume(facts, offering, values.volume, values.volume_value),
            (*_of(demand, "enterprise"), *_of(offering, "school")),
        ),
        "history": (
            say.history(facts, offering, values.history),
            tuple(edge for one in values.history.counted for edge in one.evidence.get("enterprise", ())),
        ),
        "travel": (say.travel_again(facts, demand, values.travel), _trip_evidence(values)),
    }


def _of(row: Offering | Demand | Cooperation, column: str) -> tuple[Evidence, ...]:
    return tuple(row.evidence.get(column, ()))


def _major_evidence(figures: Figures) -> tuple[Evidence, ...]:
    best = figures.values.major.best
    lead = (best.evidence,) if best is not None and best.evidence is not None else ()
    return (*_of(figures.offering, "major"), *lead, *_of(figures.demand, "occupation"))


def _skill_evidence(values: Values) -> tuple[Evidence, ...]:
    edges = (cover.by.evidence for cover in values.covers if cover.by is not None)
    return tuple(dict.fromkeys(edge for edge in edges if edge is not None))


def _signed(scorer: Scorer, offering: Offering, demand: Demand) -> tuple[Evidence, ...]:
    """Return the agreements whose seats were taken off."""
    seats = scorer.facts.seats
    found = (
        *(edge for one in seats.signed_offering.get(offering.id, ()) for edge in _of(one, "offering")),
        *(edge for one in seats.signed_demand.get(demand.id, ()) for edge in _of(one, "demand")),
    )
    return (*_of(demand, "enterprise"), *found)


def _trip_evidence(values: Values) -> tuple[Evidence, ...]:
    trip = values.travel.trip
    return () if trip is None or trip.evidence is None else (trip.evidence,)


def _chain_edges(scorer: Scorer, figures: Figures) -> list[Evidence]:
    chain = figures.values.industry.chain
    edges = scorer.facts.enterprise(figures.demand).evidence.get("chains", ())
    return [edge for edge in edges if edge.end.key == chain]


def _group_edges(scorer: Scorer, figures: Figures) -> list[Evidence]:
    """Return the edges of the serving major group: to the chain, to the major, to the school."""
    found = figures.values.industry
    if found.group is None:
        return []
    majors = scorer.world.majors
    links = found.group.evidence
    return [
        *(edge for edge in links.get("chains", ()) if edge.end.key == found.chain),
        *(
            edge
            for edge in links.get("majors", ())
            if majors.node_key(edge.end.key) == figures.offering.major
        ),
        *links.get("school", ()),
    ]


def _industry_evidence(scorer: Scorer, figures: Figures) -> tuple[Evidence, ...]:
    return (*_chain_edges(scorer, figures), *_group_edges(scorer, figures))


def _paths(scorer: Scorer, figures: Figures) -> tuple[EvidencePath, ...]:
    found = (_trade_path(scorer, figures), _chain_path(scorer, figures), _history_path(scorer, figures))
    return tuple(path for path in found if path is not None)


def _trade_path(scorer: Scorer, figures: Figures) -> EvidencePath | None:
    """Return school - cohort - major - occupation - post - enterprise."""
    facts, offering, demand = scorer.facts, figures.offering, figures.demand
    best = figures.values.major.best
    if best is None or best.evidence is None or not figures.values.major.value:
        return None
    occupations = scorer.world.occupations
    fit, walked = (
        occupations.fit(best.occupation, demand.occupation),
        occupations.walked(best.occupation, demand.occupation),
    )
    return EvidencePath(
        text=t.PATH["trade" if fit == 1 else "trade.near"].format(
            fit=f"{fit or 0:g}",
            school=facts.school(offering).name,
            offering=say.cohort_label(facts, offering),
            lead=occupations.name(best.occupation),
            enterprise=facts.enterprise(demand).name,
            demand=demand.label,
            wanted=occupations.name(demand.occupation),
        ),
        edges=(
            *_of(offering, "school"),
            *_of(offering, "major"),
            best.evidence,
            *(() if walked is None else (walked,)),
            *_of(demand, "occupation"),
            *_of(demand, "enterprise"),
        ),
    )


def _chain_path(scorer: Scorer, figures: Figures) -> EvidencePath | None:
    """Return enterprise - chain - major group - school."""
    found = figures.values.industry
    if found.group is None or found.chain is None:
        return None
    edges = (*_chain_edges(scorer, figures), *_group_edges(scorer, figures))
    if not edges:
        return None
    text = t.PATH["chain"].format(
        enterprise=scorer.facts.enterprise(figures.demand).name,
        chain=scorer.world.cooperation.chains[found.chain].name,
        school=scorer.facts.school(figures.offering).name,
        group=found.group.name,
    )
    return EvidencePath(text=text, edges=edges)


def _history_path(scorer: Scorer, figures: Figures) -> EvidencePath | None:
    """Return the latest counted cooperation of these two."""
    own = [one for one in figures.values.history.counted if one.school == figures.offering.school]
    if not own:
        return None
    latest = max(own, key=lambda one: (str(one.end or one.start), one.id))
    edges = (*_of(latest, "school"), *_of(latest, "enterprise"))
    if not edges:
        return None
    text = t.PATH["history"].format(
        school=scorer.facts.school(figures.offering).name,
        enterprise=scorer.facts.enterprise(figures.demand).name,
        cooperation=latest.id,
    )
    return EvidencePath(text=text, edges=edges)


def _facts(scorer: Scorer, offering: Offering, demand: Demand) -> dict[str, object]:
    """Return short labelled facts for pages: names of the pair, seat arithmetic, what binds."""
    facts = scorer.facts
    found: dict[str, object] = {
        "year": scorer.question.year,
        "offering_label": say.cohort_label(facts, offering),
        "demand_label": demand.label,
        "occupation": scorer.world.occupations.name(demand.occupation),
        "exit_level": offering.exit_label,
        "note": t.NOTE.format(day=scorer.question.as_of),
    }
    if scorer.question.in_seats:
        found["seats"] = seat_arithmetic(scorer, offering, demand)
    return found


def seat_arithmetic(scorer: Scorer, offering: Offering, demand: Demand) -> dict[str, object]:
    """Return how the seats of a pair come about: caps, what is used, what is left, and the cap that binds."""
    seats = scorer.facts.seats
    legal, supply, open_ = seats.legal[demand.id], seats.supply[offering.id], seats.open[demand.id]
    parts = {
        "post": legal.post_left.value,
        "staff": legal.staff_left.value,
        "open": open_.value,
        "supply": supply.value,
    }
    smallest = least(parts.values())
    binding = next((name for name, value in parts.items() if value is not None and value == smallest), None)
    staff_text, post_text = say.caps(scorer.facts, demand, legal)
    return {
        "supply": supply.value,
        "open": open_.value,
        "staff_cap": legal.staff.cap,
        "used_staff": legal.staff.used.value,
        "staff_left": legal.staff_left.value,
        "staff_text": staff_text,
        "post_cap": legal.kind.cap,
        "used_post": legal.kind.used.value,
        "post_left": legal.post_left.value,
        "post_text": post_text,
        "legal": legal.left,
        "seats": None if smallest is None else max(0, smallest),
        "complete": legal.known and supply.known and open_.known,
        "binding": binding,
        "binding_text": _binding(scorer, binding, smallest),
    }


def _binding(scorer: Scorer, binding: str | None, seats: int | None) -> str:
    if binding is None or seats is None:
        return ""
    rules = scorer.policy.query_a
    share = {"staff": rules.staff_cap, "post": rules.post_cap}.get(binding)
    return t.BINDING[binding].format(
        seats=max(0, seats), share="" if share is None else f"{say.plain(float(share) * 100)}%"
    )


def _summary(scorer: Scorer, figures: Figures) -> str:
    """Return the one-sentence reason: trade, level, the cap that binds, and what is unknown."""
    offering, demand, values = figures.offering, figures.demand, figures.values
    first = t.COMMA.join((_trade_words(scorer, figures), _level_words(offering, demand)))
    sentences = [first]
    if scorer.question.in_seats:
        text = seat_arithmetic(scorer, offering, demand)["binding_text"]
        sentences += [str(text)] if text else []
    sides = (("enterprise", values.enterprise()), ("school", values.school()))
    unknown = dict.fromkeys(
        FACTOR_LABELS[side][code] for side, found in sides for code, value in found.items() if value is None
    )
    body = t.THEN.join(sentences) + t.STOP
    return body + (t.SUMMARY["unknown"].format(factors=t.AND.join(unknown)) + t.STOP if unknown else "")


def _trade_words(scorer: Scorer, figures: Figures) -> str:
    fit = figures.values.major.fit
    if fit is None:
        return t.SUMMARY["major-unknown"]
    return t.SUMMARY["major"].format(relation=say.relation(scorer.policy.common, fit))


def _level_words(offering: Offering, demand: Demand) -> str:
    if demand.level_masked or (demand.level is not None and offering.exit_level is None):
        return t.SUMMARY["level-unknown"]
    if demand.level is None or offering.exit_level is None or offering.exit_level >= demand.level:
        return t.SUMMARY["level-met"]
    return t.SUMMARY["level-short"].format(gap=int(demand.level) - int(offering.exit_level))
