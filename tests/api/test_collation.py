"""Names by pinyin and by strokes: what people expect, told apart from the order of code points."""

from pathlib import Path

import pytest

from api.pages.parts.collation import ORDERS, by_name, pinyin_key, stroke_key
from tests.api.conftest import Site, load_tables
from tests.api.test_pages import Browse, browse  # noqa: F401 - a fixture
from tests.api.test_pages_planning import MARKET

NAMES = ["赵", "钱", "孙", "李", "一", "王", "CNC", "3D"]


def test_pinyin() -> None:
    assert sorted(NAMES, key=pinyin_key) == ["3D", "CNC", "李", "钱", "孙", "王", "一", "赵"]


def test_strokes() -> None:
    assert sorted(NAMES, key=stroke_key) == ["3D", "CNC", "一", "王", "孙", "李", "赵", "钱"]


def test_a_prefix_comes_first_and_characters_are_compared_one_by_one() -> None:
    assert sorted(["西安", "先", "西"], key=pinyin_key) == ["西", "西安", "先"]
    assert sorted(["车工班", "车工"], key=stroke_key) == ["车工", "车工班"]


def test_every_ideograph_has_its_place_and_rare_ones_come_last() -> None:
    ideographs = [chr(code) for code in range(0x4E00, 0xA000)]
    assert len({stroke_key(one) for one in ideographs}) == len(ideographs)
    assert max(stroke_key(one) for one in ideographs) < stroke_key("𠮷")


def test_an_unknown_order_keeps_what_came() -> None:
    assert by_name(["乙", "甲"], "x", str) == ["乙", "甲"]
    assert by_name(["乙", "甲"], "pinyin", str) == ["甲", "乙"]
    assert by_name(["甲", "乙"], "stroke", str) == ["乙", "甲"]


@pytest.mark.parametrize("order", ORDERS)
def test_the_page_names_its_order(site: Site, browse: Browse, tmp_path: Path, order: str) -> None:  # noqa: F811
    load_tables(site.graph, tmp_path, part=MARKET)
    text = browse("officer").get(f"/map?sort={order}").text
    assert f"按{ORDERS[order]}排序" in text
    first, second = text.rindex("北湖区"), text.rindex("南浦区")
    assert first < second
    gaps = browse("officer").get(f"/gaps?sort={order}").text
    assert f"职业（按{ORDERS[order]}排序）" in gaps
