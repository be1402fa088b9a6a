"""The collector of garbage looks seldom during a load and as before afterwards, also when loads overlap."""

import gc
from collections.abc import Iterator

import pytest

from loaders.collecting import rare_collections


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_rarer_inside_and_as_before_behind_the_last_block() -> None:
    first, second = rare_collections(), rare_collections()
    with first:
        inside = gc.get_threshold()
        assert inside[0] > 100_000
        second.__enter__()
        assert gc.get_threshold() == inside
    assert gc.get_threshold() == inside
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (700, 10, 10)


def test_what_is_rarer_or_switched_off_already_stays() -> None:
    gc.set_threshold(0, 5_000, 5_000)
    with rare_collections():
        assert gc.get_threshold() == (0, 5_000, 5_000)
    assert gc.get_threshold() == (0, 5_000, 5_000)


def test_as_before_also_after_an_error() -> None:
    with pytest.raises(LookupError), rare_collections():
        raise LookupError
    assert gc.get_threshold() == (700, 10, 10)
