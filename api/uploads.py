"""Takes uploaded files in under harmless names, and tells whether the process that took them in still lives."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final

from kg.errors import UnsupportedTypeError
from loaders.sources.detect import demand_readable
from loaders.sources.limits import Limits
from loaders.sources.raw import RefusedFileError

_NAME_BYTES: Final = 180
_CHUNK: Final = 1024 * 1024
_NEVER_READ: Final = "unsupported-type"


@dataclass(frozen=True, slots=True)
class Upload:
    """The files of one import as they lie on disk, with their SHA-256 in the same order."""

    paths: tuple[Path, ...]
    digests: tuple[str, ...]
    mapping: Path | None


def keep_uploads(folder: Path, files: Sequence[tuple[str, IO[bytes]]], mapping: IO[bytes] | None) -> Upload:
    """Write the files into `folder`, which only this user may enter; refuse those that are never read (S33)."""
    folder.mkdir(parents=True, mode=0o700)
    kept, taken = [], set[str]()
    for place, (given, content) in enumerate(files):
        name = _untaken(safe_name(given), taken)
        kept.append(_keep(folder / str(place), name, content))
        _demand_readable(kept[-1][0], name)
    mapped = None if mapping is None else _keep(folder / "mapping", "mapping.toml", mapping)[0]
    return Upload(tuple(path for path, _ in kept), tuple(digest for _, digest in kept), mapped)


def safe_name(given: str) -> str:
    """Return the base name of an upload, printable, short enough for a disk; a name is never trusted as a path."""
    base = PurePosixPath(PureWindowsPath(given).name).name
    shown = "".join(character for character in base if character.isprintable() and character not in '<>:"|?*')
    return shown.lstrip(".").encode()[-_NAME_BYTES:].decode(errors="ignore") or "上传文件"


def _untaken(name: str, taken: set[str]) -> str:
    """Return the name, numbered like a copy when another upload of the same import bears it."""
    stem, dot, suffix = name.rpartition(".")
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem}({number}){dot}{suffix}" if stem else f"{name}({number})"
    taken.add(found.casefold())
    return found


def _keep(folder: Path, name: str, content: IO[bytes]) -> tuple[Path, str]:
    folder.mkdir(mode=0o700)
    path, digest = folder / name, hashlib.sha256()
    with path.open("wb") as target:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return path, digest.hexdigest()


def _demand_readable(path: Path, name: str) -> None:
    try:
        demand_readable(path, name, Limits())
    except RefusedFileError as refusal:
        if all(finding.code == _NEVER_READ for finding in refusal.findings):
            message = "；".join(finding.message for finding in refusal.findings)
            raise UnsupportedTypeError(message, field="files", value=name) from refusal


def born(pid: int) -> str:
    """Return when a process began, in the words of its system ("" where it does not tell): numbers are reused."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError, UnicodeDecodeError):
        return ""


def is_running(pid: int, since: str) -> bool:
    """True while the other process that began at `since` lives; this one has nothing running when it asks."""
    if pid == os.getpid() or (since and born(pid) != since):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
