"""Old rows as bytes: a register that was delivered anew is held as undo data, and rows as objects take five times the room."""

from datetime import date, datetime
from functools import lru_cache
from sys import intern
from typing import Any, cast

import orjson

from kg.model.graph import Link, NodeRef, Provenance, Row, RowId, Value


def pack(row: Row) -> bytes:
    """Return everything of a row but its id."""
    known = row.provenance
    packed = orjson.dumps([
        row.node and tuple(row.node),
        row.label,
        dict(row.values),
        [column for column, value in row.values.items() if isinstance(value, tuple)],
        [(*link.start, link.relation, *link.end) for link in row.links],
        known.batch,
        known.origin,
        known.recorded_at.isoformat(),
        [known.valid_from, known.valid_to],
        [known.confidence, known.basis],
        [row.person, row.owners, row.public, row.seal_mark, row.identity],
    ])
    return bytes(memoryview(packed))  # the encoder hands out its whole buffer of some kilobytes


def unpack(data: bytes, key: RowId) -> Row:
    """Return the row."""
    node, label, values, lists, links, batch, origin, recorded, days, told, rest = orjson.loads(data)
    person, owners, public, mark, identity = rest
    return Row(
        id=key,
        node=None if node is None else NodeRef(*node),
        label=label,
        values=_values(values, lists),
        links=tuple([Link(NodeRef(*link[:2]), intern(link[2]), NodeRef(*link[3:])) for link in links]),
        provenance=Provenance(
            batch=batch,
            origin=origin,
            recorded_at=_moment(recorded),
            valid_from=_day(days[0]),
            valid_to=_day(days[1]),
            confidence=told[0],
            basis=told[1],
        ),
        person=person,
        owners=tuple(owners),
        public=public,
        seal_mark=mark,
        identity=identity,
    )


def _values(values: dict[str, Any], lists: list[str]) -> dict[str, Value]:
    for column in lists:
        values[column] = tuple(values[column])
    return cast("dict[str, Value]", values)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
