"""A table of a page as data: what the node pages, portals and planner's pages put together, drawn by one template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.parts.links import node_href

Json = Mapping[str, Any]
RIGHT: Final = "r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: words, where they lead, the kind whose mark stands before them, a remark below; `tone` ok, warn, bad."""

    text: str
    href: str | None = None
    kind: str | None = None
    note: str = ""
    tone: str = ""
    more: tuple[tuple[str, str], ...] = ()
    """Further (address, words) in the same cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One card with a table; `empty` is what is said instead when there is no row."""

    key: str
    title: str
    head: tuple[tuple[str, str], ...]
    """(words, "r" for numbers)."""
    rows: tuple[tuple[Cell, ...], ...] = ()
    note: str = ""
    intro: str = ""
    empty: str = "没有登记，或您无权查看。"
    links: tuple[tuple[str, str], ...] = ()
    people: bool = False
    """True where persons are shown: the page bears a watermark."""


def words(text: object) -> Cell:
    """Return a cell of plain words; — for nothing."""
    return Cell(text="—" if text is None or text == "" else str(text))


def node_cell(node: Json, *, note: str = "", more: Sequence[tuple[str, str]] = ()) -> Cell:
    """Return a cell that names a node and leads to its page."""
    return Cell(
        text=str(node["name"]), href=node_href(node), kind=str(node["kind"]), note=note, more=tuple(more)
    )


def figure(value: float | None, form: str = "{:,.0f}") -> Cell:
    """Return a cell of a number; — for none stated."""
    return Cell(text="—" if value is None else form.format(value))
