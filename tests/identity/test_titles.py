"""Titles of trades and the occupations they mean: names, common titles, editions, and what is not sure."""

import csv
import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.identity.titles import EDITION_OF_TITLES, TitleIndex, cleaned, index_of, trade_titles
from kg.text import fold

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
TITLES = ROOT / "kg" / "identity" / "trade_titles.csv"
NAMES = {
    "6-18-01-01": ["车工", "普车"],
    "6-18-01-02": ["铣工"],
    "6-18-02-04": ["焊工"],
    "4-12-01-01": ["汽车维修工"],
    "4-11-01-03": ["电工"],
}
needs_data = pytest.mark.skipif(
    not (DATA / "title_to_csco_dev").is_dir(),
    reason="the checked titles of the shared data are not on this machine",
)


def _occupation(code: str, name: str, edition: str = EDITION_OF_TITLES, **more: object) -> dict[str, object]:
    return {"code": code, "name": name, "edition": edition, **more}


def _lines() -> list[dict[str, str]]:
    with TITLES.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_very_name_is_certain() -> None:
    (best, *_) = TitleIndex(NAMES).guesses("车工", 3)
    assert (best.key, best.score) == ("6-18-01-01", 1.0)


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("普车", "6-18-01-01"),
        ("高级汽车维修", "4-12-01-01"),
        ("某某公司招聘铣工", "6-18-01-02"),
        ("焊工（五险）", "6-18-02-04"),
    ],
)
def test_words_around_a_trade_do_not_hide_it(title: str, code: str) -> None:
    assert TitleIndex(NAMES).guesses(title, 1)[0].key == code


def test_a_title_of_two_occupations_is_not_certain() -> None:
    found = TitleIndex({"1": ["甲工", "喷漆"], "2": ["乙工", "喷漆"]}).guesses("喷漆", 2)
    assert [one.score for one in found] == [0.75, 0.75]


def test_an_official_name_goes_before_the_common_title_of_another() -> None:
    found = TitleIndex({"1": ["甲工", "车工"], "2": ["车工"]}).guesses("车工", 2)
    assert (found[0].key, found[0].score) == ("2", 1.0)


def test_a_title_of_nothing_known_gets_no_high_score() -> None:
    assert all(one.score < 0.5 for one in TitleIndex(NAMES).guesses("元宇宙捏脸师", 5))
    assert TitleIndex(NAMES).guesses("", 5) == []


@given(st.text(max_size=30))
def test_any_title_has_an_answer_in_order(title: str) -> None:
    found = TitleIndex(NAMES).guesses(title, 5)
    assert found == sorted(found, key=lambda one: (-one.score, one.key))
    assert all(0 <= one.score <= 1 for one in found)
    assert len({one.key for one in found}) == len(found)


def test_common_titles_come_with_the_edition_that_they_are_given_for() -> None:
    index = index_of([_occupation("6-18-02-04", "焊工")], [])
    assert index.guesses("电焊工", 1)[0].key == "6-18-02-04"
    old = index_of([_occupation("6-18-02-04", "焊接工", "2015")], [])
    assert old.guesses("氩弧焊", 1)[0].score < 1.0


def test_other_editions_get_them_through_the_crosswalk() -> None:
    old = [_occupation("6-99-01-01", "焊接作业人员", "2015")]
    cross = {"from_code": "6-99-01-01", "from_edition": "2015", "to_code": "6-18-02-04", "to_edition": "2022"}
    (best, *_) = index_of(old, [cross]).guesses("氩弧焊", 2)
    assert (best.key, best.score) == ("6-99-01-01", 1.0)
    both = [*old, _occupation("6-99-01-02", "另一焊接人员", "2015")]
    unclear = [cross, {**cross, "from_code": "6-99-01-02"}]
    assert all(one.score < 1.0 for one in index_of(both, unclear).guesses("氩弧焊", 2))


def test_a_code_of_two_editions_counts_once_in_the_newest() -> None:
    index = index_of([_occupation("6-18-01-01", "车床工", "2015"), _occupation("6-18-01-01", "车工")], [])
    assert [one.key for one in index.guesses("车床工", 5)] == ["6-18-01-01"]


def test_the_shipped_titles_are_well_formed_and_say_where_they_are_from() -> None:
    lines = _lines()
    assert {line["source"] for line in lines} == {"名称的一部分", "常用叫法", "职业定义"}
    assert all(line["title"] == line["title"].strip() and line["name"] for line in lines)
    repeated = [
        key for key, number in Counter((line["title"], line["code"]) for line in lines).items() if number > 1
    ]
    assert repeated == []
    assert sum(map(len, trade_titles().values())) == len(lines)


@needs_data
def test_every_shipped_title_names_an_occupation_of_the_classification() -> None:
    official: dict[str, set[str]] = {}
    with (DATA / "csco2022" / "csco2022_clean.csv").open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.DictReader(handle):
            official.setdefault(row["code"], set()).add(fold(row["name"]))
    wrong = [line for line in _lines() if fold(line["name"]) not in official.get(line["code"], set())]
    assert wrong == []


def _benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("titles_benchmark", ROOT / "benchmarks" / "titles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_data
@pytest.mark.parametrize("aliases", [True, False])
def test_checked_titles_find_their_codes_as_often_as_promised(aliases: bool) -> None:
    bench = _benchmark()
    cases = bench.cases_of(bench.rows(DATA / "title_to_csco_dev" / "verified_trades_dev.csv"))
    index = TitleIndex(bench.with_titles(bench.occupations(DATA, aliases=aliases), trade_titles()))
    found = [([one.key for one in index.guesses(title, 5)], code) for title, code in cases]
    assert sum(keys[:1] == [code] for keys, code in found) >= 0.80 * len(cases)
    assert sum(code in keys for keys, code in found) >= 0.97 * len(cases)


@needs_data
def test_what_is_accepted_without_asking_is_nearly_always_right() -> None:
    """The default thresholds on the checked titles: at most one in twenty of the accepted ones is wrong."""
    bench = _benchmark()
    cases = bench.cases_of(bench.rows(DATA / "title_to_csco_dev" / "verified_trades_dev.csv"))
    index = TitleIndex(bench.with_titles(bench.occupations(DATA, aliases=True), trade_titles()))
    taken = []
    for title, code in cases:
        first, second = index.guesses(title, 2)
        if first.score >= bench.FROM and first.score - second.score >= bench.MARGIN:
            taken.append(first.key == code)
    assert len(taken) > len(cases) / 2
    assert taken.count(False) <= len(taken) / 20


def test_cleaning_never_leaves_nothing_of_a_word() -> None:
    assert [cleaned(text) for text in ("学徒", "招聘", "高级工程师", "(急聘)焊工")] == [
        "学徒",
        "",
        "高级工程师",
        "焊工",
    ]
