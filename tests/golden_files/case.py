"""One golden case: files of an office, and exactly what a load makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Files = Mapping[str, bytes]
Reject = tuple[int | None, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Files and expectation; rules are those of the page on files that the case is about.

    `before` are earlier deliveries of the same source. `options` are arguments of the load (full, table ...),
    `mapping` is the text of a mapping file. Expected: `counts` (read, inserted, updated, unchanged, rejected) by table,
    `rejects` as (row, column, code) in order, `errors` the codes of a refusal, `warnings` how often each code is told
    (all of them), `values` what is stored: table -> key -> some columns (None: absent), `sealed` the same for sealed
    columns, `skipped` (rows, reason) and `header_rows` of the only sheet, `encoding` and `delimiter` of the only file.
    """

    name: str
    rules: str
    files: Files
    before: Sequence[Files] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: str | None = None
    counts: Mapping[str, tuple[int, int, int, int, int]] = field(default_factory=dict)
    rejects: Sequence[Reject] = ()
    errors: Sequence[str] = ()
    warnings: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    sealed: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    skipped: Sequence[tuple[str, str]] | None = None
    header_rows: Sequence[int] | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def covered(self) -> frozenset[str]:
        """The rules as a set."""
        return frozenset(self.rules.split())
