"""How Chinese names sound: full pinyin and initials, with the readings that surnames have."""

import sys
from functools import lru_cache
from threading import RLock
from typing import Any, Final, cast

SURNAME_READINGS: Final = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "尹": "yin", "乐": "yue", "翟": "zhai", "纪": "ji", "华": "hua", "覃": "qin", "缪": "miao",
    "员": "yun", "折": "she", "黑": "he", "种": "chong", "秘": "bi", "冼": "xian", "晁": "chao", "召": "shao",
}  # fmt: skip
DOUBLE_SURNAMES: Final = {
    "单于": ("chan", "yu"), "万俟": ("mo", "qi"), "尉迟": ("yu", "chi"), "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"), "宰父": ("zai", "fu"), "令狐": ("ling", "hu"), "亓官": ("qi", "guan"),
}  # fmt: skip
Sound = tuple[str, str]
"""Full pinyin and initials."""


_reading_words: Final = RLock()
"""The dictionaries come with the first question to them and go with `let_go`: never while somebody reads them."""


def let_go() -> None:
    """Forget the dictionaries, 50 MB: the next name that is not remembered waits a quarter of a second for them.

    They go with the next full collection of cycles: functions and their module hold each other.
    """
    with _reading_words:
        for name in [name for name in sys.modules if name.partition(".")[0] == "pypinyin"]:
            del sys.modules[name]


def _pinyin(character: str, *, heteronym: bool = False) -> list[str]:
    """Return the readings of one character."""
    with _reading_words:
        from pypinyin import Style, pinyin

        found = pinyin(character, style=Style.NORMAL, heteronym=heteronym, errors="default")
    return [str(one) for one in found[0]]


@lru_cache(maxsize=4_000)
def _as_words(text: str) -> tuple[str, ...]:
    """Return the readings of a text, each word as the dictionary of words has it."""
    with _reading_words:
        from pypinyin import Style, lazy_pinyin

        found = lazy_pinyin(text, style=Style.NORMAL, errors=cast(Any, list))
    return tuple([str(one).casefold() for one in found])


@lru_cache(maxsize=20_000)
def _reading(character: str) -> str:
    return _pinyin(character)[0].casefold()


def sounds_of(name: str, *, person: bool) -> Sound:
    """Return the first way a name sounds: a person's surname as surnames do, other names as their words do."""
    return readings_of(name, person=person)[0]


def readings_of(name: str, *, person: bool) -> tuple[Sound, ...]:
    """Return every way somebody may type a name: surname reading or words in context first, then character by character."""
    letters = [character for character in name if not character.isspace()]
    plain = [_reading(character) for character in letters]
    first = _as_person(letters, plain) if person else _in_context("".join(letters), plain)
    return tuple(dict.fromkeys(_joined(readings) for readings in (first, plain)))


def _as_person(letters: list[str], plain: list[str]) -> list[str]:
    double = DOUBLE_SURNAMES.get("".join(letters[:2]))
    if double is not None and len(letters) > 2:
        return [*double, *plain[2:]]
    return [SURNAME_READINGS.get(letters[0], plain[0]), *plain[1:]] if letters else plain


def _in_context(text: str, plain: list[str]) -> list[str]:
    """Return the readings of the words of a text (重 in 重庆 is chong); only where some character has several."""
    if not any(_is_polyphone(character) for character in text):
        return plain
    found = _as_words(text)
    return list(found) if len(found) == len(plain) else plain


@lru_cache(maxsize=20_000)
def _is_polyphone(character: str) -> bool:
    return len(set(_pinyin(character, heteronym=True))) > 1


def _joined(readings: list[str]) -> Sound:
    return "".join(readings), "".join(reading[:1] for reading in readings)
