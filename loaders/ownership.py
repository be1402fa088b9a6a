"""Cycles of control among organisations (`files.md` S34)."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from kg.model.graph import Value

CONTROL_SHARE: Final = 0.5
"""A share of at least this, or no share (administrative subordination), is control (`tables.md`, ownerships)."""
_FIRST_DAY: Final = ""
_LAST_DAY: Final = "9999-12-31"


class Control(NamedTuple):
    """Who controls whom, from which day to which (ISO texts compare as days); `place` names the row."""

    parent: str
    child: str
    start: str
    end: str
    place: Hashable


def control_of(values: Mapping[str, Value], place: Hashable) -> Control | None:
    """Return the control link that a row of the ownership table states; None for a minority share."""
    parent, child, share = values.get("parent"), values.get("child"), values.get("share")
    if not isinstance(parent, str) or not isinstance(child, str):
        return None
    if share is not None and (not isinstance(share, int | float) or share < CONTROL_SHARE):
        return None
    start, end = values.get("valid_from"), values.get("valid_to")
    return Control(parent, child, str(start or _FIRST_DAY), str(end or _LAST_DAY), place)


def on_cycles(links: Sequence[Control]) -> set[Hashable]:
    """Return the places of the links that lie on a cycle whose links all hold on one common day."""
    suspects = _inside_components(links)
    found: set[Hashable] = set()
    for day in sorted({link.start for link in suspects}):
        holding = [link for link in suspects if link.start <= day <= link.end]
        found.update(link.place for link in _inside_components(holding))
    return found


def _inside_components(links: Sequence[Control]) -> list[Control]:
    """Return the links whose two ends lie in one strongly connected component."""
    component = _components(links)
    return [link for link in links if component[link.parent] == component[link.child]]


def _components(links: Iterable[Control]) -> dict[str, int]:
    """Number the strongly connected components (Kosaraju: finishing order, then the reversed graph)."""
    forward: dict[str, list[str]] = {}
    backward: dict[str, list[str]] = {}
    for link in links:
        for graph, start, end in ((forward, link.parent, link.child), (backward, link.child, link.parent)):
            graph.setdefault(start, []).append(end)
            graph.setdefault(end, [])
    order: list[str] = []
    seen: set[str] = set()
    for node in sorted(forward):
        _finish(node, forward, seen, order)
    component: dict[str, int] = {}
    for number, node in enumerate(reversed(order)):
        stack = [node] if node not in component else []
        while stack:
            current = stack.pop()
            if current not in component:
                component[current] = number
                stack += backward[current]
    return component


def _finish(start: str, graph: Mapping[str, list[str]], seen: set[str], order: list[str]) -> None:
    """Append the nodes reached from `start` in the order in which a depth-first walk leaves them."""
    if start in seen:
        return
    seen.add(start)
    stack = [(start, iter(graph[start]))]
    while stack:
        node, rest = stack[-1]
        following = next((child for child in rest if child not in seen), None)
        if following is None:
            stack.pop()
            order.append(node)
        else:
            seen.add(following)
            stack.append((following, iter(graph[following])))
