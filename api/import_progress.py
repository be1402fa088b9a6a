"""How far a running import is, kept in its record: any process of the service can tell it."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from kg.ports import Ledger
from kg.schema import Schema
from loaders.batch import Progress

STEP_LABELS: Final[Mapping[str, str]] = {
    "wait": "排队", "read": "读取", "check": "校验", "store": "写入", "publish": "发布",
}  # fmt: skip
"""The phases of an import in their order; check and store come once per table."""
_EVERY: Final = 0.3


class ProgressKeeper:
    """Writes the progress of one import into its record: every new phase, and three times a second inside one."""

    def __init__(
        self, put: Callable[[Mapping[str, Any]], None], record: Mapping[str, Any], schema: Schema
    ) -> None:
        self._put, self._record, self._schema = put, record, schema
        self._began = time.monotonic()
        self._last: tuple[str, str | None] = ("", None)
        self._told = 0.0
        self._read: dict[str, int] = {}

    def __call__(self, progress: Progress) -> None:
        """Take in where the load is."""
        now, where = time.monotonic(), (progress.step, progress.table)
        if progress.step == "read" and progress.table is not None:
            self._read[progress.table] = progress.rows
        if where == self._last and now - self._told < _EVERY and progress.rows != progress.total:
            return
        self._last, self._told = where, now
        table = self._schema.by_key.get(progress.table or "")
        self._put({
            **self._record,
            "progress": {
                "step": progress.step,
                "step_label": STEP_LABELS.get(progress.step, progress.step),
                "table": progress.table,
                "table_label": None if table is None else table.zh,
                "rows": progress.rows,
                "total": progress.total,
                "read": sum(self._read.values()),
                "seconds": round(now - self._began, 1),
            },
        })


def progress_of(ledger: Ledger, collection: str, number: str) -> dict[str, Any]:
    """Return the last progress of a running import, nothing for one that is done or unknown."""
    record = ledger.get(collection, number)
    told = record.get("progress") if record is not None and record["status"] == "running" else None
    if isinstance(told, Mapping):
        return dict(told)
    return {"step": "wait", "step_label": STEP_LABELS["wait"]} if record is not None else {}
