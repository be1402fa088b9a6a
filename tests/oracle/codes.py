"""Codes that are valid in form: unified social credit codes and ID numbers, plainly synthetic."""

from datetime import date
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS: Final = "10X98765432"


def credit_code(district: str, serial: int, *, prefix: str = "91") -> str:
    """A unified social credit code with its check character (GB 32100)."""
    body = f"{prefix}{district}MA3{serial:06d}"
    total = sum(ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def id_number(born: date, serial: int, *, area: str = "370702") -> str:
    """An 18-character ID number with its check digit (GB 11643)."""
    body = f"{area}{born:%Y%m%d}{serial:03d}"
    total = sum(int(sign) * weight for sign, weight in zip(body, ID_WEIGHTS, strict=True))
    return body + ID_CHECKS[total % 11]
