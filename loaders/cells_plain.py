"""Texts that mean exactly what they say: cells of the commonest shapes, read without the whole grammar.

A column of unique values (numbers of persons, names, phones) gains nothing from a memo. What is told here must be
what `parse_cell` tells, without a warning; `tests/loaders/test_cells_plain.py` compares the two.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from kg.schema import Column, ColumnType
from loaders.checks import is_valid_uscc

Plain = Callable[[str], str | None]
"""Returns the canonical value of a text, None where the whole grammar has to look."""

Whole = Callable[[Sequence[str]], bool]
"""True when each of these texts is its own canonical value; False where a look at each is needed."""

_CODES: Final = r"[0-9A-Za-z]{5,60}"
_CERTIFICATES: Final = r"[YS][0-9]{21}|[0-9]{16}"
_WORDINGS: Final = r"[\u4e00-\u9fff0-9A-Za-z()（）]{5,200}|[\u4e00-\u9fff]{2,4}"
_CODE: Final = re.compile(_CODES).fullmatch
_ID_NUMBER: Final = re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}").fullmatch
_CERTIFICATE: Final = re.compile(_CERTIFICATES).fullmatch
_DAY: Final = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}").fullmatch
_WORDS: Final = re.compile(_WORDINGS).fullmatch
_MARKS: Final = frozenset({"同上", "暂无", "不详", "未知", "未填"})
_DAMAGED: Final = "锟斤拷"


def plain_reader(column: Column) -> Plain | None:
    """Return the short way to read texts of a column, None where its type has none."""
    if column.type in {ColumnType.DATE, ColumnType.DATE_FROM, ColumnType.DATE_TO}:
        return _day
    if column.type in {ColumnType.NAME, ColumnType.TEXT} and not column.refers_to:
        return _words
    if column.type is ColumnType.USCC:
        return _uscc
    if column.type is ColumnType.ID_NUMBER:
        return _id_number
    if column.type is ColumnType.CERTIFICATE_NUMBER:
        return _certificate
    return _code if column.type is ColumnType.CODE and not set(column.refers_to) - {"talents"} else None


def whole_reader(column: Column) -> Whole | None:
    """Return the shortest way to read many texts of a column at once, None where its type has none."""
    return _WHOLE.get(plain_reader(column))


def _every(lines: str, barred: Collection[str] = ()) -> Whole:
    """Return whether each text has that form and none is barred; texts with line ends are looked at one by one."""
    every = re.compile(rf"(?:(?:{lines})\n)*+").fullmatch

    def whole(texts: Sequence[str]) -> bool:
        joined = "\n".join((*texts, ""))
        return (
            joined.count("\n") == len(texts)
            and every(joined) is not None
            and _DAMAGED not in joined
            and (not barred or set(texts).isdisjoint(barred))
        )

    return whole


def _code(text: str) -> str | None:
    return text if _CODE(text) else None


def _id_number(text: str) -> str | None:
    return text.upper() if _ID_NUMBER(text) else None


def _certificate(text: str) -> str | None:
    return text if _CERTIFICATE(text) else None


def _uscc(text: str) -> str | None:
    return text if is_valid_uscc(text) else None


@lru_cache(maxsize=32_768)
def _day(text: str) -> str | None:
    if _DAY(text):
        try:
            date.fromisoformat(text)
        except ValueError:
            return None
        return text
    return None


def _words(text: str) -> str | None:
    if _WORDS(text) and text not in _MARKS and _DAMAGED not in text:
        return text
    return None


_WHOLE: Final[Mapping[Plain | None, Whole]] = {
    _code: _every(_CODES),
    _id_number: _every("[0-9]{17}[0-9X]|[0-9]{15}"),
    _certificate: _every(_CERTIFICATES),
    _words: _every(_WORDINGS, _MARKS),
}
