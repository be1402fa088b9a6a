"""Numbers that are valid in form and belong to nobody: region 99 does not exist, phones start with 100.

Check characters follow GB 32100 (credit code) and GB 11643 (personal number); certificate numbers follow the
22-character form (kind, organ, province, site, year, inverted level digit, serial).
"""

from datetime import date
from random import Random
from typing import Final

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
ENTERPRISE_KIND: Final = "91"
SCHOOL_KIND: Final = "12"
AGENCY_KIND: Final = "93"


def chance(seed: int, *parts: object) -> Random:
    """Return a source of chance that depends on the seed and the parts only."""
    return Random("/".join(map(str, (seed, *parts))))  # noqa: S311 (made-up data, no secret)


def credit_code(kind: str, district: str, serial: int) -> str:
    """Return the 18-character credit code of the organisation number `serial` (0 or more) in a district."""
    body = f"{kind}{district}{_organisation_number(serial)}"
    total = sum(_USCC_ALPHABET.index(sign) * weight for sign, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return body + _USCC_ALPHABET[(31 - total % 31) % 31]


def _organisation_number(serial: int) -> str:
    number = "MA" + "".join(_USCC_ALPHABET[serial // 31**power % 31] for power in (5, 4, 3, 2, 1, 0))
    return number + _USCC_ALPHABET[serial * 7 % 31]


def personal_number(district: str, born: date, serial: int, *, male: bool) -> str:
    """Return an 18-character number of a region that does not exist; `serial` 0..499 within the day."""
    body = f"{district}{born:%Y%m%d}{serial % 500 * 2 + male:03d}"
    total = sum(int(sign) * weight for sign, weight in zip(body, _ID_WEIGHTS, strict=True))
    return body + _ID_CHECKS[total % 11]


def phone(serial: int) -> str:
    """Return eleven digits that start with 100, which no mobile number does."""
    return f"100{serial % 10**8:08d}"


def level_certificate(organ: str, issued: date, level: int, serial: int) -> str:
    """Return a 22-character number; `organ` is Y or S with four digits, `level` 1..5 (written inverted)."""
    return f"{organ}99{serial // 10**6:06d}{issued:%y}{6 - level}{serial % 10**6:06d}"


def special_certificate(issued: date, serial: int) -> str:
    """Return the number of a special-technician certificate: two letters and twenty digits."""
    return f"TJ{issued:%Y%m%d}99{serial:010d}"


def legacy_certificate(issued: date, level: int, serial: int) -> str:
    """Return the sixteen digits of the former national qualification, year first."""
    return f"{issued:%y}99000000{6 - level if level < 6 else 1}{serial % 10**5:05d}"
