"""Looking for who is who: after each load among what is new, on request among everybody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from kg.errors import RefusedError
from kg.identity import persons
from kg.identity.moving import PERSON_TABLE, Mover
from kg.identity.names import NameQuestions, changes_vocabulary
from kg.identity.review_queue import (
    APART,
    AUTOMATIC,
    LATER,
    MERGED,
    OPEN,
    PERSON,
    Queue,
    Record,
    decision_of,
    decisions,
)
from kg.model.batches import in_force, log_begins, undone_by
from kg.model.graph import Batch, Change, RowId
from kg.model.viewers import Viewer
from kg.service.frame import Json
from kg.service.identity_frame import IdentityFrame, counts_by_state

_COLLECTION: Final = "identity"
_LAST: Final = "last"


class IdentitySearch(IdentityFrame):
    """The comparison of all registers with each other."""

    def find_identities(self, *, viewer: Viewer) -> Json:
        """Compare all persons and names; join what is certain, queue what a person must decide.

        Raises SettingsError when the extra `identity` is not installed, StoreBusyError when a batch came in between:
        nothing was joined then.
        """
        self._demand_reviewer(viewer)
        return self._compared(viewer, None, quiet=False)

    def find_new_identities(self, *, viewer: Viewer, most: int) -> Json:
        """Compare what has changed since the last comparison with everybody: less work, the same questions.

        Everybody is compared where that has never been done, unless there are more than `most` persons: RefusedError
        `too-many-persons`. With that many, names that were like nothing are not looked up again when organisations
        come in. Raises what `find_identities` raises.
        """
        self._demand_loader(viewer)
        since, many = self._compared_until(), self._persons_loaded() > most
        if since is None and many:
            text = f"人员超过 {most:,} 条，没有自动核对身份；请在空闲时执行 jiangtu reviews --find"
            raise RefusedError(text, code="too-many-persons")
        return self._compared(viewer, since, quiet=True, many=many)

    def _compared(self, viewer: Viewer, since: int | None, *, quiet: bool, many: bool = False) -> Json:
        start, queue = self._store.revision(), self._review_queue()
        fresh = None if since is None else self._fresh(since, queue)
        rules = self._policy.linkage
        gathered = persons.gather(self._store, self._sealer, fresh)
        asked = queue.all(PERSON)
        found = persons.find(gathered, self._store, self._schema, rules, asked)
        if found.merges and decisions(now := queue.all(PERSON)) != decisions(asked):
            asked, found = now, persons.find(gathered, self._store, self._schema, rules, now)
        batch = self._merge_certain(found.merges, start, viewer, asked) if found.merges else None
        new = queue.settle(PERSON, [one.record(self._sealer) for one in found.questions], asked)
        for kind, questions in self._name_questions(since, start, queue, many=many).items():
            new += queue.settle(kind, self._undecided(kind, questions, queue))
        self._ledger.put(
            _COLLECTION, _LAST,
            {"revision": start if batch is None else batch.revision, "policy": self._policy.hash},
        )  # fmt: skip
        detail = {"records": found.records, "merged": len(found.merges), "new": new}
        if found.merges or new or not quiet:
            self._audit.record(viewer.name, "identity", "comparison", detail)
        return {
            **detail,
            "batch": None if batch is None else batch.id,
            "open": counts_by_state(queue.all())[OPEN],
            "revision": self.revision(),
        }

    def _compared_until(self) -> int | None:
        """Return the revision up to which everybody was compared under this policy; None when all must be anew."""
        last = self._ledger.get(_COLLECTION, _LAST)
        if last is None or last["policy"] != self._policy.hash:
            return None
        revision = int(str(last["revision"]))
        whole = revision >= log_begins(self._store.batches()) and revision <= self._store.revision()
        return revision if whole else None

    def _persons_loaded(self) -> int:
        """Return how many person rows the loads brought, less those that left: no row is read for it."""
        total = 0
        for batch in in_force(self._store.batches()):
            tables = batch.report.get("tables")
            counts = tables.get(PERSON_TABLE) if isinstance(tables, Mapping) else None
            total += int(counts["inserted"]) - int(counts["retired"]) if isinstance(counts, Mapping) else 0
        return total

    def _fresh(self, since: int, queue: Queue) -> set[RowId]:
        """Return the person rows to look at: changed ones, and those of questions that are still open."""
        changed = {change.id for change in self._store.changes(since) if change.id.table == PERSON_TABLE}
        return changed | persons.asked_again(queue.all(PERSON), self._store)

    def _name_questions(
        self, since: int | None, start: int, queue: Queue, *, many: bool
    ) -> dict[str, list[Record]]:
        names = NameQuestions(self._store, self._schema, self._sealer, self._policy.linkage)
        anew = since is not None and any(map(changes_vocabulary, self._changes(since, start)))
        if since is None or (anew and not many):
            return names.all()
        known = [
            record for record in queue.all() if record["state"] in {OPEN, LATER} and record["kind"] != PERSON
        ]
        return names.changed(self._changes(since, start), known, anew=anew)

    def _changes(self, since: int, until: int) -> Iterator[Change]:
        """Yield the changes of others: what this comparison has joined itself is not news."""
        return (change for change in self._store.changes(since) if change.revision <= until)

    def _merge_certain(
        self, merges: Sequence[persons.Finding], start: int, viewer: Viewer, asked: Sequence[Record]
    ) -> Batch:
        """Publish all merges that need nobody as one batch, each of them a decided question of its own.

        Whoever was kept apart since the questions `asked` were read is parted again.
        """
        mover, queue = Mover(self._store, self._schema), self._review_queue()
        moved = mover.move([persons.merge_move(one) for one in merges])
        told = [one.record(self._sealer) for one in merges]
        batch = self._publish_identity(
            mover, start, viewer, {"persons": [[one.right, one.left] for one in merges]}
        )
        for one, record in zip(merges, told, strict=True):
            rows = [list(row) for row in moved[one.right]]
            extra = {
                "moved": rows,
                "from_key": one.right,
                "to_key": one.left,
                "batch": batch.id,
                "by": AUTOMATIC,
            }
            at = batch.at.isoformat()
            queue.keep_merged({**record, **extra, "state": MERGED, "since": at, "at": at})
            queue.log(record["id"], "merge", AUTOMATIC, batch=batch.id)
        before = decisions(asked)
        for record in queue.all(PERSON):
            if record["state"] == APART and before.get(record["id"]) != decision_of(record):
                self._hold_apart(record, viewer)
        return batch

    def _undecided(self, kind: str, questions: Iterable[Record], queue: Queue) -> list[Record]:
        """Return the questions that nobody has settled; a decision that was rolled back settles nothing."""
        undone = undone_by(self._store.batches())
        settled = {
            item["id"]
            for item in queue.all(kind)
            if item["state"] == APART or (item["state"] == MERGED and item.get("batch") not in undone)
        }
        return [question for question in questions if question["id"] not in settled]
