"""What of a person's row is compared: plain values, in memory only, never in a log, an error or an answer."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.index.sounds import sounds_of
from kg.model.graph import MASKED, RowId, Value
from kg.sealing.sealer import IDENTITY_CARD
from kg.text import fold_name
from kg.vocab.characters import simplified

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_CARD: Final = re.compile(r"\d{17}[\dX]")
_OLD_CARD: Final = re.compile(r"\d{15}")
_DOTS: Final = re.compile(r"[\s·•．‧・.]+")
_LEGAL_FORM: Final = re.compile(
    r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|总公司|分公司|公司|集团|总厂|\(集团\))"
)
_BRACKETED: Final = re.compile(r"\([^()]*\)")
LAST_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, repr=False)
class PersonRecord:
    """One row of a register as it is compared; "" is absent. `person` is the talent key, `card` a valid ID number.

    `since` is when the row was recorded (ISO): the older of two joined persons keeps the key.
    """

    row: RowId
    person: str
    name: str = ""
    sound: str = ""
    card: str = ""
    last4: str = ""
    birth: str = ""
    phone: str = ""
    employer: str = ""
    occupation: str = ""
    district: str = ""
    other_id: str = ""
    since: str = ""

    def __repr__(self) -> str:
        return f"PersonRecord(row={self.row!r})"


def record_of(
    row: RowId, person: str, sealed: Mapping[str, Value], plain: Mapping[str, Value], since: str = ""
) -> PersonRecord:
    """Return the record of a row of the persons' table, from its unsealed and its plain columns."""
    name = name_core(_text(sealed, "name"))
    number = _text(sealed, "id_number").upper()
    is_card = _text(sealed, "id_type") in {"", IDENTITY_CARD, "居民身份证"}
    card = card_number(number) if is_card else ""
    birth = _text(sealed, "birth_date").replace("-", "")
    return PersonRecord(
        row=row,
        person=person,
        name="" if MASKED in name else name,
        sound="" if MASKED in name or not name else sounds_of(name, person=True)[0],
        card=card,
        last4=last_digits(card or (number if is_card else "")),
        birth="" if MASKED in birth else birth or card[6:14],
        phone=phone_core(_text(sealed, "phone")),
        employer=employer_core(_text(plain, "employer_name")),
        occupation=_text(plain, "occupation").partition("@")[0],
        district=_text(plain, "district"),
        other_id="" if is_card or MASKED in number else number,
        since=since,
    )


def card_number(text: str) -> str:
    """Return an ID number as 18 characters (GB 11643; the 15 legacy digits become their long form), "" if it is none."""
    if _OLD_CARD.fullmatch(text):
        body = f"{text[:6]}19{text[6:]}"
        return body + _check_of(body)
    valid = _CARD.fullmatch(text) is not None and _check_of(text[:17]) == text[17]
    return text if valid else ""


def last_digits(number: str) -> str:
    """Return the last four characters of a number that is whole or masked in front, "" where they are masked too."""
    last = number[-LAST_DIGITS:]
    return last if len(last) == LAST_DIGITS and MASKED not in last else ""


def name_core(text: str) -> str:
    """Return a person's name as it is compared: NFKC, no blanks or dots, simplified characters, no case."""
    return simplified(_DOTS.sub("", unicodedata.normalize("NFKC", text))).casefold()


def blurred(name: str) -> list[str]:
    """Return a name with each of its characters hidden in turn: equal for names that differ in that one."""
    return [f"{name[:place]}_{name[place + 1 :]}" for place in range(len(name))]


def shortened(name: str) -> list[str]:
    """Return a name without each of its characters in turn: one of them is a name from which a character is lost."""
    return [name[:place] + name[place + 1 :] for place in range(len(name))]


def phone_core(text: str) -> str:
    """Return the last eleven digits of a phone number, "" when it is masked or shorter than seven."""
    digits = "".join(character for character in text if character.isdecimal())
    return digits[-11:] if MASKED not in text and len(digits) >= 7 else ""


def employer_core(text: str) -> str:
    """Return an organisation's name without its legal form and what stands in brackets."""
    folded = fold_name(text)
    core = _LEGAL_FORM.sub("", _BRACKETED.sub("", folded))
    return simplified(core or folded)


def _check_of(body: str) -> str:
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def _text(values: Mapping[str, Value], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""
