"""The English catalogue: it holds every word of the pages, says each the same way, and translates nothing else."""

import re
import tomllib
from pathlib import Path
from time import process_time

import pytest
from jinja2 import DictLoader, Environment

from api.pages.english import Catalogue, catalogue_of, english_environment, is_chinese
from api.pages.english.catalogue import filled, gaps, plain_key
from api.pages.english.files import WORDS, read_words
from api.pages.english.sources import Translator
from kg.schema import SCHEMA
from tests.api.english_sources import ROOT, literals, runs, sentences, templates

CATALOGUE = catalogue_of(SCHEMA)
SAYING = (
    "api/pages/**/*.py", "api/errors.py", "api/refusals.py", "api/imports.py", "api/accounts.py", "api/deps.py", "api/views.py",
    "kg/vocab/levels.py", "kg/vocab/modes.py", "kg/vocab/reasons.py", "kg/decisions/*.py", "kg/paths/*.py", "kg/service/*.py", "kg/indicators/*.py", "kg/history/*.py",
    "kg/questions/*.py", "kg/policy/masking.py", "kg/policy/rules_page.py", "kg/matching/advice.py",
    "kg/matching/mobility/*.py", "kg/matching/cooperation/*.py", "kg/matching/teams/*.py", "kg/matching/plans/*.py",
    "kg/identity/comparing.py", "kg/identity/joins.py", "kg/identity/moving.py", "kg/identity/publishing.py", "kg/identity/review_queue.py",
    "visualizations/reports.py", "visualizations/picture.py", "visualizations/table_files.py", "visualizations/svg_file.py",
    "api/reports.py", "api/plan_files.py", "api/commands/sheets.py",
)  # fmt: skip
READING = ("loaders/*.py", "loaders/sources/*.py", "loaders/statement/*.py")
NO_PAGE = frozenset({"templates", "export", "mapping", "saved_mappings", "synthetic_city", "error_workbook"})
"""Modules of the loaders that write files or speak on the command line only."""
QUOTED = frozenset({
    "企业", "院校", "职业", "技能", "中文", "任意", "是", "否", "高级工", "三级", "数控", "万", "厅", "局", "证件类型",
    "市人才库", "年第一季度", "一季度提供岗位", "万个", "求职", "万人", "缺口",
})  # fmt: skip
"""Chinese that English sentences cite: what a search or a table must be given in Chinese."""


def modules(*patterns: str) -> list[Path]:
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def missing(keys: list[str], template: str = "") -> list[str]:
    return [key for key in keys if CATALOGUE.entry(key, template) is None]


def chinese_runs(text: str) -> list[str]:
    """Return the Chinese words of a text, punctuation and digits aside."""
    kept = "".join(char if is_chinese(char) and char.isalpha() else " " for char in text)
    return kept.split()


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.stem)
def test_every_word_of_a_template_has_its_english(path: Path) -> None:
    environment = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
    keys = [*runs(path, Translator(CATALOGUE)), *literals(path, environment)]
    assert missing(keys, path.name) == [], "add these to api/pages/english/words/"


@pytest.mark.parametrize("path", modules(*SAYING), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_of_a_module_has_its_english(path: Path) -> None:
    assert missing(sentences(path)) == [], "add these to api/pages/english/words/"


@pytest.mark.parametrize("path", modules(*READING), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_finding_of_the_loaders_has_its_english(path: Path) -> None:
    if path.stem in NO_PAGE:
        return
    told = [text for text in sentences(path) if "，" in text[1:-1] or text.endswith("。")]
    assert missing(told) == [], "add these to api/pages/english/words/"


def test_every_declared_name_has_its_english() -> None:
    for table in SCHEMA.tables:
        names = [table.zh, *(column.zh for column in table.columns)]
        names += [choice for column in table.columns for choice in column.choices]
        names += [mode for column in table.columns for mode in column.modes.values()]
        assert missing([name for name in names if is_chinese(name)]) == [], table.key


def test_both_sides_have_the_same_gaps() -> None:
    words, own = read_words(WORDS)
    for chinese, english in [*words.items(), *(pair for table in own.values() for pair in table.items())]:
        kinds, places = gaps(chinese), gaps(english)
        assert len(kinds) == len(places), (chinese, english)
        numbers = [place for place in places if place.isdigit()]
        assert len(numbers) in (0, len(places)), (chinese, english)
        assert sorted(map(int, numbers)) == list(range(len(numbers))), (chinese, english)
        assert not any(kind.isdigit() for kind in kinds), chinese


def test_english_holds_neither_markup_nor_chinese() -> None:
    words, own = read_words(WORDS)
    for english in [*words.values(), *(text for table in own.values() for text in table.values())]:
        assert not set('<>&"') & set(english), english
        assert all("'" not in word for pair in re.findall(r"\[(.*?)\]", english) for word in pair), english
        assert set(chinese_runs(english)) <= QUOTED, english


def test_a_text_is_translated_once() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted(WORDS.glob("*.toml")):
        for chinese, english in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(english, str):
                places.setdefault(chinese, []).append(path.name)
    assert {chinese: names for chinese, names in places.items() if len(names) > 1} == {}


def test_the_first_file_speaks(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('"共 {} 项" = "{} in all"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('"共 {} 项" = "{} items"\n["t.html"]\n"项" = "item"\n', encoding="utf-8")
    assert read_words(tmp_path) == ({"共 {} 项": "{} in all"}, {"t.html": {"项": "item"}})


def test_words_of_single_templates_name_templates_that_exist() -> None:
    assert set(read_words(WORDS)[1]) <= {path.name for path in templates()}


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("待核实", "to verify"),
        ("没有这个词", "没有这个词"),
        ("共 3 项", "3 in all"),
        ("共 三 项", "共 三 项"),
        ("1 人", "1 person"),
        ("12 人", "12 persons"),
        ("  1 人 ", "  1 person "),
        ("核对 王工 与 李工", "check 王工 with 李工"),
        ("王工的第 1 项", "item 1 of 王工"),
        ("经办、规划", "officer, planner"),
        ("经办、王工", "经办、王工"),
        ("待核实；王工", "to verify; 王工"),
        ("待核实 · 1 人。", "to verify · 1 person."),
        ("因素 0.25；待核实 3", "factor 0.25; to verify 3"),
        ("因素：经办", "factor: officer"),
        ("因素：王工的第 1 项", "factor: item 1 of 王工"),
        ("因素（B7）", "factor (B7)"),
        ("因素 C1", "factor C1"),
        ("因素 经办 C1", "factor officer C1"),
        ("因素 王工 C1", "因素 王工 C1"),
        ("王工的第 1 项（B7）", "item 1 of 王工 (B7)"),
        ("王工（B7）", "王工（B7）"),
        ("列“因素”不对", "column “因素” is wrong"),
        ("核对 {} 与 {0}", "check {} with {0}"),
    ],
)
def test_only_what_is_known_is_translated(chinese: str, english: str) -> None:
    catalogue = Catalogue({
        "待核实": "to verify", "共 {} 项": "{} in all", "{n} 人": "{n} [person|persons]", "经办": "officer", "规划": "planner",
        "核对 {} 与 {}": "check {} with {}", "{}的第 {n} 项": "item {1} of {0}", "因素": "factor", "列“{=}”不对": "column “{}” is wrong",
    })  # fmt: skip
    assert catalogue.english(chinese) == english


def test_a_template_may_say_it_otherwise() -> None:
    catalogue = Catalogue({"需求": "Need"}, {"gaps.html": {"需求": "Vacancies"}})
    assert catalogue.english("需求") == "Need"
    assert catalogue.english("需求", "gaps.html") == "Vacancies"


def test_no_text_makes_it_slow() -> None:
    start = process_time()
    for text in ("，" * 1200, "、的" * 500, "“”不在" * 300, "；" * 1200 + "中", "中" * 100_000):
        CATALOGUE.english(text)
    assert process_time() - start < 2


def test_filled_puts_values_in_by_place_or_by_number() -> None:
    assert filled("{} of {}", ["a", "b"]) == "a of b"
    assert filled("{1} of {0} [x|xs]", ["1", "2"]) == "2 of 1 x"
    assert plain_key("第 {n} 行“{=}”{}") == "第 {} 行“{}”{}"


# -- sources of templates -------------------------------------------------------------------------------------

TINY = Catalogue({
    "共 {} 项": "{} [item|items]", "名称": "Name", "{}的{}": "{1} of {0}", "搜索": "Search", "理由": "Reason", "标题 {}": "Title {}",
})  # fmt: skip


def rendered(source: str, **values: object) -> str:
    chinese = Environment(loader=DictLoader({"t.html": source}), autoescape=True)
    return english_environment(chinese, TINY).get_template("t.html").render(**values)


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ("<p>共 {{ n }} 项</p>", {"n": 3}, "<p><bdi>3 items</bdi></p>"),
        ("<p>共 {{ n }} 项</p>", {"n": 1}, "<p><bdi>1 item</bdi></p>"),
        ("<p>{{ a }}的{{ b }}</p>", {"a": "x", "b": "y"}, "<p><bdi>y of x</bdi></p>"),
        ("<p>{{ f() }}的{{ b|length }}</p>", {"f": lambda: "x", "b": "y"}, "<p>1 of x</p>"),
        ("<p> 名称 </p>", {}, "<p> Name </p>"),
        ("<p>{{ a }}</p>", {"a": "名称"}, "<p>Name</p>"),
        ("<p>{{ a }}</p>", {"a": "<b>王</b>"}, '<p><bdi>&lt;b&gt;<bdi lang="zh">王</bdi>&lt;/b&gt;</bdi></p>'),
        ("<p>{{ '名称' if a else '搜索' }}</p>", {"a": 0}, "<p>Search</p>"),
        ('<i title="标题 {{ a }}">', {"a": '名称"'}, '<i title="Title 名称&#34;">'),
        ('<input value="{{ a }}" placeholder="搜索">', {"a": "名称"}, '<input value="名称" placeholder="Search">'),
        ("<a href=\"{{ a }}\" aria-label='名称'>", {"a": "/名称"}, "<a href=\"/名称\" aria-label='Name'>"),
        ("<textarea>{{ a }}</textarea>", {"a": "名称"}, "<textarea>名称</textarea>"),
        ("<option>{{ a }}</option>", {"a": "理由"}, '<option value="理由">Reason</option>'),
        ('<option value="r">{{ a }}</option>', {"a": "理由"}, '<option value="r">Reason</option>'),
        ("<option{% if a %} selected{% endif %}>理由</option>", {"a": 1}, '<option selected value="理由">Reason</option>'),
        ("<option>{{ a }}</option>", {"a": "王"}, '<option value="王">王</option>'),
        ("<title>{{ a }}</title>", {"a": "王"}, "<title>王</title>"),
        ("{% block title %}{{ a }}{% endblock %}<b>{{ a }}</b>", {"a": "王"}, '王<b><bdi lang="zh">王</bdi></b>'),
        ("<svg><text>{{ a }}</text></svg>", {"a": "王"}, "<svg><text>王</text></svg>"),
        ('<svg><text class="gl">{{ a }}</text></svg>', {"a": "名称"}, '<svg><text class="gl">名称</text></svg>'),
        ("<script>{{ a }}</script>", {"a": "名称"}, "<script>名称</script>"),
        ("{% macro d(n) %} id=\"x-{{ n }}\"{% endmacro %}<p{{ d('王') }}>", {}, '<p id="x-王">'),
        ("<td>{{ s.sheet }}</td>", {"s": {"sheet": "名称"}}, '<td><bdi lang="zh">名称</bdi></td>'),
        ("{% if a == '名称' %}yes{% endif %}", {"a": "名称"}, "yes"),
        ("{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}<p>{{ m('名称') }}</p>", {}, "<p><b>Name</b></p>"),
        ("<p>{# 名称 #}{{ a - 1 }}</p>", {"a": 2}, "<p>1</p>"),
        ("<p>{{- a -}}</p>", {"a": "名称"}, "<p>Name</p>"),
    ],
)  # fmt: skip
def test_a_template_is_translated_as_it_is_loaded(
    source: str, values: dict[str, object], expected: str
) -> None:
    assert rendered(source, **values) == expected


def test_the_chinese_environment_stays_as_it_was() -> None:
    chinese = Environment(loader=DictLoader({"t.html": "<p>名称 {{ a }}</p>"}), autoescape=True)
    filters = dict(chinese.filters)
    english_environment(chinese, TINY).get_template("t.html").render(a="理由")
    assert chinese.get_template("t.html").render(a="理由") == "<p>名称 理由</p>"
    assert chinese.filters == filters


def test_loose_braces_in_a_template_are_refused() -> None:
    with pytest.raises(ValueError, match="braces"):
        Translator(TINY).source("<p>{}</p>", "t.html")
