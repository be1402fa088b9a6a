"""Records about the service itself, and the one way to a person's name and phone."""

from kg.errors import ForbiddenError, InvalidInputError, NotFoundError
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.policy.rules_page import rules_page
from kg.service.frame import Frame, Json, within


class Records(Frame):
    """Reveal, rules page, audit."""

    def reveal(self, key: str, reason: str, *, viewer: Viewer) -> Json:
        """Return a talent's name and phone to an officer who says why; recorded in the audit log before it is told."""
        if not sees_all(viewer):
            raise NotFoundError("没有这条记录，或您无权查看")
        if not reason.strip():
            raise InvalidInputError("请写明查看原因，例如“联系本人确认意向”", field="reason")
        found = self._found("talent", key, viewer)
        self._audit.record(viewer.name, "reveal", f"talent:{key}", {"reason": reason.strip()})
        plain: Json = {}
        blobs = self._store.sealed([row.id for row in found.rows])
        for row in found.rows:
            if row.id in blobs:
                for column, value in self._sealer.unseal(blobs[row.id], row.id).items():
                    plain.setdefault(column, value)
        return {"name": plain.get("name"), "phone": plain.get("phone")}

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
