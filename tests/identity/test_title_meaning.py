"""Titles in the order of their meaning: what is sure stays, what is not is weighed; the package is looked at before it is opened."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from kg.identity import title_meaning
from kg.identity.title_meaning import SentenceVectors, TitlesByMeaning, installed_meaning, package_path
from kg.identity.titles import TitleIndex

SURE = 0.75
NAMES = {"1": ["汽车维修工"], "2": ["汽车装调工"], "3": ["中式面点师"], "4": ["修脚师"]}


class Told:
    """A meaning that finds one name nearest."""

    def __init__(self, nearest: str) -> None:
        self._nearest = nearest

    def nearness(self, title: str, names: Sequence[str]) -> float:
        return 1.0 if self._nearest in names else 0.0


@pytest.fixture(scope="module")
def vectors() -> SentenceVectors:
    found = installed_meaning()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("script/semantic did not install the extra and its package")
        pytest.skip("the extra semantic or its package is not installed (script/semantic)")
    return found


def keys(index: TitleIndex | TitlesByMeaning, title: str) -> list[str]:
    return [guess.key for guess in index.guesses(title, 4)]


def test_what_is_not_sure_is_weighed_by_meaning() -> None:
    plain = TitleIndex(NAMES)
    assert keys(plain, "汽修")[0] != "4"
    assert all(guess.score < SURE for guess in plain.guesses("汽修", 4))
    weighed = TitlesByMeaning(plain, Told("修脚师"), sure=SURE).guesses("汽修", 4)
    assert weighed[0].key == "4"
    scores = [guess.score for guess in weighed]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] < SURE


def test_what_is_sure_by_its_spelling_stays() -> None:
    plain = TitleIndex(NAMES)
    weighed = TitlesByMeaning(plain, Told("中式面点师"), sure=SURE)
    assert plain.guesses("汽车维修工", 1) == weighed.guesses("汽车维修工", 1)


def test_another_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "share" / "jiangtu" / title_meaning.PACKAGE
    monkeypatch.setattr(title_meaning.sys, "prefix", str(tmp_path))
    assert package_path() == package
    assert installed_meaning() is None
    package.parent.mkdir(parents=True)
    package.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(ValueError, match="not the package"):
        SentenceVectors(package)
    assert installed_meaning() is None


def test_vectors_know_trades(vectors: SentenceVectors) -> None:
    near = {name: vectors.nearness("修车师傅", [name]) for name in ("汽车维修工", "中式面点师", "保育师")}
    assert max(near, key=near.__getitem__) == "汽车维修工"
    assert all(-1 <= one <= 1 for one in near.values())
    assert vectors.nearness("修车师傅", []) == -1
    assert vectors.nearness("汽车维修工", ["汽车维修工"]) == pytest.approx(1)


def test_what_spelling_leaves_open_is_decided_by_meaning(vectors: SentenceVectors) -> None:
    painter = TitleIndex({"1": ["漆艺师"], "2": ["涂装工"]})
    assert keys(painter, "油漆工") == ["1", "2"]
    assert keys(TitlesByMeaning(painter, vectors, sure=SURE), "油漆工") == ["2", "1"]
    moulder = TitleIndex({"1": ["雕塑家"], "2": ["塑料制品成型制作工"], "3": ["注浆工"]})
    assert keys(moulder, "注塑工") == ["3", "1", "2"]
    assert keys(TitlesByMeaning(moulder, vectors, sure=SURE), "注塑工") == ["3", "2", "1"]
