"""Who is who: comparing registers, the review queue, and decisions that can be undone. For officers only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kg.errors import ForbiddenError, InvalidInputError, RefusedError
from kg.identity import persons
from kg.identity.moving import PERSON_KIND, PERSON_TABLE, Move, Mover
from kg.identity.names import name_questions, renamed
from kg.identity.person_records import record_of
from kg.identity.publishing import publish
from kg.identity.review_queue import APART, DECISIONS, KINDS, MERGED, OPEN, PERSON, STATES, Queue, Record
from kg.index.names import name_of
from kg.model.batches import undone_by
from kg.model.graph import Batch, NodeRef, Row, RowId
from kg.model.viewers import Viewer
from kg.policy.masking import display
from kg.policy.rights import sees_all
from kg.service.frame import Frame, Json, within

_AUTOMATIC: Final = "自动"
_SHOWN: Final = ("employer", "employer_name", "occupation", "level", "work_status", "district")
_MOST_ROWS: Final = 20
_MOST_NOTE: Final = 500


class IdentityQuestions(Frame):
    """Questions about identity. No sealed value is in any answer: only whether two of them agree."""

    def find_identities(self, *, viewer: Viewer) -> Json:
        """Compare all persons, names and titles; join what is certain, queue what a person must decide.

        Raises SettingsError when the extra `identity` is not installed, StoreBusyError when a batch came in between.
        """
        self._demand_reviewer(viewer)
        start, queue = self._store.revision(), self._review_queue()
        found = persons.find(self._store, self._sealer, self._schema, self._policy.linkage, queue.all(PERSON))
        batch = self._merge_certain(found.merges, start, viewer) if found.merges else None
        fresh = queue.settle(PERSON, [one.record(self._sealer) for one in found.questions])
        names = name_questions(self._store, self._schema, self._sealer, self._policy.linkage)
        for kind, questions in names.items():
            fresh += queue.settle(kind, self._undecided(kind, questions))
        counts = _counts(queue.all())
        detail = {"records": found.records, "merged": len(found.merges), "new": fresh}
        self._audit.record(viewer.name, "identity", "comparison", detail)
        return {
            "records": found.records,
            "merged": len(found.merges),
            "batch": None if batch is None else batch.id,
            "new": fresh,
            "open": counts[OPEN],
            "revision": self.revision(),
        }

    def reviews(
        self,
        *,
        viewer: Viewer,
        state: str | None = OPEN,
        kind: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Json:
        """Return questions, the most probable first; `state` None lists all, `cursor` is where the next page begins."""
        self._demand_reviewer(viewer)
        within("limit", limit, 1, 200)
        _one_of("state", state, STATES)
        _one_of("kind", kind, KINDS)
        start = _place(cursor)
        queue = self._review_queue().all()
        wanted = [item for item in queue if state in {None, item["state"]} and kind in {None, item["kind"]}]
        wanted.sort(key=lambda item: (-(item.get("probability") or 0.0), -item.get("count", 0), item["id"]))
        undone = undone_by(self._store.batches())
        shown = [self._told_review(item, undone) for item in wanted[start : start + limit]]
        return {
            "items": shown,
            "total": len(wanted),
            "total_is_exact": True,
            "cursor": str(start + limit) if len(wanted) > start + limit else None,
            "counts": _counts(queue),
            "states": dict(STATES),
            "kinds": dict(KINDS),
        }

    def review(self, name: str, *, viewer: Viewer) -> Json:
        """Return one question with both sides and every step that was taken."""
        self._demand_reviewer(viewer)
        queue = self._review_queue()
        told = self._told_review(queue.get(name), undone_by(self._store.batches()))
        return {**told, "history": queue.history(name)}

    def decide_review(
        self, name: str, decision: str, *, viewer: Viewer, choice: str | None = None, note: str = ""
    ) -> Json:
        """Decide a question: merge, apart (also undoes a merge) or later. `choice` is the candidate's key, for names.

        Raises NotFoundError, InvalidInputError, RefusedError `two-numbers`, `rows-gone`, `self-reference` and
        `changed-meanwhile`.
        """
        self._demand_reviewer(viewer)
        _one_of("decision", decision, DECISIONS)
        if len(note) > _MOST_NOTE:
            raise InvalidInputError(f"说明不超过 {_MOST_NOTE} 字", field="note")
        queue = self._review_queue()
        record = queue.get(name)
        decide = self._decide_person if record["kind"] == PERSON else self._decide_name
        more = decide(record, decision, choice, viewer)
        after = queue.decide(record, decision, actor=viewer.name, note=note.strip(), **more)
        detail = {"decision": decision, "batch": more.get("batch"), "choice": choice}
        self._audit.record(viewer.name, "review", name, detail)
        return {**self._told_review(after, undone_by(self._store.batches())), "revision": self.revision()}

    # -- persons --------------------------------------------------------------------------------------------

    def _merge_certain(self, merges: Sequence[persons.Finding], start: int, viewer: Viewer) -> Batch:
        """Publish all merges that need nobody as one batch, each of them a decided question of its own."""
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
                "by": _AUTOMATIC,
            }
            queue.keep({
                **record,
                **extra,
                "state": MERGED,
                "since": batch.at.isoformat(),
                "at": batch.at.isoformat(),
            })
            queue.log(record["id"], "merge", _AUTOMATIC, batch=batch.id)
        return batch

    def _decide_person(self, record: Record, decision: str, _: str | None, viewer: Viewer) -> Json:
        sides = [self._review_rows(side) for side in record["rows"]]
        if decision == "merge":
            return self._join(record, sides, viewer)
        together = {row.person for row in sides[0]} & {row.person for row in sides[1]}
        if not together or decision == "later":
            return {}
        return self._split(record, sides, viewer)

    def _join(self, record: Record, sides: Sequence[Sequence[Row]], viewer: Viewer) -> Json:
        if record["reason"] == "two-numbers":
            text = "两条记录的证件号码都有效而不同，是两个人；证件填错时请在来源更正后重新导入"
            raise RefusedError(text, code="two-numbers", id=record["id"])
        self._demand_one_number([row for side in sides for row in side])
        if not all(sides):
            raise RefusedError("其中一方的记录已不在库，请重新核对一次", code="rows-gone", id=record["id"])
        start = self._store.revision()
        keys = sorted({str(row.person) for side in sides for row in side}, key=self._first_row)
        if len(keys) < 2:
            return {"batch": record.get("batch")}
        kept, gone = keys[0], keys[1:]
        mover = Mover(self._store, self._schema)
        homes = {key: list(self._store.rows(table=PERSON_TABLE, persons=[key])) for key in gone}
        moved = mover.move([Move(key, kept, frozenset(row.id for row in homes[key])) for key in gone])
        batch = self._publish_identity(mover, start, viewer, {"persons": [[key, kept] for key in gone]})
        rows = [list(row) for key in gone for row in moved[key]]
        return {"moved": rows, "from_key": gone[0], "to_key": kept, "batch": batch.id}

    def _split(self, record: Record, sides: Sequence[Sequence[Row]], viewer: Viewer) -> Json:
        """Give the rows of one side a talent key of their own again, as a batch of its own."""
        start = self._store.revision()
        going = {RowId(*row) for row in record.get("moved", ())}
        side = next((side for side in sides if going & {row.id for row in side}), sides[1])
        home = {row.id for row in side}
        old = str(side[0].person)
        staying = [row for row in self._store.rows(table=PERSON_TABLE, persons=[old]) if row.id not in home]
        fresh = self._free_key(record.get("from_key"), side, old)
        move = Move(old, fresh, frozenset(home), frozenset(going - home), whole=not staying)
        mover = Mover(self._store, self._schema)
        mover.move([move])
        batch = self._publish_identity(mover, start, viewer, {"split": [[old, fresh]]})
        return {"batch": batch.id, "moved": []}

    def _free_key(self, before: str | None, side: Sequence[Row], old: str) -> str:
        """Return the key the rows had before, or the one that their first row founds, if nobody bears it now."""
        first = min(row.id for row in side)
        founded = self._sealer.talent_key(first.source, first.key)
        again = self._sealer.talent_key(first.source, f"{first.key}#{old}#{self._store.revision()}")
        for key in (before, founded):
            if key and key != old and not any(self._store.rows(table=PERSON_TABLE, persons=[key])):
                return key
        return again

    def _demand_one_number(self, rows: Iterable[Row]) -> None:
        found = list(rows)
        sealed = self._store.sealed([row.id for row in found])
        cards = {
            record_of(row.id, "", self._sealer.unseal(sealed[row.id], row.id), {}).card
            for row in found
            if row.id in sealed
        }
        if len(cards - {""}) > 1:
            text = "两条记录的证件号码都有效而不同，是两个人，不能合并"
            raise RefusedError(text, code="two-numbers")

    def _review_rows(self, side: Iterable[Sequence[str]]) -> list[Row]:
        return list(self._store.rows(ids=[RowId(*row) for row in side]))

    def _first_row(self, key: str) -> tuple[object, ...]:
        rows = self._store.rows(table=PERSON_TABLE, persons=[key])
        return min(((row.provenance.recorded_at, row.id) for row in rows), default=(), key=lambda one: one)

    # -- names ----------------------------------------------------------------------------------------------

    def _decide_name(self, record: Record, decision: str, choice: str | None, viewer: Viewer) -> Json:
        if decision == "merge":
            offered = {candidate["key"] for candidate in record["candidates"]}
            if choice is None and len(offered) == 1:
                choice = next(iter(offered))
            if choice not in offered:
                text = "请写明是哪个候选（choice），从列出的候选里选"
                raise InvalidInputError(text, field="choice", value=choice)
            if record["state"] == MERGED:
                raise RefusedError(
                    "这个名称已经对应过；要改成另一个，请先选“分开”", code="already-merged", id=record["id"]
                )
        elif record["state"] != MERGED or decision == "later":
            return {}
        start = self._store.revision()
        target = choice if decision == "merge" else None
        changes = list(renamed(self._store, self._schema, record, target))
        told = {record["kind"]: {record["folded"]: target}}
        batch = publish(self._store, changes, told, self._identity_batch(viewer, start))
        return {"batch": batch.id, "choice": target}

    def _undecided(self, kind: str, questions: Iterable[Record]) -> list[Record]:
        decided = {item["id"] for item in self._review_queue().all(kind) if item["state"] in {MERGED, APART}}
        return [question for question in questions if question["id"] not in decided]

    # -- telling --------------------------------------------------------------------------------------------

    def _told_review(self, record: Record, undone: Mapping[str, str]) -> Json:
        shown = (
            "id",
            "kind",
            "state",
            "reason",
            "probability",
            "since",
            "by",
            "at",
            "note",
            "batch",
            "choice",
        )
        told: Json = {name: record.get(name) for name in shown}
        told |= {"kind_label": KINDS[record["kind"]], "state_label": STATES[record["state"]]}
        told["undone_by"] = undone.get(str(record.get("batch")))
        if record["kind"] != PERSON:
            return {**told, **{name: record[name] for name in ("text", "count", "tables", "candidates")}}
        sides = [self._review_rows(side) for side in record["rows"]]
        told["sides"] = [self._review_side(rows) for rows in sides]
        told["weights"] = record["weights"]
        return told

    def _review_side(self, rows: Sequence[Row]) -> Json:
        """Return one side as an officer sees it: masked name, where it came from, what it says; no sealed value."""
        table = self._schema.by_key[PERSON_TABLE]
        world = self.world()
        facts = []
        for key in _SHOWN:
            column = table.column(key)
            values = dict.fromkeys(row.values[key] for row in rows if row.values.get(key) is not None)
            texts = [
                name_of(world, NodeRef(self._schema.by_key[column.refers_to[0]].kind, str(value)))
                if column.refers_to
                else display(column, value)
                for value in values
            ]
            facts.append({
                "key": key,
                "label": column.zh.removesuffix("代码"),
                "text": "；".join(dict.fromkeys(texts)),
            })
        first = rows[0] if rows else None
        return {
            "node": None
            if first is None
            else {"kind": PERSON_KIND, "key": first.person, "name": first.label},
            "rows": [
                {"source": row.id.source, "person_id": row.id.key, "origin": row.provenance.origin}
                for row in rows[:_MOST_ROWS]
            ],
            "rows_total": len(rows),
            "facts": facts,
        }

    # -- inside ---------------------------------------------------------------------------------------------

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


def _counts(records: Iterable[Record]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for record in records:
        counts[record["state"]] += 1
    return counts


def _one_of(field: str, value: str | None, allowed: Mapping[str, str]) -> None:
    if value is not None and value not in allowed:
        raise InvalidInputError(f"{field} 应是 {'、'.join(allowed)} 之一", field=field, value=value)


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise InvalidInputError("翻页标记（cursor）不对，请从第一页重新翻", field="cursor", value=cursor)
    return int(cursor)
