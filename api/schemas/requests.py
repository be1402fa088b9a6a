"""Bodies of POST routes."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

K = Annotated[int, Field(ge=1, le=200, description="最多列出几项")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Anchor(_Body):
    """The organisation or district that asks."""

    kind: Literal["enterprise", "school", "district"]
    key: str = Field(min_length=1, max_length=200)


class PartnersRequest(_Body):
    """Which schools and enterprises should cooperate (contract §4)."""

    anchor: Anchor
    mode: str = Field(max_length=50)
    year: Annotated[int, Field(ge=1900, le=2199)] | None = None
    occupations: list[Annotated[str, Field(max_length=200)]] | None = Field(None, max_length=100)
    radius_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    order: Literal["value", "seats", "score"] | None = None
    k: K | None = None
    as_of: date | None = None
    detail: Annotated[str, Field(max_length=500)] | None = None


class TalentsRequest(_Body):
    """Which flexible talents can serve a need: its key, or the need itself as columns of flex_needs."""

    need: Annotated[str, Field(max_length=200)] | None = None
    inline: dict[str, Any] | None = None
    k: K | None = None
    as_of: date | None = None
    detail: Annotated[str, Field(max_length=500)] | None = None


class RevealRequest(_Body):
    """Why an officer looks at a talent's name and phone."""

    reason: str = Field(min_length=1, max_length=500)
