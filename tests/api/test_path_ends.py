"""Whatever a path names has a page, and is called what it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.api.conftest import Site, load_tables

FIVE_PARTS = "6-18-01-01-02"
PROOF = {
    "person_id": "P1", "number": None, "kind": "职业技能等级证书", "occupation": FIVE_PARTS, "level": "技师",
    "issued": "2026-05-01",
}  # fmt: skip


def ends(answer: dict[str, Any]) -> Iterator[dict[str, str]]:
    for item in (*answer["items"], *answer["to_verify"]):
        for path in item["paths"]:
            for edge in path["edges"]:
                yield from (edge["source"], edge["target"])
        for row in item.get("evidence_rows", ()):
            yield from (row["start"], row["end"])


def test_every_end_has_a_page_and_a_name(site: Site, tmp_path: Path) -> None:
    load_tables(site.graph, tmp_path, part={"certificates": [PROOF]})
    answer = site.post("/recommendations/talents", {"need": "N1", "detail": "first"}).json()
    named = {(one["kind"], one["key"]): one["name"] for one in ends(answer)}
    for kind, key in named:
        assert site.get(f"/nodes/{kind}/{quote(key, safe='')}").status_code == 200, (kind, key)
    assert named["occupation", FIVE_PARTS] == "车工"
    assert {name for (kind, _), name in named.items() if kind == "certificate"} == {"车工 技师 证书"}
    assert {name for (kind, _), name in named.items() if kind == "consent"} == {"柔性推荐"}


def test_a_code_that_only_rows_name_has_a_page_as_long_as_they_do(site: Site, tmp_path: Path) -> None:
    unlisted = f"/nodes/occupation/{FIVE_PARTS}"
    assert site.get(unlisted).status_code == 404
    load_tables(site.graph, tmp_path, part={"certificates": [PROOF]})
    assert site.get(unlisted).json()["node"]["name"] == "车工"
    groups = site.get(f"{unlisted}/neighbours").json()["groups"]
    assert [one["node"]["name"] for group in groups for one in group["items"]] == [
        "车工 技师 职业技能等级证书"
    ]
    assert site.get(unlisted, "enterprise").status_code == 404  # no row that this one sees names it
