"""Deny by default: every route, every viewer, canaries in everything private."""

from pathlib import Path

import pytest

from tests.api.conftest import VIEWERS, Site, load_tables
from tests.api.exploring import edges_of, explored, load_more
from tests.api.world import OTHER, OWN, PRIVATE, SCHOOL, SEALED, tables

KEYS = {
    "need": ("N1", "N2", "CANARYneed", "no-such"),
    "demand": ("D1", "D2", "CANARYdemand"),
    "offering": ("K1", "K2", "CANARYoffer"),
    "enterprise": (OWN, OTHER),
    "school": (SCHOOL,),
    "cooperation": ("C1", "CANARYcoop"),
    "engagement": ("CANARYengage",),
    "problem": ("CANARYproblem",),
    "occupation": ("6-18-01-01@2022", "6-18-01-01"),
    "skill": ("主轴修理", "主轴"),
    "district": ("990101", "990102"),
    "chain": ("L1",),
}
TABLES = (
    "talents",
    "enterprises",
    "schools",
    "flex_needs",
    "demands",
    "cooperations",
    "engagements",
    "problems",
    "certificates",
)


def _talent_keys(site: Site) -> list[str]:
    return [row.node.key for row in site.graph.store.rows(table="talents") if row.node is not None]


def _texts(site: Site, viewer: str) -> dict[str, str]:
    """Return the body of every route as that viewer gets it."""
    found: dict[str, str] = {}
    paths = [
        "/me",
        "/policy",
        "/audit",
        "/imports/none",
        "/imports/none/comparison",
        "/imports",
        "/imports/b-000001",
        "/imports/b-000001/changes?limit=200",
    ]
    for word in ("甄", "zhen", "zmm", "CANARY", "南浦", "主轴", "6-18", "P1", "100111"):
        paths.append(f"/search?q={word}&limit=200")
    for kind, keys in {**KEYS, "talent": tuple(_talent_keys(site))}.items():
        for key in keys:
            paths += [f"/nodes/{kind}/{key}", f"/nodes/{kind}/{key}/neighbours?limit=200"]
            paths += [
                f"/nodes/{kind}/{key}?known_at=1",
                f"/nodes/{kind}/{key}/neighbours?limit=200&known_at=1",
            ]
    for table in TABLES:
        paths += [f"/exports/tables/{table}.{form}" for form in ("json", "csv")]
        paths.append(f"/exports/tables/{table}.json?sealed=true&source=市库")
    for path in paths:
        found[path] = site.get(path, viewer).text
    for need in KEYS["need"]:
        body = {"need": need, "k": 50}
        found[f"talents {need}"] = site.post("/recommendations/talents", body, viewer).text
    for kind, key in (("enterprise", OWN), ("enterprise", OTHER), ("school", SCHOOL), ("district", "990101")):
        body = {"anchor": {"kind": kind, "key": key}, "mode": "internship"}
        found[f"partners {key}"] = site.post("/recommendations/partners", body, viewer).text
    for path, body in (("/plans/cooperation", {"mode": "internship"}), ("/plans/mobility", {})):
        plan = site.post(path, body).json()["id"]
        found[path] = site.post(path, body, viewer).text
        for part in ("", "/certificate", "/check", "/export.csv"):
            found[f"/plans/{plan}{part}"] = site.get(f"/plans/{plan}{part}", viewer).text
    found["/plans"] = site.get("/plans", viewer).text
    for key in _talent_keys(site):
        found[f"reveal {key}"] = site.post(f"/nodes/talent/{key}/reveal", {"reason": "联系本人"}, viewer).text
    return {**found, **explored(site, viewer, {**KEYS, "talent": tuple(_talent_keys(site))})}


@pytest.mark.parametrize("viewer", [viewer for viewer in VIEWERS if viewer != "administrator"])
def test_no_route_shows_a_sealed_field(site: Site, viewer: str) -> None:
    for path, text in _texts(site, viewer).items():
        if viewer == "officer" and path.startswith("reveal"):
            continue
        leaked = [word for word in SEALED if word in text and f"q={word}" not in path]
        assert not leaked, f"{viewer} read {leaked} at {path}"


@pytest.mark.parametrize("viewer", ["public", "planner", "enterprise", "school"])
def test_no_route_shows_anothers_private_row(site: Site, viewer: str) -> None:

    for path, text in _texts(site, viewer).items():
        leaked = [
            word
            for word in (*PRIVATE, "CANARYoffer", "CANARYalias", "7719937")
            if word in text and word not in path
        ]
        assert not leaked, f"{viewer} read {leaked} at {path}: {text[:300]}"


@pytest.mark.parametrize("viewer", ["planner", "enterprise", "school"])
def test_no_older_state_shows_anothers_private_row(site: Site, viewer: str, tmp_path: Path) -> None:
    """What was public and is private now is private in the past, too; so is what is gone."""
    world = tables()
    closed = {**world["demands"][1], "demand_id": "D2", "scope": "仅经办"}
    opened = [{**row, "scope": "公开"} for row in world["offerings"][2:]]
    load_tables(site.graph, tmp_path, part={"demands": [closed], "offerings": opened})
    told = _texts(site, viewer)
    for path, text in told.items():
        leaked = [word for word in (*PRIVATE, *SEALED, "CANARYalias", "7719937") if word in text]
        assert not [word for word in leaked if word not in path], f"{viewer} read {leaked} at {path}"
    assert site.get("/nodes/demand/D2?known_at=1", viewer).status_code == 404
    assert site.get("/nodes/offering/CANARYoffer", viewer).status_code == 200
    assert site.get("/nodes/offering/CANARYoffer?known_at=1", viewer).status_code == 404
    assert site.get("/nodes/demand/D2?known_at=1").status_code == 200


def test_the_administrator_is_no_officer(site: Site) -> None:
    texts = _texts(site, "administrator")
    for path, text in texts.items():
        if "sealed=true" in path:
            continue
        assert not [word for word in SEALED if word in text], path
    assert (
        site.get("/exports/tables/talents.json?sealed=true&source=市库", "administrator").status_code == 200
    )


@pytest.mark.parametrize("viewer", ["public", "enterprise", "school", "planner"])
@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        ("/nodes/need/CANARYneed", "/nodes/need/NOSUCHneed"),
        ("/nodes/demand/CANARYdemand", "/nodes/demand/NOSUCHdemand"),
        ("/nodes/engagement/CANARYengage", "/nodes/engagement/NOSUCHengage"),
        ("/nodes/cooperation/CANARYcoop/neighbours", "/nodes/cooperation/NOSUCHcoop/neighbours"),
        ("/exports/tables/talents.json", "/exports/tables/nosuch.json"),
    ],
)
def test_hidden_looks_like_missing(site: Site, viewer: str, hidden: str, missing: str) -> None:
    shown, absent = site.get(hidden, viewer), site.get(missing, viewer)
    assert shown.status_code == absent.status_code == 404
    assert shown.json() == absent.json()
    assert dict(shown.headers) == dict(absent.headers)


def test_a_hidden_need_looks_like_a_missing_one(site: Site) -> None:
    for hidden in ("CANARYneed", "N2"):
        shown = site.post("/recommendations/talents", {"need": hidden}, "enterprise")
        absent = site.post("/recommendations/talents", {"need": "NOSUCHneed"}, "enterprise")
        assert (
            (shown.status_code, shown.json()) == (absent.status_code, absent.json()) == (404, absent.json())
        )
    own = site.post("/recommendations/talents", {"need": "N1"}, "enterprise")
    assert own.status_code == 200


def test_a_foreign_anchor_looks_like_a_missing_one(site: Site) -> None:
    bodies = [
        {"anchor": {"kind": "enterprise", "key": key}, "mode": "internship"}
        for key in (OTHER, "91990101MA000009XX")
    ]
    shown, absent = (site.post("/recommendations/partners", body, "enterprise") for body in bodies)
    assert (shown.status_code, shown.json()) == (absent.status_code, absent.json()) == (404, absent.json())


def test_an_enterprise_gets_cards_without_employer_or_failures(site: Site) -> None:
    answer = site.post("/recommendations/talents", {"need": "N1"}, "enterprise").json()
    assert answer["items"]
    assert "failed" not in answer["pool"]
    for item in (*answer["items"], *answer["to_verify"]):
        assert set(item["card"]) == {"occupation", "level", "skills", "district", "weekly_hours"}
        assert "sources" not in item["node"]
        assert item["node"]["name"].endswith("*")
        assert all(not factor["evidence"] for side in item["sides"].values() for factor in side["factors"])
        assert item["paths"] == []


def test_who_may_not_ask_is_told_so(site: Site) -> None:
    for viewer in ("public", "planner", "administrator"):
        assert site.post("/recommendations/talents", {"need": "N1"}, viewer).status_code == 403


def test_reveal_is_for_officers_and_recorded(site: Site) -> None:
    key = next(
        row.node.key for row in site.graph.store.rows(table="talents") if row.id.key == "P1" and row.node
    )
    for viewer in ("public", "planner", "enterprise", "school", "administrator"):
        assert site.post(f"/nodes/talent/{key}/reveal", {"reason": "联系本人"}, viewer).status_code == 404
    assert site.post(f"/nodes/talent/{key}/reveal", {"reason": "   "}).status_code == 422
    shown = site.post(f"/nodes/talent/{key}/reveal", {"reason": "联系本人"})
    assert shown.json() == {"name": SEALED[0], "phone": SEALED[2]}
    (entry,) = [e for e in site.get("/audit").json()["items"] if e["action"] == "reveal"]
    assert "联系本人" in str(entry)


def test_neighbour_totals_count_only_what_may_be_seen(site: Site) -> None:
    def total(viewer: str) -> int:
        groups = site.get(f"/nodes/enterprise/{OTHER}/neighbours", viewer).json()["groups"]
        return sum(
            group["total"] for group in groups if group["kind"] in {"demand", "need", "engagement", "problem"}
        )

    assert total("officer") == 2 + 2 + 1 + 1
    assert total("public") == 1 + 1
    assert total("enterprise") == 1 + 1
    assert total("other") == 2 + 2 + 1 + 1


# -- the explorer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("viewer", ["public", "planner", "enterprise", "school", "administrator"])
def test_no_talent_stands_on_a_path_or_in_a_scene_but_an_officers(site: Site, viewer: str) -> None:
    refs = [f"talent:{key}" for key in _talent_keys(site)]
    for path, text in explored(site, viewer, {**KEYS, "talent": tuple(_talent_keys(site))}).items():
        told = [ref for ref in refs if ref in text and ref not in path]
        assert not told, f"{viewer} met {told} at {path}"
    scene = site.post("/scenes", {"nodes": refs}, viewer).json()
    assert (scene["nodes"], scene["left_out"]) == ([], len(refs))


@pytest.mark.parametrize("viewer", ["public", "planner", "enterprise", "school"])
def test_hidden_edges_and_nodes_look_like_missing_ones(site: Site, viewer: str) -> None:
    seen = 0
    for edge, start in edges_of(site):
        for params in ({}, {"source": start}):
            shown = site.client.get(f"/api/v1/edges/{edge}", params=params, headers=site.headers(viewer))
            if shown.status_code == 200:
                seen += 1
                continue
            absent = site.get("/edges/00000000000000000000", viewer)
            assert (
                (shown.status_code, shown.json())
                == (absent.status_code, absent.json())
                == (404, absent.json())
            )
    assert seen > 20
    for hidden, missing in (
        ("need:CANARYneed", "need:NOSUCH"),
        ("cooperation:CANARYcoop", "cooperation:NOSUCH"),
    ):
        bodies = [{"node": ref, "shown": []} for ref in (hidden, missing)]
        answers = [site.post("/scenes/expand", body, viewer) for body in bodies]
        assert answers[0].json() == answers[1].json()
        scenes = [site.post("/scenes", {"nodes": [ref]}, viewer).json() for ref in (hidden, missing)]
        assert scenes[0] == scenes[1]
        ends = [f"/paths?from={ref}&to=district:990101" for ref in (hidden, missing)]
        found = [site.get(path, viewer) for path in ends]
        assert found[0].json() == found[1].json()
        assert found[0].status_code == 404


def test_every_edge_is_told_to_an_officer(site: Site) -> None:
    for edge, start in edges_of(site):
        alone = site.get(f"/edges/{edge}")
        assert alone.status_code == 200
        hinted = site.client.get(
            f"/api/v1/edges/{edge}", params={"source": start}, headers=site.headers("officer")
        )
        assert alone.json() == hinted.json()


@pytest.mark.parametrize("viewer", ["public", "officer", "enterprise", "school", "other"])
def test_counts_of_a_scene_are_those_of_the_neighbours(site: Site, viewer: str) -> None:
    """What a badge counts is what the viewer may see: an enterprise learns nothing from numbers."""
    for ref in (
        f"enterprise:{OTHER}",
        f"enterprise:{OWN}",
        "occupation:6-18-01-01@2022",
        "district:990102",
        "skill:主轴修理",
    ):
        kind, _, key = ref.partition(":")
        groups = site.get(f"/nodes/{kind}/{key}/neighbours", viewer).json()["groups"]
        told = {(group["relation"], group["direction"], group["kind"]): group["total"] for group in groups}
        (node,) = site.post("/scenes", {"nodes": [ref]}, viewer).json()["nodes"]
        counted = {(one["relation"], one["direction"], one["kind"]): one["hidden"] for one in node["hidden"]}
        assert counted == told
        assert node["hidden_total"] == sum(told.values())


def test_nobody_without_consent_connects_two_nodes(site: Site, tmp_path: Path) -> None:
    """A person stands between two others only while a consent is in force; as an end he was named by the officer."""
    ends = {"from": f"enterprise:{OTHER}", "to": "district:990102", "k": 50}

    def between() -> set[str]:
        answer = site.client.get("/api/v1/paths", params=ends, headers=site.headers("officer")).json()
        return {node["ref"] for path in answer["items"] for node in path["nodes"][1:-1]}

    refs = {
        row.id.key: f"talent:{row.node.key}" for row in site.graph.store.rows(table="talents") if row.node
    }
    assert refs["P2"] in between()
    load_more(site, tmp_path, {"consents": [{"person_id": "P2", "purpose": "柔性推荐", "recipients": ["任意"], "valid_from": "2026-01-01", "revoked": "2026-11-01"}]})  # fmt: skip
    assert refs["P2"] not in between()
    direct = site.client.get(
        "/api/v1/paths", params={"from": refs["P2"], "to": "district:990102"}, headers=site.headers("officer")
    ).json()
    assert direct["items"][0]["length"] == 1
