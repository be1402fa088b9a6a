"""Questions about the past: at every revision the answer is the one that was given then."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.errors import InvalidInputError, KgError, NotFoundError, RefusedError
from kg.model.batches import LOG_GONE
from kg.model.graph import Batch, RowChange
from kg.model.viewers import CLI_VIEWER, PUBLIC_VIEWER, Role, Viewer
from tests.api.world import ID_NUMBER, OTHER, OWN, SCHOOL, tables
from tests.filling import load_into

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
AS_OF = NOW.date()
STORES = ("memory:", "sqlite:graph.db")
TIMES = {"revision", "known_at", "replay", "question_number"}
NODES = [
    ("enterprise", OWN),
    ("enterprise", OTHER),
    ("school", SCHOOL),
    ("district", "990102"),
    ("need", "N1"),
    ("demand", "D2"),
    ("skill", "主轴修理"),
    ("skill", "主轴"),
    ("occupation", "6-18-01-01@2022"),
]
HOST = Viewer(name="host", roles=frozenset({Role.ENTERPRISE}), org=OWN)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def _opened(store: str, folder: Path, clock: Clock) -> Iterator[Graph]:
    with open_graph(Settings(store=store, data=folder / "data"), clock=clock) as graph:
        yield graph


def _load(
    graph: Graph, folder: Path, part: dict[str, list[dict[str, Any]]], source: str = "市库", **more: Any
) -> str | None:
    path = folder / "part.json"
    path.write_text(json.dumps(part, ensure_ascii=False), encoding="utf-8")
    report = load_into(graph, [path], source=source, **more).to_json()
    assert report["status"] in {"done", "done-with-rejects"}, report["errors"]
    batch = report["batch"]
    return None if batch is None else str(batch)


def _without_times(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in TIMES}


def _said(graph: Graph, known_at: int | None) -> list[object]:
    """Return everything that an officer is told, or the code of the refusal."""
    service, said = graph.service, list[object]()

    def ask(question: Any, *words: Any, **more: Any) -> None:
        try:
            said.append(_without_times(question(*words, viewer=CLI_VIEWER, known_at=known_at, **more)))
        except KgError as error:
            said.append(error.code)

    talents = sorted({row.node.key for row in graph.store.rows(table="talents") if row.node is not None})
    for kind, key in (*NODES, *(("talent", key) for key in _EVERYBODY | set(talents))):
        ask(service.node, kind, key)
        ask(service.neighbours, kind, key, limit=5)
    for need in ("N1", "N2"):
        ask(service.recommend_talents, {"need": need}, as_of=AS_OF, k=20, detail="first")
    for kind, key in (("enterprise", OWN), ("school", SCHOOL), ("district", "990101")):
        question = {"anchor": {"kind": kind, "key": key}, "mode": "internship"}
        ask(service.recommend_partners, question, as_of=AS_OF, detail="first")
    return said


_EVERYBODY: set[str] = set()


def _step(graph: Graph, folder: Path, chance: random.Random) -> None:
    """Publish one random batch: an edit, a second register, a full delivery, or a rollback."""
    world = tables()
    match chance.randrange(8):
        case 0:
            rows = [{**row, "weekly_hours": chance.choice((1, 6, 20)), "pay_wish": chance.randrange(100, 400)}
                    for row in chance.sample(world["talents"], 2)]  # fmt: skip
            _load(graph, folder, {"talents": rows})
        case 1:
            rows = [{**row, "level": chance.randrange(1, 6)} for row in world["talent_skills"]]
            _load(graph, folder, {"talent_skills": rows})
        case 2:
            rows = [{**row, "revoked": chance.choice((None, "2026-10-01"))} for row in world["consents"]]
            _load(graph, folder, {"consents": rows})
        case 3:
            changed = {"count": chance.randrange(1, 40), "scope": chance.choice(("公开", "仅经办"))}
            _load(graph, folder, {"demands": [{**chance.choice(world["demands"]), **changed}]})
        case 4:
            renamed = {**world["enterprises"][0], "name": f"北湖轴承{chance.randrange(9)}有限公司"}
            _load(
                graph,
                folder,
                {"enterprises": [renamed], "skills": [{"name": "主轴修理", "aliases": ["主轴"]}]},
            )
        case 5:
            person = {"person_id": "X1", "name": "甄秘密", "id_number": ID_NUMBER, "district": "990101",
                      "weekly_hours": chance.randrange(1, 20)}  # fmt: skip
            _load(graph, folder, {"talents": [person]}, "协会")
        case 6:
            kept = chance.sample(world["offerings"], 2)
            _load(graph, folder, {"offerings": kept}, full=True, confirm_retire=_gone(graph, kept))
        case _:
            name = chance.choice(graph.store.batches()).id
            with suppress(RefusedError):
                graph.service.roll_back(name, viewer=CLI_VIEWER)


def _gone(graph: Graph, kept: list[dict[str, Any]]) -> int | None:
    keys = {row["offering_id"] for row in kept}
    gone = sum(row.id.key not in keys for row in graph.store.rows(table="offerings", source="市库"))
    return gone or None


@pytest.mark.slow
@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_older_answer_is_given_again(store: str, seed: int, tmp_path: Path) -> None:
    chance, clock = random.Random(seed), Clock()
    with _opened(store, tmp_path, clock) as graph:
        _load(graph, tmp_path, tables())
        _EVERYBODY.clear()
        _EVERYBODY.update(row.node.key for row in graph.store.rows(table="talents") if row.node is not None)
        then: dict[int, list[object]] = {0: _said(graph, 0), 1: _said(graph, None)}
        while graph.store.revision() < 9:
            clock.now += timedelta(hours=7)
            _step(graph, tmp_path, chance)
            then[graph.store.revision()] = _said(graph, None)
            older = chance.choice(sorted(then))
            assert _said(graph, older) == then[older], older
            assert _said(graph, None) == then[graph.store.revision()], "looking back changes nothing now"
        for revision, said in then.items():
            assert _said(graph, revision) == said, revision
        assert len({json.dumps(said, ensure_ascii=False) for said in then.values()}) > 5


def _person(number: str, **more: Any) -> dict[str, Any]:
    return {**tables()["talents"][1], "person_id": number, "name": f"合成{number}", **more}


def _consent(number: str, **more: Any) -> dict[str, Any]:
    return {"person_id": number, "purpose": "柔性推荐", "recipients": ["任意"], **more}


@pytest.mark.parametrize("store", STORES)
def test_who_was_eligible_on_30_june_as_we_knew_it_on_5_july(store: str, tmp_path: Path) -> None:
    """Worked out by hand. Four persons fit the need; what differs is when their consent holds, and when we learnt it.

    P2: consent from 1 January, known on 1 July: eligible, and known to be.
    P3: consent from 1 July: not on 30 June, whenever we look.
    P4: consent from 1 January, but the row came on 10 July: not known on 5 July.
    P5: consent from 1 January, revoked on 20 June; the revocation came on 10 July: known as eligible on 5 July.
    """
    clock, world = Clock(), tables()
    need = {**world["flex_needs"][0], "valid_from": "2026-07-10", "valid_to": "2026-08-09"}
    people = ("P2", "P3", "P4", "P5")
    first = {
        **{name: rows for name, rows in world.items() if name not in {"consents", "achievements", "engagements"}},
        "flex_needs": [need],
        "talents": [_person(number) for number in people],
        "certificates": [{**world["certificates"][0], "person_id": number} for number in people],
        "talent_skills": [{**world["talent_skills"][0], "person_id": number} for number in people],
        "consents": [
            _consent("P2", valid_from="2026-01-01"),
            _consent("P3", valid_from="2026-07-01"),
            _consent("P5", valid_from="2026-01-01"),
        ],
    }  # fmt: skip
    with _opened(store, tmp_path, clock) as graph:
        clock.now = datetime(2026, 7, 1, 4, tzinfo=UTC)
        _load(graph, tmp_path, first)
        clock.now = datetime(2026, 7, 10, 4, tzinfo=UTC)
        later = [
            _consent("P4", valid_from="2026-01-01"),
            _consent("P5", valid_from="2026-01-01", revoked="2026-06-20"),
        ]
        _load(graph, tmp_path, {"consents": later})
        clock.now = datetime(2026, 11, 23, 4, tzinfo=UTC)

        def eligible(as_of: date | None, known_at: str | None, viewer: Viewer = CLI_VIEWER) -> set[str]:
            answer = graph.service.recommend_talents(
                {"need": "N1"}, viewer=viewer, as_of=as_of, known_at=known_at, k=20
            )
            registers = {row.node.key: row.id.key for row in graph.store.rows(table="talents") if row.node}
            return {registers[item["node"]["key"]] for item in (*answer["items"], *answer["to_verify"])}

        june, july = date(2026, 6, 30), date(2026, 7, 1)
        assert eligible(june, "2026-07-05") == {"P2", "P5"}
        assert eligible(june, None) == {"P2", "P4"}
        assert eligible(july, "2026-07-05") == {"P2", "P3", "P5"}
        assert eligible(july, None) == {"P2", "P3", "P4"}
        assert eligible(june, "2026-07-05", HOST) == {"P2"}, "who has withdrawn is shown to no organisation"
        with pytest.raises(NotFoundError):
            eligible(june, "2026-06-30")
        answer = graph.service.recommend_talents(
            {"need": "N1"}, viewer=CLI_VIEWER, as_of=june, known_at="2026-07-05"
        )
    assert (answer["as_of"], answer["revision"]) == ("2026-06-30", 1)
    assert answer["known_at"] == {"revision": 1, "at": "2026-07-01T04:00:00+00:00"}
    assert answer["replay"]["policy"] == {**answer["policy"], "in_force": "today"}
    assert "2026-06-30" in answer["replay"]["text"]


def test_what_is_private_today_is_private_in_the_past(tmp_path: Path) -> None:
    clock = Clock()
    with _opened("memory:", tmp_path, clock) as graph:
        _load(graph, tmp_path, tables())
        graph.service.node("demand", "D2", viewer=HOST, known_at=1)
        _load(graph, tmp_path, {"demands": [{**tables()["demands"][1], "scope": "仅经办"}]})
        with pytest.raises(NotFoundError):
            graph.service.node("demand", "D2", viewer=HOST, known_at=1)
        assert graph.service.node("demand", "D2", viewer=CLI_VIEWER, known_at=1)["node"]["key"] == "D2"
        assert graph.service.node("demand", "D1", viewer=HOST, known_at=1)["node"]["key"] == "D1"
        groups = graph.service.neighbours("enterprise", OTHER, viewer=HOST, known_at=1)["groups"]
        assert [group["total"] for group in groups if group["kind"] == "demand"] == []
        with pytest.raises(KgError) as caught:
            graph.service.node("demand", "D1", viewer=PUBLIC_VIEWER, known_at=1)
        assert caught.value.code == "forbidden"


def test_a_node_says_what_holds_on_a_day(tmp_path: Path) -> None:
    with _opened("memory:", tmp_path, Clock()) as graph:
        _load(graph, tmp_path, tables())
        ask = graph.service.node
        inside = ask("demand", "D1", viewer=CLI_VIEWER, as_of=date(2027, 8, 31))
        after = ask("demand", "D1", viewer=CLI_VIEWER, as_of=date(2027, 9, 1))
        assert (inside["holds"], bool(inside["sources"])) == (True, True)
        assert (after["holds"], after["sources"], after["node"]) == (False, [], inside["node"])

        def demands(day: date | None) -> list[int]:
            told = graph.service.neighbours("enterprise", OWN, viewer=CLI_VIEWER, as_of=day)
            return [group["total"] for group in told["groups"] if group["kind"] == "demand"]

        assert demands(None) == demands(date(2026, 9, 1)) == [1]
        assert demands(date(2026, 8, 31)) == []


def test_the_past_of_erased_persons_is_empty(tmp_path: Path) -> None:
    with _opened("memory:", tmp_path, Clock()) as graph:
        _load(graph, tmp_path, tables())
        key = next(row.node.key for row in graph.store.rows(table="talents") if row.node)
        ids = [row.id for row in graph.store.rows(persons=[key])]
        _load(graph, tmp_path, {"skills": [{"name": "新技能"}]})
        assert graph.service.node("talent", key, viewer=CLI_VIEWER, known_at=1)
        graph.store.erase(ids, actor="admin")
        with pytest.raises(NotFoundError):
            graph.service.node("talent", key, viewer=CLI_VIEWER, known_at=1)
        answer = graph.service.recommend_talents(
            {"need": "N1"}, viewer=CLI_VIEWER, as_of=AS_OF, known_at=1, k=20
        )
        assert key not in json.dumps(answer, ensure_ascii=False)


def test_persons_who_were_gone_before_they_were_erased_are_forgotten_too(tmp_path: Path) -> None:
    """An erasure of rows that are no longer live takes no revision: kept states do not notice by themselves."""
    with _opened("memory:", tmp_path, Clock()) as graph:
        _load(graph, tmp_path, tables())
        key = next(
            row.node.key for row in graph.store.rows(table="talents") if row.id.key == "P3" and row.node
        )
        ids = [row.id for row in graph.store.rows(persons=[key])]
        graph.store.stage("gone", [RowChange(id=one, row=None) for one in ids])
        graph.store.publish(Batch(id="", source="市库", actor="test", at=NOW, delivered=()), staged="gone")
        assert graph.service.node("talent", key, viewer=CLI_VIEWER, known_at=1)
        assert graph.store.erase(ids, actor="admin") == 0
        graph.service.forget_past()
        with pytest.raises(NotFoundError):
            graph.service.node("talent", key, viewer=CLI_VIEWER, known_at=1)


@pytest.mark.parametrize("asked", ["gestern", "99", "2026-02-30"])
def test_a_moment_that_is_none_is_refused(asked: str, tmp_path: Path) -> None:
    with _opened("memory:", tmp_path, Clock()) as graph, pytest.raises(InvalidInputError):
        graph.service.node("skill", "主轴", viewer=CLI_VIEWER, known_at=asked)


def test_states_before_the_kept_log_are_refused(tmp_path: Path) -> None:
    with _opened("memory:", tmp_path, Clock()) as graph:
        _load(graph, tmp_path, tables())
        cut = Batch(id="", source="市库", actor="test", at=NOW, delivered=(), report={LOG_GONE: True})
        graph.store.publish(cut)
        _load(graph, tmp_path, {"skills": [{"name": "新技能"}]})
        assert (
            graph.service.node("district", "990101", viewer=CLI_VIEWER, known_at=2)["known_at"]["revision"]
            == 2
        )
        for ask in (
            lambda: graph.service.node("district", "990101", viewer=CLI_VIEWER, known_at=1),
            lambda: graph.service.roll_back("b-000001", viewer=CLI_VIEWER),
            lambda: graph.service.roll_back("b-000002", viewer=CLI_VIEWER, dry_run=True),
        ):
            with pytest.raises(RefusedError) as caught:
                ask()
            assert caught.value.code == "history-gone"
        assert graph.service.roll_back("b-000003", viewer=CLI_VIEWER, dry_run=True)["possible"]
