"""Two people at one identity question at the same moment: no decision is lost, and none happens unrecorded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.identity import persons
from tests.api.conftest import Site, load_tables
from tests.api.test_reviews import other_register

pytest.importorskip("splink", reason="the extra identity is not installed")


@pytest.fixture
def name(site: Site, tmp_path: Path) -> str:
    """Return the id of the one question about persons."""
    load_tables(site.graph, tmp_path, "协会名册", part=other_register(birth_date=None))
    site.post("/reviews", None)
    return str(site.get("/reviews?kind=person").json()["items"][0]["id"])


@pytest.mark.parametrize("decision", ["apart", "later"])
def test_a_decision_made_while_registers_are_compared_stands(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    find = persons.find

    def slow(*given: Any) -> Any:
        found = find(*given)
        assert site.post(f"/reviews/{name}", {"decision": decision}).status_code == 200
        return found

    monkeypatch.setattr(persons, "find", slow)
    assert site.post("/reviews", None).status_code == 200
    assert site.get(f"/reviews/{name}").json()["state"] == decision


def test_a_merge_that_was_published_is_recorded_whatever_was_decided_meanwhile(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [side["node"]["key"] for side in site.get(f"/reviews/{name}").json()["sides"]]
    publish = site.graph.store.publish

    def slow(*given: Any, **more: Any) -> Any:
        batch = publish(*given, **more)
        assert site.post(f"/reviews/{name}", {"decision": "later"}).status_code == 200
        return batch

    monkeypatch.setattr(site.graph.store, "publish", slow)
    merged = site.post(f"/reviews/{name}", {"decision": "merge"})
    monkeypatch.undo()
    assert (merged.status_code, merged.json()["state"]) == (200, "merged")
    assert [site.get(f"/nodes/talent/{key}").status_code for key in keys].count(404) == 1
    told = [entry for entry in site.get("/audit").json()["items"] if entry["subject"] == name]
    assert "merge" in [entry["detail"]["decision"] for entry in told]
    assert site.post(f"/reviews/{name}", {"decision": "undo"}).json()["state"] == "open"
    assert all(site.get(f"/nodes/talent/{key}").status_code == 200 for key in keys)


def test_who_is_set_apart_while_a_merge_is_published_is_parted_again(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [side["node"]["key"] for side in site.get(f"/reviews/{name}").json()["sides"]]
    certain_from_now_on(site, monkeypatch)
    publish, calls = site.graph.store.publish, []

    def slow(*given: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            assert site.post(f"/reviews/{name}", {"decision": "apart"}).status_code == 200
        return publish(*given, **more)

    monkeypatch.setattr(site.graph.store, "publish", slow)
    assert site.post("/reviews", None).status_code == 200
    assert len(calls) == 2, "the merge, and its end"
    told = site.get(f"/reviews/{name}").json()
    assert (told["state"], told["by"]) == ("apart", "officer")
    assert all(site.get(f"/nodes/talent/{key}").status_code == 200 for key in keys)
    assert site.post("/reviews", None).json()["merged"] == 0


def test_who_is_set_apart_just_after_a_merge_was_published_is_parted_by_the_decision(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [side["node"]["key"] for side in site.get(f"/reviews/{name}").json()["sides"]]
    certain_from_now_on(site, monkeypatch)
    publish, calls = site.graph.store.publish, []

    def slow(*given: Any, **more: Any) -> Any:
        batch = publish(*given, **more)
        calls.append(batch.id)
        if len(calls) == 1:
            assert site.post(f"/reviews/{name}", {"decision": "apart"}).status_code == 200
        return batch

    monkeypatch.setattr(site.graph.store, "publish", slow)
    assert site.post("/reviews", None).status_code == 200
    assert len(calls) == 2
    assert site.get(f"/reviews/{name}").json()["state"] == "apart"
    assert all(site.get(f"/nodes/talent/{key}").status_code == 200 for key in keys)


def test_who_is_set_apart_while_pairs_are_compared_is_not_joined(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    certain_from_now_on(site, monkeypatch)
    find, calls = persons.find, []

    def slow(*given: Any) -> Any:
        found = find(*given)
        calls.append(len(found.merges))
        if len(calls) == 1:
            assert site.post(f"/reviews/{name}", {"decision": "apart"}).status_code == 200
        return found

    monkeypatch.setattr(persons, "find", slow)
    assert site.post("/reviews", None).json()["merged"] == 0
    assert calls == [1, 0], "compared again under the decision"
    assert site.get(f"/reviews/{name}").json()["state"] == "apart"


def certain_from_now_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was a question be certain enough to be joined without asking."""
    find = persons.find

    def bold(gathered: Any, store: Any, schema: Any, rules: Any, known: Any) -> Any:
        return find(gathered, store, schema, replace(rules, merge_from=rules.ask_from), known)

    monkeypatch.setattr(persons, "find", bold)
