"""Characters that a workbook writes as `_xHHHH_` (`files.md` S31): calamine decodes those up to U+00FF, these are the rest."""

import re
import zipfile
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
_BEYOND: Final = re.compile(r"_x((?!00)[0-9A-Fa-f]{4})_")
_WRITTEN_OUT: Final = re.compile(rb"_x005[Ff]_x(?!00)[0-9A-Fa-f]{4}_")
_LONGEST: Final = 14
_TEXTS: Final = ("xl/sharedStrings.xml", "xl/worksheets/")


class Escapes:
    """Decodes what is left in the texts of one workbook.

    Where a workbook writes an underscore out, so that `_x4E00_` is meant to the letter, the reader gives both alike:
    in such a workbook nothing more is decoded. It is looked through once, when the first such text is met.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written_out: bool | None = None

    def __call__(self, text: str) -> str:
        """Return the text with its characters; half of a pair stays half, and is damaged text."""
        if _BEYOND.search(text) is None:
            return text
        if self._written_out is None:
            self._written_out = _writes_out(self._path)
        if self._written_out:
            return text
        decoded = _BEYOND.sub(lambda found: chr(int(found[1], 16)), text)
        try:
            return decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            return decoded


def _writes_out(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(_found(archive, name) for name in archive.namelist() if name.startswith(_TEXTS))


def _found(archive: zipfile.ZipFile, name: str) -> bool:
    rest = b""
    with archive.open(name) as part:
        while piece := part.read(_CHUNK):
            if _WRITTEN_OUT.search(rest + piece):
                return True
            rest = piece[-_LONGEST:]
    return False
