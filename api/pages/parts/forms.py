"""The two question forms: from the words of a form to the question that the service takes, and back with errors."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from kg.errors import InvalidInputError, KgError
from kg.model.graph import NodeRef
from kg.vocab.modes import ENGAGEMENT_MODES

Pairs = Sequence[tuple[str, str]]
TALENT_FIELDS: Final = (
    "title", "host", "occupations", "min_level", "district", "skills", "tags", "modes", "valid_from", "valid_to",
    "visits", "total_hours", "hours_per_week", "weeks", "pay_min", "pay_max", "as_of", "known_at", "k",
)  # fmt: skip
PARTNER_FIELDS: Final = (
    "anchor",
    "mode",
    "year",
    "occupations",
    "radius_hours",
    "order",
    "as_of",
    "known_at",
    "k",
)
PROBLEM_FIELDS: Final = (
    "inline", "title", "host", "skills", "tags", "district", "valid_from", "valid_to", "visits", "total_hours",
    "max_per_firm", "problem", "as_of", "q",
)  # fmt: skip
_PROBLEM_TEXTS: Final = ("title", "host", "district", "valid_from", "valid_to")
_TEXTS: Final = ("title", "host", "min_level", "district", "valid_from", "valid_to")
_NUMBERS: Final = ("total_hours", "hours_per_week", "pay_min", "pay_max")
_WHOLE: Final = ("visits", "weeks")
_SEPARATORS: Final = re.compile(r"[\n;；、,，]+")
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９．－＝＊　", "0123456789.-=* ")


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields of a form, and what is wrong with it by field."""

    known: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return what stands in a field ("" for nothing)."""
        return next((value for key, value in self.pairs if key == name), "")

    def values(self, name: str) -> list[str]:
        """Return all values of a field with several boxes."""
        return [value for key, value in self.pairs if key == name]

    def checked(self, name: str, key: str) -> bool:
        """True when that box is ticked."""
        return key in self.values(name)

    def with_error(self, error: KgError) -> "Form":
        """Return the form with a refusal at the field that it names."""
        name = str(error.fields.get("field") or "").split(".")[0]
        return Form(self.known, self.pairs, {**self.errors, name: error.message})


def items(text: str) -> list[str]:
    """Split a list field at lines, semicolons, commas and 顿号."""
    return [part.strip() for part in _SEPARATORS.split(text.translate(_FULL_WIDTH)) if part.strip()]


def inline_need(form: Form) -> dict[str, Any]:
    """Return the columns of flex_needs; raises InvalidInputError (with `field`) for a number that is none."""
    need: dict[str, Any] = {name: form.value(name).strip() for name in _TEXTS}
    need |= {name: items(form.value(name)) for name in ("occupations", "tags")}
    need["skills"] = items(form.value("skills"))
    need["modes"] = [mode for mode in ENGAGEMENT_MODES if form.checked("modes", mode)]
    need |= {name: number(form, name) for name in _NUMBERS}
    need |= {name: whole(form, name) for name in _WHOLE}
    return {name: value for name, value in need.items() if value not in (None, "", [])}


def inline_problem(form: Form) -> dict[str, Any]:
    """Return the columns of problems; raises InvalidInputError (with `field`) for a number that is none."""
    problem: dict[str, Any] = {name: form.value(name).strip() for name in _PROBLEM_TEXTS}
    problem |= {name: items(form.value(name)) for name in ("skills", "tags")}
    problem |= {"total_hours": number(form, "total_hours")}
    problem |= {name: whole(form, name) for name in ("visits", "max_per_firm")}
    return {name: value for name, value in problem.items() if value not in (None, "", [])}


def partner_question(form: Form, anchor: NodeRef) -> dict[str, Any]:
    """Return the question of contract §4 about that anchor; empty fields are left out."""
    question: dict[str, Any] = {
        "anchor": {"kind": anchor.kind, "key": anchor.key},
        "mode": form.value("mode"),
        "year": whole(form, "year"),
        "occupations": items(form.value("occupations")) or None,
        "radius_hours": number(form, "radius_hours"),
        "order": form.value("order") or None,
    }
    return {name: value for name, value in question.items() if value is not None}


def number(form: Form, name: str) -> float | None:
    """Return the number of a field, None if empty."""
    text = form.value(name).translate(_FULL_WIDTH).strip()
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", text):
        raise InvalidInputError(f"“{text[:20]}”不是数，请填数字，例如 24", field=name, value=text)
    return float(text)


def whole(form: Form, name: str) -> int | None:
    """Return the whole number of a field, None if empty."""
    value = number(form, name)
    if value is not None and value != int(value):
        raise InvalidInputError("这里要填整数", field=name, value=value)
    return None if value is None else int(value)


def day(form: Form, name: str = "as_of") -> date | None:
    """Return the day of a field, None if empty."""
    text = form.value(name).strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInputError("日期写作 2026-11-23", field=name, value=text) from error


_READERS: Final[Mapping[str, Callable[[Form, str], object]]] = {
    **dict.fromkeys((*_NUMBERS, "radius_hours"), number),
    **dict.fromkeys((*_WHOLE, "year", "k"), whole),
    "as_of": day,
}


def checked(form: Form) -> Form:
    """Return the form with every number and day that is none told at its field, all of them at once."""
    for name in form.known:
        try:
            _READERS.get(name, Form.value)(form, name)
        except InvalidInputError as error:
            form = form.with_error(error)
    return form


def prefilled(known: tuple[str, ...], values: Iterable[tuple[str, str]]) -> Form:
    """Return a form with the fields it knows filled in, others dropped."""
    return Form(known, tuple((name, value) for name, value in values if name in known and value != ""))


def known_at(form: Form) -> str | None:
    """Return what stands in the field of what was known when; None where it is empty."""
    return form.value("known_at").translate(_FULL_WIDTH).strip() or None
