"""Small print of the contract over HTTP: either form of a field, values that are none, and reads that wait."""

import re
from typing import Any

import pytest

from tests.api.conftest import Site
from tests.api.world import OWN
from tests.waiting import until

MAPPING = '[districts]\n"代号" = "code"\n"经办" = ""\n'
CSV = "代号,名称,经办\n990103,西岭区,张\n"
ASKED = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}


def imported(site: Site, **sent: Any) -> Any:
    answer = site.client.post("/api/v1/imports", headers=site.headers("officer"), **sent)
    assert answer.status_code == 202, answer.text
    path = f"/imports/{answer.json()['id']}"
    until(lambda: site.get(path).json()["status"] != "running")
    return site.get(path).json()


@pytest.mark.parametrize("as_file", [True, False])
def test_a_mapping_is_a_file_or_a_field(site: Site, *, as_file: bool) -> None:
    files: list[Any] = [("files", ("区县.csv", CSV))]
    if as_file:
        told = imported(site, files=[*files, ("mapping", ("m.toml", MAPPING))], data={"source": "甲"})
    else:
        told = imported(site, files=files, data={"source": "甲", "mapping": MAPPING})
    assert (told["status"], told["totals"]["inserted"], told["warnings"]) == ("done", 1, [])


def test_an_empty_mapping_field_is_none_and_a_broken_one_is_refused(site: Site) -> None:
    files: list[Any] = [("files", ("区县.csv", "区划代码,名称\n990103,西岭区\n"))]
    assert imported(site, files=files, data={"mapping": ""})["status"] == "done"
    refused = imported(site, files=files, data={"mapping": "[districts"})
    assert (refused["status"], refused["errors"][0]["code"]) == ("refused", "bad-mapping")


def test_both_directions_are_what_no_direction_is(site: Site) -> None:
    path = f"/nodes/enterprise/{OWN}/neighbours"
    both = site.get(f"{path}?direction=both").json()["groups"]
    assert both == site.get(path).json()["groups"]
    parts = [site.get(f"{path}?direction={one}").json()["groups"] for one in ("in", "out")]
    assert all(parts)
    assert sorted(group["relation"] for part in parts for group in part) == sorted(
        one["relation"] for one in both
    )
    wrong = site.get(f"{path}?direction=up")
    assert (wrong.status_code, wrong.json()["detail"]) == (
        422,
        "direction：应是 in、out、both 之一。请改正后再试",
    )


@pytest.mark.parametrize("code", ["车工", "6", "6-18", "6-18-01-01-01-01", "x-18-01-01", "", "6-18-01-01@"])
def test_an_occupation_that_is_no_code_is_refused_and_never_just_left_out(site: Site, code: str) -> None:
    answer = site.post("/recommendations/partners", {**ASKED, "occupations": ["6-18-01-01", code]})
    assert (answer.status_code, answer.json()["field"]) == (422, "occupations")


@pytest.mark.parametrize(
    ("column", "items", "code"),
    [
        ("occupations", ["abc"], "bad-code"),
        ("skills", ["车削=9*1"], "bad-list"),
        ("tags", [["x"]], "bad-list"),
    ],
)
def test_the_lists_of_a_need_given_inline_are_read_like_cells(
    site: Site, column: str, items: list[Any], code: str
) -> None:
    need = {
        "host": OWN,
        "title": "检修",
        "modes": ["consult"],
        "total_hours": 8,
        "valid_from": "2026-12-01",
        "valid_to": "2026-12-31",
    }
    answer = site.post("/recommendations/talents", {"inline": {**need, column: items}})
    assert (answer.status_code, answer.json()["field"], answer.json()["code"]) == (422, column, code)
    assert not re.search(r"^\['", answer.json().get("value") or ""), "a list is told in words"


def test_an_organisation_is_told_as_what_it_is_whatever_kind_was_written(site: Site) -> None:
    assert site.get(f"/nodes/school/{OWN}").json() == site.get(f"/nodes/enterprise/{OWN}").json()


@pytest.mark.parametrize("code", ["6-18-01", "6-18-01-01", "6-18-01-01@2022", "6-18-01-01-02"])
def test_every_form_of_a_code_is_taken(site: Site, code: str) -> None:
    assert site.post("/recommendations/partners", {**ASKED, "occupations": [code]}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/imports/b-000001", "/imports/b-000001/events", "/imports/b-000001/errors.xlsx", "/views", "/sources"],
)
def test_every_read_waits_for_a_revision(site: Site, path: str) -> None:
    answer = site.get(f"{path}?min_revision=999")
    assert (answer.status_code, answer.json()["code"]) == (503, "revision-not-reached")


def test_a_cursor_of_neighbours_needs_nothing_beside_it(site: Site) -> None:
    path = "/nodes/district/990101/neighbours?limit=1"
    turned = [group for group in site.get(path).json()["groups"] if group["cursor"]]
    assert turned
    for group in turned:
        cursor, relation = f"&cursor={group['cursor']}", f"&relation={group['relation']}"
        way = f"&direction={group['direction']}"
        pages = [
            site.get(path + more).json()["groups"]
            for more in (cursor, cursor + relation, cursor + way, cursor + relation + way)
        ]
        assert all(page == pages[0] for page in pages)
        assert len(pages[0]) == 1
        assert pages[0][0]["items"] != group["items"]
        other = "out" if group["direction"] == "in" else "in"
        assert site.get(f"{path}{cursor}&direction={other}").status_code == 422
    for wrong in ("x", "a:b:c:d", "in:a:b", "in:::", f"{turned[0]['kind']}:x"):
        assert site.get(f"{path}&cursor={wrong}").status_code == 422


def test_a_misspelt_field_of_an_import_is_refused_before_anything_is_loaded(site: Site) -> None:
    files = [("files", ("区县.csv", "区划代码,名称\n990103,西岭区\n"))]
    before = site.graph.store.revision()
    for name in ("dry-run", "dryRun", "Source"):
        answer = site.client.post(
            "/api/v1/imports", headers=site.headers("officer"), files=files, data={name: "true"}
        )
        assert (answer.status_code, answer.json()["field"]) == (422, name)
        assert "dry_run" in answer.json()["detail"]
        hidden = site.client.post(
            "/api/v1/imports", headers=site.headers("planner"), files=files, data={name: "true"}
        )
        assert hidden.status_code == 404
    assert site.get("/imports").json()["items"][0]["revision"] == before == site.graph.store.revision()


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/ready",
        "/metrics",
        "/",
        "/openapi.json",
        "/api/v1/me",
        "/api/v1/nodes/enterprise/none",
        "/nowhere",
    ],
)
def test_a_head_is_what_a_get_would_be_without_its_body(site: Site, path: str) -> None:
    head, whole = (
        site.client.request(method, path, headers=site.headers("officer")) for method in ("HEAD", "GET")
    )
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert whole.content
    for name in ("content-type", "content-security-policy", "cache-control"):
        assert head.headers[name] == whole.headers[name]


def test_a_head_of_a_route_that_only_takes_posts_is_refused(site: Site) -> None:
    assert site.client.request("HEAD", "/api/v1/recommendations/talents").status_code == 405


def test_no_shape_of_the_document_is_called_by_the_place_of_its_code(site: Site) -> None:
    shapes = site.client.get("/openapi.json").json()["components"]["schemas"]
    assert [name for name in shapes if "__" in name] == []


def test_majors_chains_posts_and_needs_on_a_path_bear_their_names(site: Site) -> None:
    asked = (
        ("partners", ASKED, "officer"),
        ("talents", {"need": "N1"}, "officer"),
        ("talents", {"need": "N1"}, "enterprise"),
    )
    answers = [
        site.post(f"/recommendations/{question}", body, viewer).json() for question, body, viewer in asked
    ]
    items = [item for answer in answers for item in answer["items"]]
    edges = [edge for item in items for path in item["paths"] for edge in path["edges"]]
    ends = {
        (end["kind"], end["key"]): end["name"] for edge in edges for end in (edge["source"], edge["target"])
    }
    named = {place: name for place, name in ends.items() if place[0] in {"major", "chain", "demand", "need"}}
    assert {kind for kind, _ in named} >= {"major", "demand", "need"}
    for (kind, key), name in named.items():
        assert site.get(f"/nodes/{kind}/{key}").json()["node"]["name"] == name


@pytest.mark.parametrize(
    "path", ["/audit", "/imports", "/decisions", "/plans", "/reviews", "/views", "/sources", "/search?q=a"]
)
def test_every_list_tells_its_total(site: Site, path: str) -> None:
    told = site.get(path).json()
    assert told["total_is_exact"] is True
    assert told["total"] >= len(told["items"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/search?q=a&min_revison=1"),
        ("GET", "/me?min_revison=1"),
        ("GET", "/decisions?min_revison=1"),
        ("GET", f"/nodes/enterprise/{OWN}/neighbours?min_revison=1"),
        ("GET", "/indicators/alignment?min_revison=1"),
        ("GET", "/exports/tables/enterprises.json?min_revison=1"),
        ("POST", "/recommendations/partners?min_revison=1"),
    ],
)
def test_a_misspelt_parameter_is_told_and_never_left_out(site: Site, method: str, path: str) -> None:
    body = ASKED if method == "POST" else None
    answer = site.client.request(method, f"/api/v1{path}", headers=site.headers("officer"), json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
    assert answer.json()["field"] == "min_revison"
    right = path.replace("revison", "revision")
    assert site.client.request(
        method, f"/api/v1{right}", headers=site.headers("officer"), json=body
    ).is_success
