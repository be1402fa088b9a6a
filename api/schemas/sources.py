"""Answer shapes of the age of sources, for OpenAPI."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict


class SourceAgeShape(BaseModel):
    """One table of one source; `allowed` null: no interval is set and deliveries are too few to tell one."""

    model_config = ConfigDict(extra="allow")

    source: str
    table: str
    table_label: str
    last: date
    days: int
    deliveries: int
    allowed: int | None
    basis: Literal["set", "observed", "none"]
    state: Literal["fresh", "old", "unknown"]
    state_label: str
    due: date | None


class SourcesShape(BaseModel):
    """The age of all sources, the most overdue first; `expected` are the intervals in days that somebody has set."""

    model_config = ConfigDict(extra="allow")

    today: date
    items: list[SourceAgeShape]
    total: int
    total_is_exact: bool
    old: int
    expected: dict[str, int]
