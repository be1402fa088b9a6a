"""Rules that every store keeps alike: what later wins means, whose batch a row names, which arguments make sense."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar

from kg.errors import RefusedError, StoreBusyError
from kg.model.graph import Batch, Edge, Row, RowChange, RowId

Entry = TypeVar("Entry")
DIRECTIONS: Final = ("in", "out")
ERASED_KEY: Final = ""


def checked(change: RowChange) -> RowChange:
    """Return the change, or raise ValueError when it contradicts itself."""
    if change.row is not None and change.row.id != change.id:
        raise ValueError(f"the change is about {change.id}, its row is {change.row.id}")
    if change.id.key == ERASED_KEY:
        raise ValueError(f"a row needs a key: {change.id}")
    if change.sealed and (change.row is None or not change.row.seal_mark):
        raise ValueError(f"sealed bytes need a row with a seal_mark: {change.id}")
    return change


def merged(previous: RowChange | None, later: RowChange) -> RowChange:
    """Return what a batch does to a row after it said `previous`, then `later`: sealed None keeps the same content."""
    if previous is None or later.sealed is not None or seal_mark(previous) != seal_mark(later):
        return later
    return replace(later, sealed=previous.sealed)


def seal_mark(change: RowChange) -> str:
    """Return the mark of the sealed content after the change, "" without any."""
    return change.row.seal_mark if change.row is not None else ""


def check_turn(batch: Batch, revision: int) -> None:
    """Raise StoreBusyError when the batch wants to be another revision than the next one."""
    if batch.revision not in {0, revision}:
        raise StoreBusyError(
            "期间另有批次入库，本批未入库；请重试一次。", revision=revision - 1, wanted=batch.revision
        )


def batch_name(number: int, taken: Collection[str]) -> str:
    """Return the first free `b-000123` from `number` on."""
    while (name := f"b-{number:06d}") in taken:
        number += 1
    return name


def next_batch(batch: Batch, newest: int, names: Callable[[str], Iterable[str]]) -> Batch:
    """Return the batch as the one after revision `newest`, named when it has no name.

    `names` tells the names of published batches from a given one on. Raises StoreBusyError when another one was
    faster, RefusedError when its name is taken.
    """
    check_turn(batch, newest + 1)
    taken = set(names(batch.id or batch_name(newest + 1, ())))
    if batch.id in taken:
        raise RefusedError(f"批次 {batch.id} 已经发布过；请换一个批次号。", batch=batch.id)
    return replace(batch, id=batch.id or batch_name(newest + 1, taken), revision=newest + 1)


def erasure(actor: str, at: datetime, count: int) -> Batch:
    """Return the batch, without name and revision, that says that so many rows were erased."""
    return Batch(id="", source="", actor=actor, at=at, delivered=(), report={"erased": count})


def settled(row: Row, staged: str, published: str) -> Row:
    """Return the row as published: its provenance names the published batch instead of the staged one."""
    if row.provenance.batch not in {"", staged}:
        return row
    return replace(row, provenance=replace(row.provenance, batch=published))


def row_order(row: RowId) -> tuple[str, str, str]:
    """Return the sort key of rows everywhere: (table, key, source)."""
    return row.table, row.key, row.source


def edge_order(edge: Edge, direction: str) -> tuple[str, ...]:
    """Return the sort key of edges: relation, other end, then near end and row."""
    other, near = (edge.link.end, edge.link.start) if direction == "out" else (edge.link.start, edge.link.end)
    return edge.link.relation, *other, *near, *row_order(edge.row)


def check_edge_arguments(direction: str, relation: str | None, after: tuple[str, str] | None) -> None:
    """Raise ValueError for a direction that is none, or a page without its relation."""
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {DIRECTIONS}, got {direction!r}")
    if after is not None and relation is None:
        raise ValueError("a next page (after) needs the relation it continues")


def chunks(
    changes: Iterable[RowChange], size: int, encode: Callable[[RowChange], Entry]
) -> Iterator[list[Entry]]:
    """Yield checked changes, encoded at once, in lists of at most `size`, in each no row twice: a list ends where one comes again."""
    chunk: dict[RowId, Entry] = {}
    for change in changes:
        if len(chunk) >= size or change.id in chunk:
            yield list(chunk.values())
            chunk = {}
        chunk[change.id] = encode(checked(change))
    if chunk:
        yield list(chunk.values())


def meets(row: Row, table: str | None, source: str | None, chosen: Mapping[str, frozenset[object]]) -> bool:
    """Return whether a row meets conditions: table and source (None: any), and values chosen for id, node, person, identity."""
    facts = {"id": row.id, "node": row.node, "person": row.person, "identity": row.identity or None}
    return (
        (table is None or row.id.table == table)
        and (source is None or row.id.source == source)
        and all(facts[name] is not None and facts[name] in values for name, values in chosen.items())
    )
