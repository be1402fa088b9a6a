"""Answer shapes of the import history, for OpenAPI."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.schemas.shapes import NodeReference


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class BatchShape(_Shape):
    """One batch; `totals` counts rows: of a load as in its report, of a rollback put_back, restored, removed."""

    id: str
    revision: int
    kind: Literal["load", "identity", "rollback", "erasure"]
    source: str
    actor: str
    at: datetime
    synthetic: bool
    delivered: list[str]
    totals: dict[str, int]
    undoes: str | None
    undone_by: str | None


class BatchesShape(_Shape):
    """Batches, newest first."""

    items: list[BatchShape]
    total: int
    total_is_exact: bool
    cursor: str | None


class ChangedColumnShape(_Shape):
    """One column that differs, as pages show it."""

    key: str
    label: str
    before: str
    after: str


class ChangedRowShape(_Shape):
    """One row that the batch changed; of sealed columns only that they did."""

    source: str
    table: str
    key: str
    change: Literal["inserted", "updated", "retired"]
    node: NodeReference | None
    columns: list[ChangedColumnShape]
    links_changed: bool
    sealed_changed: bool


class BatchChangesShape(_Shape):
    """What a batch changed; `tables` counts rows, `hidden` those that the viewer may not see."""

    batch: BatchShape
    tables: dict[str, dict[str, int]]
    items: list[ChangedRowShape]
    total: int
    total_is_exact: bool
    cursor: str | None


class RowNameShape(_Shape):
    """A stored row by name."""

    source: str
    table: str
    key: str


class ConflictShape(RowNameShape):
    """A row that a later batch touched."""

    batch: str


class RollbackShape(_Shape):
    """A rollback that was made (`by`, `revision`) or, with `dry_run`, would be; `also` are identity batches that go first."""

    batch: str
    source: str
    dry_run: bool
    possible: bool
    tables: dict[str, dict[str, int]]
    totals: dict[str, int]
    also: list[str]
    conflicts: list[ConflictShape]
    conflicts_total: int
    dangling: int | None
    by: str | None = None
    revision: int | None = None
    sealed_lost: list[RowNameShape] | None = None
