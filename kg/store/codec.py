"""How a row is written as one compact JSON array, and read back."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from sys import intern
from typing import Any, Final, NamedTuple, TypeAlias, cast

import orjson

from kg.model.graph import Link, NodeRef, Provenance, Row, RowChange, RowId, Value

Body: TypeAlias = list[Any]
Text: TypeAlias = str | bytes
"""SQLite keeps rows as text, which its JSON functions read; bulk readers ask for the bytes, which decode faster."""

_loads: Final = orjson.loads
_new: Final = object.__new__
_tuple = cast("Callable[..., Any]", tuple.__new__)  # pyright: ignore[reportUnknownMemberType]
"""Makes a named tuple at a third of the price of its constructor: every row read has two."""


def encode_row(row: Row, staged: str) -> str:
    """Return the text of a row; a batch name of "" or `staged` is left open, the publishing batch fills it in."""
    known, node, values = row.provenance, row.node, row.values
    return to_json([
        None if node is None else (node.kind, node.key),
        row.label,
        dict(values),
        [
            (relation, end.kind, end.key) if start == node else (relation, *end, *start)
            for start, relation, end in row.links
        ],
        known.origin,
        known.recorded_at,
        (known.valid_from, known.valid_to),
        (known.confidence, known.basis, None if known.batch in {"", staged} else known.batch),
        row.person,
        row.owners,
        row.public,
        row.seal_mark,
        row.identity,
        [column for column, value in values.items() if isinstance(value, tuple)],
    ])


class Stated(NamedTuple):
    """What a store looks a row up by: its node, its links (each once), public, person, identity and seal mark."""

    node: NodeRef | None
    links: Sequence[Link]
    public: bool
    person: str | None
    identity: str
    mark: str


class Entry(NamedTuple):
    """A change as it is written: much less than the row it was; `body` and `told` are None where the row is retired."""

    id: RowId
    body: str | None
    told: Stated | None
    mark: str
    sealed: bytes | None


def entry_of(change: RowChange, staged: str) -> Entry:
    """Return the form in which a change is staged under that name."""
    row = change.row
    if row is None:
        return Entry(change.id, None, None, "", None)
    return Entry(change.id, encode_row(row, staged), stated(row), row.seal_mark, change.sealed)


class StoredRow(Row):
    """A row as read: what bulk readers seldom want (`_LATE`) is decoded only when asked for.

    By a property each: `__getattr__` would make every look at a row a slow one, also at what is there.
    """

    __slots__ = ("_batch", "_body")

    _batch: str
    _body: Body

    def __new__(cls, **fields: Any) -> Row:  # type: ignore[misc]  # a changed copy is a plain row
        """Return a plain row: `dataclasses.replace` of a read row decodes it whole."""
        return Row(**fields)

    def target(self, relation: str) -> str:
        """Return the key of the first node to which the row links by that relation, "" for none."""
        for link in self._body[3]:
            if link[0] == relation:
                return str(link[2])
        return ""

    def targets(self, relation: str) -> list[str]:
        """Return the keys of the nodes to which the row links by that relation."""
        return [link[2] for link in self._body[3] if link[0] == relation]

    def flat_edges(self) -> list[tuple[str, ...]]:
        """Return the edges that the row states, laid flat: relation, then kind and key of the end and of the start."""
        return [
            (intern(one[0]), *_shared_node(one[1], one[2]), *(one[3:] or self.node or ()))
            for one in self._body[3]
        ]


def _setter(name: str) -> Callable[[Row, Any], None]:
    """Return what fills one slot of a new row: twice as fast as `object.__setattr__`, which looks the name up."""
    return cast("Callable[[Row, Any], None]", getattr(StoredRow, name).__set__)


_set_id: Final = _setter("id")
_set_node: Final = _setter("node")
_set_values: Final = _setter("values")
_set_person: Final = _setter("person")
_set_batch: Final = _setter("_batch")
_set_body: Final = _setter("_body")
_told: Final = attrgetter("_body", "_batch")
"""What the late fields of a row are decoded from."""


def _late(decode: Callable[[Body, str], object]) -> property:
    """Return what decodes a field whenever it is asked for."""
    return property(lambda row: decode(*_told(row)))


def _kept(name: str, decode: Callable[[Body, str], object]) -> property:
    """Return what decodes a field when it is first asked for, and keeps it in the slot of a plain row."""
    slot = getattr(Row, name)

    def field(row: StoredRow) -> object:
        try:
            return slot.__get__(row)
        except AttributeError:
            value = decode(*_told(row))
            slot.__set__(row, value)
            return value

    return property(field)


def decode_row(text: Text, key: RowId, batch: str) -> Row:
    """Return the row; `batch` is the id of the batch that wrote it."""
    return _row(_loads(text), key, batch)


def decode_rows(
    found: Iterable[tuple[Text, Text, Text]], source: str, table: str, batches: Mapping[int, str]
) -> Iterator[Row]:
    """Yield the rows of one table of one source, from arrays of keys, of numbers of the batches that wrote them, of rows.

    `batches` maps numbers to ids; rows of any other batch are not published and left out.
    """
    for some in found:
        for key, number, body in zip(*map(_loads, some), strict=True):
            batch = batches.get(number)
            if batch is not None:
                yield _row(body, _tuple(RowId, (source, table, key)), batch)


def _row(body: Body, key: RowId, batch: str) -> Row:
    row = _new(StoredRow)
    _set_id(row, key)
    _set_node(row, None if body[0] is None else _tuple(NodeRef, body[0]))
    values = body[2]
    for column in body[13]:
        values[column] = tuple(values[column])
    _set_values(row, values)
    _set_person(row, body[8])
    _set_batch(row, batch)
    _set_body(row, body)
    return row


def decode_facts(text: Text, batch: str) -> tuple[Provenance, Mapping[str, Value]]:
    """Return only provenance and values of a row: what an edge shows."""
    body: Body = _loads(text)
    return _provenance(body, batch), _values(body)


def decode_stated(text: Text) -> Stated:
    """Return only what a row is looked up by."""
    body: Body = _loads(text)
    links = tuple(dict.fromkeys(_links(body, "")))
    return Stated(_node(body), links, body[10], body[8], body[12], body[11])


def stated(row: Row) -> Stated:
    """Return what a row is looked up by."""
    return Stated(row.node, row.links, row.public, row.person, row.identity, row.seal_mark)


def finger(token: str | None) -> int | None:
    """Return a short number to look a token up by (several tokens may share one); None without a token."""
    if not token:
        return None
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest(), "big", signed=True)


def to_json(value: object) -> str:
    """Return any JSON value as compact text. TypeError for what JSON has no word for, and beyond 64-bit integers."""
    return orjson.dumps(value, _plain).decode()


def from_json(text: str) -> Any:
    """Return the JSON value of a text, whole numbers of any size as they are (orjson would make them inexact)."""
    return json.loads(text)


def _plain(value: object) -> object:
    """Return named tuples as the plain ones that the encoder knows."""
    if isinstance(value, tuple):
        return tuple(cast("tuple[object, ...]", value))
    raise TypeError(type(value).__name__)


def _links(body: Body, _batch: str) -> tuple[Link, ...]:
    node = _node(body)
    return tuple([
        _tuple(
            Link, (NodeRef(*one[3:]) if len(one) > 3 else node, intern(one[0]), _shared_node(one[1], one[2]))
        )
        for one in body[3]
    ])


@lru_cache(maxsize=8192)
def _shared_node(kind: str, key: str) -> NodeRef:
    """Return one object for all links to a node: many rows name the same skills and organisations."""
    return NodeRef(intern(kind), key)


def _node(body: Body) -> NodeRef | None:
    node = body[0]
    return None if node is None else NodeRef(node[0], node[1])


def _values(body: Body) -> dict[str, Value]:
    """Return the values; the columns that the row names as lists become tuples."""
    values: dict[str, Value] = body[2]
    for column in body[13]:
        values[column] = tuple(cast("list[str]", values[column]))
    return values


def _provenance(body: Body, batch: str) -> Provenance:
    _, _, _, _, origin, recorded_at, (valid_from, valid_to), (confidence, basis, own_batch), *_ = body
    return Provenance(
        batch=batch if own_batch is None else own_batch,
        origin=origin,
        recorded_at=_moment(recorded_at),
        valid_from=None if valid_from is None else date.fromisoformat(valid_from),
        valid_to=None if valid_to is None else date.fromisoformat(valid_to),
        confidence=confidence,
        basis=basis,
    )


_LATE: Final[Mapping[str, property]] = {
    "label": _late(lambda body, _: body[1]),
    "links": _kept("links", _links),
    "provenance": _kept("provenance", _provenance),
    "owners": _late(lambda body, _: tuple(body[9])),
    "public": _late(lambda body, _: body[10]),
    "seal_mark": _late(lambda body, _: body[11]),
    "identity": _late(lambda body, _: body[12]),
}
for _name, _field in _LATE.items():
    setattr(StoredRow, _name, _field)


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
