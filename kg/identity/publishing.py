"""Publishes what an identity decision changes, as a batch of its own: rollback undoes it like any other."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from kg.model.batches import IDENTITY
from kg.model.graph import Batch, RowChange
from kg.ports import GraphStore

SOURCE: Final = "身份核对"
REPORT: Final = "jiangtu.identity/1"


def publish(store: GraphStore, changes: Sequence[RowChange], told: Mapping[str, Any], by: Batch) -> Batch:
    """Publish the changes with what was decided (`told`, no personal value) in the report; `by` says who and when.

    Raises StoreBusyError when another batch was faster: nothing has changed then.
    """
    staged = f"identity-{secrets.token_hex(8)}"
    totals = {"read": 0, "inserted": 0, "updated": len(changes), "unchanged": 0, "rejected": 0, "retired": 0}
    report = {"schema": REPORT, "source": SOURCE, "totals": totals, IDENTITY: dict(told)}
    try:
        store.stage(staged, changes)
        return store.publish(replace(by, source=SOURCE, report=report), staged=staged)
    except BaseException:
        store.discard(staged)
        raise
