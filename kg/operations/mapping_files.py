"""The mapping files of a service in its backup: what headers of a source mean, so that another machine loads the same files."""

import os
from pathlib import Path
from secrets import token_hex
from typing import Final

import orjson

from kg.errors import StoreError
from kg.operations.archive import MAPPING_PART

_SUFFIX: Final = ".toml"
_LARGEST: Final = 1 << 20


def write_mappings(place: Path | None, folder: Path) -> None:
    """Write the mapping files of `place` as one part of a backup into `folder`; none where there are none. Raises OSError."""
    paths = sorted(place.glob(f"*{_SUFFIX}")) if place is not None and place.is_dir() else []
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths if path.is_file()}
    (folder / MAPPING_PART).write_bytes(orjson.dumps(texts, option=orjson.OPT_SORT_KEYS))


def read_mappings(folder: Path, backup: Path) -> dict[str, str]:
    """Return the mapping files of an unpacked backup by name; an old backup has none. StoreError for foreign content."""
    part = folder / MAPPING_PART
    if not part.exists():
        return {}
    try:
        found = orjson.loads(part.read_bytes())
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not all(_is_sound(name, text) for name, text in found.items()):
        raise StoreError(
            f"备份 {backup} 里的映射文件不是本程序写入的；请换一份备份。", code="bad-backup", path=str(backup)
        )
    return found


def put_mappings(found: dict[str, str], place: Path | None) -> None:
    """Put mapping files in their place, each whole or not at all; those of other sources stay. Raises OSError."""
    if place is None or not found:
        return
    place.mkdir(mode=0o700, exist_ok=True)
    for name, text in found.items():
        draft = place / f".{token_hex(8)}"
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, place / name)  # noqa: PTH105 - the name of a rename that replaces


def _is_sound(name: object, text: object) -> bool:
    return (
        isinstance(name, str)
        and isinstance(text, str)
        and name.endswith(_SUFFIX)
        and not name.startswith(".")
        and not {"/", "\\", "\0"} & set(name)
        and len(text) <= _LARGEST
    )
