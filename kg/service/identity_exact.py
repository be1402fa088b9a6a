"""Names of organisations that are somebody's full name to the letter: confirmed together, in one step that can be undone."""

from collections.abc import Iterator
from typing import Final

from kg.identity.publishing import publish
from kg.identity.renaming import renamed_together
from kg.identity.review_queue import OPEN, ORGANISATION, Record
from kg.model.viewers import Viewer
from kg.service.frame import Json
from kg.service.identity_frame import IdentityFrame
from kg.text import fold_name

_NOTE: Final = "全称一致，一次确认"


class ExactNames(IdentityFrame):
    """Deciding many questions that have one answer: the same rights and the same log as for one decision."""

    def exact_names(self, *, viewer: Viewer) -> int:
        """Return how many open questions ask about a text that is the full name of exactly one organisation."""
        self._demand_reviewer(viewer)
        return sum(1 for _ in self._exact())

    def confirm_exact(self, *, viewer: Viewer) -> Json:
        """Decide all of them as `merge`, in one batch: rolling it back undoes them all, `undo` of a question only that one.

        Names that one row uses together stay open (`left`). Raises StoreBusyError when another batch came in between:
        nothing was decided then.
        """
        self._demand_reviewer(viewer)
        start, queue = self._store.revision(), self._review_queue()
        wanted = list(self._exact())
        changes, crossed = renamed_together(self._store, self._schema, wanted)
        decided = [(record, key) for record, key in wanted if record["id"] not in crossed]
        if not decided:
            return {
                "confirmed": 0,
                "rows": 0,
                "left": len(wanted),
                "batch": None,
                "revision": self.revision(),
            }
        told = {ORGANISATION: {record["folded"]: key for record, key in decided}}
        batch = publish(self._store, changes, told, self._identity_batch(viewer, start))
        for record, key in decided:
            queue.decide(record, "merge", actor=viewer.name, note=_NOTE, batch=batch.id, choice=key)
        detail = {"decision": "merge", "batch": batch.id, "confirmed": len(decided)}
        self._audit.record(viewer.name, "review", "exact", detail)
        return {
            "confirmed": len(decided),
            "rows": len(changes),
            "left": len(wanted) - len(decided),
            "batch": batch.id,
            "revision": self.revision(),
        }

    def _exact(self) -> Iterator[tuple[Record, str]]:
        """Yield the open questions with the key of the one organisation that bears the very name, by id."""
        for record in self._review_queue().all(ORGANISATION):
            if record["state"] == OPEN:
                folded = fold_name(str(record["text"]))
                keys = [one["key"] for one in record["candidates"] if fold_name(str(one["name"])) == folded]
                if len(keys) == 1:
                    yield record, str(keys[0])
