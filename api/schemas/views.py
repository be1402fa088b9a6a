"""Saved views of the explorer: bodies of requests and shapes of answers (OpenAPI)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class ViewRequest(BaseModel):
    """A scene to keep: what stands behind the # of the explorer's address."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    scene: Annotated[str, Field(min_length=2, max_length=100_000)]


class ViewShape(BaseModel):
    """A kept view; it holds keys and no contents, so everybody sees what his own rights allow."""

    id: str
    name: str
    scene: str
    owner: str
    at: datetime


class ForgottenShape(BaseModel):
    """The view is gone."""

    id: str
    status: Literal["deleted"]


class ViewsShape(BaseModel):
    """One's own views, by name."""

    items: list[ViewShape]
    total: int
    total_is_exact: bool
