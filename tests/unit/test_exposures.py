"""Appearances are counted by day of the answer; opening an item of a list that was told is no further appearance."""

from datetime import date, timedelta

from kg.audit.exposures import AskedList, Exposures
from kg.store.memory_ledger import MemoryLedger

DAY = date(2026, 11, 23)
ASKED = {
    "kind": "talents", "question": {"need": "N1"}, "as_of": "2026-11-23", "revision": 3, "policy": "p",
}  # fmt: skip


def test_every_answered_list_counts_but_not_a_second_look() -> None:
    exposures = Exposures(MemoryLedger())
    for again in (False, False, True):
        exposures.record(day=DAY, viewer="li", query_id="q", entities=["a", "b"], asked=ASKED, again=again)
    tomorrow = exposures.before(DAY + timedelta(days=1), 30)
    assert (tomorrow("a"), tomorrow("b"), tomorrow("c")) == (2, 2, 0)


def test_the_day_itself_and_older_days_do_not_count() -> None:
    exposures = Exposures(MemoryLedger())
    exposures.record(day=DAY, viewer="li", query_id="q", entities=["a"], asked=ASKED)
    assert exposures.before(DAY, 30)("a") == 0
    assert exposures.before(DAY + timedelta(days=30), 30)("a") == 1
    assert exposures.before(DAY + timedelta(days=31), 30)("a") == 0


def _number(found: AskedList | None) -> int | None:
    return None if found is None else found.number


def test_an_item_is_found_in_the_newest_list_that_told_it() -> None:
    exposures = Exposures(MemoryLedger())
    for entities in (["a"], ["b"]):
        exposures.record(day=DAY, viewer="li", query_id="q", entities=entities, to_verify=["c"], asked=ASKED)
    exposures.record(day=DAY, viewer="li", query_id="q", entities=["b"], asked=ASKED, again=True)
    assert _number(exposures.told("q", "b")) == _number(exposures.told("q", "c", viewer="li")) == 2
    assert _number(exposures.told("q", "a")) == 1
    assert [exposures.told(*asked) for asked in (("q", "d"), ("unknown", "a"))] == [None, None]
    assert exposures.told("q", "a", viewer="wang") is None
    assert [one.number for one in exposures.asked_lists()] == [1, 2]
