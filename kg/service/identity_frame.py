"""What questions about identity share: the queue, who may ask, and publishing what was decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kg.errors import ForbiddenError
from kg.identity.moving import Mover
from kg.identity.publishing import publish
from kg.identity.review_queue import STATES, Queue, Record
from kg.model.graph import Batch, Row, RowId
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.service.frame import Frame

AUTOMATIC: Final = "自动"
"""Who decided what nobody was asked about."""


class IdentityFrame(Frame):
    """The parts that the questions about identity share."""

    def _publish_identity(self, mover: Mover, start: int, viewer: Viewer, told: Mapping[str, Any]) -> Batch:
        return publish(self._store, list(mover.changes()), told, self._identity_batch(viewer, start))

    def _identity_batch(self, viewer: Viewer, start: int) -> Batch:
        """Return the batch to publish: who, when, on top of which revision."""
        return Batch(
            id="", source="", actor=viewer.name, at=self._clock(), delivered=(), revision=start + 1,
            synthetic=self.world().synthetic,
        )  # fmt: skip

    def _review_queue(self) -> Queue:
        return Queue(self._ledger, self._clock)

    def _demand_reviewer(self, viewer: Viewer) -> None:
        if not sees_all(viewer):
            raise ForbiddenError("只有经办人员可以核对身份")

    def _demand_loader(self, viewer: Viewer) -> None:
        if not viewer.has(Role.OFFICER, Role.ADMINISTRATOR):
            raise ForbiddenError("只有经办人员和管理员可以导入名册")

    def _review_rows(self, side: Iterable[Sequence[str]]) -> list[Row]:
        return list(self._store.rows(ids=[RowId(*row) for row in side]))


def counts_by_state(records: Iterable[Record]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for record in records:
        counts[record["state"]] += 1
    return counts
