"""How numbers and days are written on pages (design §5): scores 4 decimals, hours 1, thousands with a comma."""

import re
from datetime import datetime
from typing import Any

ABSENT = "—"
_LONG_HEX = re.compile(r"[0-9a-f]{24,}")
_CIRCLED = (*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0))


def four(value: float) -> str:
    """Return a score or a contribution with 4 decimals."""
    return f"{value:.4f}"


def two(value: float) -> str:
    """Return a weight with 2 decimals, or 3 where 2 would not be exact."""
    return f"{value:.2f}" if abs(round(value, 2) - value) < 1e-9 else f"{value:.3f}"


def count(value: int | None) -> str:
    """Return a number of things with thousands separated; — for none stated."""
    return ABSENT if value is None else f"{value:,}"


def hours(value: float | None) -> str:
    """Return hours with 1 decimal."""
    return ABSENT if value is None else f"{value:,.1f}"


def percent(share: float) -> str:
    """Return a share of one as a whole percentage."""
    return f"{share * 100:.0f} %"


def day(value: str | None) -> str:
    """Return the day of an ISO date or time; — for none stated, the text itself if it is neither."""
    if not value:
        return ABSENT
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        return value


def short(value: str) -> str:
    """Return a name with its long hexadecimal runs (keys of persons) cut to 8 digits."""
    return _LONG_HEX.sub(lambda found: f"{found[0][:8]}…", value)


def without(name: str, key: str) -> str:
    """Return a name without the key at its end, where the key stands beside it anyway."""
    return name.removesuffix(f" {key}")


def plain(value: Any) -> str:
    """Return a value of the policy as people read it: lists joined, yes and no, numbers without trailing zeros."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return "；".join(f"{name} {plain(item)}" for name, item in value.items()) or ABSENT
    if isinstance(value, (list, tuple)):
        return "、".join(plain(item) for item in value) or ABSENT
    return str(value)


def circled(number: int) -> str:
    """Return ① to ㊿, and (51) beyond."""
    return chr(_CIRCLED[number - 1]) if 1 <= number <= len(_CIRCLED) else f"({number})"
