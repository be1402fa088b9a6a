"""Rules that every ledger keeps alike: how an entry is chained to the one before it."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

HASH: Final = "hash"


def canonical(entry: Mapping[str, object]) -> str:
    """Return the one JSON text of an entry; ValueError when it holds what is no JSON."""
    try:
        return json.dumps(
            dict(entry), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
    except TypeError as error:
        raise ValueError(f"a ledger holds JSON only: {error}") from error


def chained(entry: Mapping[str, object], previous: str) -> dict[str, object]:
    """Return the entry with its `hash`: SHA-256 over the hash of the entry before ("" for none) and its own content."""
    return {**entry, HASH: sha256((previous + canonical(entry)).encode()).hexdigest()}


def checked(entry: Mapping[str, object]) -> Mapping[str, object]:
    """Return the entry; ValueError when it brings a `hash` of its own."""
    if HASH in entry:
        raise ValueError("the ledger itself computes `hash`")
    return entry


def hash_of(entry: Mapping[str, object] | None) -> str:
    """Return the hash of an entry, "" without one."""
    return str(entry.get(HASH, "")) if entry else ""
