"""The start page: questions by rights, work that waits, old registers, and an organisation's own portal."""

from datetime import UTC, datetime, timedelta

import pytest

from api.pages.views import start
from kg.errors import NotFoundError
from kg.model.viewers import CLI_VIEWER, Role, Viewer
from tests.api.conftest import NOW, Site
from tests.api.page_reading import complaints, read
from tests.api.test_pages import INLINE, Browse, browse, csrf  # noqa: F401 - a fixture
from tests.api.world import OTHER, OWN, SCHOOL

PARTNERS = f"/partners/answer?anchor=enterprise:{OWN}&mode=internship"


def offered(text: str) -> list[str]:
    """Return where the questions of the start page lead."""
    part = text.partition('<div class="asks">')[2].partition('id="qh"')[0]
    return [one.partition('"')[0] for one in part.split('<a href="')[1:]]


@pytest.mark.parametrize("name", ["officer", "enterprise", "school", "planner", "administrator", "public"])
def test_every_question_offered_can_be_asked(browse: Browse, name: str) -> None:  # noqa: F811 - a fixture
    client = browse(name)
    page = client.get("/")
    assert complaints(page.text) == []
    assert offered(page.text)
    for path in offered(page.text):
        assert client.get(path.replace("&amp;", "&")).status_code == 200, path


def test_questions_follow_the_rights(browse: Browse) -> None:  # noqa: F811 - a fixture
    shown = {name: offered(browse(name).get("/").text) for name in ("officer", "enterprise", "public")}
    assert {"/talents", "/teams", "/plans", "/imports"} <= set(shown["officer"])
    assert {"/talents", "/teams", "/partners?anchor_kind=enterprise"} <= set(shown["enterprise"])
    assert not {"/plans", "/imports", "/partners?anchor_kind=school"} & set(shown["enterprise"])
    assert not {"/talents", "/teams"} & set(shown["public"])


def test_what_was_decided_waits_on_the_start_page(browse: Browse) -> None:  # noqa: F811 - a fixture
    client = browse("officer")
    assert "共 0 项" in client.get("/").text
    page = read(client.get(INLINE).text)
    form = {
        e.attributes["name"]: e.attributes.get("value", "")
        for e in page.all("input")
        if "name" in e.attributes
    }
    taken = client.post(
        "/board",
        data={
            "csrf": form["csrf"], "query_id": form["query_id"], "entity": form["entity"], "state": "adopted", "next": "/",
        },
    )  # fmt: skip
    assert taken.status_code == 200
    assert taken.url.path == "/"
    table = read(taken.text).all("section", **{"aria-labelledby": "s-recent"})[0].text
    assert "采纳" in table
    assert "试" in table
    assert "共 1 项" in taken.text
    assert 'class="wm"' in taken.text


def test_ones_own_questions_stand_on_the_start_page_and_open_again(browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    assert "还没有提过问题" in client.get("/").text
    for path in ("/talents/answer?need=N1", "/talents/answer?need=N1", INLINE, PARTNERS):
        assert client.get(path).status_code == 200
    table = read(client.get("/").text).all("section", **{"aria-labelledby": "s-asked"})[0]
    links = [
        e.attributes["href"] for e in read(client.get("/").text).all("a") if "answer?" in e.attributes["href"]
    ]
    assert table.text.count("柔性人才") == 2
    assert [link.partition("?")[0] for link in links] == ["/partners/answer", *["/talents/answer"] * 2]
    assert links[2] == "/talents/answer?need=N1"
    assert all(client.get(link).status_code == 200 for link in links)
    assert "还没有提过问题" in browse("enterprise").get("/").text


def test_questions_of_others_are_nobodys_business(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    assert browse("officer").get("/talents/answer?need=N1").status_code == 200
    service = site.graph.service
    found = [
        len(service.my_questions(viewer=Viewer(name=name, roles=frozenset({Role.OFFICER})))["items"])
        for name in ("officer", "x")
    ]
    assert found == [1, 0]
    with pytest.raises(NotFoundError):
        service.my_questions(viewer=Viewer(name="officer", roles=frozenset({Role.PLANNER})))


def test_an_old_register_is_named(site: Site) -> None:
    service = site.graph.service
    fresh = start.freshness(service, CLI_VIEWER, NOW)
    assert [(one.source, one.days, one.old) for one in fresh] == [("市库", 0, False)]
    later = start.freshness(service, CLI_VIEWER, NOW + timedelta(days=start.STALE_DAYS + 1))
    assert [one.old for one in later] == [True]
    assert start.Freshness("x", "2026-11-23", start.STALE_DAYS).old is False


def test_rejected_rows_and_days_use_the_clock_of_the_reader(site: Site) -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert start.freshness(site.graph.service, CLI_VIEWER, now)[0].day == "2026-11-23"


@pytest.mark.parametrize(
    ("name", "mine", "kind"),
    [("enterprise", OWN, "enterprise"), ("school", SCHOOL, "school"), ("other", OTHER, "enterprise")],
)
def test_a_portal_is_of_ones_own_organisation(
    site: Site,
    browse: Browse,  # noqa: F811 - a fixture
    name: str,
    mine: str,
    kind: str,
) -> None:
    client = browse(name)
    page = client.get("/")
    title = read(page.text).all("h1")[0].text
    assert title == site.graph.service.world().organisations.name(mine)
    ways = [e.attributes["href"] for e in read(page.text).all("a") if e.attributes.get("class") == "chip"]
    assert len(ways) == 6
    for way in ways:
        assert f"anchor={kind}%3A{mine}" in way
        assert client.get(way).status_code == 200
    if name != "other":
        assert "CANARY" not in page.text


def test_the_public_is_led_to_the_sign_in(browse: Browse) -> None:  # noqa: F811 - a fixture
    page = browse("public").get("/")
    assert "登录后可以提问" in page.text
    assert csrf(page.text)


def test_typed_questions_open_again_as_they_were_typed(browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    typed = {
        "柔性人才": INLINE,
        "联合攻关": f"/teams?inline=1&title=试一试&host={OWN}&skills=主轴修理%3D3&valid_from=2026-12-07&valid_to=2027-01-03&total_hours=10",
    }
    heads = {kind: read(client.get(path).text).all("h1")[0].text for kind, path in typed.items()}
    page = read(client.get("/").text)
    links = {
        e.text: e.attributes["href"] for e in page.all("a") if "inline=1" in e.attributes.get("href", "")
    }
    assert len(links) == 2
    opened = [client.get(href) for href in links.values()]
    assert [answer.status_code for answer in opened] == [200, 200]
    assert {read(answer.text).all("h1")[0].text for answer in opened} == set(heads.values())
