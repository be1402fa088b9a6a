"""Every route of /openapi.json as every viewer gets it: no canary, no sealed field, errors as problem documents.

New routes are walked by themselves: arguments come from the samples below by name, the rest from the document.
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.api.conftest import VIEWERS, Site
from tests.api.world import OTHER, OWN, PRIVATE, SCHOOL, SEALED

API = "/api/v1"
NEED: dict[str, Any] = {
    "host": OWN, "title": "主轴修理", "modes": ["consult"], "total_hours": 16, "valid_from": "2026-12-07",
    "valid_to": "2027-01-03", "skills": ["主轴修理=3*2"],
}  # fmt: skip
PARTNERS = [
    {"anchor": {"kind": kind, "key": key}, "mode": "internship"}
    for kind, key in (("enterprise", OWN), ("enterprise", OTHER), ("school", SCHOOL), ("district", "990101"))
]
TALENTS: list[dict[str, Any]] = [{"need": "N1"}, {"need": "N2"}, {"need": "CANARYneed"}, {"inline": NEED}]
NODES = [
    f"enterprise:{OTHER}",
    "need:CANARYneed",
    "demand:CANARYdemand",
    "problem:CANARYproblem",
    f"school:{SCHOOL}",
]
BODIES: dict[str, list[dict[str, Any]]] = {
    "/recommendations/talents": TALENTS,
    "/recommendations/partners": PARTNERS,
    "/exports/recommendations/talents.{form}": TALENTS,
    "/exports/recommendations/partners.{form}": PARTNERS,
    "/plans/cooperation": [{"mode": "internship"}],
    "/plans/mobility": [{}],
    "/teams": [{"problem": "CANARYproblem"}],
    "/what-if/majors": [{"changes": [{"action": "add", "major": "0101", "school": SCHOOL, "students": 40}]}],
    "/decisions": [{"query_id": "none", "entity": "none", "state": "adopted"}],
    "/decisions/undo": [{"query_id": "none", "entity": "none", "state": "adopted", "at": "2026-11-23"}],
    "/nodes/talent/{key}/reveal": [{"reason": "联系本人"}],
    "/scenes": [{"nodes": NODES}],
    "/scenes/expand": [{"node": node, "shown": []} for node in NODES],
    "/scenes/groups": [{"node": f"enterprise:{OTHER}", "relation": "demands.enterprise", "direction": "in", "kind": "demand"}],
    "/scenes/evidence": [{"talents": {"need": "N1"}, "rank": 1}],
    "/exports/scene.{form}": [{"nodes": NODES}],
    "/exports/drawn": [{"nodes": NODES, "form": "svg"}],
    "/exports/evidence.{form}": [{"talents": {"need": "N1"}, "rank": 1}],
    "/views": [{"name": "测试", "scene": {"nodes": NODES}}],
}  # fmt: skip
"""Bodies by route; a route that is not here is sent an empty one."""
WORDS: dict[str, list[str]] = {
    "kind": ["enterprise", "need", "demand", "talent", "problem", "engagement", "cooperation"],
    "form": ["json", "csv", "html"],
    "table": ["talents", "enterprises", "flex_needs", "demands", "engagements", "problems"],
    "q": ["CANARY", "甄"],
    "from": [NODES[0]],
    "to": [NODES[4]],
    "district": ["990101"],
    "anchor": [f"enterprise:{OTHER}"],
    "mode": ["internship"],
    "need": ["N2"],
    "nodes": [NODES[1]],
    "occupation": ["6-18-01-01"],
}
"""Values of parameters by name; `key` and `id` come from the world."""
ANSWERED_TO_OFFICERS = (
    "/search", "/nodes/{kind}/{key}", "/nodes/{kind}/{key}/neighbours", "/paths", "/edges/{id}",
    "/recommendations/partners", "/recommendations/talents", "/plans/cooperation", "/plans/mobility", "/plans/{id}",
    "/plans/{id}/certificate", "/teams", "/indicators/alignment", "/what-if/majors", "/talents/{key}/next-steps",
    "/talents/{key}/peers", "/talents/{key}/lineage", "/imports/{id}", "/imports/{id}/events", "/decisions", "/audit",
    "/policy", "/me", "/exports/tables/{table}.{form}",
)  # fmt: skip


def _keys(site: Site) -> dict[str, list[str]]:
    talents = [row.node.key for row in site.graph.store.rows(table="talents") if row.node is not None]
    edges = [
        site.get(f"/nodes/need/{need}/neighbours").json()["groups"][0]["items"][0]["edge"]["id"]
        for need in ("N2", "CANARYneed")
    ]
    plans = [
        site.post(path, body).json()["id"]
        for path, body in (("/plans/cooperation", {"mode": "internship"}), ("/plans/mobility", {}))
    ]
    private = ["CANARYneed", "CANARYdemand", "CANARYproblem", "CANARYengage", "CANARYcoop"]
    return {
        "key": [*talents, *private, OTHER, SCHOOL],
        "id": [*edges, *plans, "b-000001", "none"],
        "plans": plans,
    }


def _requests(document: dict[str, Any], keys: dict[str, list[str]]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield method, template, address and body of every request of the walk."""
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            template = path.removeprefix(API)
            needed = [
                part["name"]
                for part in one.get("parameters", [])
                if part["in"] == "query" and part.get("required")
            ]
            names = re.findall(r"\{(\w+)\}", path)
            values = [(WORDS | keys).get(name, ["none"]) for name in (*names, *needed)]
            bodies = BODIES.get(template, [{}]) if "requestBody" in one and method == "post" else [None]
            for chosen, body in product(product(*values), bodies):
                address = path
                for name, value in zip(names, chosen, strict=False):
                    address = address.replace(f"{{{name}}}", value)
                query = "&".join(
                    f"{name}={value}" for name, value in zip(needed, chosen[len(names) :], strict=True)
                )
                yield method, template, f"{address}?{query}" if query else address, body


@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_route_as_every_viewer_gets_it(site: Site, viewer: str) -> None:
    keys = _keys(site)
    document = site.client.get("/openapi.json").json()
    statuses: dict[str, set[int]] = {}
    canaries = (
        () if viewer in {"officer", "administrator"} else (*PRIVATE, "CANARYoffer", "CANARYalias", "7719937")
    )
    for method, template, address, body in _requests(document, keys):
        if template.endswith("/rollback"):
            continue
        answer = site.client.request(method, address, json=body, headers=site.headers(viewer))
        statuses.setdefault(template, set()).add(answer.status_code)
        assert answer.status_code < 500, (viewer, method, address, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", (method, address)
            assert {"code", "title", "detail", "status"} <= answer.json().keys()
        asked = address + json.dumps(body, ensure_ascii=False)
        revealed = viewer == "officer" and template.endswith("/reveal")
        leaked = [
            word
            for word in (*(() if revealed else SEALED), *canaries)
            if word.encode() in answer.content and word not in asked and not _is_count(template, word)
        ]
        assert not leaked, f"{viewer} read {leaked} at {method} {address}: {answer.text[:300]}"
    if viewer == "officer":
        silent = [path for path in ANSWERED_TO_OFFICERS if 200 not in statuses[path]]
        assert not silent, silent
    else:
        people = ("/talents/{key}/peers", "/talents/{key}/lineage", "/nodes/talent/{key}/reveal")
        assert all(statuses[path] == {404} for path in people)


def _is_count(template: str, word: str) -> bool:
    """True where a kind of ownership is a group that is counted: the one use it may have."""
    return template == "/indicators/shown" and word == "CANARYowner"
