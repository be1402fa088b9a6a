"""The files of the explorer that browsers load: the project's own modules, its style sheet, the bundle of the build."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "explorer"
BUNDLE: Final = "vendor/d3.js"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
_BUILD_ONLY: Final = frozenset({"d3_entry.js"})


@cache
def names() -> frozenset[str]:
    """Return the paths that may be served, relative to the explorer's folder; nothing else ever is."""
    own = {path.name for path in FOLDER.iterdir() if path.suffix in _TYPES} - _BUILD_ONLY
    built = {f"vendor/{path.name}" for path in (FOLDER / "vendor").glob("*") if path.suffix in _TYPES}
    return frozenset(own | built)


def modules() -> tuple[str, ...]:
    """Return the modules of the page (not of its worker), so that a browser may fetch them all at once."""
    return tuple(sorted(name for name in names() if name.endswith(".js") and name != "layout_worker.js"))


def is_built() -> bool:
    """True when the build has put the bundle there; without it the page stays with its plain form."""
    return BUNDLE in names()


@cache
def version() -> str:
    """Return a digest of all files: it stands in their addresses, so a browser may keep them for ever."""
    found = hashlib.blake2b(digest_size=6)
    for name in sorted(names()):
        found.update(name.encode())
        found.update((FOLDER / name).read_bytes())
    return found.hexdigest()


def content(name: str) -> tuple[bytes, str] | None:
    """Return (bytes, media type) of one of the files, None for any other name."""
    if name not in names():
        return None
    path = FOLDER / name
    return path.read_bytes(), _TYPES[path.suffix]
