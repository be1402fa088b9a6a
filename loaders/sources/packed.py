"""Archives of tables: a .zip is read like a folder, its entries counted and checked before anything is written."""

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from tempfile import gettempdir
from typing import Final

from kg.operations.working import working_folder
from loaders.sources.archive import ZIP_ERRORS, check_archive, has_too_many_entries
from loaders.sources.limits import Limits
from loaders.sources.raw import refuse

OFFICE_PARTS: Final = ("xl/", "word/", "ppt/", "mimetype", "content.xml", "[Content_Types].xml")
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_NO_LIMITS_GIVEN: Final = Limits()
_UTF8: Final = 0x800
_NAME_BYTES: Final = 200
_NEVER: Final = ("__MACOSX", ".", "~$")
_LEFT_BY_DESKTOPS: Final = frozenset({"thumbs.db", "desktop.ini"})


@contextmanager
def unpacked(paths: Sequence[Path], limits: Limits) -> Iterator[list[Path]]:
    """Give the paths with every archive of tables replaced by a folder that lives until the block ends.

    Raises RefusedFileError (`unsafe-archive`, `too-large`, `encrypted`, `damaged-file`) as for every archive.
    """
    packed = [is_packed(path, limits) for path in paths]
    if not any(packed):
        yield list(paths)
        return
    with working_folder(Path(gettempdir())) as home:
        yield [
            _unpack(path, home / str(number) / path.name, limits) if is_archive else path
            for number, (path, is_archive) in enumerate(zip(paths, packed, strict=True))
        ]


def is_set_aside(parts: Sequence[str]) -> bool:
    """True for the path of a hidden file, a lock, or what a desktop leaves in folders: never read (`files.md` S40)."""
    return any(part.startswith(_NEVER) or part.lower() in _LEFT_BY_DESKTOPS for part in parts)


def is_packed(path: Path, limits: Limits = _NO_LIMITS_GIVEN) -> bool:
    """True for a file that is an archive and no document of an office program, and not too full to be looked into."""
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        head = handle.read(len(_ZIP))
        if head != _ZIP and not (head == _EMPTY_ZIP and path.suffix.lower() == ".zip"):
            return False
    if has_too_many_entries(path, limits):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return not any(name.startswith(OFFICE_PARTS) for name in archive.namelist())
    except ZIP_ERRORS:
        return False


def _unpack(path: Path, folder: Path, limits: Limits) -> Path:
    check_archive(path, path.name, limits)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            parts = PurePosixPath(_name(entry).replace("\\", "/")).parts
            if entry.is_dir() or is_set_aside(parts):
                continue
            _copy(archive, entry, folder.joinpath(*(_printable(part) for part in parts)), path.name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, file: str) -> None:
    """Write one entry; two of one name are refused, because one of them would be lost without a word."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)
    except (FileExistsError, NotADirectoryError) as error:
        message = f"文件“{file}”里有两个条目同名（{target.name}），不予打开，请改名后重新压缩"
        raise refuse("unsafe-archive", message, file) from error


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name as its maker wrote it: without the UTF-8 mark Chinese programs write GB18030, a Mac UTF-8."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return entry.filename.encode("cp437").decode(encoding)
    return entry.filename


def _printable(part: str) -> str:
    """Return one part of a path without control characters, short enough for every file system."""
    shown = "".join(character for character in part if character.isprintable())
    return shown.encode("utf-8", "ignore")[-_NAME_BYTES:].decode("utf-8", "ignore") or "文件"
