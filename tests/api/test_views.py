"""Saved views: one's own list, a colleague opens by id, keys only."""

from tests.api.conftest import Site
from tests.api.world import OWN

SCENE = f"v1&n=enterprise:{OWN},0,0"


def kept(site: Site, name: str = "北湖轴承", viewer: str = "officer") -> dict[str, str]:
    answer = site.post("/views", {"name": name, "scene": SCENE}, viewer)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def test_a_view_is_listed_for_its_owner_alone(site: Site) -> None:
    view = kept(site)
    assert site.get("/views").json() == {"items": [view], "total": 1, "total_is_exact": True}
    assert site.get("/views", "planner").json() == {"items": [], "total": 0, "total_is_exact": True}


def test_a_colleague_opens_it_by_its_id(site: Site) -> None:
    view = kept(site)
    opened = site.get(f"/views/{view['id']}", "enterprise")
    assert opened.json()["scene"] == SCENE


def test_the_same_name_replaces(site: Site) -> None:
    first, second = kept(site, "  北湖  轴承 "), kept(site, "北湖 轴承")
    assert first["id"] == second["id"]
    assert site.get("/views").json()["total"] == 1


def test_only_the_owner_deletes(site: Site) -> None:
    view = kept(site)
    path = f"/api/v1/views/{view['id']}"
    assert site.client.delete(path, headers=site.headers("planner")).status_code == 404
    assert site.client.delete(path, headers=site.headers("officer")).status_code == 200
    assert site.get(f"/views/{view['id']}").status_code == 404


def test_the_public_has_no_views(site: Site) -> None:
    view = kept(site)
    assert site.get("/views", "public").status_code == 401
    assert site.get(f"/views/{view['id']}", "public").status_code == 401
    assert site.post("/views", {"name": "甲", "scene": SCENE}, "public").status_code == 401


def test_refused_bodies(site: Site) -> None:
    for body in (
        {"name": " ", "scene": SCENE},
        {"name": "甲", "scene": "javascript:1"},
        {"name": "甲" * 61, "scene": SCENE},
    ):
        assert site.post("/views", body).status_code == 422, body


def test_a_name_stays_a_text(site: Site) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    assert kept(site, hostile)["name"] == hostile
