"""Names come from hostile files: whatever stands in a field, the page keeps its structure and shows the text."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.deps import Deps
from api.imports import Imports
from api.pages.frame.rendering import Pages
from api.pages.mount import _dependencies
from api.pages.router import router_of
from kg.model.viewers import CLI_VIEWER
from kg.service import Service
from tests.api.conftest import Site
from tests.api.page_reading import complaints, read
from tests.api.world import OWN, SCHOOL

HOSTILE = (
    "<script>alert(1)</script>", "</title><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>", "' onmouseover='alert(1)", "\" autofocus onfocus=\"alert(1)", "<!-- ", "]]>", "-->",
    "</textarea><b>", "</select><b>", "<style>*{display:none}</style>", "javascript:alert(1)", "&lt;b&gt;", "&#60;b&#62;",
    "&amp;&quot;", "{{ 7*7 }}", "{% for x in y %}", "{# #}", "<b>粗</b>", "\u202e\u2066反\u2069", "\x00<i>", "＜script＞",
    "<a href=//evil.example>点</a>", "`${alert(1)}`", "\\u003cscript\\u003e", "%3Cscript%3E", "a" * 3000, "𠮷😀<u>",
    "<base href=//evil.example>", "<meta http-equiv=refresh content=0>", "</svg></main></body></html><h1>",
)  # fmt: skip
KEPT = frozenset({
    "kind", "need", "status", "band", "code", "id", "mode", "relation", "direction", "binding", "week", "monday", "rule", "sides",
    "as_of", "order", "query_id", "anchor", "field", "evidence", "at", "since", "quarter", "quarters", "state", "edge",
})  # fmt: skip


def spoilt(value: Any, text: str, key: str = "") -> Any:
    """Return the value with every text that a file could have brought replaced."""
    if key in KEPT:
        return value
    if isinstance(value, Mapping):
        return {name: spoilt(item, text, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [spoilt(item, text, key) for item in value]
    return text if isinstance(value, str) else value


class SpoiltService:
    """The real service, its answers spoilt on the way out."""

    def __init__(self, service: Service, text: str) -> None:
        self._service, self._text = service, text

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._service, name)
        if name in {"revision", "today", "resolve_anchor", "synthetic", "policy", "me"}:
            return verb

        def ask(*args: Any, **more: Any) -> Any:
            return spoilt(verb(*args, **more), self._text)

        return ask


def client_of(site: Site, text: str | None) -> TestClient:
    deps = Deps(site.graph, site.accounts, Imports(site.graph))
    parts = replace(
        _dependencies(deps),
        viewer_of=lambda _: CLI_VIEWER,
        now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        import_report=lambda batch, *, viewer: report(text or "好"),
        import_comparison=lambda batch: {"status": "failed", "message": text or "好"},
    )
    if text is not None:
        parts = replace(parts, service=SpoiltService(site.graph.service, text))  # type: ignore[arg-type]  # duck
    app = FastAPI()
    pages = Pages(parts)
    app.state.pages = pages
    app.include_router(router_of(pages))
    return TestClient(app)


def report(text: str) -> dict[str, Any]:
    finding = dict.fromkeys(
        ("file", "sheet", "table", "column", "header", "cell", "code", "message", "value"), text
    )
    counts = dict.fromkeys(("read", "inserted", "updated", "unchanged", "rejected", "retired"), 1)
    sheet = {
        "sheet": text, "table": text, "header_rows": [1], "first_row": 2, "last_row": 3, "columns": [],
        "unknown_columns": [{"header": text, "letter": "H"}], "skipped": [{"rows": "1", "reason": text}],
    }  # fmt: skip
    return {
        "batch": text, "source": text, "status": "done-with-rejects", "dry_run": False, "full": True, "revision": 3,
        "changed": True, "files": [{"file": text, "sha256": "", "format": "csv", "encoding": text, "sheets": [sheet]}],
        "tables": {text: counts}, "totals": counts, "rejects": [{**finding, "row": 7}], "rejects_total": 1,
        "rejects_truncated": False, "warnings": [{**finding, "row": None}], "errors": [{**finding, "row": None}],
        "error_file": None,
    }  # fmt: skip


def paths(site: Site) -> list[str]:
    talent = next(row.node.key for row in site.graph.store.rows(table="talents") if row.node)
    need = next(row.id.key for row in site.graph.store.rows(table="flex_needs"))
    ask = f"/talents/answer?need={need}&as_of={date(2026, 11, 23)}"
    partners = f"/partners/answer?anchor=enterprise:{OWN}&mode=internship"
    return [
        ask, f"{ask}&view=sheet", partners, f"{partners}&view=sheet", "/search?q=主轴", f"/nodes/talent/{talent}",
        f"/nodes/enterprise/{OWN}", "/talents?q=主轴", "/imports/x",
    ]  # fmt: skip


def further_paths(site: Site) -> list[str]:
    """Return the other pages of the desk; they show the same fields through the same few templates."""
    talent = next(row.node.key for row in site.graph.store.rows(table="talents") if row.node)
    return [
        "/", "/teams?q=题", "/teams?problem=CANARYproblem", "/planning", "/planning/targets", "/shown", "/board", "/plans", "/map", f"/partners?anchor=enterprise:{OWN}",
        "/talents?find_skill=主轴&find_occupation=车工", "/planning/what-if?try=1&action1=close&major1=0101&school1=" + SCHOOL,
        *(f"/nodes/talent/{talent}?ask={ask}" for ask in ("peers", "steps", "lineage")),
        *(f"/nodes/enterprise/{OWN}?ask={ask}" for ask in ("needs", "posts", "agreements", "carriers")),
        *(f"/nodes/school/{SCHOOL}?ask={ask}" for ask in ("cohorts", "agreements", "teachers", "pathways")),
    ]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:24]))
def test_no_field_changes_the_structure_of_a_page(site: Site, text: str) -> None:
    keep_their_structure(site, text, paths(site))


@pytest.mark.parametrize(
    "text", ["".join(text for text in HOSTILE if len(text) < 200), HOSTILE[5]], ids=["all", "one"]
)
def test_no_field_changes_the_structure_of_another_page(site: Site, text: str) -> None:
    keep_their_structure(site, text, further_paths(site))


def keep_their_structure(site: Site, text: str, pages: list[str]) -> None:
    """Check that each page has the same elements and attributes with hostile words as with harmless ones."""
    plain, hostile = client_of(site, "好"), client_of(site, text)
    for path in pages:
        expected, answer = plain.get(path), hostile.get(path)
        assert expected.status_code == answer.status_code == 200, path
        assert read(answer.text).skeleton() == read(expected.text).skeleton(), path
        assert complaints(answer.text) == [], path
        assert all(
            e.attributes.get("href", "/").startswith(("/", "#"))
            and not e.attributes.get("href", "/").startswith("//")
            for e in read(answer.text).all("a")
        ), path


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:24]))
def test_hostile_words_of_a_reader_are_only_words(site: Site, text: str) -> None:
    client = client_of(site, None)
    for path, name in (
        ("/search", "q"),
        ("/talents", "q"),
        ("/talents", "title"),
        ("/partners", "anchor"),
        ("/talents", "skills"),
        ("/talents", "find_skill"),
        ("/talents", "find_occupation"),
        ("/teams", "q"),
    ):
        answer = client.get(path, params={name: text})
        assert answer.status_code == 200
        expected = client.get(path, params={name: "没有这个词"})
        assert read(answer.text).skeleton() == read(expected.text).skeleton(), (path, name)
    answer = client.get("/partners/answer", params={"anchor": text, "mode": text, "year": text})
    assert answer.status_code in {404, 422}
    assert complaints(answer.text) == []


def test_a_hostile_name_is_shown_as_it_is_written(site: Site) -> None:
    text = '<b>粗</b> & "引"'
    answer = client_of(site, text).get(paths(site)[0])
    page = read(answer.text)
    assert page.all("h1")[0].text == text
    assert text in page.all("title")[0].text
