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


def decode_row(text: str, key: RowId, batch: str) -> Row:
    """Return the row; `batch` is the id of the batch that wrote it."""
    body: Body = _loads(text)
    node, label, values, links, _, _, _, _, person, owners, public, mark, identity = body
    return Row(
        id=key,
        node=None if node is None else NodeRef(node[0], node[1]),
        label=label,
        values=_values(values),
        links=tuple([Link(NodeRef(*start), relation, NodeRef(*end)) for start, relation, end in links]),
        provenance=_provenance(body, batch),
        person=person,
        owners=tuple(owners),
        public=public,
        seal_mark=mark,
        identity=identity,
    )


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
