"""培训深造: which certificate or skill would open most needs to a person, and which programme teaches it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kg.errors import InvalidInputError
from kg.index.lookups import Occupation
from kg.index.parsing import HeldSkill, skill_levels
from kg.index.talents.facts import Certificate, Need, Stated, Talent
from kg.index.views import View
from kg.index.world import World
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.question import parse_need
from kg.matching.mobility.recommendation import match_of
from kg.matching.similarity import covers
from kg.model.answers import Evidence, Status
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.vocab.levels import LEVEL_LABELS, SkillLevel, level_of

_NEAR: float = 0.4
"""A need is looked at when one of its occupations is at least in the same middle group, or it wants a held skill."""
_MOST_SKILLS = 12
_MOST_NEEDS = 300


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step: a certificate or a skill, the needs that it would open, and what it adds where he is listed already.

    `opens` are keys of needs whose filters all pass then and not now; `gain` is the sum of what the scores of the
    others rise.
    """

    kind: str
    text: str
    node: NodeRef
    level: int
    opens: tuple[str, ...]
    raises: int
    gain: float
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Course:
    kind: str
    text: str
    node: NodeRef
    level: int
    apply: Callable[[Talent], Talent]


def next_steps(
    world: World, policy: Policy, talent: Talent, *, day: date, k: int, programs: Iterable[View] = ()
) -> tuple[list[NextStep], int]:
    """Return the first `k` steps, those that open most needs first, and how many open needs were looked at.

    Each need is judged by the scorer of every answer, with the person as he would be after the step.
    """
    occasions = _occasions(world, policy, talent, day)
    now = {key: _judged(occasion, talent) for key, occasion in occasions.items()}
    found = [
        _step(course, talent, occasions, now)
        for course in (*_certificates(world, talent, day), *_skills(world, policy, talent, occasions))
    ]
    useful = [one for one in found if one.opens or one.raises]
    useful.sort(key=lambda one: (-len(one.opens), -round(one.gain, 9), one.text))
    taught = list(programs)
    return [replace(one, programs=_taught(world, one, taught)) for one in useful[:k]], len(occasions)


def _occasions(world: World, policy: Policy, talent: Talent, day: date) -> dict[str, Occasion]:
    """Return the open needs near the person's trade or skills, each ready to be scored."""
    found: dict[str, Occasion] = {}
    for key, need in sorted(world.talents.needs.items()):
        if len(found) >= _MOST_NEEDS:
            break
        if (need.last is not None and need.last < day) or not _is_near(world, talent, need, day):
            continue
        try:
            found[key] = Occasion(world, policy, parse_need(world, policy, key), day)
        except InvalidInputError:
            continue
    return found


def _is_near(world: World, talent: Talent, need: Need, day: date) -> bool:
    if any(skill.skill in talent.skills for skill in need.skills):
        return True
    return any(
        (world.occupations.fit(own, wanted) or 0) >= _NEAR
        for own in _trades(talent, day)
        for wanted in need.occupations
    )


def _trades(talent: Talent, day: date) -> list[Occupation]:
    proven = [one.occupation for one in talent.certificates if one.occupation and one.valid_on(day)]
    return list(dict.fromkeys([*proven, *([talent.occupation] if talent.occupation else [])]))


def _judged(occasion: Occasion, talent: Talent) -> tuple[bool, float]:
    match = match_of(occasion, talent)
    return match.status is Status.PASS, match.score


def _step(
    course: _Course, talent: Talent, occasions: dict[str, Occasion], now: dict[str, tuple[bool, float]]
) -> NextStep:
    after = replace(course.apply(talent), key="")
    opens: list[str] = []
    raises, gain = 0, 0.0
    for key, occasion in occasions.items():
        passed, score = _judged(occasion, after)
        if passed and not now[key][0]:
            opens.append(key)
        elif passed and score > now[key][1] + 1e-9:
            raises += 1
            gain += score - now[key][1]
    return NextStep(course.kind, course.text, course.node, course.level, tuple(opens), raises, gain)


def _certificates(world: World, talent: Talent, day: date) -> list[_Course]:
    """Return the next level in each trade of the person, proven or declared."""
    best: dict[Occupation, int] = {}
    for one in talent.certificates:
        if one.occupation and one.level is not None and one.valid_on(day):
            best[one.occupation] = max(best.get(one.occupation, -1), one.level)
    if talent.occupation and talent.occupation not in best:
        best[talent.occupation] = (talent.level or 0) - 1
    return [
        _certificate(world, talent, occupation, level + 1, day)
        for occupation, level in sorted(best.items())
        if level + 1 <= max(SkillLevel)
    ]


def _certificate(world: World, talent: Talent, occupation: Occupation, level: int, day: date) -> _Course:
    code = f"{occupation.code}@{occupation.edition}" if occupation.edition else occupation.code
    stated = Stated(talent.row.source, "", "")
    evidence = Evidence(
        talent.row.source,
        "certificates",
        "",
        "talent",
        talent.key,
        "certificates.occupation",
        "occupation",
        code,
    )
    proof = Certificate(stated, occupation, level, False, day, None, code, evidence)  # noqa: FBT003 - hidden_level
    label = LEVEL_LABELS[SkillLevel(level)]

    def apply(person: Talent) -> Talent:
        return replace(person, certificates=(*person.certificates, proof))

    text = f"取得{world.occupations.name(occupation)}{label}证书"
    return _Course("certificate", text, NodeRef("occupation", code), level, apply)


def _skills(world: World, policy: Policy, talent: Talent, occasions: dict[str, Occasion]) -> list[_Course]:
    """Return the skills that near needs ask for most and that the person does not cover in full."""
    wanted: Counter[str] = Counter()
    levels: dict[str, int] = {}
    for occasion in occasions.values():
        for cover in covers(world.skills, occasion.need.skills, talent.skills):
            if cover.value < 1 - 1e-9:
                wanted[cover.wanted.skill] += 1
                levels[cover.wanted.skill] = max(levels.get(cover.wanted.skill, 1), cover.wanted.level)
    chosen = sorted(wanted, key=lambda skill: (-wanted[skill], skill))[:_MOST_SKILLS]
    return [_skill(world, policy, skill, levels[skill]) for skill in chosen]


def _skill(world: World, policy: Policy, skill: str, level: int) -> _Course:
    proven = HeldSkill(skill, level, policy.common.proven_skill, None)

    def apply(person: Talent) -> Talent:
        return replace(person, skills={**person.skills, skill: proven})

    name = world.skills.label(skill)
    return _Course("skill", f"掌握{name}（水平 {level}）并经核实", NodeRef("skill", name), level, apply)


def _taught(world: World, step: NextStep, programs: Sequence[View]) -> tuple[str, ...]:
    """Return the keys of programmes that teach the skill, or lead to the level of the occupation."""
    found: list[str] = []
    for view in programs:
        key = view.text("program_id")
        if key is None:
            continue
        if step.kind == "skill":
            taught = {skill for skill, _ in skill_levels(view.items("skills"), world.skills)}
            if world.skills.resolve(step.node.key) in taught:
                found.append(key)
        else:
            aim = level_of(view.text("level"))
            reference = view.text("occupation")
            if (
                reference
                and aim == step.level
                and world.occupations.resolve(reference) == world.occupations.resolve(step.node.key)
            ):
                found.append(key)
    return tuple(sorted(found))
