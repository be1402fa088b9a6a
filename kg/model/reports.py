"""Reports of loads as they are kept: what they tell of single cells goes when a person is erased."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, cast

_FINDINGS: Final = ("rejects", "warnings", "errors")
_SCRUBBED: Final = "（原文已随彻底删除清除）"


def scrubbed(report: Mapping[str, object], tables: Collection[str]) -> Mapping[str, object] | None:
    """Return the report of a batch without the cell texts that it tells of these tables; None where it tells none.

    What a load says of single cells outlives the rows, also of rows that it never took in; an erasure takes it along.
    """
    fresh = {part: _scrubbed_part(report.get(part), tables) for part in _FINDINGS if part in report}
    return {**report, **fresh} if any(report[part] != told for part, told in fresh.items()) else None


def _scrubbed_part(told: object, tables: Collection[str]) -> object:
    if not isinstance(told, Iterable):
        return told
    fresh: list[object] = []
    for finding in cast("Iterable[object]", told):
        if isinstance(finding, Mapping):
            known = cast("Mapping[str, object]", finding)
            about = known.get("table") in tables and known.get("row") is not None
            fresh.append({**known, "value": None, "message": _SCRUBBED} if about else known)
        else:
            fresh.append(finding)
    return fresh
