"""A backup as one file: parts with their checksums, and a manifest that says what it is and up to which revision.

The file is a zip. It is written under another name and takes its own only when it is whole and on the disk. It holds
no key: sealed columns stay sealed, and the manifest only names the fingerprint of the key that opens them.
"""

import os
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from kg.errors import StoreError, StoreNewerError

FORMAT: Final = "jiangtu-backup"
VERSION: Final = 2
"""1 had no mapping files; it is still read."""
MANIFEST: Final = "manifest.json"
FILES, ROWS = "files", "rows"
"""Kinds of backups: the files of an embedded store, or its rows and log line by line."""
MAPPING_PART: Final = "mappings.json"
PARTS: Final = {
    FILES: ("graph.db", "ledger.db", MAPPING_PART),
    ROWS: ("batches.jsonl", "base.jsonl", "log.jsonl", "sealed.jsonl", "ledger.jsonl", MAPPING_PART),
}
_CHUNK: Final = 1 << 20
_LARGEST_MANIFEST: Final = 1 << 20
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself: `kind`, the `revision` of the cut, when it was taken, the key's fingerprint, counts."""

    kind: str
    revision: int
    at: str
    key_fingerprint: str
    counts: Mapping[str, int]

    def json(self) -> dict[str, Any]:
        """Return it as it is written and printed."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "kind": self.kind,
            "revision": self.revision,
            "at": self.at,
            "key_fingerprint": self.key_fingerprint,
            "counts": dict(self.counts),
        }


def alive(process: str) -> bool:
    """Return whether a process of this number runs on this machine; True where that cannot be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def write_archive(path: Path, manifest: Manifest, folder: Path) -> int:
    """Write the parts in `folder` as the backup `path`, whole or not at all; return its size. Raises OSError."""
    draft = folder / "archive"
    with draft.open("xb") as handle:
        draft.chmod(0o600)
        with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            parts = [_add(archive, folder / name, name) for name in PARTS[manifest.kind]]
            archive.writestr(
                MANIFEST, orjson.dumps({**manifest.json(), "parts": parts}, option=orjson.OPT_INDENT_2)
            )
        handle.flush()
        os.fsync(handle.fileno())
        size = handle.tell()
    draft.replace(path)
    _sync_folder(path.parent)
    return size


def _add(archive: zipfile.ZipFile, source: Path, name: str) -> dict[str, Any]:
    digest, size = sha256(), 0
    with source.open("rb") as handle, archive.open(name, "w", force_zip64=True) as target:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    source.unlink()
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_archive(path: Path, folder: Path) -> Manifest:
    """Unpack the backup into `folder`, every part checked; return its manifest.

    Raises StoreError (`bad-backup`: not a backup, cut short, damaged), StoreNewerError, OSError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            told = _manifest(archive, path)
            for part in told["parts"]:
                _extract(archive, part, folder, path)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        with path.open("rb") as handle:
            begun = handle.read(len(_ZIP)) == _ZIP
        raise _cut_short(path) if begun else _foreign(path) from error
    return Manifest(
        kind=told["kind"],
        revision=told["revision"],
        at=told["at"],
        key_fingerprint=told["key_fingerprint"],
        counts=told["counts"],
    )


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """Return the manifest after checking that it is one of ours and complete."""
    with suppress(KeyError, ValueError, TypeError):
        if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise _foreign(path)
        told: dict[str, Any] = orjson.loads(archive.read(MANIFEST))
        if told["format"] == FORMAT:
            if told["version"] > VERSION:
                raise StoreNewerError(
                    f"{path} 由更新版本的程序备份（格式 {told['version']}，本程序支持到 {VERSION}）；请升级程序。",
                    found=told["version"],
                )
            known = {"revision": int, "at": str, "key_fingerprint": str, "counts": dict}
            names = [(part["name"], part["sha256"], part["bytes"])[0] for part in told["parts"]]
            wanted = PARTS[told["kind"]] if told["version"] > 1 else PARTS[told["kind"]][:-1]
            if tuple(names) == wanted and all(isinstance(told[key], of) for key, of in known.items()):
                return told
    raise _foreign(path)


def _extract(archive: zipfile.ZipFile, part: Mapping[str, Any], folder: Path, path: Path) -> None:
    digest, size = sha256(), 0
    try:
        source = archive.open(part["name"])
    except KeyError:
        raise _cut_short(path) from None
    with source, (folder / part["name"]).open("xb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size > part["bytes"]:
                break
            target.write(chunk)
    if (size, digest.hexdigest()) != (part["bytes"], part["sha256"]):
        raise StoreError(
            f"备份 {path} 里的 {part['name']} 与校验值不符，文件已损坏；请换一份备份。",
            code="bad-backup",
            path=str(path),
        )


def _foreign(path: Path) -> StoreError:
    return StoreError(f"{path} 不是匠图的备份文件；请检查文件名。", code="bad-backup", path=str(path))


def _cut_short(path: Path) -> StoreError:
    return StoreError(
        f"备份 {path} 不完整，可能没有写完或没有传完；请换一份备份，或重新传一次。",
        code="bad-backup",
        path=str(path),
    )
