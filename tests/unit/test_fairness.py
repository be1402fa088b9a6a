"""Skew and NDKL against values worked out by hand."""

from math import log, log2

import pytest

from kg.audit.fairness import group_report, ndkl, skew_at


def test_a_list_like_its_pool_has_no_skew() -> None:
    report = group_report([(["a", "b"], {"a": 50, "b": 50})], k=2)
    assert report.skew == {"a": pytest.approx(0), "b": pytest.approx(0)}


def test_skew_is_the_log_of_shares() -> None:
    assert skew_at(["a", "a", "a", "b"], {"a": 50, "b": 50}) == {
        "a": pytest.approx(log(0.75 / 0.5)), "b": pytest.approx(log(0.25 / 0.5)),
    }  # fmt: skip


def test_ndkl_discounts_later_places() -> None:
    first, second = log(1 / 0.5), 0.0
    weights = 1 / log2(2), 1 / log2(3)
    expected = (weights[0] * first + weights[1] * second) / sum(weights)
    assert ndkl(["a", "b"], {"a": 1, "b": 1}) == pytest.approx(expected)


def test_a_group_never_shown_has_no_skew_and_empty_lists_do_not_count() -> None:
    report = group_report([(["a"], {"a": 1, "b": 9}), ([], {"a": 1}), (["a"], {})], k=10)
    assert (report.lists, report.skew["b"], report.shown, report.pool) == (
        1,
        None,
        {"a": 1},
        {"a": 1, "b": 9},
    )
    assert report.skew["a"] == pytest.approx(log(10))
