"""How old sources are: intervals set by people, rhythms observed, and what nobody can tell yet."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kg.model.batches import UNDOES
from kg.model.graph import Batch
from loaders.staleness import ages, delivered_by

TODAY = date(2026, 11, 23)


def _days(*ago: int) -> list[date]:
    return [TODAY - timedelta(days=number) for number in ago]


def test_an_interval_that_is_set_decides_to_the_day() -> None:
    on_time, late = ({("甲", "talents"): _days(30)}, {("甲", "talents"): _days(31)})
    (one,) = ages(on_time, {"甲": 30}, TODAY)
    assert (one.state, one.basis, one.days, one.due) == ("fresh", "set", 30, TODAY)
    (other,) = ages(late, {"甲": 30}, TODAY)
    assert (other.state, other.due) == ("old", TODAY - timedelta(days=1))


def test_a_rhythm_is_observed_from_two_gaps_on_with_half_as_grace() -> None:
    (one,) = ages({("甲", "talents"): _days(74, 44, 14)}, {}, TODAY)
    assert (one.allowed, one.basis, one.state) == (45, "observed", "fresh")
    (late,) = ages({("甲", "talents"): _days(110, 80, 46)}, {}, TODAY)
    assert (late.allowed, late.state) == (48, "fresh")
    (old,) = ages({("甲", "talents"): _days(120, 90, 60)}, {}, TODAY)
    assert (old.allowed, old.state) == (45, "old")


def test_two_deliveries_or_several_of_one_day_tell_nothing() -> None:
    for days in (_days(400, 200), _days(400, 400, 400, 200)):
        (one,) = ages({("甲", "talents"): days}, {}, TODAY)
        assert (one.state, one.allowed, one.basis, one.due) == ("unknown", None, "none", None)


def test_the_most_overdue_comes_first() -> None:
    found = ages({("乙", "talents"): _days(3), ("甲", "talents"): _days(50), ("丙", "talents"): _days(90)},
                 {"甲": 10, "丙": 80, "乙": 30}, TODAY)  # fmt: skip
    assert [one.source for one in found] == ["甲", "丙", "乙"]


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=8), st.integers(1, 400) | st.none())
def test_a_state_always_follows_from_the_days(ago: list[int], expected: int | None) -> None:
    (one,) = ages({("甲", "talents"): _days(*ago)}, {} if expected is None else {"甲": expected}, TODAY)
    assert one.days == min(ago)
    assert one.state == ("unknown" if one.allowed is None else "old" if one.days > one.allowed else "fresh")
    assert one.allowed is None or one.allowed >= 1


def _batch(number: int, source: str, day: int, **report: object) -> Batch:
    return Batch(
        id=f"b-{number:06d}", source=source, actor="x", at=datetime(2026, 11, day, tzinfo=UTC),
        delivered=("talents",), revision=number, synthetic=False, report=report,
    )  # fmt: skip


def test_what_was_rolled_back_was_no_delivery_and_a_rollback_is_none() -> None:
    batches = [
        _batch(1, "甲", 1),
        _batch(2, "甲", 5),
        _batch(3, "甲", 6, **{UNDOES: "b-000002"}),
        _batch(4, "", 7),
    ]
    assert delivered_by(batches) == {("甲", "talents"): [date(2026, 11, 1)]}
