"""Bodies of POST routes."""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_day(value: object) -> object:
    """Let only a written day through: a bare number is no day, whatever it could be counted from."""
    if value is not None and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise PydanticCustomError("date_parsing", "a day is written 2026-11-23")
    return value


Whole = Annotated[int, Field(strict=True)]
K = Annotated[Whole, Field(ge=1, le=200, description="最多列出几项")]
Day = Annotated[date, BeforeValidator(_written_day), Field(description="以哪一天为准，如 2026-11-23")]
KnownAt = Annotated[
    Annotated[Whole, Field(ge=0)] | Annotated[str, Field(max_length=40)],
    Field(description="按何时所知：修订号，或日期（当天结束时）、时间，如 2026-07-05"),
]
Counterfactuals = Annotated[
    Whole,
    Field(ge=0, le=200, description="名单前几项附“怎样能更好”；0 为都不附，不填则按策略，查看单项时只附该项"),
]
Detail = Annotated[str, Field(max_length=500, description="要看依据行的那一项的键")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Anchor(_Body):
    """The organisation or district that asks."""

    kind: Literal["enterprise", "school", "district"]
    key: str = Field(min_length=1, max_length=200)


class PartnersRequest(_Body):
    """Which schools and enterprises should cooperate (contract §4)."""

    anchor: Anchor
    mode: str = Field(max_length=50, description="合作方式的键，如 internship")
    year: Annotated[Whole, Field(ge=1900, le=2199, description="学年：9 月开始的年份")] | None = None
    occupations: list[Annotated[str, Field(max_length=200)]] | None = Field(None, max_length=100)
    radius_hours: Annotated[float, Field(strict=True, ge=0, le=1000, allow_inf_nan=False)] | None = None
    order: Literal["value", "seats", "score"] | None = None
    k: K | None = None
    as_of: Day | None = None
    known_at: KnownAt | None = None
    detail: Detail | None = None
    counterfactuals: Counterfactuals | None = None


class TalentsRequest(_Body):
    """Which flexible talents can serve a need: its key, or the need itself as columns of flex_needs."""

    need: Annotated[str, Field(max_length=200)] | None = None
    inline: dict[str, Any] | None = None
    k: K | None = None
    as_of: Day | None = None
    known_at: KnownAt | None = None
    detail: Detail | None = None
    counterfactuals: Counterfactuals | None = None


class RevealRequest(_Body):
    """Why an officer looks at a talent's name and phone."""

    reason: str = Field(min_length=1, max_length=500)


class RollbackRequest(_Body):
    """Whether a rollback is only tried out."""

    dry_run: Annotated[bool, Field(strict=True, description="只看会怎样，不改动")] = False
