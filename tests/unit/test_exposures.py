"""Appearances are counted by day of the answer; opening an item of a list that was told is no further appearance."""

from datetime import date, timedelta

from kg.audit.exposures import Exposures
from kg.store.memory_ledger import MemoryLedger

DAY = date(2026, 11, 23)


def test_every_answered_list_counts_but_not_a_second_look() -> None:
    exposures = Exposures(MemoryLedger())
    for again in (False, False, True):
        exposures.record(day=DAY, viewer="li", query_id="q", entities=["a", "b"], again=again)
    tomorrow = exposures.before(DAY + timedelta(days=1), 30)
    assert (tomorrow("a"), tomorrow("b"), tomorrow("c")) == (2, 2, 0)


def test_the_day_itself_and_older_days_do_not_count() -> None:
    exposures = Exposures(MemoryLedger())
    exposures.record(day=DAY, viewer="li", query_id="q", entities=["a"])
    assert exposures.before(DAY, 30)("a") == 0
    assert exposures.before(DAY + timedelta(days=30), 30)("a") == 1
    assert exposures.before(DAY + timedelta(days=31), 30)("a") == 0
