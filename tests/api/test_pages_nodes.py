"""Node pages: what can be asked about a node by whom, and the one way to a person's name and phone."""

import pytest

from api.pages.routes.nodes import ASKS
from tests.api.conftest import Site
from tests.api.page_reading import complaints, read
from tests.api.test_pages import Browse, browse, csrf  # noqa: F401 - a fixture
from tests.api.world import NAME, OTHER, OWN, PHONE, SCHOOL


def talent(site: Site) -> str:
    """Return the person whose name and phone are sealed canaries."""
    return next(row.node.key for row in site.graph.store.rows(table="talents") if row.id.key == "P1")


def tabs(text: str) -> list[str]:
    """Return the further questions that a page offers."""
    nav = text.partition('aria-label="可以再问"')[2].partition("</nav>")[0]
    return [one.partition('"')[0] for one in nav.split("?ask=")[1:]]


def test_an_officer_may_ask_everything(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    client = browse("officer")
    for kind, key in (
        ("talent", talent(site)), ("school", SCHOOL), ("enterprise", OWN), ("district", "990101"),
    ):  # fmt: skip
        page = client.get(f"/nodes/{kind}/{key}")
        assert [name.partition("#")[0] for name in tabs(page.text)] == [ask.key for ask in ASKS[kind]]
        for ask in ASKS[kind]:
            answer = client.get(f"/nodes/{kind}/{key}?ask={ask.key}")
            assert answer.status_code == 200
            assert complaints(answer.text) == [], (kind, ask.key)
            assert answer.text.count(f'id="s-{ask.key}"') == 1


@pytest.mark.parametrize(
    ("name", "path", "shown"),
    [
        ("enterprise", f"enterprise/{OWN}", ["needs", "posts", "agreements", "carriers"]),
        ("enterprise", f"enterprise/{OTHER}", ["needs", "posts", "carriers"]),
        ("enterprise", f"school/{SCHOOL}", ["cohorts", "teachers", "carriers"]),
        ("school", f"school/{SCHOOL}", ["cohorts", "agreements", "teachers", "pathways", "carriers"]),
        ("planner", f"school/{SCHOOL}", ["cohorts", "teachers", "pathways", "targets", "carriers"]),
        ("public", f"school/{SCHOOL}", ["cohorts", "teachers", "carriers"]),
    ],
)
def test_questions_follow_the_rights(browse: Browse, name: str, path: str, shown: list[str]) -> None:  # noqa: F811
    client = browse(name)
    text = client.get(f"/nodes/{path}").text
    assert [one.partition("#")[0] for one in tabs(text)] == shown
    for ask in shown:
        answer = client.get(f"/nodes/{path}?ask={ask}")
        assert complaints(answer.text) == []
        assert "CANARY" not in answer.text


def test_a_question_that_may_not_be_asked_is_not_answered(browse: Browse) -> None:  # noqa: F811 - a fixture
    text = browse("enterprise").get(f"/nodes/enterprise/{OTHER}?ask=agreements").text
    assert 'id="s-agreements"' not in text
    assert "CANARYcoop" not in text


def test_an_enterprise_finds_people_for_its_needs_and_reads_its_posts(browse: Browse) -> None:  # noqa: F811
    client = browse("enterprise")
    needs = read(client.get(f"/nodes/enterprise/{OWN}?ask=needs").text)
    ask = [e.attributes["href"] for e in needs.all("a") if e.text == "找人才"]
    assert ask == ["/talents/answer?need=N1"]
    assert client.get(ask[0]).status_code == 200
    posts = client.get(f"/nodes/enterprise/{OWN}?ask=posts").text
    assert "/nodes/demand/D1" in posts
    others = read(client.get(f"/nodes/enterprise/{OTHER}?ask=needs").text)
    assert not [e for e in others.all("a") if e.text == "找人才"]


def test_name_and_phone_are_told_once_and_written_down(site: Site, browse: Browse) -> None:  # noqa: F811
    client, path = browse("officer"), f"/nodes/talent/{talent(site)}"
    page = client.get(path)
    assert NAME not in page.text
    told = client.post(f"{path}/reveal", data={"csrf": csrf(page.text), "reason": "联系本人确认意向"})
    assert told.status_code == 200
    assert complaints(told.text) == []
    shown = next(e.text for e in read(told.text).all("section") if e.attributes.get("id") == "revealed")
    assert NAME in shown
    assert PHONE in shown
    assert told.headers["cache-control"] == "no-store"
    assert NAME not in client.get(path).text
    entries = [one for one in site.get("/audit").json()["items"] if one["action"] == "reveal"]
    assert [one["detail"] for one in entries] == [{"reason": "联系本人确认意向"}]


def test_no_reason_no_name(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    client, path = browse("officer"), f"/nodes/talent/{talent(site)}"
    answer = client.post(f"{path}/reveal", data={"csrf": csrf(client.get(path).text), "reason": "  "})
    assert answer.status_code == 422
    assert NAME not in answer.text
    assert "请写明查看原因" in answer.text


@pytest.mark.parametrize("name", ["enterprise", "school", "planner", "administrator"])
def test_nobody_else_learns_a_name(site: Site, browse: Browse, name: str) -> None:  # noqa: F811 - a fixture
    client, path = browse(name), f"/nodes/talent/{talent(site)}"
    token = csrf(client.get("/").text)
    answer = client.post(f"{path}/reveal", data={"csrf": token, "reason": "想知道"})
    assert answer.status_code == 404
    assert NAME not in answer.text
    assert PHONE not in answer.text


@pytest.mark.parametrize(
    ("address", "key", "told"),
    [
        ("need/N1", "occupations", "车工（6-18-01-01）"),
        ("major/0101@2023", "occupations", "车工（6-18-01-01）=1"),
        (f"enterprise/{OWN}", "chains", "高端装备（L1）"),
        ("offering/K1", "major", "数控加工（0101）"),
        ("need/N1", "district", "—"),
    ],
)
def test_what_a_record_names_is_told_by_name_and_code(site: Site, address: str, key: str, told: str) -> None:
    properties = site.get(f"/nodes/{address}").json()["properties"]
    assert [one["value"] for one in properties if one["key"] == key] == [told]
