"""The result of reading one cell: a canonical value, or a reason to reject, and what is worth a warning."""

from typing import NamedTuple

from kg.model.graph import Value


class Problem(NamedTuple):
    """A code of `files.md` §1 and the Chinese rest of the sentence that begins with row and column."""

    code: str
    text: str


class ParsedCell(NamedTuple):
    """`value` is canonical (`files.md` §2) and means nothing where `reject` is set."""

    value: Value
    reject: Problem | None = None
    warnings: tuple[Problem, ...] = ()


ABSENT = ParsedCell(None)


def rejected(code: str, text: str) -> ParsedCell:
    """Return a cell that rejects its row."""
    return ParsedCell(None, Problem(code, text))
