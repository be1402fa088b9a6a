"""What a page tells around the numbers: evidence paths, the week calendar, travel, what to verify, one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from kg.index.talents.facts import Appointment, Certificate
from kg.matching.mobility.factors import (
    implied,
    skill_evidence,
    tag_evidence,
    worth,
)
from kg.matching.mobility.filters import level_name, mode_names
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.pair import ModeVerdict, Pair
from kg.matching.mobility.texts import figure, say
from kg.model.answers import Evidence, EvidencePath, FilterResult, Match, Side, Status


def paths(pair: Pair) -> tuple[EvidencePath, ...]:
    """Return one to three chains of edges between the talent and the need, the strongest of each sort."""
    found = (_skill_path(pair), _achievement_path(pair), _trade_path(pair))
    return tuple(path for path in found if path is not None)


def _skill_path(pair: Pair) -> EvidencePath | None:
    best = max(pair.covers, key=lambda cover: cover.wanted.weight * cover.value, default=None)
    if best is None or best.by is None:
        return None
    need, skills = pair.occasion.question.need, pair.occasion.world.skills
    wanted = best.wanted.skill
    edges = (
        *skill_evidence(pair, best),
        need.evidence("flex_needs.skills", "skill", need.targets.get(wanted, wanted)),
    )
    key = "path.skill" if best.by.skill == wanted else "path.skill.near"
    text = say(
        key,
        person=pair.talent.label,
        held=skills.label(best.by.skill),
        level=best.by.level,
        wanted=skills.label(wanted),
        value=f"{best.value:.2f}",
    )
    return _path(text, edges)


def _achievement_path(pair: Pair) -> EvidencePath | None:
    need = pair.occasion.question.need
    if not pair.near:
        return None
    best, (tag, *_), _ = max(pair.near, key=lambda near: worth(pair, near))
    edges = (
        pair.talent.evidence("achievements", "achievement", best.stated),
        tag_evidence(best, tag),
        need.evidence("flex_needs.tags", "skill", need.targets.get(tag, tag)),
    )
    text = say(
        "path.achievement",
        person=pair.talent.label,
        title=best.title,
        tag=pair.occasion.world.skills.label(tag),
    )
    return _path(text, edges)


def _trade_path(pair: Pair) -> EvidencePath | None:
    best, need = pair.trade, pair.occasion.question.need
    if best is None or best.fit <= 0 or best.proof is None or not best.proof.target:
        return None
    table, kind = (
        ("certificates", "certificate")
        if isinstance(best.proof, Certificate)
        else ("appointments", "appointment")
    )
    target = need.occupation_targets.get(best.wanted)
    names = pair.occasion.world.occupations
    edges = (
        pair.talent.evidence(table, kind, best.proof.stated),
        best.proof.evidence,
        names.walked(best.own, best.wanted),
        need.evidence("flex_needs.occupations", "occupation", target) if target else None,
    )
    text = say(
        "path.trade" if best.fit == 1 else "path.trade.near",
        person=pair.talent.label,
        proof=say(f"proof.{kind}"),
        own=names.name(best.own),
        wanted=names.name(best.wanted),
        fit=f"{best.fit:g}",
    )
    return _path(text, edges)


def _path(text: str, edges: Sequence[Evidence | None]) -> EvidencePath:
    return EvidencePath(text=text, edges=tuple(edge for edge in edges if edge is not None))


class TalentMatch(Match):
    """A match whose paths, facts and summary are told when first read: who falls out of the lists needs none."""

    _pair: Pair

    def __init__(self, pair: Pair, sides: Mapping[str, Side], filters: tuple[FilterResult, ...]) -> None:
        """Take the numbers as they are; the rest is drawn from the pair."""
        talent, chosen, told = pair.talent, pair.chosen, self.__dict__
        told["node"], told["label"] = pair.standing.node, talent.label
        told["sides"], told["filters"] = sides, filters
        told["mode"] = chosen.mode if chosen else None
        told["_pair"] = pair

    @cached_property
    def status(self) -> Status:
        """As the filters say, looked at once."""
        return self._status()

    @cached_property
    def paths(self) -> tuple[EvidencePath, ...]:
        """The chains of edges between talent and need."""
        return paths(self._pair)

    @cached_property
    def facts(self) -> Mapping[str, object]:
        """What pages draw."""
        return _facts(self._pair, self.filters)

    @cached_property
    def summary(self) -> str:
        """The reason in one sentence."""
        return summary(self._pair)


def _facts(pair: Pair, filters: Sequence[FilterResult]) -> dict[str, object]:
    question, chosen = pair.occasion.question, pair.chosen
    return {
        "weeks": [
            {"week": number, "monday": day, "signed": signed, "free": free, "available": available}
            for (number, day), (_, signed, free, available) in zip(
                pair.occasion.once(_week_names), pair.free.weeks, strict=True
            )
        ],
        "hours": {
            "needed": question.hours,
            "weekly": question.weekly,
            "weeks_wanted": question.weeks_wanted,
            "free": None if pair.talent.weekly_hours is None else pair.free.total,
            "weekly_available": pair.talent.weekly_hours,
        },
        "travel": _travel(pair, chosen),
        "modes": [
            {
                "mode": found.mode,
                "name": mode_names((found.mode,)),
                "preference": found.preference,
                "rule": found.rule.value,
                "travel": found.travel.value,
                "chosen": chosen is not None and found.mode == chosen.mode,
            }
            for found in pair.modes
        ],
        "card": _card(pair),
        "checks": [*_checks(filters), *_unproved(pair)],
    }


def _week_names(occasion: Occasion) -> list[tuple[str, str]]:
    """Return the ISO number of each counted week and its first day, as people write them."""
    return [
        (f"{year}-W{number:02d}", monday.isoformat())
        for monday in occasion.question.weeks
        for year, number, _ in (monday.isocalendar(),)
    ]


def _travel(pair: Pair, chosen: ModeVerdict | None) -> dict[str, object]:
    return {
        "from": pair.talent.district,
        "from_name": pair.occasion.world.travel.name(pair.talent.district),
        "to": pair.occasion.question.district,
        "to_name": pair.occasion.world.travel.name(pair.occasion.question.district),
        "one_way": pair.way.one_way,
        "round_trip": pair.way.round_trip,
        "visits": pair.occasion.question.visits_of(chosen.mode) if chosen else pair.occasion.question.visits,
        "hours": chosen.road if chosen else None,
        "limit": pair.talent.travel_hours,
        "used": pair.budget.hours,
        "trips": pair.budget.trips,
        "trips_limit": pair.occasion.rules.trips_per_year,
        "year": pair.occasion.question.first.year,
    }


def _card(pair: Pair) -> dict[str, object]:
    """Return what an enterprise may see of a person inside its own question: no employer, no register."""
    proofs: list[Certificate | Appointment] = [*pair.standing.certificates, *pair.standing.appointments]
    levels = [proof.level for proof in proofs if proof.level is not None]
    level = max(levels) if levels else pair.talent.level
    occupations = [proof.occupation for proof in proofs]
    own = (
        pair.trade.own if pair.trade else next((o for o in (*occupations, pair.talent.occupation) if o), None)
    )
    skills = sorted(pair.talent.skills.values(), key=lambda held: (-held.level, held.skill))
    return {
        "occupation": pair.occasion.world.occupations.name(own) if own else None,
        "level": level_name(level) if level is not None else None,
        "level_proved": bool(levels),
        "district": pair.occasion.world.travel.name(pair.talent.district),
        "weekly_hours": pair.talent.weekly_hours,
        "skills": [
            {"name": pair.occasion.world.skills.label(held.skill), "level": held.level} for held in skills
        ],
    }


def _checks(filters: Sequence[FilterResult]) -> Iterator[dict[str, object]]:
    for result in filters:
        if result.check:
            yield {"code": result.code, "status": result.status.value, "text": result.check}


def _unproved(pair: Pair) -> Iterator[dict[str, object]]:
    for achievement, *_ in pair.near:
        if not achievement.verified:
            text = say("check.achievement", title=achievement.title)
            yield {"code": "evidence", "status": "declared", "text": text}


def summary(pair: Pair) -> str:
    """Return the reason in one sentence."""
    parts = [_skill_part(pair), _evidence_part(pair), _time_part(pair), _visit_part(pair)]
    return say("join").join(part for part in parts if part) + say("end")


def _skill_part(pair: Pair) -> str:
    if not pair.covers:
        return ""
    floor = implied(pair)
    own = [c for c in pair.covers if c.value > 0 and c.value >= floor]
    held = sum(c.by is not None and c.by.skill == c.wanted.skill for c in own)
    near = len(own) - held
    stood_in = sum(c.value < floor for c in pair.covers)
    text = say("summary.skill", total=len(pair.covers), held=held)
    if near:
        text += say("summary.near", near=near)
    return text + (say("summary.implied", implied=stood_in) if stood_in else "")


def _evidence_part(pair: Pair) -> str:
    if not pair.near:
        return ""
    verified = sum(near.achievement.verified for near in pair.near)
    text = say("summary.evidence", count=len(pair.near))
    return text + (say("summary.verified", verified=verified) if verified else "")


def _time_part(pair: Pair) -> str:
    if pair.talent.weekly_hours is None:
        return say("summary.time.unknown")
    free, hours = figure(pair.free.total), figure(pair.occasion.question.hours)
    return say("summary.time", weeks=len(pair.free.weeks), free=free, hours=hours)


def _visit_part(pair: Pair) -> str:
    chosen = pair.chosen
    if chosen is None:
        return ""
    name = mode_names((chosen.mode,))
    if chosen.road is None:
        return say("summary.visits.unknown", mode=name)
    if not chosen.road:
        return say("summary.remote", mode=name)
    visits = pair.occasion.question.visits_of(chosen.mode)
    return say("summary.visits", mode=name, visits=visits, road=figure(chosen.road))
