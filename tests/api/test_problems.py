"""Every refusal is a problem document with a sentence; nothing of the inside is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Site
from tests.api.world import OWN

TALENTS, PARTNERS = "/recommendations/talents", "/recommendations/partners"
WINDOW = {"valid_from": "2026-12-07", "valid_to": "2027-01-03"}
NEED: dict[str, Any] = {
    "host": OWN, "title": "临时", "occupations": ["6-18-01-01"], "skills": ["主轴修理=3*2"], "modes": ["consult"],
    "total_hours": 8, **WINDOW,
}  # fmt: skip
ASKED: dict[str, Any] = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cache-control")
SECRET = ("Traceback", "site-packages", ".py", "SELECT ", "sqlite", "kg.", "Error(")


def _inline(**more: Any) -> dict[str, Any]:
    return {"inline": {**NEED, **more}}


def _is_problem(answer: Any, status: int, field: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(name in answer.headers for name in HEADERS)
    body = answer.json()
    assert {"type", "title", "status", "code", "detail"} <= set(body)
    assert body["status"] == status
    for text in (body["title"], body["detail"]):
        assert any("\u4e00" <= character <= "\u9fff" for character in text), text
    assert not [word for word in SECRET if word in answer.text]
    if field is not None:
        assert body["field"] == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"need": "N1", "k": 0}, "k"),
        ({"need": "N1", "k": 201}, "k"),
        ({"need": "N1", "k": -1}, "k"),
        ({"need": "N1", "k": True}, "k"),
        ({"need": "N1", "k": "5"}, "k"),
        ({"need": "N1", "k": 5.5}, "k"),
        ({"need": "N1", "as_of": "昨天"}, "as_of"),
        ({"need": "N1", "as_of": "2026-02-30"}, "as_of"),
        ({"need": "N1", "as_of": 5}, "as_of"),
        ({"need": "N1", "as_of": "2026-11-23T00:00:00"}, "as_of"),
        ({"need": "N1", "as_of": "0001-01-01"}, "as_of"),
        ({"need": "N1", "as_of": "9999-12-31"}, "as_of"),
        ({"need": "N1", "nonsense": 1}, "nonsense"),
        ({"need": "N1", **_inline()}, "need"),
        ({"need": 5}, "need"),
        ({"need": "x" * 201}, "need"),
        ({}, "need"),
        ({"inline": [1]}, "inline"),
        ({"inline": "x"}, "inline"),
        (_inline(nonsense=1), "nonsense"),
        (_inline(host={"a": 1}), "host"),
        (_inline(host=[OWN]), "host"),
        (_inline(host=5), "host"),
        (_inline(host="没有这家单位"), "host"),
        (_inline(total_hours=-1), "total_hours"),
        (_inline(total_hours=0), "total_hours"),
        (_inline(total_hours="八个"), "total_hours"),
        (_inline(total_hours=10**400), "total_hours"),
        (_inline(total_hours=None), "hours_per_week"),
        (_inline(modes=["telepathy"]), "modes"),
        (_inline(modes=[]), "modes"),
        (_inline(skills=["主轴修理=9"]), "skills"),
        (_inline(skills=[{"a": 1}]), "skills"),
        (_inline(occupations="6-18"), "occupations"),
        (_inline(valid_to="2026-12-01"), "valid_to"),
        (_inline(valid_from="2026-13-01"), "valid_from"),
        (_inline(weeks=50), "weeks"),
        (_inline(min_level="大师"), "min_level"),
    ],
)
def test_bad_talent_questions(site: Site, body: dict[str, Any], field: str) -> None:
    _is_problem(site.post(TALENTS, body), 422, field)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({**ASKED, "k": 0}, 422, "k"),
        ({**ASKED, "as_of": "x"}, 422, "as_of"),
        ({**ASKED, "mode": "nonsense"}, 422, "mode"),
        ({**ASKED, "mode": "consult"}, 422, "mode"),
        ({**ASKED, "mode": None}, 422, "mode"),
        ({**ASKED, "anchor": {"kind": "talent", "key": "x"}}, 422, "anchor.kind"),
        ({**ASKED, "anchor": {"kind": "enterprise"}}, 422, "anchor.key"),
        ({**ASKED, "anchor": None}, 422, "anchor"),
        ({**ASKED, "anchor": {"kind": "enterprise", "key": "none"}}, 404, None),
        ({**ASKED, "anchor": {"kind": "district", "key": "990199"}}, 404, None),
        ({**ASKED, "year": 1}, 422, "year"),
        ({**ASKED, "year": 2026.5}, 422, "year"),
        ({**ASKED, "order": "luck"}, 422, "order"),
        ({**ASKED, "radius_hours": -1}, 422, "radius_hours"),
        ({**ASKED, "radius_hours": "1"}, 422, "radius_hours"),
        ({**ASKED, "occupations": "x"}, 422, "occupations"),
        ({**ASKED, "surprise": 1}, 422, "surprise"),
        ({"mode": "internship"}, 422, "anchor"),
    ],
)
def test_bad_partner_questions(site: Site, body: dict[str, Any], status: int, field: str | None) -> None:
    _is_problem(site.post(PARTNERS, body), status, field)


def test_an_unknown_need(site: Site) -> None:
    for need in ("none", "N\0", "N1 ", "'; DROP TABLE row; --"):
        _is_problem(site.post(TALENTS, {"need": need}), 404)


@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        (b'{"need":', {422}),
        (b"", {422}),
        (b"null", {422}),
        (b"[]", {422}),
        (b'"N1"', {422}),
        (b"[" * 100_000, {400, 422}),
        (b'{"inline":' + b'{"a":' * 900 + b"1" + b"}" * 901, {400, 422}),
        (b'{"need": "\xff"}', {400, 422}),
        (b'{"need": "\\ud800"}', {422}),
        (b'{"inline": {"host": "\\ud800"}}', {422}),
        (b'{"inline": {"\\ud800": "x"}}', {422}),
        (b'{"need": "N1", "k": ' + b"9" * 5_000 + b"}", {400, 422}),
        (b'{"need": "N1", "k": NaN}', {422}),
        (b'{"need": "N1", "k": 1e999}', {422}),
        (b'{"need": "' + b"x" * 1_100_000 + b'"}', {413}),
    ],
)
def test_hostile_json(site: Site, raw: bytes, statuses: set[int]) -> None:
    headers = {**site.headers("officer"), "Content-Type": "application/json"}
    answer = site.client.post(f"/api/v1{TALENTS}", content=raw, headers=headers)
    assert answer.status_code in statuses
    _is_problem(answer, answer.status_code)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_numbers_that_are_none(site: Site, number: bytes) -> None:
    raw = b'{"inline": {"host": "%b", "modes": ["consult"], "valid_from": "2026-12-07", "valid_to": "2027-01-03", "occupations": ["6-18-01-01"], "skills": ["x"], "total_hours": %b}}'
    headers = {**site.headers("officer"), "Content-Type": "application/json"}
    answer = site.client.post(f"/api/v1{TALENTS}", content=raw % (OWN.encode(), number), headers=headers)
    _is_problem(answer, 422, "total_hours")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"])
def test_another_content_type_is_no_question(site: Site, kind: str) -> None:
    headers = {**site.headers("officer"), "Content-Type": kind}
    answer = site.client.post(f"/api/v1{TALENTS}", content=b'{"need": "N1"}', headers=headers)
    _is_problem(answer, 422)


def test_a_chunked_body_has_a_limit_too(site: Site) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 50_000

    headers = {**site.headers("officer"), "Content-Type": "application/json"}
    answer = site.client.post(f"/api/v1{TALENTS}", content=chunks(), headers=headers)
    _is_problem(answer, 413)
    assert answer.json()["code"] == "too-large"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/search", 422),
        ("/search?q=a&limit=0", 422),
        ("/search?q=a&limit=201", 422),
        ("/search?q=a&limit=x", 422),
        ("/search?q=a&kind=nonsense", 422),
        (f"/search?q={'x' * 201}", 422),
        ("/nodes/nonsense/x", 404),
        ("/nodes/enterprise/none", 404),
        ("/nodes/enterprise/%00", 404),
        ("/nodes/enterprise/%ED%A0%80", 404),
        ("/nodes/enterprise/none/neighbours", 404),
        (f"/nodes/enterprise/{OWN}/neighbours?limit=0", 422),
        (f"/nodes/enterprise/{OWN}/neighbours?limit=201", 422),
        (f"/nodes/enterprise/{OWN}/neighbours?direction=up", 422),
        (f"/nodes/enterprise/{OWN}/neighbours?relation=nonsense", 422),
        (f"/nodes/enterprise/{OWN}/neighbours?cursor=nonsense", 422),
        (f"/nodes/enterprise/{OWN}/neighbours?cursor=demand:D1", 422),
        (f"/nodes/enterprise/{OWN}/neighbours?relation=demands.enterprise&direction=in&cursor=:", 422),
        ("/audit?cursor=-1", 422),
        ("/audit?cursor=x", 422),
        (f"/audit?cursor={10**30}", 422),
        ("/audit?limit=0", 422),
        ("/me?min_revision=-1", 422),
        ("/me?min_revision=x", 422),
        ("/me?min_revision=999", 503),
        (f"/me?min_revision={10**30}", 503),
        ("/imports/none", 404),
        ("/imports/%00", 404),
        ("/imports/none/errors.xlsx", 404),
        ("/exports/tables/nonsense.json", 404),
        ("/exports/tables/talents.pdf", 422),
        ("/exports/tables/talents.json?source=nobody", 404),
        ("/exports/tables/talents.json?sealed=true", 403),
        ("/nonsense", 404),
        ("/", 404),
    ],
)
def test_bad_addresses(site: Site, path: str, status: int) -> None:
    _is_problem(site.get(path), status)


def test_the_revision_in_a_refusal_tells_what_there_is(site: Site) -> None:
    answer = site.get("/me?min_revision=999").json()
    assert (answer["code"], answer["revision"]) == ("revision-not-reached", 1)
    assert site.get("/me?min_revision=1").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/search"), ("PUT", TALENTS), ("GET", TALENTS), ("PATCH", "/imports"), ("POST", "/me")],
)
def test_a_wrong_method(site: Site, method: str, path: str) -> None:
    answer = site.client.request(method, f"/api/v1{path}", headers=site.headers("officer"))
    _is_problem(answer, 405)
    assert answer.headers["allow"]


def test_pages_get_pages_and_programs_get_problems(site: Site) -> None:
    html = {"Accept": "text/html"}
    for path, status in (("/nowhere", 404), ("/static/none.css", 404)):
        answer = site.client.get(path, headers=html)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert all(name in answer.headers for name in HEADERS[:1])
    _is_problem(site.client.get("/nowhere"), 404)
    _is_problem(site.client.get("/api/v1/nowhere", headers=html), 404)


def test_an_error_nobody_expected_tells_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    state = site.client.app.state  # type: ignore[attr-defined]  # the application under test
    whole, state.deps = state.deps, None
    try:
        broken = site.client.get("/api/v1/me", headers=site.headers("officer"))
    finally:
        state.deps = whole
    _is_problem(broken, 500)
    assert broken.json()["code"] == "internal-error"
    assert "unexpected AssertionError on /me" in caplog.text
