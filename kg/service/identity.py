"""Who is who: comparing registers, the review queue, and decisions that can be undone. For officers only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kg.errors import InvalidInputError, RefusedError
from kg.identity.joins import is_automatic
from kg.identity.moving import PERSON_KIND, PERSON_TABLE, Move, Mover
from kg.identity.person_records import record_of
from kg.identity.publishing import publish
from kg.identity.renaming import renamed
from kg.identity.review_queue import DECISIONS, KINDS, MERGED, OPEN, PERSON, STATES, Record
from kg.index.names import name_of
from kg.model.batches import undone_by
from kg.model.graph import NodeRef, Row
from kg.model.viewers import Viewer
from kg.policy.masking import display
from kg.schema import Column
from kg.service.frame import Json, within
from kg.service.identity_frame import counts_by_state
from kg.service.identity_search import IdentitySearch

_SHOWN: Final = ("employer", "occupation", "level", "work_status", "district")
_MOST_ROWS: Final = 20
_MOST_NOTE: Final = 500


class IdentityQuestions(IdentitySearch):
    """Questions about identity. No sealed value is in any answer: only whether two of them agree."""

    def reviews(
        self,
        *,
        viewer: Viewer,
        state: str | None = OPEN,
        kind: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Json:
        """Return questions, the most probable first; `state` None lists all, `cursor` is where the next page begins.

        Merged ones come the other way round, those that nobody has confirmed first: the least sure are worth a look.
        """
        self._demand_reviewer(viewer)
        within("limit", limit, 1, 200)
        _one_of("state", state, STATES)
        _one_of("kind", kind, KINDS)
        start = _place(cursor)
        queue = self._review_queue().all()
        wanted = [item for item in queue if state in {None, item["state"]} and kind in {None, item["kind"]}]
        wanted.sort(key=_least_sure if state == MERGED else _most_probable)
        undone = undone_by(self._store.batches())
        shown = [self._told_review(item, undone) for item in wanted[start : start + limit]]
        return {
            "items": shown,
            "total": len(wanted),
            "total_is_exact": True,
            "cursor": str(start + limit) if len(wanted) > start + limit else None,
            "counts": counts_by_state(queue),
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
        """Decide a question: merge, apart, later, or undo, which asks it anew; confirm vouches for an automatic merge.

        `choice` is a candidate's key, for names. Whatever ends a merge gives each side its own rows back. Raises
        NotFoundError, InvalidInputError, RefusedError `two-numbers`, `rows-gone`, `self-reference`, `already-merged`,
        `nothing-to-undo`, `nothing-to-confirm` and `changed-meanwhile`.
        """
        self._demand_reviewer(viewer)
        _one_of("decision", decision, DECISIONS)
        if len(note) > _MOST_NOTE:
            raise InvalidInputError(f"说明不超过 {_MOST_NOTE} 字", field="note")
        queue = self._review_queue()
        record = queue.get(name)
        stands = str(record.get("batch")) not in undone_by(self._store.batches())
        _demand_sense(record, decision, merged=record["state"] == MERGED and stands)
        decide = self._decide_person if record["kind"] == PERSON else self._decide_name
        more = decide(record, decision, choice, viewer)
        after = queue.decide(record, decision, actor=viewer.name, note=note.strip(), **more)
        if decision == "apart":
            after = self._hold_apart(after, viewer)
        detail = {"decision": decision, "batch": more.get("batch"), "choice": choice}
        self._audit.record(viewer.name, "review", name, detail)
        return {**self._told_review(after, undone_by(self._store.batches())), "revision": self.revision()}

    # -- persons --------------------------------------------------------------------------------------------

    def _decide_person(self, record: Record, decision: str, _: str | None, viewer: Viewer) -> Json:
        if decision == "confirm":
            return {}
        sides = [self._review_rows(side) for side in record["rows"]]
        if decision == "merge":
            return self._join(record, sides, viewer)
        together = {row.person for row in sides[0]} & {row.person for row in sides[1]}
        ends_a_merge = record["state"] == MERGED or (
            record["reason"] == "two-numbers" and decision == "apart"
        )
        if not together or not ends_a_merge:
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
        elif record["state"] != MERGED:
            return {}
        start = self._store.revision()
        target = choice if decision == "merge" else None
        changes = list(renamed(self._store, self._schema, record, target))
        told = {record["kind"]: {record["folded"]: target}}
        batch = publish(self._store, changes, told, self._identity_batch(viewer, start))
        return {"batch": batch.id, "choice": target}

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
        told |= {
            "undone": bool(record.get("undone")),
            "kind_label": KINDS[record["kind"]],
            "state_label": STATES[record["state"]],
        }
        told["undone_by"] = undone.get(str(record.get("batch")))
        if record["kind"] != PERSON:
            return {**told, **{name: record[name] for name in ("text", "count", "tables", "candidates")}}
        sides = [self._review_rows(side) for side in record["rows"]]
        told["sides"] = [self._review_side(rows) for rows in sides]
        told["weights"] = record["weights"]
        return told

    def _shown(self, column: Column, row: Row) -> str:
        """Return a cell as the comparison of two records shows it; an employer without a code by its name."""
        value = row.values.get(column.key)
        if value is None:
            return str(row.values.get("employer_name") or "") if column.key == "employer" else ""
        if not column.refers_to:
            return display(column, value)
        return name_of(self.world(), NodeRef(self._schema.by_key[column.refers_to[0]].kind, str(value)))

    def _review_side(self, rows: Sequence[Row]) -> Json:
        """Return one side as an officer sees it: masked name, where it came from, what it says; no sealed value."""
        table = self._schema.by_key[PERSON_TABLE]
        facts = []
        for key in _SHOWN:
            column = table.column(key)
            texts = [self._shown(column, row) for row in rows]
            facts.append({
                "key": key,
                "label": column.zh.removesuffix("代码"),
                "text": "；".join(dict.fromkeys(filter(None, texts))),
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


def _most_probable(item: Record) -> tuple[object, ...]:
    return -(item.get("probability") or 0.0), -item.get("count", 0), item["id"]


def _least_sure(item: Record) -> tuple[object, ...]:
    return not is_automatic(item), item.get("probability") or 1.0, -item.get("count", 0), item["id"]


def _demand_sense(record: Record, decision: str, *, merged: bool) -> None:
    """Refuse what the state of the question does not allow."""
    if decision == "confirm" and not (merged and is_automatic(record)):
        text = "只有自动合并、还没有人确认的，才能确认"
        raise RefusedError(text, code="nothing-to-confirm", id=record["id"])
    if merged and decision in {"merge", "later"}:
        text = "这个问题已经合并过；要改，请先撤回或选“分开”"
        raise RefusedError(text, code="already-merged", id=record["id"])
    if record["state"] == OPEN and decision == "undo":
        raise RefusedError("这个问题还没有处理过，没有可撤回的", code="nothing-to-undo", id=record["id"])


def _one_of(field: str, value: str | None, allowed: Mapping[str, str]) -> None:
    if value is not None and value not in allowed:
        raise InvalidInputError(f"{field} 应是 {'、'.join(allowed)} 之一", field=field, value=value)


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise InvalidInputError("翻页标记（cursor）不对，请从第一页重新翻", field="cursor", value=cursor)
    return int(cursor)
