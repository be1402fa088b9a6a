"""Search, node pages and neighbours as people use them."""

import json
from pathlib import Path
from typing import Any

import pytest

from kg.paths.finding import Finder
from tests.api.conftest import Site, load_tables
from tests.api.world import NAME, OTHER, OWN
from tests.filling import load_into


def _more(site: Site, folder: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    path = folder / "more.json"
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    graph = site.graph
    report = load_into(graph, [path], source="市库", synthetic=True).to_json()
    assert report["status"] == "done", (report["errors"], report["rejects"])


def _hits(site: Site, query: str, viewer: str = "officer", **more: Any) -> list[tuple[str, str, str]]:
    answer = site.client.get(
        "/api/v1/search", params={"q": query, "limit": 200, **more}, headers=site.headers(viewer)
    ).json()
    assert answer["total"] == len(answer["items"])
    assert answer["total_is_exact"] is True
    return [(i["node"]["kind"], i["node"]["name"], i["matched"]["field"]) for i in answer["items"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("北湖轴承有限公司", "name"),
        ("北湖", "name"),
        ("轴承", "name"),
        ("ＢＥＩＨＵ".lower(), "pinyin"),
        ("beihuzhoucheng", "pinyin"),
        ("bhzc", "initials"),
        (OWN, "code"),
        (OWN[:10], "code"),
        (OWN.lower(), "code"),
    ],
)
def test_an_enterprise_is_found_in_many_ways(site: Site, query: str, field: str) -> None:
    assert ("enterprise", "北湖轴承有限公司", field) in _hits(site, query)


def test_an_alias_is_found(site: Site) -> None:
    assert ("occupation", "车工", "alias") in _hits(site, "数控车工", "public")
    assert ("enterprise", "北湖轴承有限公司", "alias") in _hits(site, "北湖轴承", kind="enterprise") or (
        "enterprise", "北湖轴承有限公司", "name",
    ) in _hits(site, "北湖轴承", kind="enterprise")  # fmt: skip


def test_the_exact_name_comes_first(site: Site) -> None:
    assert _hits(site, "主轴修理")[0] == ("skill", "主轴修理", "name")


def test_a_kind_before_a_colon(site: Site) -> None:
    for query in ("企业:湖", "企业：湖", "enterprise:湖", "企业 : 湖"):
        assert {kind for kind, _, _ in _hits(site, query)} == {"enterprise"}, query
    assert len({kind for kind, _, _ in _hits(site, "湖")}) > 1
    assert _hits(site, "没有这个类型:湖") == []


def test_surnames_have_their_own_reading(site: Site, tmp_path: Path) -> None:
    people = [
        {"person_id": f"S{n}", "name": name, "district": "990102", "work_status": "在职"}
        for n, name in enumerate(("单合成", "仇合成", "解合成", "曾合成"))
    ]
    _more(site, tmp_path, {"talents": people})
    for sound in ("shanhecheng", "qiuhecheng", "xiehecheng", "zenghecheng", "shc", "qhc"):
        assert [hit for hit in _hits(site, sound) if hit[0] == "talent"], sound
    for sound in ("danhecheng", "dhc", "chouhecheng"):
        assert [hit for hit in _hits(site, sound) if hit[0] == "talent"], (
            f"read character by character: {sound}"
        )
    assert not [hit for hit in _hits(site, "banhecheng") if hit[0] == "talent"]


def test_names_of_persons_are_searched_by_officers_and_shown_masked(site: Site) -> None:
    assert [hit[:2] for hit in _hits(site, NAME)] == [("talent", "甄**")]
    assert [hit[:2] for hit in _hits(site, "P1", kind="talent")] == [("talent", "甄**")]
    for viewer in ("public", "planner", "enterprise", "school", "administrator"):
        assert _hits(site, NAME, viewer) == []
        assert _hits(site, "zhenmimi", viewer) == []


def test_the_total_is_exact_beyond_the_limit(site: Site) -> None:
    whole = site.get("/search?q=99&limit=200").json()
    cut = site.get("/search?q=99&limit=1").json()
    assert len(cut["items"]) == 1
    assert cut["total"] == whole["total"] == len(whole["items"]) > 1


def test_a_new_row_is_found_at_once(site: Site, tmp_path: Path) -> None:
    assert _hits(site, "西岭") == []
    _more(site, tmp_path, {"districts": [{"code": "990109", "name": "西岭区"}]})
    assert _hits(site, "西岭") == [("district", "西岭区", "name")]


def test_a_district_and_an_occupation_are_renamed_under_everybody_without_a_new_index(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        site.get("/search?q=P1&kind=talent").json()["items"][0]["subtitle"] == "人才 · 技师 · 车工 · 南浦区"
    )
    monkeypatch.setattr(Finder, "of", None)  # everything is read at the first search only
    renamed = {
        "districts": [{"code": "990102", "name": "新南区"}],
        "occupations": [{"code": "6-18-01-01", "name": "车削工", "edition": "2022"}],
    }
    _more(site, tmp_path, renamed)
    assert (
        site.get("/search?q=P1&kind=talent").json()["items"][0]["subtitle"] == "人才 · 技师 · 车削工 · 新南区"
    )
    assert _hits(site, "新南") == [("district", "新南区", "name")]


def test_nothing_is_found_by_nothing(site: Site) -> None:
    for query in ("", " ", "　", "\u200b", "企业:"):
        assert _hits(site, query) == []


# -- nodes --------------------------------------------------------------------------------------------------


def test_a_node_tells_its_properties_with_their_source(site: Site) -> None:
    page = site.get(f"/nodes/enterprise/{OWN}", "public").json()
    assert page["node"] == {"kind": "enterprise", "key": OWN, "name": "北湖轴承有限公司"}
    told = {one["key"]: one for one in page["properties"]}
    assert told["district"]["value"] == "北湖区（990101）"
    assert told["name"]["source"] == "市库"
    assert page["sources"][0]["origin"]


def test_a_bare_occupation_code_is_its_newest_edition(site: Site, tmp_path: Path) -> None:
    older = {"code": "6-18-01-01", "name": "旧车工", "edition": "2015"}
    _more(site, tmp_path, {"occupations": [older]})
    bare = site.get("/nodes/occupation/6-18-01-01").json()
    newest = site.get("/nodes/occupation/6-18-01-01@2022").json()
    assert bare == newest
    assert site.get("/nodes/occupation/6-18-01-01@2015").json()["node"]["name"] == "旧车工"
    around = [
        site.get(f"/nodes/occupation/{key}/neighbours").json()["groups"]
        for key in ("6-18-01-01", "6-18-01-01@2022")
    ]
    assert around[0] == around[1]
    assert sum(group["total"] for group in around[0]) > 3


def test_two_registers_of_one_enterprise(site: Site, tmp_path: Path) -> None:
    load_tables(site.graph, tmp_path, source="省库")
    page = site.get(f"/nodes/enterprise/{OWN}").json()
    assert [one["source"] for one in page["sources"]] == ["市库", "省库"]
    assert {one["source"] for one in page["properties"] if one["data"] is not None} == {"市库"}


# -- neighbours ---------------------------------------------------------------------------------------------


def test_paging_reaches_the_total_without_repeats(site: Site, tmp_path: Path) -> None:
    demands = [
        {"demand_id": f"M{n:03}", "enterprise": OWN, "title": f"岗位 {n}", "occupation": "6-18-01-01", "level": "中级工",
         "count": 1, "modes": ["internship"], "valid_from": "2026-09-01", "valid_to": "2027-08-31"}
        for n in range(23)
    ]  # fmt: skip
    _more(site, tmp_path, {"demands": demands})
    path = f"/nodes/enterprise/{OWN}/neighbours?relation=demands.enterprise&direction=in&limit=5"
    seen, cursor, pages = [], None, 0
    while pages < 20:
        answer = site.get(path if cursor is None else f"{path}&cursor={cursor}").json()
        (group,) = answer["groups"]
        assert group["total"] == 24
        seen += [item["node"]["key"] for item in group["items"]]
        pages, cursor = pages + 1, group["cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted({"D1", *(row["demand_id"] for row in demands)})
    assert len(seen) == len(set(seen)) == 24
    assert pages == 5


def test_a_cursor_asks_for_the_group_it_came_from(site: Site) -> None:
    path = "/nodes/district/990101/neighbours?limit=1"
    groups = site.get(path).json()["groups"]
    for group in groups:
        assert group["total"] >= len(group["items"])
        if group["cursor"]:
            asked = (
                f"{path}&relation={group['relation']}&direction={group['direction']}&cursor={group['cursor']}"
            )
            (after,) = site.get(asked).json()["groups"]
            assert after["kind"] == group["kind"]
            assert after["items"][0] not in group["items"]


def test_totals_are_of_what_the_viewer_may_see(site: Site) -> None:
    def totals(viewer: str) -> dict[tuple[str, str], int]:
        groups = site.get(f"/nodes/enterprise/{OTHER}/neighbours", viewer).json()["groups"]
        return {(group["relation"], group["kind"]): group["total"] for group in groups}

    officer, public = totals("officer"), totals("public")
    assert public.items() != officer.items()
    assert all(officer[key] >= count for key, count in public.items())
    assert ("demands.enterprise", "demand") in public


def test_a_neighbour_written_as_a_bare_code_is_the_newest_edition(site: Site) -> None:
    groups = site.get("/nodes/need/N1/neighbours").json()["groups"]
    (occupations,) = [group for group in groups if group["relation"] == "flex_needs.occupations"]
    assert [item["node"]["key"] for item in occupations["items"]] == ["6-18-01-01@2022"]
    assert occupations["items"][0]["node"]["name"] == "车工"
