"""Every way the system can refuse.

KgError
├── InvalidInputError         a value is out of range or of no known form (exit 2, HTTP 422)
│   ├── AmbiguousNameError    several organisations bear the name; candidates are listed
│   └── UnsupportedTypeError  an upload that by its content is never read (HTTP 415)
├── NotFoundError             no such thing, or none the viewer may see (exit 1, HTTP 404)
├── ForbiddenError            the role may not ask this question at all (exit 1, HTTP 403)
├── UnauthenticatedError      no valid sign-in (HTTP 401)
├── BusyError                 too many requests of one kind at once (HTTP 429)
├── SettingsError             an unknown or bad setting (exit 1)
├── PolicyError               a policy file that cannot be used (exit 1)
├── RefusedError              a command or a batch is refused as a whole (exit 1, HTTP 409)
└── StoreError                the store cannot be used (exit 1, HTTP 503)
    ├── StoreNewerError       made by a newer version of the program
    ├── WrongKeyError         the key file is not the one the store was made with
    └── StoreBusyError        another process holds the store for too long

An error carries a stable `code` for programs, a Chinese sentence that says what to do for people, and its
data as fields. HTTP statuses live in `api/errors.py`, exit codes in `api/cli.py`.
"""

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

_MOST_CAUSES: Final = 5
_MOST_PLACES: Final = 12


class KgError(Exception):
    """Base of all refusals; `code` is stable, the message is a Chinese sentence that says what to do."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields: Mapping[str, object] = fields


class InvalidInputError(KgError):
    """A value is out of range or has no known form; `field` names it."""

    code = "invalid-input"

    def __init__(self, message: str, *, field: str, value: object = None, code: str | None = None) -> None:
        super().__init__(message, code=code, field=field, value=None if value is None else _shown(value))


def _shown(value: object) -> str:
    """Return a value as people write it: the items of a list between semicolons."""
    return "；".join(map(_shown, value)) if isinstance(value, list | tuple) else str(value)


class AmbiguousNameError(InvalidInputError):
    """Several organisations bear the name; the caller must choose one of `candidates` (key, name)."""

    code = "ambiguous-name"

    def __init__(
        self, message: str, *, field: str, value: str, candidates: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(message, field=field, value=value)
        self.candidates = tuple(candidates)
        self.fields = {**self.fields, "candidates": [{"key": key, "name": name} for key, name in candidates]}


class UnsupportedTypeError(InvalidInputError):
    """An upload that by its content is never read: a picture, a PDF, a web page."""

    code = "unsupported-type"


class NotFoundError(KgError):
    """Nothing there, or nothing that the viewer may see: the two are told alike on purpose."""

    code = "not-found"

    def __init__(
        self,
        message: str = "没有这条记录，或您无权查看。请检查编号，或从搜索重新进入",
        *,
        code: str | None = None,
        **fields: object,
    ) -> None:
        super().__init__(message, code=code, **fields)


class ForbiddenError(KgError):
    """The role may not ask this question at all."""

    code = "forbidden"


class UnauthenticatedError(KgError):
    """No valid sign-in came with the request."""

    code = "unauthenticated"


class BusyError(KgError):
    """Too many requests of this kind at once; `retry_after` says in how many seconds to try again."""

    code = "too-many-requests"


class SettingsError(KgError):
    """An unknown or unusable setting."""

    code = "bad-setting"


class PolicyError(KgError):
    """A policy file that cannot be used; `line` is where it goes wrong (1-based) when known."""

    code = "bad-policy"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message, line=line)


class RefusedError(KgError):
    """A command or a batch is refused as a whole; nothing was changed."""

    code = "refused"


class StoreError(KgError):
    """The store cannot be used."""

    code = "store-unavailable"


class StoreNewerError(StoreError):
    """The store was made by a newer version of the program."""

    code = "store-newer"


class WrongKeyError(StoreError):
    """The key file is not the one the store was made with."""

    code = "wrong-key"


class StoreBusyError(StoreError):
    """Another process holds the store for too long."""

    code = "store-busy"


def trail(error: BaseException) -> str:
    """Return where an unexpected error came from, for a log: types, files, lines and functions; what it was raised from follows.

    Never its text: a library puts the value in it that it could not take, and that may be a person's number.
    """
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < _MOST_CAUSES:
        told.append(f"{type(cause).__name__} at {_places(cause.__traceback__)}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return " <- ".join(told)


def _places(found: TracebackType | None) -> str:
    frames = traceback.extract_tb(found)[-_MOST_PLACES:]
    return " > ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames) or "?"
