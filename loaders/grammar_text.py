"""Texts and names: what is trimmed, removed, folded and refused (`files.md` S25, S31)."""

import re
from typing import Final

from loaders.parsed import ParsedCell, Problem, rejected

NAME_LIMIT: Final = 200
TEXT_LIMIT: Final = 10_000

_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_OUTER_WHITE: Final = " \t\r\n\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE: Final = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DAMAGED: Final = re.compile("[\ufffd\ud800-\udfff]|锟斤拷")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_HAN: Final = (
    "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
)
_WHITE_IN_HAN: Final = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_WHITE_RUN: Final = re.compile(r"\s+")
_GUARDED: Final = re.compile("'(?='*[=+\\-@\t\r])")
_CODE_QUOTES: Final = "'’‘\t"
_QUOTES: Final = tuple(_CODE_QUOTES)
_UNWRAPPED: Final = re.compile(r'="([^"]*)"')


def fold_width(text: str) -> str:
    """Return the text with full-width digits, letters and punctuation as half width; nothing else changes."""
    return text if text.isascii() else text.translate(_WIDE)


def without_white(text: str) -> str:
    """Return the text without any white space."""
    return _WHITE_RUN.sub("", text)


def trim(text: str) -> str:
    """Return the text without outer white space (U+3000 and NBSP are white space)."""
    return text.strip(_OUTER_WHITE)


def is_blank(text: str) -> bool:
    """True when nothing is left after trimming white space and zero-width characters (S10)."""
    return not text or (
        text[0] not in PLAIN_STARTS
        and not "\u3400" <= text[0] <= "\u9fff"
        and not _INVISIBLE.sub("", text).strip(_OUTER_WHITE + "\u200c\u200d")
    )


PLAIN_STARTS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
"""A text that begins so is not blank."""


def clean(text: str) -> ParsedCell:
    """Return the text trimmed and without invisible characters; rejects control characters and damaged text."""
    if text.isprintable():
        text = text.strip(" ")
        if text.isascii() or ("\ufffd" not in text and "锟斤拷" not in text):
            return ParsedCell(text)
    return _clean_slowly(text)


def _clean_slowly(text: str) -> ParsedCell:
    if _DAMAGED.search(text):
        return rejected("damaged-text", "有损坏的文字（乱码），请从原始资料重新填写")
    warnings: list[Problem] = []
    visible = _INVISIBLE.sub("", text)
    if visible != text:
        warnings.append(Problem("invisible-removed", "含有看不见的字符，已去掉"))
    visible = trim(visible)
    if _CONTROL.search(visible):
        return rejected("control-character", "含有控制字符，请删去后重新填写")
    if _PRIVATE.search(visible):
        warnings.append(Problem("private-use-character", "含有自造字，他处可能无法显示，请核对"))
    return ParsedCell(visible, None, tuple(warnings))


def unguard_text(text: str) -> str:
    """Return the text without the formula guard of an export (S25)."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def unguard_code(text: str, *, unwrap: bool) -> str:
    """Return a code, number, date or level without leading quotes; `="123"` is unwrapped in CSV (S25)."""
    if unwrap and text.startswith("="):
        match = _UNWRAPPED.fullmatch(text)
        text = match[1] if match else text
    return trim(text.lstrip(_CODE_QUOTES)) if text.startswith(_QUOTES) else text


def too_long(limit: int) -> ParsedCell:
    """Return the rejection of a text of more than `limit` characters."""
    return rejected("too-long", f"超过 {limit} 个字符，请缩短")


def parse_text(text: str, limit: int = TEXT_LIMIT) -> ParsedCell:
    """Return a free text: line ends as LF, at most `limit` characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > limit:
        return too_long(limit)
    return ParsedCell(text)


def parse_name(text: str, *, is_title: bool) -> ParsedCell:
    """Return a name or title, at most 200 characters; white space between Han characters of a name goes (S31)."""
    if is_title:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    elif not text.isalnum():
        text = _WHITE_RUN.sub(" ", _WHITE_IN_HAN.sub("", text))
    if len(text) > NAME_LIMIT:
        return too_long(NAME_LIMIT)
    if not is_title and "*" in text:
        return ParsedCell(text, None, (Problem("partly-masked", "部分被遮盖，已按原样保存"),))
    return ParsedCell(text)
