"""/openapi.json is complete, and what is answered is what it says."""

from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.schemas import answers
from tests.api.conftest import Site
from tests.api.world import OWN, SCHOOL

HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}
OPERATIONS = ("/health", "/ready", "/metrics")
ASKED = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship", "k": 3}


@pytest.fixture
def document(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.client.get("/openapi.json").json()
    return found


def _operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): one for path, methods in document["paths"].items() for method, one in methods.items()
    }


def test_the_routes_of_the_contract_are_there(document: dict[str, Any]) -> None:
    api = "/api/v1"
    wanted = {
        *((f"{api}{path}", "get") for path in (
            "/search", "/nodes/{kind}/{key}", "/nodes/{kind}/{key}/neighbours", "/paths", "/edges/{id}", "/plans/{id}",
            "/plans/{id}/certificate", "/indicators/demand-supply", "/indicators/alignment", "/talents/{key}/next-steps",
            "/talents/{key}/peers", "/talents/{key}/lineage", "/imports/{id}", "/imports/{id}/events",
            "/imports/{id}/errors.xlsx", "/decisions", "/audit", "/policy", "/me", "/exports/tables/{table}.{form}",
        )),
        *((f"{api}{path}", "post") for path in (
            "/recommendations/partners", "/recommendations/talents", "/plans/cooperation", "/plans/mobility", "/teams",
            "/what-if/majors", "/imports", "/imports/{id}/rollback", "/decisions", "/nodes/talent/{key}/reveal",
        )),
        *((path, "get") for path in OPERATIONS),
    }  # fmt: skip
    assert wanted <= {(path.replace(":path}", "}"), method) for path, method in _operations(document)}


def test_every_route_is_documented(site: Site, document: dict[str, Any]) -> None:
    for (path, method), one in _operations(document).items():
        assert one["summary"], (path, method)
        assert one["description"], (path, method)
        good = next(answer for status, answer in one["responses"].items() if status in {"200", "202"})
        assert all(content["schema"] for content in good["content"].values()), (path, method)
        if path in OPERATIONS:
            continue
        for status in ("401", "403", "404", "413", "422", "500", "503"):
            content = one["responses"][status]["content"]
            assert set(content) == {"application/problem+json"}, (path, method, status)
            assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    hidden = [
        route.path
        for route in site.client.app.routes  # type: ignore[attr-defined]  # the application under test
        if isinstance(route, APIRoute) and route.path.startswith("/api/") and not route.include_in_schema
    ]
    assert hidden == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                assert part["$ref"].removeprefix("#/components/schemas/") in schemas
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(document)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "HTTPValidationError" not in str(document["paths"])


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/search?q=主轴", answers.SearchShape),
        (f"/nodes/enterprise/{OWN}", answers.NodeShape),
        (f"/nodes/enterprise/{OWN}/neighbours", answers.NeighboursShape),
        ("/me", answers.MeShape),
        ("/policy", answers.RulesShape),
        ("/audit", answers.AuditShape),
    ],
)
def test_answers_have_their_shape(site: Site, path: str, shape: type[BaseModel]) -> None:
    for viewer in ("officer", "enterprise"):
        answer = site.get(path, viewer)
        if answer.status_code == 403:
            assert (path, viewer) == ("/audit", "enterprise")
            continue
        shape.model_validate_json(answer.content, strict=True)


@pytest.mark.parametrize("viewer", ["officer", "enterprise", "school"])
def test_recommendations_have_their_shape(site: Site, viewer: str) -> None:
    asked = ASKED | ({"anchor": {"kind": "school", "key": SCHOOL}} if viewer == "school" else {})
    partners = site.post("/recommendations/partners", asked, viewer)
    answers.RecommendationShape.model_validate_json(partners.content, strict=True)
    assert partners.json()["items"]
    if viewer != "school":
        talents = site.post("/recommendations/talents", {"need": "N1"}, viewer)
        told = answers.RecommendationShape.model_validate_json(talents.content, strict=True)
        assert told.items
        assert (told.pool.failed is None) == (viewer == "enterprise")


def test_operations_answer(site: Site) -> None:
    assert site.client.get("/health").json() == {"status": "ok"}
    assert site.client.get("/ready").json() == {"status": "ready", "revision": 1}
    site.get("/search?q=甄秘密")
    site.get("/nodes/need/CANARYneed")
    text = site.client.get("/metrics").text
    assert 'jiangtu_requests_total{method="GET"' in text
    assert "jiangtu_revision 1.0" in text
    assert "jiangtu_index_revision 1.0" in text
    assert not [word for word in ("甄", "CANARY", OWN) if word in text]


@pytest.mark.parametrize(
    "path",
    ["/health", "/ready", "/metrics", "/openapi.json", "/api/v1/me", "/api/v1/nowhere", "/nowhere", "/",
     "/static/jiangtu.css", "/api/v1/imports/none", "/api/v1/exports/tables/enterprises.csv", "/api/v1/search/"],
)  # fmt: skip
def test_headers_are_on_every_answer(site: Site, path: str) -> None:
    answer = site.client.get(path, headers=site.headers("officer"), follow_redirects=False)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert ("immutable" in answer.headers["cache-control"]) == path.startswith("/static/")
    assert "server" not in answer.headers


def test_no_documentation_page_loads_from_elsewhere(site: Site) -> None:
    for path in ("/docs", "/redoc"):
        assert site.client.get(path).status_code == 404
