"""Looks into a ZIP container before anything opens it: counts, ratios, names, what it is (`files.md` S36, §4)."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from loaders.sources.limits import Limits
from loaders.sources.raw import refuse

_END_RECORD: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_COMMENT_LIMIT: Final = 65_535
_ENTRY: Final = b"PK\x01\x02"
_ENTRY_SIZE: Final = 46
_CHUNK: Final = 1 << 20
_DTDS: Final = tuple("<!DOCTYPE".encode(name) for name in ("ascii", "utf-16-le", "utf-16-be"))
ZIP_ERRORS: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, RuntimeError,
)  # fmt: skip
"""What `zipfile` raises for damaged archives: names that are no UTF-8, versions and methods it does not know."""


def check_archive(path: Path, file: str, limits: Limits) -> frozenset[str]:
    """Return the names of the parts; refuse `unsafe-archive`, `too-large`, `encrypted` or `damaged-file`.

    Every part is inflated once in small pieces and counted: the sizes that the archive states are not believed.
    """
    if has_too_many_entries(path, limits):
        raise refuse(
            "unsafe-archive",
            f"文件“{file}”内部条目超过 {limits.archive_entries} 个，不予打开，请另存为普通工作簿",
            file,
        )
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            total = 0
            for entry in entries:
                _check_stated(entry, file, limits)
            for entry in entries:
                _check_name(entry, file)
                total = _count_part(archive, entry, file, limits, total)
            return frozenset(entry.filename for entry in entries)
    except ZIP_ERRORS as error:
        raise refuse(
            "damaged-file", f"文件“{file}”已损坏或不完整，请用表格软件打开后另存，再重新导入", file
        ) from error


def has_too_many_entries(path: Path, limits: Limits) -> bool:
    """True when the directory holds more entries than allowed, by its end record or by walking it.

    Nothing of it is kept: `zipfile` needs 60 MB for the directory of 100,000 empty entries.
    """
    with path.open("rb") as handle:
        handle.seek(0, 2)
        size = handle.tell()
        handle.seek(max(0, size - _END_SIZE - _COMMENT_LIMIT))
        start = handle.tell()
        tail = handle.read()
        at = tail.rfind(_END_RECORD)
        if at < 0 or len(tail) < at + _END_SIZE:
            return False
        stated, length = int.from_bytes(tail[at + 10 : at + 12], "little"), tail[at + 12 : at + 16]
        if stated > limits.archive_entries:
            return True
        handle.seek(max(0, start + at - int.from_bytes(length, "little")))
        return _walked(handle, limits.archive_entries + 1) > limits.archive_entries


def _walked(handle: BinaryIO, most: int) -> int:
    """Count the entries of a directory from its first one on, at most `most`."""
    for count in range(most):
        head = handle.read(_ENTRY_SIZE)
        if len(head) < _ENTRY_SIZE or not head.startswith(_ENTRY):
            return count
        handle.seek(sum(struct.unpack_from("<HHH", head, 28)), 1)
    return most


def _check_stated(entry: zipfile.ZipInfo, file: str, limits: Limits) -> None:
    """Refuse a part that says itself that it is a bomb, before anything is inflated."""
    if entry.file_size > limits.part_free_bytes and entry.file_size > limits.part_ratio * max(
        entry.compress_size, 1
    ):
        raise refuse("unsafe-archive", f"文件“{file}”压缩比异常，不予打开，请另存为普通工作簿", file)


def _check_name(entry: zipfile.ZipInfo, file: str) -> None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
        raise refuse(
            "unsafe-archive", f"文件“{file}”内部条目的路径不安全，不予打开，请另存为普通工作簿", file
        )
    if entry.flag_bits & 1:
        raise refuse("encrypted", f"文件“{file}”有密码保护，请取消密码后重新导入", file)


def _count_part(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str, limits: Limits, total: int
) -> int:
    size, before = 0, b""
    for chunk in _pieces(archive, entry):
        size += len(chunk)
        if size > limits.part_free_bytes and size > limits.part_ratio * max(entry.compress_size, 1):
            raise refuse("unsafe-archive", f"文件“{file}”压缩比异常，不予打开，请另存为普通工作簿", file)
        if total + size > limits.archive_bytes:
            raise refuse(
                "too-large", f"文件“{file}”解压后超过 {limits.archive_bytes} 字节，请拆分后分批导入", file
            )
        if _has_dtd(before + chunk) and entry.filename.endswith((".xml", ".rels", ".vml")):
            raise refuse(
                "unsafe-archive", f"文件“{file}”内部含有 DTD 声明，不予打开，请另存为普通工作簿", file
            )
        before = chunk[-max(map(len, _DTDS)) :]
    return total + size


def _has_dtd(data: bytes) -> bool:
    return any(start in data for start in _DTDS)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the inflated part in pieces."""
    with archive.open(entry) as part:
        while chunk := part.read(_CHUNK):
            yield chunk
