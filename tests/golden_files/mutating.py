"""Files with something wrong in them that nobody thought of: bytes, zip parts and JSON changed by chance, from a seed."""

import random
import string
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Final

from tests.golden_files.builders import packed

Mutation = Callable[[bytes, random.Random], bytes]
_ODD: Final = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b",", b"\n", b"\r", b"=", b"<", b">", b"&#0;", b"<!DOCTYPE x>", b"]]>",
    b"1e999", b"-1", b"99999999999999999999", b"\xed\xa0\x80", b"\xe4\xb8", b"_x0000_", b"{", b"[", b"NaN", b"\\u0000",
    b"A1:XFD1048576", b't="e"', b't="s"', b"<v>-1</v>", b"<f/>", b"PK\x03\x04", b"\x1a", b"\x7f" * 9, b"'" * 5,
)  # fmt: skip


def _flip(data: bytes, chance: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if content:
            content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def _cut(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] if chance.random() < 0.5 else data[:at] + data[at + chance.randint(1, 64) :]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_ODD) * chance.choice((1, 1, 1, 2, 300)) + data[at:]


def _double(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + chance.randint(1, 400))
    return data[:end] + data[start:end] * chance.choice((1, 3)) + data[end:]


def _replace(data: bytes, chance: random.Random) -> bytes:
    """Replace one number by another one: a length, an index, a reference."""
    places = [at for at, byte in enumerate(data) if chr(byte) in string.digits]
    if not places:
        return _flip(data, chance)
    at = chance.choice(places)
    return data[:at] + str(chance.choice((0, 9, 255, 65536, 2**31, -1))).encode() + data[at + 1 :]


PLAIN: Final[Sequence[Mutation]] = (_flip, _cut, _insert, _double, _replace)


def _parts(data: bytes, chance: random.Random) -> bytes:
    """Change one part of an archive, drop one, or double one under another name."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # what the library makes of damaged archives is of no interest here
        return _flip(data, chance)
    name = chance.choice(sorted(parts)) if parts else "x"
    kind = chance.random()
    if kind < 0.75:
        for _ in range(chance.randint(1, 3)):
            parts[name] = chance.choice(PLAIN)(parts.get(name, b"x"), chance)
    elif kind < 0.85:
        parts.pop(name, None)
    else:
        other = chance.choice(sorted(parts)) if parts else "x"
        parts[name] = parts.get(other, b"")
    return packed(parts)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return the file with one to three changes."""
    for _ in range(chance.randint(1, 3)):
        inside = data.startswith(b"PK") and chance.random() < 0.8
        data = (_parts if inside else chance.choice(PLAIN))(data, chance)
    return data
