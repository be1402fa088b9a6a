"""The question of query B: a need, stored or typed in, with its weeks and hours worked out (`scoring.md` §3)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kg.errors import InvalidInputError, NotFoundError
from kg.index.lookups import Organisation
from kg.index.parsing import skill_demand
from kg.index.talents.facts import Need
from kg.index.talents.needs import NEEDS_TABLE, typed_need
from kg.index.world import World
from kg.matching.mobility.hours import counted_weeks
from kg.model.graph import MASKED, Value
from kg.model.rules import Policy
from kg.schema import SCHEMA
from kg.schema.column_types import Column, ColumnType
from kg.vocab.levels import level_of
from kg.vocab.modes import ENGAGEMENT_MODES

REMOTE: Final = "advise_remote"
_LONGEST_DAYS: Final = 3660
_LARGEST: Final = 10**15
_ALWAYS_TOLD: Final = frozenset({"host", "modes", "valid_from", "valid_to"})
_KEYLESS: Final = frozenset({"need_id", "title"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A need ready to be matched.

    `weeks` are the Mondays of the counted weeks; `hours` (H, above 0) what is needed in all, `weekly` (q) a week if
    asked so, `weeks_wanted` (m) in how many weeks; `visits` None where masked. `asked` is the question as it was put.
    """

    need: Need
    host: Organisation
    first: date
    last: date
    weeks: tuple[date, ...]
    weekly: float | None
    weeks_wanted: int
    hours: float
    visits: int | None
    district: str | None
    asked: Mapping[str, object]

    def visits_of(self, mode: str) -> int | None:
        """Return how often a mode brings the person on site; None where unknown."""
        return 0 if mode == REMOTE else self.visits


def parse_need(world: World, policy: Policy, need: str | Mapping[str, object]) -> Question:
    """Return the question for a stored need (its key) or one typed in (columns of flex_needs, canonical values).

    Raises NotFoundError for an unknown key, InvalidInputError (with `field`) for what cannot be asked: missing
    hours, no or unknown modes, more weeks than the window has, an end before the start, an unknown host.
    """
    if isinstance(need, str):
        stored = world.talents.needs.get(need)
        if stored is None:
            raise NotFoundError(f"没有编号为“{need}”的柔性需求：请核对编号，或先导入该需求")
        return _question(world, policy, stored, {"need": need})
    values = _checked(need)
    skills = values.get("skills")
    try:
        skill_demand(skills if isinstance(skills, tuple) else (), world.skills)
    except ValueError as error:
        raise _bad("skills", skills, "技能要求写作“名称=水平*权重”，水平 1 至 5，权重大于 0") from error
    typed = typed_need(values, world.occupations, world.skills, world.organisations)
    asked = {
        "inline": {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
    }
    return _question(world, policy, typed, asked)


def with_need(world: World, policy: Policy, question: Question, need: Need) -> Question:
    """Return the question as it would be with other cells of its need; InvalidInputError where it cannot be asked."""
    return _question(world, policy, need, question.asked)


def _question(world: World, policy: Policy, need: Need, asked: Mapping[str, object]) -> Question:
    host = world.organisations.by_code.get(need.host)
    if host is None:
        raise _bad(
            "host",
            need.values.get("host"),
            "用人单位不在企业表或院校表中：请填统一社会信用代码或唯一的单位全称",
        )
    if not need.modes:
        raise _bad("modes", None, "请至少选一种服务方式")
    first, last = _window(need)
    weeks = counted_weeks(first, last, policy.query_b.week_days)
    return Question(
        need=need,
        host=host,
        first=first,
        last=last,
        weeks=weeks,
        weekly=need.hours_per_week,
        weeks_wanted=_weeks_wanted(need, len(weeks), policy),
        hours=_hours(need, len(weeks)),
        visits=None if "visits" in need.hidden else need.visits or 0,
        district=None if "district" in need.hidden else need.district or host.district,
        asked=asked,
    )


def _window(need: Need) -> tuple[date, date]:
    for field, day in (("valid_from", need.first), ("valid_to", need.last)):
        if day is None:
            raise _bad(field, None, "请填需求的起止日期，形如 2026-09-01")
    assert need.first is not None
    assert need.last is not None
    if need.last < need.first:
        raise _bad("valid_to", need.last, f"止日早于起日 {need.first}：请改正其中一个")
    if (need.last - need.first).days > _LONGEST_DAYS:
        raise _bad("valid_to", need.last, "需求的起止不能超过十年：请缩短")
    return need.first, need.last


def _weeks_wanted(need: Need, counted: int, policy: Policy) -> int:
    if need.weeks is None:
        return math.ceil(policy.query_b.weeks_share * counted)
    if need.weeks > counted:
        text = f"周数 {need.weeks} 多于起止之间的 {counted} 周：请减少周数或放宽起止"
        raise _bad("weeks", need.weeks, text, code="out-of-range")
    return need.weeks


def _hours(need: Need, counted: int) -> float:
    if need.hours_per_week is None and need.total_hours is None:
        raise _bad("hours_per_week", None, "每周小时与总小时至少填一个", code="missing-required")
    if need.total_hours is not None:
        hours, field = need.total_hours, "total_hours"
    else:
        hours, field = (need.hours_per_week or 0.0) * (need.weeks or counted), "hours_per_week"
    if hours <= 0:
        raise _bad(field, hours, "需要的小时数应大于 0", code="out-of-range")
    return hours


def _bad(field: str, value: object, text: str, *, code: str | None = None) -> InvalidInputError:
    return InvalidInputError(text, field=field, value=value, code=code)


def _checked(given: Mapping[str, object]) -> dict[str, Value]:
    """Return the columns of a typed need as canonical values; absent ones left out."""
    table = SCHEMA.by_key[NEEDS_TABLE]
    columns = {column.key: column for column in table.columns}
    found: dict[str, Value] = {}
    for key, value in given.items():
        if key not in columns:
            raise _bad(key, None, f"“{key}”不是柔性需求的列；可用：{'、'.join(columns)}")
        canonical = _canonical(columns[key], value)
        if canonical is not None:
            found[key] = canonical
    for column in columns.values():
        if column.required and column.key not in found and column.key not in _KEYLESS:
            raise _bad(column.key, None, f"请填“{column.zh}”", code="missing-required")
    low, high = found.get("pay_min"), found.get("pay_max")
    if isinstance(low, int | float) and isinstance(high, int | float) and high < low:
        raise _bad("pay_max", high, f"酬金上限低于酬金下限 {low:g}：请改正其中一个", code="out-of-range")
    return found


def _canonical(column: Column, value: object) -> Value:
    if value is None or value in ("", [], ()):
        return None
    if value == MASKED:
        if column.key in _ALWAYS_TOLD:
            raise _bad(column.key, value, f"“{column.zh}”不能填星号")
        return MASKED
    if column.type.is_list:
        return _items(column, value)
    if column.type in (ColumnType.NUMBER, ColumnType.SHARE, ColumnType.INTEGER):
        return _number(column, value)
    return _word(column, value)


def _items(column: Column, value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, Sequence)
        or isinstance(value, str)
        or not all(isinstance(i, str) for i in value)
    ):
        raise _bad(column.key, value, f"“{column.zh}”应是文字的列表")
    items = tuple(dict.fromkeys(item.strip() for item in value if item.strip()))
    if column.type is ColumnType.MODE_LIST:
        by_name = {name: mode for mode, name in ENGAGEMENT_MODES.items()}
        items = tuple(dict.fromkeys(by_name.get(item, item) for item in items))
        unknown = [item for item in items if item not in ENGAGEMENT_MODES]
        if unknown:
            text = f"没有服务方式“{unknown[0]}”；可用：{'、'.join(ENGAGEMENT_MODES)}"
            raise _bad(column.key, unknown[0], text, code="unknown-mode")
    return items


def _number(column: Column, value: object) -> float | int:
    huge = isinstance(value, int) and abs(value) > _LARGEST
    if huge or isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _bad(column.key, value, f"“{column.zh}”应是数", code="bad-number")
    if column.type is ColumnType.INTEGER and value != int(value):
        raise _bad(column.key, value, f"“{column.zh}”应是整数", code="bad-number")
    low, high = column.minimum, column.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = (
            f"不小于 {low}"
            if high is None
            else f"不大于 {high}"
            if low is None
            else f"在 {low} 至 {high} 之间"
        )
        raise _bad(column.key, value, f"“{column.zh}”应{bounds}", code="out-of-range")
    return int(value) if column.type is ColumnType.INTEGER else value


def _word(column: Column, value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else value
    if not isinstance(text, str):
        raise _bad(column.key, value, f"“{column.zh}”应是文字")
    text = text.strip()
    if column.type in (ColumnType.DATE_FROM, ColumnType.DATE_TO):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise _bad(
                column.key, text, f"“{column.zh}”应是日期，形如 2026-09-01", code="bad-date"
            ) from error
    if column.type is ColumnType.LEVEL and level_of(text) is None:
        raise _bad(column.key, text, f"“{column.zh}”没有等级“{text}”", code="bad-level")
    if column.choices and text not in column.choices:
        raise _bad(column.key, text, f"“{column.zh}”只能是 {'、'.join(column.choices)}", code="bad-choice")
    return text
