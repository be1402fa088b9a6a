"""The review queue: questions that a person must decide, every decision kept, in the ledger; no sealed value is in it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kg.errors import NotFoundError, RefusedError
from kg.model.graph import RowId
from kg.ports import Ledger
from kg.sealing.sealer import Sealer

Record = dict[str, Any]
COLLECTION: Final = "reviews"
JOURNAL: Final = "reviews"
OPEN, LATER, MERGED, APART = "open", "later", "merged", "apart"
STATES: Final[Mapping[str, str]] = {OPEN: "待核", LATER: "稍后", MERGED: "已合并", APART: "已分开"}
DECISIONS: Final[Mapping[str, str]] = {
    "merge": MERGED,
    "apart": APART,
    "later": LATER,
    "undo": OPEN,
    "confirm": MERGED,
}
"""What may be decided, and the state that it leads to; undo takes the last decision back, confirm vouches for a merge
that a comparison has made."""
AUTOMATIC: Final = "自动"
"""Who decided what nobody was asked about."""
PERSON, ORGANISATION, TITLE = "person", "organisation", "title"
KINDS: Final[Mapping[str, str]] = {PERSON: "人员", ORGANISATION: "单位", TITLE: "职业名称"}


def review_id(sealer: Sealer, keys: Iterable[str], *more: str) -> str:
    """Return the id of a question about two talent keys, in any order: the same as long as the keys are."""
    return f"p-{sealer.token('review', *sorted(keys), *more)[:16]}"


class Queue:
    """Questions by id, and the log of what was decided about them."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock

    def all(self, kind: str | None = None) -> list[Record]:
        """Return the questions, by id."""
        return [dict(item) for _, item in self._ledger.items(COLLECTION) if kind in {None, item["kind"]}]

    def get(self, name: str) -> Record:
        """Return one question; NotFoundError when there is none of that id."""
        found = self.find(name)
        if found is None:
            raise NotFoundError(f"没有待核问题 {name}；请从列表里选")
        return found

    def find(self, name: str) -> Record | None:
        """Return one question, or None when there is none of that id."""
        found = self._ledger.get(COLLECTION, name)
        return None if found is None else dict(found)

    def find_past(self, counts: Callable[[Record], bool]) -> Callable[[str], Record | None]:
        """Return what finds a question as it stood when only the decisions that `counts` had been taken.

        A question that was asked and not decided then stands open; one that is in no log stands as it does now.
        """
        logged, past = set[str](), dict[str, Record]()
        for _, entry in self._ledger.entries(JOURNAL):
            step, name = dict(entry), str(entry["review"])
            logged.add(name)
            if counts(step):
                batch = step["batch"] or past.get(name, {}).get("batch")
                state = DECISIONS[str(step["decision"])]
                past[name] = {
                    "state": state,
                    "by": step["by"],
                    "at": step["at"],
                    "note": step["note"],
                    "batch": batch,
                }

        def find(name: str) -> Record | None:
            found = self.find(name)
            if found is None or name not in logged:
                return found
            return {**found, **past.get(name, {"state": OPEN})}

        return find

    def keep(self, record: Mapping[str, Any]) -> None:
        """Write a question as it stands now."""
        self._ledger.put(COLLECTION, str(record["id"]), dict(record))

    def replace(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Write a question if it still stands as `before`; return whether it did."""
        return self._ledger.put(COLLECTION, str(after["id"]), dict(after), expect=dict(before))

    def keep_merged(self, record: Mapping[str, Any]) -> None:
        """Write a question that a comparison has settled, unless somebody keeps its sides apart: that stands."""
        name = str(record["id"])
        found = self._ledger.get(COLLECTION, name)
        while (found is None or found["state"] != APART) and not self._ledger.put(
            COLLECTION, name, dict(record), expect=found, fresh=found is None
        ):
            found = self._ledger.get(COLLECTION, name)

    def forget(self, rows: Collection[RowId]) -> None:
        """Remove the questions about rows that were erased, decided ones too."""
        for record in self.all(PERSON):
            named = {RowId(*row) for side in (*record["rows"], record.get("moved", ())) for row in side}
            if not named.isdisjoint(rows):
                self._ledger.put(COLLECTION, str(record["id"]), None)

    def settle(self, kind: str, open_now: Sequence[Record], asked: Sequence[Record] | None = None) -> int:
        """Make `open_now` the open questions of a kind; what is no question any more vanishes. Return how many are new.

        A question that was put off stays put off. `asked` are the questions as the search found them when it began:
        what somebody has decided since then stands.
        """
        known = {record["id"]: record for record in self.all(kind)}
        first = known if asked is None else {record["id"]: record for record in asked}
        wanted = {record["id"]: record for record in open_now}
        for name, record in known.items():
            if record["state"] in {OPEN, LATER} and name not in wanted and first.get(name) == record:
                self._ledger.put(COLLECTION, name, None, expect=record)
        fresh = 0
        for name, record in wanted.items():
            before = known.get(name)
            if before != first.get(name):
                continue
            state = LATER if before is not None and before["state"] == LATER else OPEN
            since = before["since"] if before is not None else self._now()
            undone = before is not None and before.get("undone", False)
            told = {**record, "state": state, "since": since, "undone": undone}
            put = self._ledger.put(COLLECTION, name, told, expect=before, fresh=before is None)
            fresh += put and before is None
        return fresh

    def decide(self, record: Record, decision: str, *, actor: str, **more: Any) -> Record:
        """Keep a decision and log it; RefusedError `changed-meanwhile` when somebody else was faster.

        What was published under a batch of its own has happened: it is kept whatever was decided meanwhile.
        """
        before = dict(record)
        published = more.get("batch") not in {None, record.get("batch")}
        after = {**record, **more, "state": DECISIONS[decision], "by": actor, "at": self._now()}
        after["undone"] = decision == "undo"
        while not self._ledger.put(COLLECTION, str(record["id"]), after, expect=before):
            found = self._ledger.get(COLLECTION, str(record["id"]))
            if found is None or not published:
                raise RefusedError(
                    "别人刚刚处理过这个问题，请刷新后再看", code="changed-meanwhile", id=record["id"]
                )
            before = dict(found)
        self.log(str(record["id"]), decision, actor, note=str(more.get("note", "")), batch=more.get("batch"))
        return after

    def log(self, name: str, decision: str, actor: str, *, note: str = "", batch: object = None) -> None:
        """Append one line about a question to the log of decisions."""
        self._ledger.append(
            JOURNAL,
            {
                "review": name,
                "decision": decision,
                "by": actor,
                "at": self._now(),
                "note": note,
                "batch": batch,
            },
        )

    def history(self, name: str) -> list[Record]:
        """Return what was decided about a question, oldest first."""
        return [dict(entry) for _, entry in self._ledger.entries(JOURNAL) if entry["review"] == name]

    def _now(self) -> str:
        return self._clock().isoformat()


def decisions(records: Iterable[Record]) -> dict[str, tuple[object, ...]]:
    """Return what was decided about each question that somebody has decided, by id."""
    decided = (record for record in records if record["state"] in {MERGED, APART} or record.get("undone"))
    return {record["id"]: decision_of(record) for record in decided}


def decision_of(record: Record) -> tuple[object, ...]:
    """Return what tells one decision about a question from another."""
    return record["state"], bool(record.get("undone")), record.get("at"), record.get("batch")
