"""What would change an item's place, as a page shows it: one line each, who can bring it about, gain and rank."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = Mapping[str, Any]

WHO: Final[Mapping[str, str]] = {
    "flex_needs": "需方可定，无需本人变更",
    "talents": "由本人决定",
    "talent_skills": "本人补学或核实",
    "certificates": "本人考取",
    "offerings": "院校可定",
    "demands": "企业可定",
}
_VERIFIED: Final = "由经办人员核实"
_AND: Final = "；"
_SAME: Final = 0.00005
_UNCHANGED: Final = "得分不变"
_KEPT: Final = "保持第 {rank}"
_MOVED: Final = "第 {before} → 第 {rank}"
_LISTED: Final = "列入名单，第 {rank}"
_SEATS: Final = "，可安排 {seats} 人"


@dataclass(frozen=True, slots=True, kw_only=True)
class Better:
    """One line of the card 怎样会更高."""

    what: str
    who: str
    score: float
    gain: str
    up: bool
    place: str


def better(item: Json) -> tuple[Better, ...]:
    """Return the counterfactuals of an item for its page, cheapest first."""
    return tuple(_line(item, one) for one in item.get("counterfactuals") or ())


def _line(item: Json, found: Json) -> Better:
    gain = found["score"] - item["score"]
    return Better(
        what=found["what"],
        who=_AND.join(dict.fromkeys(_who(edit) for edit in found["edits"])),
        score=found["score"],
        gain=f"{gain:+.4f}" if abs(gain) >= _SAME else _UNCHANGED,
        up=gain >= 0,
        place=_place(item, found),
    )


def _who(edit: Json) -> str:
    return _VERIFIED if "filter" in edit else WHO.get(edit["table"], "")


def _place(item: Json, found: Json) -> str:
    rank = found["rank"]
    if item["band"] == "to_verify":
        return _LISTED.format(rank=rank)
    place = _KEPT if rank == item["rank"] else _MOVED
    seats = found.get("seats")
    more = _SEATS.format(seats=seats) if seats is not None and seats != item.get("seats") else ""
    return place.format(rank=rank, before=item["rank"]) + more


def without_text(row: Json, item: Json) -> str:
    """Return what an item comes to without a cited row: another score, or that it would not be listed."""
    found = row.get("without")
    if not found:
        return ""
    if found["status"] == "fail":
        return "如无此条，不能列入"
    if found["status"] == "unknown" and item["band"] != "to_verify":
        return "如无此条，须先核实"
    if abs(found["score"] - item["score"]) < _SAME:
        return "如无此条，得分不变"
    return f"如无此条，得分 {found['score']:.4f}"
