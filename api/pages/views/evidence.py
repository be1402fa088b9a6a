"""Gathers the cited edges of an item into the numbered list of rows that a page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.parts.labels import PROVEN
from api.pages.views.advice import without_text

Json = Mapping[str, Any]
_ARROW: Final = " → "
_DASH: Final = " — "


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One cited row."""

    number: int
    text: str
    origin: str
    day: str
    basis: str
    proven: bool
    node: Json
    edges: tuple[str, ...]
    without: str


def gathered(rows: Sequence[Json], item: Json) -> tuple[tuple[Evidence, ...], dict[str, int]]:
    """Return one numbered entry per stored row, in the order of first citation, and the number of every edge.

    That a row belongs to the item itself is told only where the row says nothing else; beside each row it is told what
    the score of the item would be without it.
    """
    by_row: dict[tuple[str, str, str], list[Json]] = {}
    for row in rows:
        place = (str(row.get("source")), str(row.get("table") or row["relation"]), str(row.get("origin")))
        by_row.setdefault(place, []).append(row)
    numbers = {row["id"]: number for number, group in enumerate(by_row.values(), start=1) for row in group}
    found = tuple(_evidence(group, number, item) for number, group in enumerate(by_row.values(), start=1))
    return found, numbers


def _evidence(group: Sequence[Json], number: int, item: Json) -> Evidence:
    first, own = group[0], item["node"]["key"]
    basis = str(first.get("basis") or "")
    return Evidence(
        number=number,
        text=_without_basis(
            "；".join(_told([row for row in group if row["end"]["key"] != own] or group)), basis
        ),
        origin=" · ".join(str(first[name]) for name in ("source", "origin") if first.get(name)),
        day=str(first.get("recorded_at") or ""),
        basis=basis,
        proven=basis in PROVEN,
        node=first["start"],
        edges=tuple(str(row["id"]) for row in group),
        without=without_text(first, item),
    )


def _without_basis(text: str, basis: str) -> str:
    """Return the sentence without the basis at its end: the page writes it behind, in its colour."""
    return text.removesuffix(f" · {basis}") if basis else text


def _told(group: Sequence[Json]) -> list[str]:
    """Return the sentences of one row: edges of one relation told together, its name not repeated."""
    ends: dict[str, list[str]] = {}
    for row in group:
        start, arrow, end = str(row["text"]).rpartition(_ARROW)
        ends.setdefault(start if arrow else end, []).append(end if arrow else "")
    sentences = [
        f"{start}{_ARROW}{'、'.join(dict.fromkeys(names))}" if names[0] else start
        for start, names in ends.items()
    ]
    head = sentences[0].partition(_DASH)[0] + _DASH
    return [sentences[0], *(sentence.removeprefix(head) for sentence in sentences[1:])]
