"""What questions about identity share: the queue, who may ask, and publishing what was decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kg.errors import ForbiddenError, StoreBusyError
from kg.identity.moving import PERSON_TABLE, Move, Mover
from kg.identity.publishing import publish
from kg.identity.review_queue import AUTOMATIC, PERSON, STATES, Queue, Record
from kg.model.graph import Batch, Row, RowId
from kg.model.viewers import Viewer
from kg.policy.rights import may_load, sees_all
from kg.service.frame import Frame, Json

_ATTEMPTS: Final = 3


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
        if not may_load(viewer):
            raise ForbiddenError("只有经办人员和管理员可以导入名册")

    def _split(self, record: Record, sides: Sequence[Sequence[Row]], viewer: Viewer) -> Json:
        """Give the rows of one side a talent key of their own again, as a batch of its own."""
        start = self._store.revision()
        going = {RowId(*row) for row in record.get("moved", ())}
        side = next((side for side in sides if going & {row.id for row in side}), None)
        guests = (one for one in reversed(sides) if str(one[0].person) not in self._founded(one))
        side = side or next(guests, sides[1])
        old = str(side[0].person)
        home = {row.id for row in side}
        staying = [row for row in self._store.rows(table=PERSON_TABLE, persons=[old]) if row.id not in home]
        fresh = self._free_key(record.get("from_key"), side, old)
        move = Move(old, fresh, frozenset(home), frozenset(going - home), whole=not staying)
        mover = Mover(self._store, self._schema)
        mover.move([move])
        batch = self._publish_identity(mover, start, viewer, {"split": [[old, fresh]]})
        return {"batch": batch.id, "moved": []}

    def _founded(self, side: Iterable[Row]) -> set[str]:
        """Return the talent keys that rows of this side found: the person of such a key stays where he is."""
        return {self._sealer.talent_key(row.id.source, row.id.key) for row in side}

    def _free_key(self, before: str | None, side: Sequence[Row], old: str) -> str:
        """Return the key the rows had before, or the one that their first row founds, if nobody bears it now."""
        first = min(row.id for row in side)
        founded = self._sealer.talent_key(first.source, first.key)
        again = self._sealer.talent_key(first.source, f"{first.key}#{old}#{self._store.revision()}")
        for key in (before, founded):
            if key and key != old and not any(self._store.rows(table=PERSON_TABLE, persons=[key])):
                return key
        return again

    def _hold_apart(self, record: Record, viewer: Viewer) -> Record:
        """Part two persons again whom a comparison has joined while somebody kept them apart; return the question.

        The one who decides writes the decision and then looks at the graph, the comparison writes the graph and then
        looks at the decisions: one of the two sees what the other has done. Raises StoreBusyError when other batches
        come in between again and again.
        """
        if record["kind"] != PERSON:
            return record
        for attempt in range(_ATTEMPTS):
            sides = [self._review_rows(side) for side in record["rows"]]
            if not {row.person for row in sides[0]} & {row.person for row in sides[1]}:
                return record
            try:
                parted = self._split(record, sides, viewer)
            except StoreBusyError:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            queue, fresh = self._review_queue(), {**record, **parted}
            queue.replace(record, fresh)
            queue.log(record["id"], "apart", AUTOMATIC, batch=parted["batch"])
            return fresh
        return record

    def _review_rows(self, side: Iterable[Sequence[str]]) -> list[Row]:
        return list(self._store.rows(ids=[RowId(*row) for row in side]))


def counts_by_state(records: Iterable[Record]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for record in records:
        counts[record["state"]] += 1
    return counts
