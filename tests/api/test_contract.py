"""What programs rely on, field by field: shapes of answers, forms of input."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Site
from tests.api.exploring import load_more
from tests.api.world import OWN, tables

ANSWER = {"query_id", "as_of", "policy", "revision", "question", "pool", "items", "to_verify", "notice"}
ITEM = {
    "rank", "tied", "band", "node", "other", "score", "coverage", "interval", "sides", "filters", "paths",
    "allocation", "counterfactuals", "summary",
}  # fmt: skip
FACTOR = {"code", "label", "weight", "value", "known", "contribution", "text", "evidence"}
LEGAL = {"staff_cap", "post_cap", "used_staff", "used_post", "legal"}
INLINE: dict[str, Any] = {
    "host": OWN, "title": "主轴修理", "occupations": ["6-18-01-01"], "min_level": "高级工", "skills": ["主轴修理=3*2"],
    "tags": ["主轴"], "modes": ["consult"], "total_hours": 16, "valid_from": "2026-12-07", "valid_to": "2027-01-03", "visits": 2,
}  # fmt: skip
AS_IN_A_TABLE = {
    "用人单位代码": OWN, "标题": "主轴修理", "职业代码": "6-18-01-01", "最低等级": "三级", "技能要求": "主轴修理=3*2",
    "标签": "主轴", "服务方式": "顾问指导", "总小时": "16", "起": "2026年12月7日", "止": "2027/1/3", "到场次数": "2",
}  # fmt: skip


def _is_item(item: dict[str, Any], sides: set[str], mode_of_talent: bool) -> None:
    assert item.keys() >= ITEM
    assert set(item["node"]) >= {"kind", "key", "name"}
    assert set(item["sides"]) == sides
    for side in item["sides"].values():
        assert side["score"] == pytest.approx(sum(one["contribution"] for one in side["factors"]), abs=1e-9)
        assert all(one.keys() >= FACTOR for one in side["factors"])
        assert sum(one["weight"] for one in side["factors"]) == pytest.approx(1, abs=1e-9)
    first, second = (side["score"] for side in item["sides"].values())
    assert item["score"] == pytest.approx(2 * first * second / (first + second), abs=1e-9)
    assert all(one.keys() >= {"code", "status", "text", "evidence"} for one in item["filters"])
    for path in item["paths"]:
        assert all(edge.keys() >= {"id", "source", "relation", "target"} for edge in path["edges"])
    for one in item["counterfactuals"]:
        assert one.keys() >= {"text", "edits", "score", "rank"}
    assert (item["mode"] in {"consult", "advise_remote"}) == mode_of_talent
    assert not item["tied"] or int(item["tie_key"], 16) >= 0


def test_an_answer_about_talents(site: Site) -> None:
    answer = site.post("/recommendations/talents", {"need": "N1", "k": 5}).json()
    assert answer.keys() >= ANSWER
    assert answer["policy"].keys() == {"id", "hash"}
    pool = answer["pool"]
    assert pool["considered"] == pool["listed"] + pool["to_verify"] + sum(pool["failed"].values())
    for item in (*answer["items"], *answer["to_verify"]):
        _is_item(item, {"need", "talent"}, mode_of_talent=True)
        assert item["node"]["sources"][0].keys() == {"source", "person_id"}
        assert (item["other"], item["allocation"]) == (None, None)
    found = site.get("/search?q=P1&kind=talent").json()["items"]
    assert [one["matched"] for one in found] == [{"field": "code", "text": "P1"}]


def test_an_answer_about_partners(site: Site) -> None:
    asked = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship", "order": "seats", "k": 5}
    answer = site.post("/recommendations/partners", asked).json()
    assert answer.keys() >= ANSWER
    assert answer["items"]
    for item in answer["items"]:
        _is_item(item, {"enterprise", "school"}, mode_of_talent=False)
        assert (item["node"]["kind"], item["other"]["key"]) == ("school", OWN)
        assert item["pair"].keys() == {"offering", "demand"}
        assert item["seats"] == sum(one["seats"] for one in item["allocation"])
        assert item["value"] == pytest.approx(
            sum(one["seats"] * one["surplus"] for one in item["allocation"])
        )
        for one in item["allocation"]:
            assert one.keys() >= {
                "offering",
                "demand",
                "seats",
                "score",
                "surplus",
                "legal",
                "supply",
                "open",
            }
            assert one["legal"].keys() == LEGAL
            assert one["surplus"] == pytest.approx(max(0.0, one["score"] - 0.5) / 0.5, abs=1e-8)


def test_paths_say_whether_their_total_is_exact(site: Site) -> None:
    told = site.get(f"/paths?from=enterprise:{OWN}&to=district:990102&k=2").json()
    assert told.keys() >= {"items", "total", "total_is_exact", "truncated"}
    assert told["total_is_exact"] is not told["truncated"]
    assert all(edge["id"] and edge["sentence"] for path in told["items"] for edge in path["edges"])


def test_a_need_may_be_written_as_in_a_table(site: Site) -> None:
    typed = site.post("/recommendations/talents", {"inline": INLINE}).json()
    written = site.post("/recommendations/talents", {"inline": AS_IN_A_TABLE})
    assert written.status_code == 200, written.text
    assert written.json()["query_id"] == typed["query_id"]
    assert written.json()["items"] == typed["items"] != []


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"总小时": "约100"}, "total_hours", "bad-number"),
        ({"最低等级": "3"}, "min_level", "ambiguous-level"),
        ({"服务方式": "隔空取物"}, "modes", "unknown-mode"),
        ({"技能要求": "主轴修理=9"}, "skills", "bad-list"),
        ({"止": "2027-02-30"}, "valid_to", "bad-date"),
        ({"title": "两次"}, "title", "invalid-input"),
        ({"性别": "男"}, "性别", "invalid-input"),
    ],
)
def test_a_wrong_cell_of_a_need_is_told_like_that_of_a_table(
    site: Site, cells: dict[str, str], field: str, code: str
) -> None:
    answer = site.post("/recommendations/talents", {"inline": {**AS_IN_A_TABLE, **cells}})
    assert answer.status_code == 422, answer.text
    assert (answer.json()["field"], answer.json()["code"]) == (field, code)


def test_reads_wait_for_a_revision(site: Site) -> None:
    for path in (
        "/search?q=x&",
        "/exports/tables/districts.json?",
        "/decisions?limit=1&",
        "/imports?limit=1&",
    ):
        assert site.get(f"{path}min_revision=1").status_code == 200
        late = site.get(f"{path}min_revision=99")
        assert (late.status_code, late.json()["code"]) == (503, "revision-not-reached")


def test_an_edge_without_a_proper_id_is_not_found(site: Site) -> None:
    for wrong in ("none", "00000000000000000000", "Z" * 20):
        assert site.get(f"/edges/{wrong}").status_code == 404
    assert site.get("/indicators/alignment?as_of=86400").status_code == 422


@pytest.mark.parametrize("question", ["talents", "partners"])
def test_the_last_item_of_a_cut_list_is_told_who_comes_next(
    site: Site, question: str, tmp_path: Path
) -> None:
    free = {**next(row for row in tables()["talents"] if row["person_id"] == "P3"), "weekly_hours": 8}
    load_more(site, tmp_path, {"talents": [free]})
    asked: dict[str, Any] = (
        {"need": "N1"}
        if question == "talents"
        else {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}
    )
    whole = site.post(f"/recommendations/{question}", {**asked, "k": 200}).json()
    assert whole["items"][-1]["alternative"] is None
    assert len(whole["items"]) > 1
    for k in range(1, len(whole["items"])):
        cut = site.post(f"/recommendations/{question}", {**asked, "k": k, "counterfactuals": 200}).json()
        assert [item["node"] for item in cut["items"]] == [item["node"] for item in whole["items"][:k]]
        assert cut["items"][-1]["alternative"]["node"]["key"] == whole["items"][k]["node"]["key"]
        assert cut["question"].get("k", k) == k
        assert len(cut["to_verify"]) <= k
    shown = site.get("/indicators/shown").json()
    assert shown["shown"] == len(whole["items"]) + sum(range(1, len(whole["items"])))
