"""One question on one day beside one generation of the index: what all its pairs share, worked out once."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar, TypeVarTuple

from kg.index.lookups import Occupation, Skills, Travel
from kg.index.talents.columns import ANYONE, KIND_LABELS
from kg.index.world import World
from kg.matching.mobility.hours import Calendar, FreeTime, whole_weeks
from kg.matching.mobility.question import Question
from kg.matching.mobility.standing import standings_of, unknown_factor
from kg.matching.mobility.texts import say
from kg.matching.quantities import SLACK
from kg.model.answers import FAIL, PASS, UNKNOWN, Evidence, Factor, Status
from kg.model.rules import MobilityRules, Policy

K = TypeVar("K")
V = TypeVar("V")
Figures = TypeVarTuple("Figures")

PARTTIME: Final = "parttime"
REHIRE: Final = "rehire"
SHARE: Final = "share"
WORKING: Final = "在职"
RETIRED: Final = "退休"
"""Keys and words of the tables that the rules of modes name."""


class Kept(dict[K, V]):
    """Makes what is asked for the first time, and keeps it."""

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> V:
        found = self[key] = self._make(key)
        return found


@dataclass(slots=True)
class Way:
    """The way from a district to the service and back: hours, None where unknown, and the rows that state them."""

    one_way: float | None
    round_trip: float | None
    evidence: tuple[Evidence, ...]


@dataclass(slots=True)
class Fit:
    """How well an occupation fits the need: best known fit, which of the wanted ones and its place among them."""

    value: float
    place: int
    wanted: Occupation


class Visiting(NamedTuple):
    """A mode of the need: whether it brings the person on site, and whether trips of it are limited by the year."""

    mode: str
    on_site: bool
    limited: bool


class Occasion:
    """What every pair of a question reads; made for one question, on one day, for one generation.

    Nothing that is kept here names the occasion: it goes when its last pair goes, without a collection of cycles.
    Nothing of it is kept with the arrays: they stay as they are where a shared row (a way, a crosswalk) is left out.

    `hosts` are the words of a consent that cover the host; `affiliates` whom it may not borrow from; `total` the sum
    of the wanted weights, `mean` their mean (0 without any); `ways` by district, `fits` by occupation, `proved` and
    `barred` whether an occupation fits well enough for level and restriction, `labels` names of skills, `skill_items` sentences about wanted ones,
    `steps` by
    (held, wanted) skill, `rules_of_modes` by work status, `unknown` factors by code and sentence; `wanted` each wanted
    skill with all that are similar to it.
    """

    def __init__(self, world: World, policy: Policy, question: Question, as_of: date) -> None:
        """Look up what needs no talent; the rest is made when the first talent asks for it."""
        self.world, self.policy, self.as_of, self.rules = world, policy, as_of, policy.query_b
        host, skills, rules, need = question.host, world.skills, self.rules, question.need
        self.hosts = frozenset({ANYONE, KIND_LABELS.get(host.kind, ""), host.code})
        self.affiliates = world.control.affiliates(host.code, as_of)
        self.total = sum(want.weight for want in need.skills)
        self.mean = self.total / len(need.skills) if need.skills else 0.0
        self.weights = {**rules.need_side, **rules.talent_side}
        self.standings = standings_of(world, policy, as_of)
        fit, wanted = world.occupations.fit, need.occupations
        self.ways = Kept[str | None, Way](lambda start: _way(world.travel, start, question.district))
        self.fits = Kept[Occupation | None, Fit | None](lambda own: _best_fit(fit, wanted, own))
        self.proved = Kept[Occupation | None, Status](lambda own: _enough(fit, wanted, own, rules.level_fit))
        self.barred = Kept[Occupation | None, Status](
            lambda own: _enough(fit, wanted, own, rules.restriction_fit)
        )
        self.labels = Kept(skills.label)
        self.wanted = [(want, skills.similar(want.skill)) for want in need.skills]
        self.skill_items = Kept[tuple[str, str, float], str](lambda key: _skill_item(skills, *key))
        self.steps = Kept[tuple[str, str], tuple[Evidence, ...]](lambda ends: skills.steps(*ends))
        self.unknown = Kept[tuple[str, str], Factor](lambda key: unknown_factor(world, policy, *key))
        self._ask(question)

    def _ask(self, question: Question) -> None:
        """Set what hangs on modes, visits, pay and weeks of the need."""
        self.question, self.need, rules = question, question.need, self.rules
        self.modes = [
            Visiting(mode, question.visits_of(mode) != 0, mode in rules.trip_modes)
            for mode in self.need.modes
        ]
        self.rules_of_modes = Kept[str | None, Sequence[Status]](
            lambda status: [_mode_rule(question, rules, mode, status) for mode in question.need.modes]
        )
        self.calendar = calendar = Calendar(question.weeks, question.weekly, rules.week_days)
        self._whole = Kept[tuple[type, float], FreeTime](lambda key: whole_weeks(calendar, key[1]))
        self._once: dict[tuple[object, ...], Any] = {}

    def asking(self, question: Question) -> "Occasion":
        """Return the occasion of the same need with other modes, visits, pay or weeks: what these do not touch is shared."""
        other = copy(self)
        other._ask(question)
        return other

    def whole_weeks(self, hours: float) -> FreeTime:
        """Return the counted weeks of who has so many hours in each; whole numbers stay whole."""
        return self._whole[type(hours), hours]

    def once(self, make: "Callable[[Occasion, *Figures], V]", *figures: *Figures) -> V:
        """Return what `make` says of this occasion and these figures; made for the first talent who has them."""
        key = (make, figures)
        found: V | None = self._once.get(key)
        if found is None:
            found = self._once[key] = make(self, *figures)
        return found


def _skill_item(skills: Skills, key: str, skill: str, value: float) -> str:
    """Return the sentence about one wanted skill."""
    return say(key, skill=skills.label(skill), value=f"{value:.2f}")


def _way(travel: Travel, start: str | None, end: str | None) -> Way:
    there, back = travel.one_way(start, end), travel.one_way(end, start)
    stated = [trip.evidence for trip in (there, back) if trip is not None and trip.evidence is not None]
    return Way(
        one_way=None if there is None else there.hours,
        round_trip=None if there is None or back is None else there.hours + back.hours,
        evidence=tuple(dict.fromkeys(stated)),
    )


_FitOf = Callable[[Occupation, Occupation], float | None]


def _best_fit(fit: _FitOf, wanted: Sequence[Occupation], own: Occupation | None) -> Fit | None:
    """Return the best known fit to a wanted occupation, the first of equals; None if no fit is known."""
    best: Fit | None = None
    for place, one in enumerate(wanted):
        value = None if own is None else fit(one, own)
        if value is not None and (best is None or value > best.value):
            best = Fit(value, place, one)
    return best


def _enough(fit: _FitOf, wanted: Sequence[Occupation], own: Occupation | None, least: float) -> Status:
    """Whether an occupation fits one of those of the need well enough."""
    if own is None:
        return UNKNOWN
    fits = [fit(one, own) for one in wanted]
    if any(found is not None and found >= least - SLACK for found in fits):
        return PASS
    return UNKNOWN if None in fits else FAIL


def _mode_rule(question: Question, rules: MobilityRules, mode: str, work_status: str | None) -> Status:
    """Return what the rule of a mode says to people of a work status."""
    if mode == PARTTIME:
        weekly = question.weekly if question.weekly is not None else question.hours / len(question.weeks)
        return PASS if weekly <= rules.parttime_week_hours + SLACK else FAIL
    wanted = RETIRED if mode == REHIRE else WORKING if mode == SHARE else None
    if wanted is None:
        return PASS
    if work_status is None:
        return UNKNOWN
    return PASS if work_status == wanted else FAIL
