"""Chinese names in the two orders that people look them up in: by pinyin and by strokes. Pages name the order they use.

Strokes follow Unicode CLDR 48 (zh, collation stroke), kept in `stroke_order.txt`; pinyin is read character by
character with the readings of `kg.index.sounds`, equal readings by strokes.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from kg.index.sounds import sounds_of

ORDERS: Final = {"pinyin": "名称（拼音）", "stroke": "名称（笔画）"}
_FILE: Final = Path(__file__).parent / "stroke_order.txt"
Key = tuple[tuple[Any, ...], ...]
T = TypeVar("T")


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()[1:]
    return {character: place for place, character in enumerate("".join(lines))}


def stroke_key(name: str) -> Key:
    """Return the key by strokes; letters and digits come before characters, rare characters after."""
    return tuple(_stroke(character) for character in name)


def pinyin_key(name: str) -> Key:
    """Return the key by pinyin, character by character; letters and digits come first."""
    return tuple(_sound(character) for character in name)


def _stroke(character: str) -> tuple[Any, ...]:
    place = _places().get(character)
    if place is None:
        return (2 if ord(character) > 0x9FFF else 0, character.casefold(), character)
    return (1, place)


@lru_cache(maxsize=20_000)
def _sound(character: str) -> tuple[Any, ...]:
    if character not in _places():
        return _stroke(character)
    return (1, sounds_of(character, person=False)[0], _places()[character])


_KEYS: Final[dict[str, Callable[[str], Key]]] = {"pinyin": pinyin_key, "stroke": stroke_key}


def by_name(items: Iterable[T], order: str, name: Callable[[T], str]) -> list[T]:
    """Return the items by their names in that order; as they came for an order that is none."""
    key = _KEYS.get(order)
    return list(items) if key is None else sorted(items, key=lambda item: (key(name(item)), name(item)))
