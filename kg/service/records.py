"""Records about the service itself, and the one way to a person's name and phone."""

from collections.abc import Mapping
from typing import Final

from kg.errors import ForbiddenError, InvalidInputError, NotFoundError
from kg.identity.moving import PERSON_TABLE
from kg.identity.review_queue import Queue
from kg.model.graph import NodeRef, RowId
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.policy.rules_page import rules_page
from kg.schema import Table
from kg.service.frame import Frame, Json, within

_MOST_REASON: Final = 500
_NO_ROW: Final = "jiangtu:reports"


def names_persons(table: Table) -> bool:
    """Return whether rows of a table may tell of a person: the persons themselves and all that point to one."""
    return table.key == PERSON_TABLE or any(PERSON_TABLE in column.refers_to for column in table.columns)


class Records(Frame):
    """Reveal, rules page, audit."""

    def reveal(self, key: str, reason: str, *, viewer: Viewer) -> Json:
        """Return a talent's name and phone to an officer who says why; recorded in the audit log before it is told."""
        if not sees_all(viewer):
            raise NotFoundError()
        if not reason.strip():
            raise InvalidInputError("请写明查看原因，例如“联系本人确认意向”", field="reason")
        if len(reason) > _MOST_REASON:
            raise InvalidInputError(f"说明不超过 {_MOST_REASON} 字", field="reason")
        found = self._found("talent", key, viewer)
        self._audit.record(viewer.name, "reveal", f"talent:{key}", {"reason": reason.strip()})
        plain: Json = {}
        blobs = self._store.sealed([row.id for row in found.rows])
        for row in found.rows:
            if row.id in blobs:
                for column, value in self._sealer.unseal(blobs[row.id], row.id).items():
                    plain.setdefault(column, value)
        return {"name": plain.get("name"), "phone": plain.get("phone")}

    def erase(self, key: str, reason: str, *, viewer: Viewer) -> Json:
        """Remove a person for good: every row, old state and sealed part, of all registers. Administrators only.

        Recorded in the audit log, by pseudonym, before it happens. Where other rows point to the person an empty
        node stays. Repeating it for an erased person empties the files again. Raises NotFoundError for a key that
        nothing knows; StoreBusyError when a long read keeps old bytes in a file of the store: repeat it then.
        """
        if not viewer.has(Role.ADMINISTRATOR):
            raise ForbiddenError("只有管理员可以彻底删除一个人")
        if not reason.strip():
            raise InvalidInputError("请写明删除原因，例如“本人要求删除”", field="reason")
        subject = f"talent:{key}"
        ids = self._rows_of_person(key)
        if not ids and not any(
            (entry["action"], entry["subject"]) == ("erase", subject) for _, entry in self._audit.entries()
        ):
            raise NotFoundError("没有这个人的任何记录，请检查编号")
        self._audit.record(viewer.name, "erase", subject, {"reason": reason.strip(), "rows": len(ids)})
        erased = self._store.erase([*ids, *self._told_of_persons()], actor=viewer.name)
        Queue(self._ledger, self._clock).forget(set(ids))
        node = NodeRef("talent", key)
        named = bool(self._store.degrees([node]))
        return {"key": key, "rows": len(ids), "live": erased, "pseudonym": named, "revision": self.revision()}

    def _rows_of_person(self, key: str) -> list[RowId]:
        """Return the rows that are or ever were about the person, as far as the change log goes back."""
        node = NodeRef("talent", key)
        found = {row.id for row in self._store.rows(persons=[key])}
        found |= {row.id for row in self._store.rows(nodes=[node])}
        found |= {
            change.id
            for change in self._store.changes(0)
            for row in (change.before, change.after)
            if row is not None and (row.person == key or row.node == node)
        }
        return sorted(found)

    def _told_of_persons(self) -> set[RowId]:
        """Return a row that no source has for each table about persons that a load told of.

        Naming it in an erasure cleans the reports of that source too: also one that only ever rejected the person.
        """
        personal = {table.key for table in self._schema.tables if names_persons(table)}
        found = set[RowId]()
        for batch in self._store.batches():
            tables = batch.report.get("tables")
            if isinstance(tables, Mapping):
                found |= {RowId(batch.source, table, _NO_ROW) for table in personal.intersection(tables)}
        return found

    def policy(self, *, viewer: Viewer) -> Json:  # noqa: ARG002 - everyone may read the rules
        """Return the rules page: every number with its basis, every filter and factor with its label."""
        return rules_page(self._policy)

    def audit(self, *, viewer: Viewer, after: int = 0, limit: int = 100) -> Json:
        """Return who did what, newest numbers last; officers and administrators only."""
        if not viewer.has(Role.OFFICER, Role.ADMINISTRATOR):
            raise ForbiddenError("只有经办人员和管理员可以查看操作记录")
        within("limit", limit, 1, 200)
        found = list(self._audit.entries(after, limit))
        total = self._audit.newest()
        last = found[-1][0] if found else total
        return {
            "items": [{"number": number, **entry} for number, entry in found],
            "total": total,
            "total_is_exact": True,
            "cursor": str(last) if last < total else None,
        }
