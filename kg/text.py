"""Pure text rules that several rooms share: folding, masking, the spreadsheet formula guard, key encoding."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote

FORMULA_LEADS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_WHITE_AND_ZERO_WIDTH: Final = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+")
_BRACKETS: Final = str.maketrans({"（": "(", "）": ")", "【": "[", "】": "]", "〔": "[", "〕": "]"})


def fold(text: str) -> str:
    """Return the form in which open vocabulary is compared: NFKC, trimmed, case folded (`scoring.md` §1)."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def fold_name(text: str) -> str:
    """Return the form in which organisation names are compared: NFKC, no white space, one kind of bracket (S27)."""
    folded = unicodedata.normalize("NFKC", text.translate(_BRACKETS)).translate(_BRACKETS)
    return _WHITE_AND_ZERO_WIDTH.sub("", folded).casefold()


def mask_name(name: str) -> str:
    """Return a person's name as everyone sees it: the first character, then stars (王五 -> 王*, 王小五 -> 王**)."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 3) if name else "*"


def mask_value(value: str) -> str:
    """Return a personal value for reports: first 4 and last 1 characters; shorter than 8: only stars (files §1)."""
    if len(value) < 8:
        return "*" * len(value)
    return value[:4] + "*" * (len(value) - 5) + value[-1:]


def guard_formula(text: str) -> str:
    """Return `text` so that no spreadsheet runs it as a formula; our loaders remove the guard again (S25).

    A text that looks guarded already takes one more guard, so that exactly that one is removed.
    """
    return "'" + text if text.lstrip("'").startswith(FORMULA_LEADS) else text


def join_key(parts: Iterable[str]) -> str:
    """Return the natural key of several parts: each percent-encoded, joined by `|` (contract §5)."""
    return "|".join(quote(part, safe="@:().-_~*") if "%" in part or "|" in part else part for part in parts)


def split_key(key: str) -> list[str]:
    """Undo `join_key`."""
    return [unquote(part) if "%" in part else part for part in key.split("|")]
