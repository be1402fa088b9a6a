"""How well the cells of a foreign column fit a column of ours: the loaders' own grammar is the measure."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from kg.schema import Column, ColumnType
from loaders.cells import CellContext, cell_parser
from loaders.checks import parse_id_number, parse_uscc
from loaders.parsed import ParsedCell

_T = ColumnType
_PHONE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_LEVEL_CERTIFICATE: Final = re.compile(r"[A-Z]?\d{21,22}|[A-Z]{2}\d{20}|\d{16}", re.IGNORECASE)
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_HAS_CODE: Final = re.compile(r"\d-\d{2}-\d{2}")
_TELLING: Final = frozenset({
    _T.USCC, _T.DISTRICT_CODE, _T.OCCUPATION_CODE, _T.ID_NUMBER, _T.CERTIFICATE_NUMBER, _T.DATE, _T.DATE_FROM,
    _T.DATE_TO, _T.LEVEL, _T.CHOICE, _T.MODE, _T.MODE_LIST, _T.CHOICE_LIST, _T.QUARTER, _T.YEAR,
})  # fmt: skip
_FITTING: Final = frozenset({_T.NUMBER, _T.INTEGER, _T.SHARE, _T.YES_NO})
"""Types that many cells fit by chance: a fit says nothing, a misfit does."""
_PHONE_KEY: Final = "phone"
_PERSONAL_FIT: Final = 0.3


def is_telling(column: Column) -> bool:
    """True when cells that fit the column say something about it: few other columns look the same."""
    return column.type in _TELLING or column.key == _PHONE_KEY or column.refers_to == ("occupations",)


def fit(column: Column, samples: Sequence[str]) -> float | None:
    """Return the share (0..1) of the sample texts that the column would take; None where nothing can be said."""
    filled = [text for text in samples if text.strip()]
    if not filled or not (is_telling(column) or column.type in _FITTING):
        return None
    if column.key == _PHONE_KEY:
        return _share(filled, lambda text: _PHONE.fullmatch(text.strip()) is not None)
    if column.type is _T.CERTIFICATE_NUMBER:
        return _share(filled, lambda text: _LEVEL_CERTIFICATE.fullmatch(text.strip()) is not None)
    if column.type is _T.ID_NUMBER:
        return _share(filled, lambda text: "*" in text or parse_id_number(text).reject is None)
    if column.type is _T.USCC:
        named = column.refers_to and any(_HAN.search(text) for text in filled)
        return None if named else _share(filled, lambda text: parse_uscc(text).reject is None)
    return _parsed(column, filled)


def holds_titles(samples: Sequence[str]) -> bool:
    """True when the cells of a column of occupations are words and no codes."""
    filled = [text for text in samples if text.strip()]
    words = sum(1 for text in filled if _HAN.search(text) and not _HAS_CODE.search(text))
    return bool(filled) and words * 2 > len(filled)


def holds_words(samples: Sequence[str]) -> bool:
    """True when most cells hold Chinese words."""
    filled = [text for text in samples if text.strip()]
    return bool(filled) and sum(1 for text in filled if _HAN.search(text)) * 2 > len(filled)


def looks_personal(samples: Sequence[str]) -> bool:
    """True when some cells look like ID numbers or mobile phones: they are not shown, whatever the column means."""
    filled = [text.strip() for text in samples if text.strip()]
    found = sum(1 for text in filled if _PHONE.fullmatch(text) or parse_id_number(text).reject is None)
    return found > _PERSONAL_FIT * len(filled)


def _parsed(column: Column, samples: Sequence[str]) -> float:
    parse = cell_parser(column, CellContext(is_csv=True))

    def fits(text: str) -> bool:
        cell: ParsedCell = parse(text)
        return cell.reject is None and cell.value is not None

    return _share(samples, fits)


def _share(samples: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(1 for text in samples if fits(text)) / len(samples)
