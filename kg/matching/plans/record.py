"""A plan as it is stored, told to those who see sums only, and laid beside another one."""

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]
SMALLEST_TOLD: Final = 10
"""Whoever sees sums only sees none below this."""
_SUMMED: Final = (
    "id", "kind", "objective", "favours", "question", "as_of", "policy", "revision", "made_at", "verdict",
    "value", "seats", "hours", "stable", "proved", "bound", "price", "price_note", "market", "notice",
)  # fmt: skip


def packed(document: Json) -> str:
    """Return a JSON document as compressed text."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def unpacked(text: str) -> Json:
    """Return the document of `packed`."""
    found: Json = json.loads(zlib.decompress(base64.b64decode(text)))
    return found


def summary(plan: Mapping[str, Any]) -> Json:
    """Return a plan in one line."""
    keys = (
        "id",
        "kind",
        "objective",
        "question",
        "as_of",
        "revision",
        "made_at",
        "verdict",
        "value",
        "stable",
    )
    return {
        **{key: plan[key] for key in keys},
        "policy": plan["policy"],
        **{key: plan[key] for key in ("seats", "hours") if key in plan},
        "allocations": len(plan["allocation"]),
        "blocking": len(plan["blocking"]),
        "negotiable": len(plan.get("negotiable", ())),
        "closed": len(plan.get("closed", ())),
    }


def sums_of(plan: Mapping[str, Any], public: Callable[[str], bool]) -> Json:
    """Return what a planner sees of a plan: totals, and seats by cohort where the cohort is public and not small."""
    told = {key: plan[key] for key in _SUMMED if key in plan}
    told |= {"aggregated": True, "blocking_total": len(plan["blocking"])}
    if plan["kind"] != "cooperation":
        return told
    seats: dict[str, int] = {}
    for entry in plan["allocation"]:
        seats[entry["offering"]] = seats.get(entry["offering"], 0) + entry["seats"]
    names = plan["names"]["offerings"]
    cohorts = [
        {"offering": key, "name": names[key]["name"], "school": names[key]["school"], "seats": count}
        for key, count in sorted(seats.items())
        if public(key)
    ]
    return told | {
        "cohorts": _without_small(cohorts, whole=len(cohorts) == len(seats)),
        "smallest_told": SMALLEST_TOLD,
    }


def _without_small(cohorts: Sequence[Json], *, whole: bool) -> list[Json]:
    """Leave out small numbers; where one alone would follow from the total, the next smallest goes, too."""
    shown = sorted((one for one in cohorts if one["seats"] >= SMALLEST_TOLD), key=lambda one: -one["seats"])
    if whole and len(cohorts) - len(shown) == 1 and shown:
        shown.pop()
    return sorted(shown, key=lambda one: str(one["offering"]))


def compare(one: Mapping[str, Any], other: Mapping[str, Any]) -> Json:
    """Return two plans of one kind side by side: what moved, and the differences of the totals (second minus first)."""
    left, right = _entries(one), _entries(other)
    moved = [
        {**dict(zip(_ends(one["kind"]), key, strict=True)), "before": before, "after": after}
        for key in sorted({*left, *right})
        if (before := left.get(key, 0)) != (after := right.get(key, 0))
    ]
    amount = "seats" if one["kind"] == "cooperation" else "hours"
    same = sum(min(value, right.get(key, 0)) for key, value in left.items())
    return {
        "kind": one["kind"],
        "plans": [summary(one), summary(other)],
        "moved": moved,
        "same": same,
        "differences": {
            "value": other["value"] - one["value"],
            amount: other[amount] - one[amount],
            "blocking": len(other["blocking"]) - len(one["blocking"]),
            "closed": len(other.get("closed", ())) - len(one.get("closed", ())),
        },
    }


def _ends(kind: str) -> tuple[str, str]:
    return ("offering", "demand") if kind == "cooperation" else ("need", "talent")


def _entries(plan: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    one, other = _ends(plan["kind"])
    amount = "seats" if plan["kind"] == "cooperation" else "hours"
    return {(entry[one], entry[other]): entry[amount] for entry in plan["allocation"]}
