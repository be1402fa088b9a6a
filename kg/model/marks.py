"""Marks of erased persons: so short that each fits many, so that a reader finds whom to read again and nobody is named.

The log tells the marks of an erasure beside its tables. Of forty thousand persons some forty have the mark of one who
is gone; they are read again, and the one of whom nothing is left is the one to forget. Every erasure has marks of its
own: two of them cannot be connected.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

MARKS: Final = 1024
"""How many different marks there are: one person in so many has the mark of another."""


def mark_of(person: str, revision: int) -> int:
    """Return the mark of a person, 0..MARKS - 1, in the erasure that made that revision."""
    digest = blake2b(person.encode(), digest_size=2, salt=revision.to_bytes(16, "big")).digest()
    return int.from_bytes(digest, "big") % MARKS


def marks_of(persons: Iterable[str | None], revision: int) -> tuple[int, ...]:
    """Return the different marks of persons, ascending; None is nobody."""
    return tuple(sorted({mark_of(person, revision) for person in persons if person}))
