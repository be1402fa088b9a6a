"""The ledger as plain lists and dictionaries: for tests and stores in memory."""

import json
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import TypeVar

from kg.errors import StoreError
from kg.store.ledger_rules import canonical, chained, checked, hash_of

_T = TypeVar("_T")


class MemoryLedger:
    """`kg.ports.Ledger` in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._journals: dict[str, list[str]] = {}
        self._records: dict[str, dict[str, str]] = {}
        self._closed = False

    def append(self, journal: str, entry: Mapping[str, object], *, chain: bool = False) -> int:
        """Append one entry and return its number."""
        canonical(checked(entry))
        with self._lock:
            entries = self._open(self._journals).setdefault(journal, [])
            if chain:
                previous = hash_of(json.loads(entries[-1])) if entries else ""
                entry = chained(entry, previous)
            entries.append(canonical(entry))
            return len(entries)

    def entries(
        self, journal: str, *, after: int = 0, limit: int | None = None
    ) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield the entries numbered above `after`, in order."""
        first = max(after, 0)
        kept = self._open(self._journals).get(journal, [])[
            first : None if limit is None else first + max(limit, 0)
        ]
        for number, text in enumerate(kept, start=first + 1):
            yield number, json.loads(text)

    def put(
        self,
        collection: str,
        key: str,
        value: Mapping[str, object] | None,
        *,
        expect: Mapping[str, object] | None = None,
        fresh: bool = False,
    ) -> bool:
        """Write or delete one record when the condition holds; return whether it was written."""
        text = None if value is None else canonical(value)
        wanted = None if expect is None else canonical(expect)
        with self._lock:
            records = self._open(self._records).setdefault(collection, {})
            stored = records.get(key)
            if (fresh and stored is not None) or (wanted is not None and stored != wanted):
                return False
            if text is None:
                records.pop(key, None)
            else:
                records[key] = text
            return True

    def get(self, collection: str, key: str) -> Mapping[str, object] | None:
        """Return one record or None."""
        text = self._open(self._records).get(collection, {}).get(key)
        return None if text is None else json.loads(text)

    def items(self, collection: str) -> Sequence[tuple[str, Mapping[str, object]]]:
        """Return all records of a collection ordered by key."""
        with self._lock:
            records = sorted(self._open(self._records).get(collection, {}).items())
        return [(key, json.loads(text)) for key, text in records]

    def close(self) -> None:
        """Refuse further calls."""
        self._closed = True

    def _open(self, kept: _T) -> _T:
        if self._closed:
            raise StoreError("服务账本已经关闭；请重新打开。")
        return kept
