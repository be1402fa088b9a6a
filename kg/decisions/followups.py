"""采纳/不采纳 and what followed: one state a recommended item, every step kept with who, when and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kg.errors import InvalidInputError, RefusedError
from kg.ports import Ledger

JOURNAL: Final = "decisions"
COLLECTION: Final = "followups"
STATES: Final[Mapping[str, str]] = {
    "adopted": "采纳",
    "rejected": "不采纳",
    "contacted": "已联系",
    "agreed": "已议定",
    "succeeded": "成功",
    "failed": "未达",
}
NEXT: Final[Mapping[str | None, tuple[str, ...]]] = {
    None: ("adopted", "rejected"),
    "adopted": ("contacted", "rejected"),
    "contacted": ("agreed", "rejected"),
    "agreed": ("succeeded", "failed"),
    "rejected": ("adopted",),
    "succeeded": (),
    "failed": (),
}
"""Which step may follow which: nobody skips the agreement, and an outcome is final."""
REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "talents": (
        "时间不合", "酬金不合", "技能不符", "方式不合", "路程太远", "本人不愿", "单位不愿", "已有人选", "其他",
    ),
    "partners": (
        "时间不合", "专业不符", "技能不符", "层次不够", "待遇不合", "路程太远", "名额不足", "院校不愿", "企业不愿",
        "已有合作", "其他",
    ),
}  # fmt: skip
"""Why an item of a list of that kind is not taken or did not succeed, as the desk offers it."""
NEEDS_REASON: Final = frozenset({"rejected", "failed"})
REVERSIBLE: Final = frozenset({"adopted", "rejected", "contacted"})
"""Steps that leave nothing in the graph: the last one can be taken back."""
TAKEN_BACK: Final = "taken-back"
"""What the journal says of a step that undid the one before it."""
_LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One decision about one item: `state` is the new state; `reason` of its kind in `REASONS` where one is needed."""

    state: str
    reason: str = ""
    note: str = ""
    terms: Mapping[str, Any] | None = None


def followup_key(query_id: str, entity: str) -> str:
    """Return the key of the follow-up of an item."""
    return f"{query_id}:{entity}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided about: the item `entity` of the answer `query_id`, as it was asked."""

    query_id: str
    entity: str
    kind: str
    asked: Mapping[str, Any]
    name: str

    @property
    def key(self) -> str:
        """The key of the follow-up."""
        return followup_key(self.query_id, self.entity)


class Followups:
    """The follow-ups of a ledger. A step that somebody else took meanwhile is refused, never overwritten."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock

    def of(self, key: str) -> Mapping[str, Any] | None:
        """Return the follow-up with that key, None before the first decision."""
        return self._ledger.get(COLLECTION, key)

    def all(self) -> Sequence[Mapping[str, Any]]:
        """Return all follow-ups, the one that moved last first."""
        found = [record for _, record in self._ledger.items(COLLECTION)]
        return sorted(found, key=lambda record: (str(record["at"]), str(record["key"])), reverse=True)

    def history(self, key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the steps of one follow-up, oldest first."""
        return ((number, entry) for number, entry in self._ledger.entries(JOURNAL) if entry["key"] == key)

    def check(self, subject: Subject, step: Step) -> Mapping[str, Any] | None:
        """Return the follow-up as it stands; InvalidInputError or RefusedError where the step may not follow."""
        if step.state not in STATES:
            raise InvalidInputError(
                f"状态（state）应是 {'、'.join(STATES)} 之一", field="state", value=step.state
            )
        reasons = REASONS[subject.kind]
        if step.reason and step.reason not in reasons:
            raise InvalidInputError(
                f"原因（reason）应是 {'、'.join(reasons)} 之一", field="reason", value=step.reason
            )
        if step.state in NEEDS_REASON and not step.reason:
            raise InvalidInputError(f"“{STATES[step.state]}”要写明原因（reason）", field="reason")
        if len(step.note) > _LONGEST_NOTE:
            raise InvalidInputError(f"说明（note）最多 {_LONGEST_NOTE} 字", field="note")
        held = self.of(subject.key)
        now = None if held is None else str(held["state"])
        if step.state not in NEXT[now]:
            raise _out_of_order(now, step.state)
        return held

    def take(
        self, subject: Subject, step: Step, *, viewer: str, record: str | None = None
    ) -> Mapping[str, Any]:
        """Write a step and return the follow-up after it; `record` names the row that went into the graph."""
        held = self.check(subject, step)
        at = self._clock().isoformat()
        entry: dict[str, Any] = {
            "key": subject.key, "query_id": subject.query_id, "entity": subject.entity, "kind": subject.kind,
            "name": subject.name, "state": step.state, "reason": step.reason, "note": step.note,
            "terms": dict(step.terms or {}), "viewer": viewer, "at": at,
        }  # fmt: skip
        kept: dict[str, Any] = {
            **entry,
            "asked": dict(subject.asked),
            "terms": entry["terms"] or ({} if held is None else dict(held["terms"])),
            "record": record or (None if held is None else held["record"]),
            "since": at if held is None else held["since"],
            "before": None if held is None else {name: held[name] for name in held if name != "before"},
        }
        if not self._ledger.put(COLLECTION, subject.key, kept, expect=held, fresh=held is None):
            raise _changed()
        self._ledger.append(JOURNAL, entry, chain=True)
        return kept

    def take_back(self, subject: Subject, *, state: str, at: str, viewer: str) -> Mapping[str, Any] | None:
        """Undo the last step, named by its state and time; return what stands then, None where nothing was decided before.

        RefusedError `changed-meanwhile` when it is not the last step any more, `out-of-order` when it cannot be undone.
        """
        held = self.of(subject.key)
        if held is None or (held["state"], held["at"]) != (state, at):
            raise _changed()
        if not reversible(held):
            raise _out_of_order(str(held["state"]), TAKEN_BACK)
        before: Mapping[str, Any] | None = held["before"]
        if not self._ledger.put(COLLECTION, subject.key, before, expect=held):
            raise _changed()
        entry: dict[str, Any] = {
            "key": subject.key, "query_id": subject.query_id, "entity": subject.entity, "kind": subject.kind,
            "name": subject.name, "state": TAKEN_BACK, "reason": "", "note": "", "terms": {}, "viewer": viewer,
            "at": self._clock().isoformat(),
        }  # fmt: skip
        self._ledger.append(JOURNAL, entry, chain=True)
        return before


def reversible(record: Mapping[str, Any]) -> bool:
    """True where the last step of a follow-up can be taken back; once, and only while nothing of it is in the graph."""
    return "before" in record and record["state"] in REVERSIBLE


def _changed() -> RefusedError:
    return RefusedError("这一条刚刚被别人改过，请刷新后再决定", code="changed-meanwhile")


def _out_of_order(now: str | None, wanted: str) -> RefusedError:
    possible = NEXT[now]
    standing = "还没有决定" if now is None else f"现为“{STATES[now]}”"
    text = f"{standing}，不能" + ("撤销" if wanted == TAKEN_BACK else f"直接改为“{STATES[wanted]}”")
    if possible:
        text += f"；可以改为{'、'.join(f'“{STATES[state]}”' for state in possible)}"
    return RefusedError(text, code="out-of-order", state=now, possible=list(possible))
