"""A queue of rows that may be larger than memory: written once, read as often as needed, never in plain on disk."""

import marshal
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Item = TypeVar("Item", bound=tuple[Any, ...])

CHUNK_ROWS: Final = 2000
MEMORY_BYTES: Final = 32 * 1024 * 1024
_NONCE_BYTES: Final = 12


class Spool(Generic[Item]):
    """Rows in the order they were appended; beyond 32 MB they lie in a temporary file.

    What lies there is encrypted with a key that exists only in this object (AES-256-GCM, NIST SP 800-38D), because
    rows hold personal columns in plain until they are sealed. A damaged file raises `InvalidTag`. Rows are tuples of
    plain values, lists and dictionaries; `make` makes one of them out of its parts again.
    """

    def __init__(self, make: Callable[[Iterable[Any]], Item]) -> None:
        self._make = make
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self._extents: list[tuple[int, int]] = []
        self._end = 0
        self._open: list[Item] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, item: Item) -> None:
        """Add one row at the end."""
        self._open.append(item)
        self._count += 1
        if len(self._open) >= CHUNK_ROWS:
            self._flush()

    def chunks(self) -> Iterator[list[Item]]:
        """Yield all rows in order, in lists of at most 2,000."""
        for number, (start, size) in enumerate(self._extents):
            self._file.seek(start)
            yield self._decode(number, self._file.read(size))
        if self._open:
            yield list(self._open)

    def __iter__(self) -> Iterator[Item]:
        for chunk in self.chunks():
            yield from chunk

    def close(self) -> None:
        """Forget the rows."""
        self._file.close()
        self._open.clear()
        self._extents.clear()

    def _flush(self) -> None:
        plain = marshal.dumps(list(map(tuple, self._open)))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        data = nonce + self._cipher.encrypt(nonce, plain, str(len(self._extents)).encode())
        self._file.seek(self._end)
        self._file.write(data)
        self._extents.append((self._end, len(data)))
        self._end += len(data)
        self._open = []

    def _decode(self, number: int, data: bytes) -> list[Item]:
        plain = self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], str(number).encode())
        return list(map(self._make, marshal.loads(plain)))  # noqa: S302 - only this object holds the key of it
