"""How a row is written as one compact JSON array, and read back."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, TypeAlias, cast

from kg.model.graph import Link, NodeRef, Provenance, Row, RowId, Value

Body: TypeAlias = list[Any]

_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_loads: Final = json.JSONDecoder().decode
_new: Final = object.__new__
_set: Final = object.__setattr__


def encode_row(row: Row, staged: str) -> str:
    """Return the text of a row; a batch name of "" or `staged` is left open, the publishing batch fills it in."""
    known = row.provenance
    return _dumps([
        row.node,
        row.label,
        dict(row.values),
        row.links,
        known.origin,
        known.recorded_at.isoformat(),
        [_iso(known.valid_from), _iso(known.valid_to)],
        [known.confidence, known.basis, None if known.batch in {"", staged} else known.batch],
        row.person,
        row.owners,
        row.public,
        row.seal_mark,
        row.identity,
    ])


class StoredRow(Row):
    """A row as read: links and provenance, which bulk readers seldom want, are decoded only when asked for."""

    __slots__ = ("_batch", "_body")

    _batch: str
    _body: Body

    def __new__(cls, **fields: Any) -> Row:  # type: ignore[misc]  # a changed copy is a plain row
        """Return a plain row: `dataclasses.replace` of a read row decodes it whole."""
        return Row(**fields)

    @property
    def links(self) -> tuple[Link, ...]:  # pyright: ignore[reportIncompatibleVariableOverride] - the field, decoded late
        """The edges that the row states."""
        return tuple([
            Link(NodeRef(*start), relation, NodeRef(*end)) for start, relation, end in self._body[3]
        ])

    def target(self, relation: str) -> str:
        """Return the key of the first node to which the row links by that relation, "" for none."""
        return next((str(end[1]) for _, stated, end in self._body[3] if stated == relation), "")

    @property
    def provenance(self) -> Provenance:  # pyright: ignore[reportIncompatibleVariableOverride] - the field, decoded late
        """Where the row came from."""
        return _provenance(self._body, self._batch)


def decode_row(text: str, key: RowId, batch: str) -> Row:
    """Return the row; `batch` is the id of the batch that wrote it."""
    body: Body = _loads(text)
    node, label, values, _, _, _, _, _, person, owners, public, mark, identity = body
    row = _new(StoredRow)
    _set(row, "id", key)
    _set(row, "node", None if node is None else NodeRef(node[0], node[1]))
    _set(row, "label", label)
    _set(row, "values", _values(values))
    _set(row, "person", person)
    _set(row, "owners", tuple(owners))
    _set(row, "public", public)
    _set(row, "seal_mark", mark)
    _set(row, "identity", identity)
    _set(row, "_batch", batch)
    _set(row, "_body", body)
    return row


def decode_facts(text: str, batch: str) -> tuple[Provenance, Mapping[str, Value]]:
    """Return only provenance and values of a row: what an edge shows."""
    body: Body = _loads(text)
    return _provenance(body, batch), _values(body[2])


def decode_links(text: str) -> list[Link]:
    """Return only the links of a row, each once."""
    links = [Link(NodeRef(*start), relation, NodeRef(*end)) for start, relation, end in _loads(text)[3]]
    return list(dict.fromkeys(links))


def decode_node(text: str) -> NodeRef | None:
    """Return only the node of a row."""
    node = _loads(text)[0]
    return None if node is None else NodeRef(*node)


def decode_mark(text: str) -> str:
    """Return only the mark of the sealed content."""
    return str(_loads(text)[11])


def decode_index(text: str) -> tuple[int, int | None, int | None]:
    """Return what the row is looked up by: public, finger of the person, finger of the identity."""
    body: Body = _loads(text)
    return int(body[10]), finger(body[8]), finger(body[12])


@lru_cache(maxsize=4096)
def finger(token: str | None) -> int | None:
    """Return a short number to look a token up by (several tokens may share one); None without a token."""
    if not token:
        return None
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest(), "big", signed=True)


def to_json(value: object) -> str:
    """Return any JSON value as compact text."""
    return _dumps(value)


def from_json(text: str) -> Any:
    """Return the JSON value of a text."""
    return _loads(text)


def _values(values: dict[str, Any]) -> dict[str, Value]:
    for key, value in values.items():
        if isinstance(value, list):
            values[key] = tuple(cast("list[str]", value))
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


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
