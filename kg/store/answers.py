"""What the stores on disk read alike: edges, entries of the log, rights as values of a query, and pages of a ledger."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kg.errors import StoreNewerError, WrongKeyError
from kg.model.graph import Batch, Change, Degree, Edge, Link, NodeRef, Row, RowId, Sight, edge_id
from kg.model.reports import scrubbed
from kg.store import rules
from kg.store.codec import decode_facts, decode_row, from_json, to_json

_PAGE: Final = 1_000


def check_format(where: str, found: int, supported: int) -> None:
    """Raise StoreNewerError when a newer program made the store."""
    if found > supported:
        raise StoreNewerError(
            f"{where} 由更新版本的程序建立（格式 {found}，本程序支持到 {supported}）；请升级程序。",
            path=where,
            found=found,
            supported=supported,
        )


def check_key(where: str, stored: str | None, key_fingerprint: str) -> None:
    """Raise WrongKeyError when the store was made with another key."""
    if stored != key_fingerprint:
        raise WrongKeyError(
            f"密钥文件与存储 {where} 不配套；请放回建库时的密钥文件（指纹 {stored or '无'}）。",
            path=where,
            found=key_fingerprint,
        )


def sight_values(sight: Sight | None) -> dict[str, Any]:
    """Return what a query needs to know of the rights of whoever asks; without them everything is seen."""
    seen = sight or Sight(kinds=frozenset())
    return {
        "all": sight is None,
        "kinds": sorted(seen.kinds),
        "scoped": sorted(seen.scoped),
        "own": sorted(seen.scoped | seen.owned),
        "relations": sorted(seen.relations),
        "org": seen.org,
    }


def read_edges(found: Iterable[Any], direction: str) -> list[Edge]:
    """Return edges in order, from relation, kind and key of the other end and of this one, row, its batch and text."""
    edges = (_edge(told, direction) for told in found)
    return sorted(edges, key=lambda edge: rules.edge_order(edge, direction))


def _edge(found: Any, direction: str) -> Edge:
    relation, other_kind, other_key, near_kind, near_key, source, table, key, batch, body = found
    near, other = NodeRef(near_kind, near_key), NodeRef(other_kind, other_key)
    link = Link(near, relation, other) if direction == "out" else Link(other, relation, near)
    row = RowId(source, table, key)
    provenance, values = decode_facts(body, batch)
    return Edge(id=edge_id(row, link), link=link, row=row, provenance=provenance, values=values)


def read_degrees(found: Mapping[str, Iterable[Any]]) -> list[Degree]:
    """Return degrees in order, from relation, kind and number by direction."""
    told = [
        Degree(relation, direction, kind, total)
        for direction, groups in found.items()
        for relation, kind, total in groups
    ]
    return sorted(told, key=lambda degree: (degree.relation, degree.direction, degree.kind))


def read_row(found: Any) -> Row:
    """Return a row, from source, table, key, its batch and text."""
    source, table, key, batch, body = found
    return decode_row(body, RowId(source, table, key), batch)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order in which every store tells them."""
    return sorted(rows, key=lambda row: rules.row_order(row.id))


def read_change(batch: Batch, found: Any) -> Change:
    """Return an entry of the log, from source, table and key, then batch and text of the row before and after."""
    source, table, key, old_writer, old_body, writer, body = found
    name = RowId(source, table, key)
    about: tuple[int, ...] | None = None
    if key == rules.ERASED_KEY:  # in the place of the row before stand the marks
        about = None if old_body is None else tuple(from_json(old_body))
        old_body = body = None
    return Change(
        revision=batch.revision,
        batch=batch.id,
        actor=batch.actor,
        at=batch.at,
        id=name,
        before=None if old_body is None else decode_row(old_body, name, old_writer),
        after=None if body is None else decode_row(body, name, writer),
        about=about,
    )


def read_batch(found: Any) -> Batch:
    """Return a batch, from name, source, actor, time, tables, revision, mark and report."""
    name, source, actor, at, delivered, revision, synthetic, report = found
    return Batch(
        id=name,
        source=source,
        actor=actor,
        at=datetime.fromisoformat(at),
        delivered=tuple(delivered),
        revision=revision,
        synthetic=bool(synthetic),
        report=from_json(report),
    )


def scrubbed_reports(found: Iterable[tuple[int, str]], tables: Collection[str]) -> list[tuple[int, str]]:
    """Return number and new text of those reports (number, text) that tell of single cells of these tables."""
    fresh = ((number, scrubbed(from_json(text), tables)) for number, text in found)
    return [(number, to_json(report)) for number, report in fresh if report is not None]


def entry_pages(
    page: Callable[[int, int], Sequence[tuple[int, str]]], after: int, limit: int | None
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the entries numbered above `after`, at most `limit`; `page` reads so many (number, text) above a number."""
    left = limit
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        found = page(after, size)
        for number, body in found:
            yield number, from_json(body)
        if len(found) < size:
            return
        after = found[-1][0]
        left = None if left is None else left - len(found)
