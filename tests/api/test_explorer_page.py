"""The page of the explorer and the files it loads."""

import json
from html import unescape

import pytest

from api.pages.routes.explorer import looks, start_of
from kg.schema import SCHEMA
from tests.api.conftest import Site
from tests.api.page_reading import read
from tests.api.world import OWN
from visualizations import explorer_files


def test_files_are_served_under_their_version_and_nothing_else_is(site: Site) -> None:
    base = f"/static/explorer/{explorer_files.version()}"
    for name in sorted(explorer_files.names()):
        answer = site.client.get(f"{base}/{name}")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert site.client.get(f"{base}/main.js").headers["content-type"].startswith("text/javascript")
    for name in (
        "package.json",
        "../theme.py",
        "%2e%2e/theme.py",
        "build.mjs",
        "d3_entry.js",
        "node_modules/d3/package.json",
    ):
        assert site.client.get(f"{base}/{name}").status_code == 404, name
    assert site.client.get("/static/explorer/other/main.js").status_code == 404


def test_the_page_carries_texts_as_texts(site: Site) -> None:
    page = site.client.get("/explorer?node=enterprise:%22%3E%3Cscript%3Ealert(1)%3C/script%3E&view=%3Cb%3E")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert page.text.count("<script") == 2
    assert "default-src 'self'" in page.headers["content-security-policy"]


def config_of(text: str) -> dict[str, object]:
    """Return what the page hands to its script."""
    root = next(e for e in read(text).all("div") if e.attributes.get("id") == "explorer")
    found: dict[str, object] = json.loads(unescape(root.attributes["data-config"]))
    return found


def test_the_script_learns_kinds_relations_and_who_reads(site: Site) -> None:
    config = config_of(site.client.get(f"/explorer?node=enterprise:{OWN}").text)
    assert config["start"] == {"node": f"enterprise:{OWN}"}
    assert config["signed_in"] is False
    assert set(config["kinds"]) == set(SCHEMA.by_kind)  # type: ignore[call-overload]  # JSON
    assert set(config["relations"]) == set(SCHEMA.relations)  # type: ignore[call-overload]  # JSON


def test_every_relation_has_a_label_and_a_style() -> None:
    for relation in looks(SCHEMA)["relations"].values():
        assert relation["zh"]
        assert relation["en"]
        assert relation["style"] in {"structure", "ability", "service", "class"}


def test_without_script_the_neighbours_are_listed(site: Site) -> None:
    page = read(site.client.get(f"/explorer?node=enterprise:{OWN}").text)
    links = [e.attributes.get("href", "") for e in page.all("a")]
    assert any(link.startswith("/nodes/district/") for link in links)
    for other in (
        "/explorer",
        "/explorer?node=none",
        "/explorer?node=enterprise:none",
        "/explorer?node=a:b:c&rank=x",
    ):
        assert site.client.get(other).status_code == 200, other


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        ({}, {}),
        ({"node": "skill:主轴", "other": "1"}, {"node": "skill:主轴"}),
        ({"edges": "a,b"}, {"evidence": {"edges": ["a", "b"]}}),
        ({"need": "N1"}, {"evidence": {"rank": 1, "to_verify": False, "talents": {"need": "N1"}}}),
        (
            {"need": "N1", "rank": "3", "to_verify": "1", "as_of": "2026-11-23"},
            {"evidence": {"rank": 3, "to_verify": True, "talents": {"need": "N1", "as_of": "2026-11-23"}}},
        ),
        ({"need": "N1", "rank": "²"}, {"evidence": {"rank": 1, "to_verify": False, "talents": {"need": "N1"}}}),
        (
            {"anchor": "school:S:1", "mode": "internship", "year": "2026"},
            {"evidence": {"rank": 1, "to_verify": False,
             "partners": {"anchor": {"kind": "school", "key": "S:1"}, "mode": "internship", "year": 2026}}},
        ),
        ({"anchor": "school:S1"}, {}),
    ],
)  # fmt: skip
def test_what_the_first_picture_shows(asked: dict[str, str], start: dict[str, object]) -> None:
    assert start_of(asked) == start
