"""Decisions: only about what was recommended, step by step, and what was agreed counts from then on."""

from typing import Any

import pytest

from tests.api.conftest import Site
from tests.api.world import OTHER, OWN


def talents(site: Site) -> tuple[dict[str, Any], str]:
    """Return an answer with at least one listed person, and that person's key."""
    for row in sorted(site.graph.store.rows(table="flex_needs"), key=lambda row: row.id.key):
        answer = site.post("/recommendations/talents", {"need": row.id.key}).json()
        if answer["items"]:
            return answer, answer["items"][0]["node"]["key"]
    raise AssertionError("the world has no need with a listed person")


def step(
    site: Site, answer: dict[str, Any], entity: str, state: str, viewer: str = "officer", **more: Any
) -> Any:
    body = {"query_id": answer["query_id"], "entity": entity, "state": state, **more}
    return site.post("/decisions", body, viewer)


TERMS = {
    "mode": "consult", "valid_from": "2026-12-01", "valid_to": "2027-01-31", "hours_per_week": 4, "trips": 2,
}  # fmt: skip


def test_the_whole_way_from_the_list_to_the_outcome(site: Site) -> None:
    answer, person = talents(site)
    assert step(site, answer, person, "adopted").json()["label"] == "采纳"
    assert step(site, answer, person, "contacted").status_code == 200
    before = site.graph.store.revision()
    agreed = step(site, answer, person, "agreed", terms=TERMS).json()
    assert agreed["revision"] == before + 1
    (row,) = list(site.graph.store.rows(table="engagements", source="对接台"))
    assert (row.values["status"], row.values["hours_per_week"], row.person) == ("已签", 4, person)
    talent = site.graph.service.world().talents.talent(person)
    assert talent is not None
    assert any(one.stated.key == row.id.key and one.signed for one in talent.engagements)
    assert step(site, answer, person, "failed", reason="时间不合").status_code == 200
    (row,) = list(site.graph.store.rows(table="engagements", source="对接台"))
    assert (row.values["status"], row.values["outcome"]) == ("终止", "未达")
    steps = site.get(f"/decisions/steps?query_id={answer['query_id']}&entity={person}").json()["items"]
    assert [one["state"] for one in steps] == ["adopted", "contacted", "agreed", "failed"]
    listed = site.get("/decisions").json()
    assert (listed["total"], listed["counts"]["failed"]) == (1, 1)
    assert site.graph.audit.verify() == []


def test_a_program_takes_the_last_step_back_and_no_other(site: Site) -> None:
    answer, person = talents(site)

    def undo(taken: dict[str, Any], viewer: str = "officer") -> Any:
        named = {"query_id": answer["query_id"], "entity": person}
        return site.post("/decisions/undo", {**named, "state": taken["state"], "at": taken["at"]}, viewer)

    adopted = step(site, answer, person, "adopted").json()
    for viewer in ("other", "enterprise", "school", "planner", "administrator", "public"):
        assert undo(adopted, viewer).status_code == 404, viewer
    gone = undo(adopted).json()
    assert (gone["state"], gone["reversible"], gone["revision"]) == (None, False, site.graph.store.revision())
    adopted = step(site, answer, person, "adopted").json()
    contacted = step(site, answer, person, "contacted").json()
    assert undo(adopted).json()["code"] == "changed-meanwhile"
    assert undo(contacted).json()["state"] == "adopted"
    late = undo(contacted)
    assert (late.status_code, late.json()["code"]) == (409, "changed-meanwhile")
    step(site, answer, person, "contacted")
    agreed = step(site, answer, person, "agreed", terms=TERMS).json()
    kept = undo(agreed)
    assert (kept.status_code, kept.json()["code"]) == (409, "out-of-order")


def test_what_was_agreed_is_no_longer_free(site: Site) -> None:
    answer, person = talents(site)
    need = answer["question"]["need"]
    for state in ("adopted", "contacted"):
        step(site, answer, person, state)
    step(site, answer, person, "agreed", terms=TERMS)
    again = site.post("/recommendations/talents", {"need": need}).json()
    assert person not in {item["node"]["key"] for item in again["items"]}, "B8: already serving this need"


@pytest.mark.parametrize("state", ["contacted", "agreed", "succeeded", "failed"])
def test_no_step_is_skipped(site: Site, state: str) -> None:
    answer, person = talents(site)
    refused = step(site, answer, person, state, reason="其他", terms=TERMS)
    assert (refused.status_code, refused.json()["code"]) == (409, "out-of-order")
    assert site.get("/decisions").json()["total"] == 0


def test_a_rejection_says_why_and_can_be_taken_up_again(site: Site) -> None:
    answer, person = talents(site)
    assert step(site, answer, person, "rejected").status_code == 422
    assert step(site, answer, person, "rejected", reason="因为").status_code == 422
    assert step(site, answer, person, "rejected", reason="路程太远", note="单程三小时").status_code == 200
    assert step(site, answer, person, "adopted").status_code == 200


def test_persons_and_partners_have_reasons_of_their_own(site: Site) -> None:
    listed = site.get("/decisions").json()["reasons"]
    answer, person = talents(site)
    asked = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}
    partners = site.post("/recommendations/partners", asked).json()
    partner = partners["items"][0]["node"]["key"]
    for (told, entity), fitting, other in (
        ((answer, person), "本人不愿", "专业不符"),
        ((partners, partner), "专业不符", "本人不愿"),
    ):
        refused = step(site, told, entity, "rejected", reason=other)
        assert refused.status_code == 422
        assert fitting in refused.json()["detail"]
        assert step(site, told, entity, "rejected", reason=fitting).status_code == 200
    assert "本人不愿" in set(listed["talents"]) - set(listed["partners"])
    assert "专业不符" in set(listed["partners"]) - set(listed["talents"])


@pytest.mark.parametrize(
    "terms",
    [
        None, {**TERMS, "mode": "teleport"}, {**TERMS, "valid_to": "2026-11-01"},
        {key: value for key, value in TERMS.items() if key != "valid_to"},
    ],
)  # fmt: skip
def test_an_agreement_without_proper_terms_changes_nothing(site: Site, terms: Any) -> None:
    answer, person = talents(site)
    for state in ("adopted", "contacted"):
        step(site, answer, person, state)
    revision = site.graph.store.revision()
    assert step(site, answer, person, "agreed", **({"terms": terms} if terms else {})).status_code == 422
    assert site.graph.store.revision() == revision
    assert site.get("/decisions").json()["items"][0]["state"] == "contacted"


def test_a_question_asked_again_takes_nobody_out_of_hand(site: Site) -> None:
    answer, person = talents(site)
    assert step(site, answer, person, "adopted").status_code == 200
    step(site, answer, person, "contacted")
    assert step(site, answer, person, "agreed", terms=TERMS).status_code == 200
    again = site.post("/recommendations/talents", {"need": answer["question"]["need"]}).json()
    assert again["query_id"] == answer["query_id"]
    assert person not in {item["node"]["key"] for item in (*again["items"], *again["to_verify"])}
    assert step(site, answer, person, "succeeded").status_code == 200
    (row,) = list(site.graph.store.rows(table="engagements", source="对接台"))
    assert row.values["valid_to"] == TERMS["valid_from"], "told before it began: over on its first day"


def test_nobody_decides_about_what_was_not_recommended(site: Site) -> None:
    answer, person = talents(site)
    assert step(site, {"query_id": "none"}, person, "adopted").status_code == 404
    assert step(site, answer, "nobody", "adopted").status_code == 404
    for viewer in ("planner", "school", "enterprise", "administrator"):
        assert step(site, answer, person, "adopted", viewer).status_code == 404
    assert step(site, answer, person, "adopted", "public").status_code in {401, 404}


def test_an_enterprise_follows_up_its_own_partners_only(site: Site) -> None:
    body = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}
    answer = site.post("/recommendations/partners", body, "enterprise").json()
    if not answer["items"]:
        answer["items"] = answer["to_verify"]
    school = answer["items"][0]["node"]["key"]
    assert step(site, answer, school, "adopted", "enterprise").status_code == 200
    step(site, answer, school, "contacted", "enterprise")
    terms = {"valid_from": "2026-12-01", "valid_to": "2027-06-30", "seats": 3}
    assert step(site, answer, school, "agreed", "enterprise", terms=terms).status_code == 200
    (row,) = list(site.graph.store.rows(table="cooperations", source="对接台"))
    assert (row.values["school"], row.values["enterprise"], row.values["seats"]) == (school, OWN, 3)
    assert set(row.owners) == {school, OWN}
    other = site.post(
        "/recommendations/partners", {**body, "anchor": {"kind": "enterprise", "key": OTHER}}
    ).json()
    for item in (*other["items"], *other["to_verify"]):
        assert step(site, other, item["node"]["key"], "adopted", "enterprise").status_code == 404
    assert site.get("/decisions", "enterprise").json()["total"] == 1
    assert site.get("/decisions", "officer").json()["total"] == 1


def test_the_report_counts_lists_and_decisions(site: Site) -> None:
    answer, person = talents(site)
    step(site, answer, person, "adopted")
    told = site.get("/indicators/shown", "planner").json()
    assert told["lists"]["talents"] >= 1
    assert told["decisions"]["adopted"] == 1
    assert site.get("/indicators/shown", "enterprise").status_code == 404
    seen = site.get("/indicators/shown").json()["groups"]["talents"]
    assert set(seen) == {"district", "level", "ownership"}
    assert all(sum(group["shown"].values()) >= 1 for group in seen.values())
    assert set(seen["ownership"]["pool"]) <= {"CANARYowner", "未登记", "无单位"}
    assert all(group["skew"] == {} for group in told["groups"]["talents"].values()), (
        "of fewer than ten people"
    )
