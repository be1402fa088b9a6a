"""The one holder of the key: seals personal columns, and makes the keyed tokens that stand for them.

Primitives: AES-256-GCM (NIST SP 800-38D), HKDF (RFC 5869), HMAC-SHA-256 (RFC 2104). Each purpose has a key of its own.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kg.errors import WrongKeyError
from kg.model.graph import RowId, Value
from kg.sealing.key_file import KEY_BYTES, read_or_create_key

IDENTITY_CARD: Final = "身份证"
_IDENTITY_CARD_NAMES: Final = frozenset({None, "", IDENTITY_CARD, "居民身份证"})
_FORMAT: Final = b"\x01"
_NONCE_BYTES: Final = 12
_BLOCK_BYTES: Final = 64
_TEXTS: Final = frozenset({str, tuple, type(None)})


class Sealer:
    """Seals and unseals personal columns; never shows its key, not even in a log or a traceback."""

    __slots__ = ("_cipher", "_mark_key", "_tie_key", "_token_key", "fingerprint")

    fingerprint: str
    """Keyed digest of the key, 16 hex digits: tells two keys apart, gives nothing away, safe to store."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise WrongKeyError(
                f"密钥必须正好 {KEY_BYTES} 字节，现为 {len(key)} 字节；请使用程序生成的密钥文件。"
            )
        self._cipher = AESGCM(_derive(key, "seal"))
        self._mark_key = _Keyed(_derive(key, "mark"))
        self._token_key = _Keyed(_derive(key, "token"))
        self._tie_key = _Keyed(_derive(key, "tie"))
        self.fingerprint = _Keyed(_derive(key, "fingerprint")).digest(b"jiangtu")[:16]

    @classmethod
    def open(cls, path: Path, *, create: bool) -> "Sealer":
        """Return the sealer of the key file at `path`; with `create`, make a new key when there is no file.

        Raises SettingsError when the file is missing, unreadable or open to others, WrongKeyError when it holds no key.
        """
        return cls(read_or_create_key(path, create=create))

    def __repr__(self) -> str:
        return f"Sealer(fingerprint={self.fingerprint!r})"

    def seal(self, values: Mapping[str, Value], row: RowId) -> bytes:
        """Return `values` encrypted so that only the same key and the same row open them again."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, _canonical(values), _join(row))

    def unseal(self, data: bytes, row: RowId) -> dict[str, Value]:
        """Return what `seal` was given; WrongKeyError for another key, another row or changed bytes."""
        nonce, body = data[1 : 1 + _NONCE_BYTES], data[1 + _NONCE_BYTES :]
        try:
            if data[:1] != _FORMAT or len(nonce) != _NONCE_BYTES:
                raise InvalidTag
            plain = self._cipher.decrypt(nonce, body, _join(row))
        except InvalidTag:
            raise WrongKeyError(
                "封存的内容打不开：密钥文件与存储不配套，或内容被改动过。请换回原来的密钥文件，或从备份恢复。",
                source=row.source,
                table=row.table,
            ) from None
        loaded: dict[str, object] = json.loads(plain)
        return {key: _value(item) for key, item in loaded.items()}

    def mark(self, values: Mapping[str, Value]) -> str:
        """Return a keyed digest (32 hex) of the values that are present, in any order; "" when none is."""
        present = {key: value for key, value in values.items() if value is not None}
        return self._mark_key.digest(_canonical(present))[:32] if present else ""

    def token(self, *parts: str) -> str:
        """Return the keyed token (32 hex) of these parts: equal parts, equal token; nothing can be read from it."""
        return self._token_key.digest(_join(parts))[:32]

    def talent_key(self, source: str, person_id: str) -> str:
        """Return the key of the talent node that the row of this person founded (`contract.md` §5)."""
        return self.token("talent", source, person_id)

    def id_token(self, id_type: str | None, number: str) -> str:
        """Return the sealed look-up of an ID number: equal token, one person; no type means the identity card."""
        kind = IDENTITY_CARD if id_type in _IDENTITY_CARD_NAMES else str(id_type)
        return self.token("identity", kind, number.strip().upper())

    def tie_key(self, query_id: str, entity_key: str) -> str:
        """Return the 64 hex digits by which equal scores are ordered (`scoring.md` §1, Order)."""
        return self._tie_key.digest((query_id + entity_key).encode())


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"jiangtu/{purpose}/1".encode()).derive(key)


class _Keyed:
    """HMAC-SHA-256 under one key (RFC 2104): the key is worked in once, as the standard allows, not for each message."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, message: bytes) -> str:
        """Return the code of a message in hex (64 digits)."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.hexdigest()


def _join(parts: tuple[str, ...]) -> bytes:
    """Return the parts each behind its length, so that no two lists of parts give the same bytes."""
    return _led(parts[:-1]) + _measured(parts[-1])


@lru_cache(maxsize=1024)
def _led(parts: tuple[str, ...]) -> bytes:
    """Return what stands before the last part: purposes, sources and tables, of which there are few."""
    return b"".join(map(_measured, parts))


def _measured(part: str) -> bytes:
    data = part.encode()
    return len(data).to_bytes(4, "big") + data


def _canonical(values: Mapping[str, Value]) -> bytes:
    """Return values as JSON bytes that never change: marks are compared with those of years ago.

    The faster encoder writes the same bytes, except for numbers with a fraction or beyond 64 bits.
    """
    if _TEXTS.issuperset(map(type, values.values())):
        return orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS)
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _value(item: object) -> Value:
    if isinstance(item, list):
        return tuple(str(part) for part in item)
    if item is None or isinstance(item, bool | int | float | str):
        return item
    raise WrongKeyError("封存的内容不是本程序写入的格式；请从备份恢复。")
