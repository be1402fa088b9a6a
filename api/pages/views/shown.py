"""Who was shown how often against who could have been: a row a group with both shares drawn beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = Mapping[str, Any]
TITLES: Final = {
    ("talents", "district"): "柔性人才：按区县",
    ("talents", "level"): "柔性人才：按等级",
    ("partners", "district"): "合作单位：按区县",
    ("partners", "ownership"): "合作企业：按所有制",
}
WIDTH: Final = 180.0
_EVEN: Final = 0.2
"""Skew within ±0.2 (shown 18 % less to 22 % more often than in the pool) is told as about even."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One group: how many were shown and how many could have been; None where a number under ten is not told."""

    name: str
    shown: int | None
    pool: int | None
    shown_width: float
    pool_width: float
    skew: float | None
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTable:
    """One attribute of one question."""

    key: str
    title: str
    lists: int
    ndkl: float | None
    rows: tuple[Share, ...]


def shares(groups: Json) -> list[ShareTable]:
    """Return the tables of the report in a fixed order."""
    return [
        _table(f"{question}-{attribute}", title, groups[question][attribute])
        for (question, attribute), title in TITLES.items()
    ]


def _table(key: str, title: str, report: Json) -> ShareTable:
    shown, pool = report["shown"], report["pool"]
    totals = [sum(value or 0 for value in part.values()) or 1 for part in (shown, pool)]
    names = sorted({*shown, *pool}, key=lambda name: (-(pool.get(name) or 0), name))
    most = max((*((shown.get(n) or 0) / totals[0] for n in names), *((pool.get(n) or 0) / totals[1] for n in names)), default=1) or 1  # fmt: skip
    return ShareTable(
        key=key,
        title=title,
        lists=report["lists"],
        ndkl=report["ndkl"],
        rows=tuple(
            _share(name, shown.get(name, 0), pool.get(name, 0), report["skew"].get(name), (totals[0], totals[1]), most)
            for name in names
        ),
    )  # fmt: skip


def _share(
    name: str, shown: int | None, pool: int | None, skew: float | None, totals: tuple[int, int], most: float
) -> Share:
    if skew is None:
        verdict, tone = ("没有出现在前列", "warn") if not shown and pool else ("—", "")
    elif abs(skew) <= _EVEN:
        verdict, tone = "相当", "ok"
    else:
        verdict, tone = ("偏多", "warn") if skew > 0 else ("偏少", "warn")
    return Share(
        name=name,
        shown=shown,
        pool=pool,
        shown_width=round(WIDTH * (shown or 0) / totals[0] / most, 1),
        pool_width=round(WIDTH * (pool or 0) / totals[1] / most, 1),
        skew=skew,
        verdict=verdict,
        tone=tone,
    )
