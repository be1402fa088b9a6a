"""Decisions about recommendations: who was taken, how it went on, and who is shown how often."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from kg.audit.exposures import AskedList
from kg.decisions.followups import (
    REASONS,
    STATES,
    TAKEN_BACK,
    Followups,
    Step,
    Subject,
    followup_key,
    reversible,
)
from kg.decisions.records import STATUSES, Agreed, cooperation_row, engagement_row, publish
from kg.errors import InvalidInputError, NotFoundError
from kg.index.names import name_of
from kg.model.graph import NodeRef, Row
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all
from kg.service.frame import Frame, Json, offset_of, within

_NO_QUESTION: Final = "没有这次推荐，或您无权查看。请从推荐结果里决定"
_DECIDED: Final = frozenset({"talents", "partners"})
"""Lists whose items are decided about one by one; a team is not."""
_SEPARATOR: Final = "‖"
_LOOKED_AT: Final = 500
"""So many of the newest entries of the log are searched for a viewer's own questions."""


class Decisions(Frame):
    """采纳/不采纳 and follow-up. Officers decide about everything, an enterprise or school about its own partners."""

    def decide(
        self,
        query_id: str,
        entity: str,
        state: str,
        *,
        viewer: Viewer,
        reason: str = "",
        note: str = "",
        terms: Mapping[str, Any] | None = None,
    ) -> Json:
        """Take one step with an item of an answer that was given; an agreement and an outcome go into the graph.

        `entity` is the key of the item's node (`school‖enterprise` in a district's answer). `terms` of an agreement:
        mode, valid_from, valid_to, and hours_per_week and trips, or seats, offering and demand. Raises NotFoundError
        for a list that this viewer was never given, RefusedError `out-of-order` and `changed-meanwhile`.
        """
        subject = self._subject(query_id, entity, viewer)
        step = Step(state=state, reason=reason.strip(), note=note.strip(), terms=terms)
        followups = self._followups()
        held = followups.check(subject, step)
        record, revision = None, None
        if state in STATUSES:
            kept = None if held is None else held.get("record")
            record = str(kept) if kept else f"DJ-{secrets.token_hex(6)}"
            row = self._agreed_row(subject, step, held, record, viewer)
            revision = publish(self._store, row, self._agreed(record, viewer)).revision
        taken = followups.take(subject, step, viewer=viewer.name, record=record)
        self._audit.record(viewer.name, "decision", subject.key, {"state": state, "reason": step.reason})
        return {**self._told_followup(taken), "revision": revision or self.revision()}

    def decision(self, query_id: str, entity: str, *, viewer: Viewer) -> Json:
        """Return how far one item is: its follow-up, or only its name with `state` None; NotFoundError as `decide`."""
        subject = self._subject(query_id, entity, viewer)
        held = self._followups().of(subject.key)
        if held is None:
            return {
                "query_id": query_id,
                "entity": entity,
                "name": subject.name,
                "state": None,
                "reversible": False,
            }
        return self._told_followup(held)

    def take_back_decision(self, query_id: str, entity: str, *, viewer: Viewer, state: str, at: str) -> Json:
        """Undo the last step of an item, named by its state and time, and return how far the item is then.

        Raises NotFoundError as `decide`, RefusedError `changed-meanwhile` and `out-of-order`: what an agreement left in
        the graph is not undone here.
        """
        subject = self._subject(query_id, entity, viewer)
        self._followups().take_back(subject, state=state, at=at, viewer=viewer.name)
        self._audit.record(viewer.name, "decision", subject.key, {"state": TAKEN_BACK, "reason": ""})
        return {**self.decision(query_id, entity, viewer=viewer), "revision": self.revision()}

    def decisions(
        self,
        *,
        viewer: Viewer,
        state: str | None = None,
        query_id: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Json:
        """Return the follow-ups that the viewer may see, the newest first, with counts by state."""
        within("limit", limit, 1, 200)
        if state is not None and state not in STATES:
            raise InvalidInputError(f"状态（state）应是 {'、'.join(STATES)} 之一", field="state", value=state)
        self._demand_decider(viewer)
        mine = [
            record
            for record in self._followups().all()
            if (sees_all(viewer) or self._owns_asked(viewer, record["asked"]))
            and query_id in {None, record["query_id"]}
        ]
        found = [record for record in mine if state in {None, record["state"]}]
        start = offset_of(cursor)
        return {
            "items": [self._told_followup(record) for record in found[start : start + limit]],
            "total": len(found),
            "total_is_exact": True,
            "cursor": str(start + limit) if start + limit < len(found) else None,
            "counts": {name: sum(record["state"] == name for record in mine) for name in STATES},
            "states": dict(STATES),
            "reasons": {kind: list(reasons) for kind, reasons in REASONS.items()},
        }

    def my_questions(self, *, viewer: Viewer, limit: int = 10) -> Json:
        """Return the viewer's own newest questions, each once, with what was listed and how far it was followed up."""
        within("limit", limit, 1, 50)
        self._demand_decider(viewer)
        mine: dict[str, AskedList] = {}
        for asked in self._exposures.latest(_LOOKED_AT):
            if asked.viewer == viewer.name:
                mine.setdefault(asked.query_id, asked)
        steps = [(record["query_id"], record["state"]) for record in self._followups().all()]
        return {
            "items": [
                {
                    "query_id": key, "kind": asked.kind, "question": dict(asked.question), "day": asked.day.isoformat(),
                    "as_of": asked.as_of, "listed": len(asked.entities), "to_verify": len(asked.to_verify),
                    "states": [state for query_id, state in steps if query_id == key],
                }
                for key, asked in list(mine.items())[:limit]
            ]
        }  # fmt: skip

    def decision_history(self, query_id: str, entity: str, *, viewer: Viewer) -> Json:
        """Return every step of one follow-up with who, when and why."""
        subject = self._subject(query_id, entity, viewer)
        return {
            "items": [
                {
                    "number": number,
                    **{name: entry[name] for name in ("state", "reason", "note", "viewer", "at")},
                }
                for number, entry in self._followups().history(subject.key)
            ]
        }

    # -- inside ---------------------------------------------------------------------------------------------

    def _followups(self) -> Followups:
        return Followups(self._ledger, self._clock)

    def _demand_decider(self, viewer: Viewer) -> None:
        if not (sees_all(viewer) or (viewer.org is not None and viewer.has(Role.ENTERPRISE, Role.SCHOOL))):
            raise NotFoundError(_NO_QUESTION)

    def _subject(self, query_id: str, entity: str, viewer: Viewer) -> Subject:
        """Return what is decided about; NotFoundError alike for what was never told and what another one asked."""
        self._demand_decider(viewer)
        kind, question = self._told_about(query_id, entity, viewer)
        if not (sees_all(viewer) or (kind == "partners" and self._owns_asked(viewer, question))):
            raise NotFoundError(_NO_QUESTION)
        return Subject(query_id, entity, kind, question, self._entity_name(kind, entity))

    def _told_about(self, query_id: str, entity: str, viewer: Viewer) -> tuple[str, Json]:
        """Return kind and question: as the follow-up keeps them, else of the list in which this viewer met the item."""
        held = self._followups().of(followup_key(query_id, entity))
        if held is not None:
            return held["kind"], held["asked"]
        to = None if sees_all(viewer) else viewer.name
        asked = self._exposures.told(query_id, entity, viewer=to)
        if asked is None or asked.kind not in _DECIDED:
            raise NotFoundError(_NO_QUESTION)
        return asked.kind, {**asked.question, "as_of": asked.as_of}

    def _owns_asked(self, viewer: Viewer, question: Mapping[str, Any]) -> bool:
        return viewer.org is not None and (question.get("anchor") or {}).get("key") == viewer.org

    def _entity_name(self, kind: str, entity: str) -> str:
        """Return the name that people see: persons masked."""
        if kind == "talents":
            rows = self._store.rows(nodes=[NodeRef("talent", entity)])
            return next((row.label for row in rows), "已不在库")
        world = self.world()
        return " — ".join(world.organisations.name(code) for code in entity.split(_SEPARATOR))

    def _agreed(self, record: str, viewer: Viewer) -> Agreed:
        return Agreed(key=record, at=self._clock(), actor=viewer.name, synthetic=self.world().synthetic)

    def _agreed_row(
        self, subject: Subject, step: Step, held: Mapping[str, Any] | None, record: str, viewer: Viewer
    ) -> Row:
        agreed, world = self._agreed(record, viewer), self.world()
        terms = dict(step.terms or ({} if held is None else held["terms"]))
        question = subject.asked
        if subject.kind == "talents":
            need = question.get("need")
            host = question.get("host") or (question.get("inline") or {}).get("host")
            if need is not None:
                known = world.talents.needs.get(str(need))
                host = host or (known.host if known is not None else None)
            if not host:
                raise NotFoundError("这条需求已不在库，不能写成柔性服务")
            return engagement_row(
                agreed, person=subject.entity, host=str(host), need=None if need is None else str(need),
                terms=terms, state=step.state, world=world,
            )  # fmt: skip
        terms.setdefault("mode", question.get("mode"))
        school, enterprise = self._partners(subject)
        return cooperation_row(agreed, school=school, enterprise=enterprise, terms=terms, state=step.state)

    def _partners(self, subject: Subject) -> tuple[str, str]:
        """Return school and enterprise of an item: a district names both, else the partner and the anchor."""
        first, _, second = subject.entity.partition(_SEPARATOR)
        if second:
            return first, second
        anchor = subject.asked["anchor"]
        return (first, anchor["key"]) if anchor["kind"] == "enterprise" else (anchor["key"], first)

    def _told_followup(self, record: Mapping[str, Any]) -> Json:
        told: Json = {
            name: record[name]
            for name in ("query_id", "entity", "kind", "name", "state", "reason", "note", "terms", "viewer", "at", "since")
        }  # fmt: skip
        told["label"] = STATES[str(record["state"])]
        told["reversible"] = reversible(record)
        told["record"] = record["record"]
        told["question"] = record["asked"]
        if record["kind"] == "talents" and record["asked"].get("need"):
            told["about"] = name_of(self.world(), NodeRef("need", str(record["asked"]["need"])))
        return told
