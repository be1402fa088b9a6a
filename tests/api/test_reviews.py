"""Identity questions over HTTP and on pages: for officers, without sealed values, every decision reversible."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Site, load_tables
from tests.api.world import ID_NUMBER, NAME, PHONE, SEALED, credit_code

pytest.importorskip("splink", reason="the extra identity is not installed")
OTHERS = ("public", "planner", "enterprise", "school", "administrator")


def other_register(**more: Any) -> dict[str, Any]:
    """Return another register that knows somebody of the same rare name and trade: not enough to be sure."""
    person = {"person_id": "Z1", "name": NAME, "district": "990102", "occupation": "6-18-01-01", "birth_date": "1970-01-01",
              "phone": "10099998888", "employer_name": "别家", "level": "技师", **more}  # fmt: skip
    return {"talents": [person]}


@pytest.fixture
def asked(site: Site, tmp_path: Path) -> dict[str, Any]:
    """Return the one question about persons, after a second register came in and everything was compared."""
    load_tables(site.graph, tmp_path, "协会名册", part=other_register(birth_date=None))
    assert site.post("/reviews", None).json()["open"] > 0
    (found,) = site.get("/reviews?kind=person").json()["items"]
    return dict(found)


def test_only_officers_ask_and_decide(site: Site, asked: dict[str, Any]) -> None:
    for viewer in OTHERS:
        for name in (asked["id"], "p-none"):
            assert site.get(f"/reviews/{name}", viewer).status_code == 403
            assert site.post(f"/reviews/{name}", {"decision": "merge"}, viewer).status_code == 403
        assert site.get("/reviews", viewer).status_code == 403
        assert site.post("/reviews", None, viewer).status_code == 403
    assert site.get(f"/reviews/{asked['id']}").json()["state"] == "open"


def test_no_answer_holds_a_sealed_value(site: Site, asked: dict[str, Any]) -> None:
    name = asked["id"]
    texts = [site.get(path).text for path in ("/reviews?state=all", f"/reviews/{name}", "/audit")]
    texts += [site.post(f"/reviews/{name}", {"decision": one}).text for one in ("merge", "undo", "apart")]
    texts += [site.get("/imports").text, site.get("/reviews?state=all").text]
    assert not [word for word in (*SEALED, "10099998888") for text in texts if word in text]


def test_both_sides_and_the_weights_are_told(asked: dict[str, Any]) -> None:
    assert [[row["source"] for row in side["rows"]] for side in asked["sides"]] in (
        [["协会名册"], ["市库"]],
        [["市库"], ["协会名册"]],
    )
    assert {side["node"]["name"] for side in asked["sides"]} == {f"{NAME[0]}**"}
    assert all(fact["label"] for side in asked["sides"] for fact in side["facts"])
    weights = {weight["field"]: weight["bits"] for weight in asked["weights"]}
    assert weights["name"] > 0 > weights["phone"]
    assert 0.3 <= asked["probability"] < 0.98


def test_merge_undo_apart_later(site: Site, asked: dict[str, Any]) -> None:
    name = asked["id"]
    keys = [side["node"]["key"] for side in asked["sides"]]
    merged = site.post(f"/reviews/{name}", {"decision": "merge", "note": "本人到场"}).json()
    assert (merged["state"], merged["by"], merged["note"]) == ("merged", "officer", "本人到场")
    sources = {row["source"] for side in site.get(f"/reviews/{name}").json()["sides"] for row in side["rows"]}
    assert sources == {"市库", "协会名册"}
    gone = [key for key in keys if site.get(f"/nodes/talent/{key}").status_code == 404]
    assert len(gone) == 1
    again = site.post(f"/reviews/{name}", {"decision": "merge"})
    assert (again.status_code, again.json()["code"]) == (409, "already-merged")
    assert site.post(f"/reviews/{name}", {"decision": "undo"}).json()["state"] == "open"
    assert all(site.get(f"/nodes/talent/{key}").status_code == 200 for key in keys)
    nothing = site.post(f"/reviews/{name}", {"decision": "undo"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing-to-undo")
    assert site.post(f"/reviews/{name}", {"decision": "later"}).json()["state"] == "later"
    assert site.post(f"/reviews/{name}", {"decision": "apart"}).json()["state"] == "apart"
    steps = [step["decision"] for step in site.get(f"/reviews/{name}").json()["history"]]
    assert steps == ["merge", "undo", "later", "apart"]
    kinds = [item["kind"] for item in site.get("/imports").json()["items"]]
    assert kinds.count("identity") == 2


def test_an_undone_merge_is_asked_and_not_repeated(site: Site, tmp_path: Path) -> None:
    load_tables(site.graph, tmp_path, "协会名册", part=other_register(id_number="", phone=PHONE))
    told = site.post("/reviews", None).json()
    assert told["merged"] == 1
    (done,) = site.get("/reviews?state=merged").json()["items"]
    assert done["by"] == "自动"
    site.post(f"/reviews/{done['id']}", {"decision": "undo"})
    assert site.post("/reviews", None).json()["merged"] == 0
    assert [one["id"] for one in site.get("/reviews?kind=person").json()["items"]] == [done["id"]]


def test_what_is_not_understood_is_refused(site: Site, asked: dict[str, Any]) -> None:
    assert site.get("/reviews?state=new").status_code == 422
    assert site.get("/reviews?limit=0").status_code == 422
    assert site.get("/reviews?cursor=abc").status_code == 422
    assert site.post(f"/reviews/{asked['id']}", {"decision": "delete"}).status_code == 422
    assert site.post(f"/reviews/{asked['id']}", {}).status_code == 422
    assert site.post("/reviews/p-0000000000000000", {"decision": "merge"}).status_code == 404


def test_a_name_of_an_organisation_is_asked_and_settled(site: Site, tmp_path: Path) -> None:
    firm = {
        "credit_code": credit_code("91990101MA0000005"),
        "name": "北湖市恒远精密机械股份有限公司",
        "district": "990101",
    }
    person = other_register(name="合成乙", employer_name="恒远精密")
    load_tables(site.graph, tmp_path, "协会名册", part={"enterprises": [firm], **person})
    site.post("/reviews", None)
    (asked,) = [
        one for one in site.get("/reviews?kind=organisation").json()["items"] if one["text"] == "恒远精密"
    ]
    assert asked["candidates"][0]["key"] == firm["credit_code"]
    wrong = site.post(f"/reviews/{asked['id']}", {"decision": "merge", "choice": "nobody"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "choice")
    site.post(f"/reviews/{asked['id']}", {"decision": "merge", "choice": firm["credit_code"]})
    (row,) = (row for row in site.graph.store.rows(table="talents") if row.id.key == "Z1")
    assert (row.values["employer"], row.values["employer_name"]) == (firm["credit_code"], "恒远精密")
    site.post(f"/reviews/{asked['id']}", {"decision": "undo"})
    (row,) = (row for row in site.graph.store.rows(table="talents") if row.id.key == "Z1")
    assert "employer" not in row.values


def test_the_log_of_decisions_names_no_person(site: Site, asked: dict[str, Any]) -> None:
    site.post(f"/reviews/{asked['id']}", {"decision": "merge"})
    kept = [*site.graph.ledger.items("reviews"), *site.graph.ledger.entries("reviews")]
    text = json.dumps(kept, ensure_ascii=False, default=str)
    assert not [word for word in (NAME, ID_NUMBER, PHONE, "10099998888") if word in text]
