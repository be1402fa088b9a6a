"""Numbers written in Chinese, as headings of official papers bear them."""

from typing import Final

_NUMERALS: Final = "一二三四五六七八九十"


def chinese_number(number: int) -> str:
    """Return 1..99 in Chinese."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _NUMERALS[ones - 1]
    lead = "" if tens == 1 else _NUMERALS[tens - 1]
    return f"{lead}十" + (_NUMERALS[ones - 1] if ones else "")
