"""The store as it was at every older revision says what it said then, on every embedded store."""

import random
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from kg.errors import InvalidInputError, RefusedError
from kg.history.moments import Known, known_when
from kg.history.past import PastStore
from kg.history.undo import Undo
from kg.model.graph import Batch, RowChange, Sight
from kg.ports import GraphStore
from tests.contract.samples import batch, load, node, put, retire, row
from tests.unit.history_worlds import (
    IDS,
    REFS,
    Opener,
    open_memory,
    open_sqlite,
    opened,
    random_change,
    without_rights,
)

STORES = [open_memory, open_sqlite]
KINDS = Sight(kinds=frozenset({"skill", "need"}), relations=frozenset({"r"}))


def _said(store: GraphStore) -> list[object]:
    """Return what a store says to every kind of reading, without the rights on rows."""
    said: list[object] = [
        store.revision(),
        list(store.batches()),
        without_rights(list(store.rows())),
        without_rights(list(store.rows(table="needs"))),
        without_rights(list(store.rows(table="needs", source="s2"))),
        without_rights(list(store.rows(ids=IDS[::2]))),
        without_rights(list(store.rows(nodes=REFS[:3], source="s1"))),
        without_rights(list(store.rows(persons=["p1"]))),
        without_rights(list(store.rows(identities=["i1"], table="needs"))),
        list(store.changes(0)),
        list(store.degrees(REFS[:2])),
        list(store.degrees(REFS, sight=KINDS)),
    ]
    for direction in ("in", "out"):
        for sight in (None, KINDS):
            said.append(list(store.edges(REFS, direction=direction, sight=sight)))
            said.append(list(store.edges(REFS[1:3], direction=direction, sight=sight, limit=2)))
            said.append(
                list(store.edges(REFS, direction=direction, relation="r", after=("need", "2"), limit=2))
            )
        said.append(list(store.edges(REFS, direction=direction, kind="firm")))
    return said


@pytest.mark.parametrize("opener", STORES)
@pytest.mark.parametrize("seed", range(8))
def test_every_older_state_says_what_it_said(opener: Opener, seed: int, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        look_back(store, random.Random(seed), turns=12)


def look_back(store: GraphStore, chance: random.Random, *, turns: int) -> None:
    """Publish random batches, remember what the store says after each, and compare with the past afterwards."""
    states = [_said(store)]
    followed = PastStore(store, Undo(store, 0)), PastStore(store, Undo(store, 0))
    for _ in range(turns):
        load(store, *(random_change(chance) for _ in range(chance.randrange(5))))
        states.append(_said(store))
        assert without_rights(list(followed[0].rows())) == []
    for revision, said in enumerate(states):
        assert _said(PastStore(store, Undo(store, revision))) == said
    assert _said(followed[1]) == states[0]


@pytest.mark.parametrize("opener", STORES)
def test_a_state_stays_while_others_write(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        chance, keys = random.Random(3), [str(number) for number in range(60)]
        load(
            store, *(put(row(key, at=f"need:{key}", links=[(f"need:{key}", "r", "firm:1")])) for key in keys)
        )
        rows, edges = without_rights(list(store.rows())), list(store.edges([node("firm:1")], direction="in"))
        undo, wrong = Undo(store, 1), list[str]()

        def read() -> None:
            for _ in range(40):
                past = PastStore(store, undo)
                walked = list(past.edges([node("firm:1")], direction="in"))
                if without_rights(list(past.rows())) != rows or walked != edges:
                    wrong.append("differs")

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for turn in range(60):
            key = chance.choice(keys)
            load(store, retire(row(key).id) if turn % 3 == 0 else put(row(key, values={"turn": turn})))
        for reader in readers:
            reader.join()
    assert wrong == []


@pytest.mark.parametrize("opener", STORES)
def test_who_may_not_see_a_row_today_may_not_see_it_in_the_past(opener: Opener, tmp_path: Path) -> None:
    sight = Sight(kinds=frozenset({"firm"}), scoped=frozenset({"need"}), relations=frozenset({"r"}), org="A")
    link = ("firm:1", "r", "need:{}")

    def state(key: str, **rights: Any) -> RowChange:
        links = [(link[0], link[1], link[2].format(key))]
        return put(row(key, at=f"need:{key}", links=links, **rights))

    with opened(opener, tmp_path) as store:
        load(
            store,
            state("open"),
            state("closed-later"),
            state("opened-later", public=False),
            state("gone"),
            state("own-gone", public=False, owners=("A",)),
            state("moved-on", public=False, owners=("A",)),
        )
        past = PastStore(store, Undo(store, 1))

        def seen() -> set[str]:
            found = PastStore(store, past._undo).edges([node("firm:1")], direction="out", sight=sight)
            return {edge.link.end.key for edge in found}

        assert seen() == {"open", "closed-later", "gone", "own-gone", "moved-on"}
        load(
            store,
            state("closed-later", public=False),
            state("opened-later"),
            retire(row("gone").id),
            retire(row("own-gone").id),
            state("moved-on", public=False, owners=("B",)),
        )
        assert seen() == {"open", "own-gone"}
        assert len(list(past.rows())) == 6, "officers see all of it"


@pytest.mark.parametrize("opener", STORES)
def test_erased_rows_were_never_there_also_for_who_looked_before(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        load(store, put(row("1", at="need:1")), put(row("2", at="need:2")))
        load(store, put(row("1", at="need:1", values={"v": 2})), put(row("2", values={"v": 2})))
        past = PastStore(store, Undo(store, 1))
        assert [one.values["title"] for one in past.rows()] == ["名称1", "名称2"]
        store.erase([row("1").id], actor="admin")
        assert [one.id.key for one in past.rows()] == ["2"]
        assert list(past.rows(nodes=[node("need:1")])) == []
        assert [one.values["title"] for one in past.rows()] == ["名称2"]
        assert [one.id.key for one in PastStore(store, Undo(store, 1)).rows()] == ["2"]


def test_the_past_is_not_written() -> None:
    with opened(open_memory, Path("/tmp")) as store:
        past = PastStore(store, Undo(store, 0))
        for call in (
            lambda: past.stage("x", []),
            lambda: past.publish(batch()),
            lambda: past.discard("x"),
            lambda: past.sealed([]),
            lambda: past.erase([], actor="x"),
        ):
            with pytest.raises(RefusedError) as caught:
                call()
            assert caught.value.code == "read-only"
        past.close()
        assert store.revision() == 0


@pytest.mark.parametrize("opener", STORES)
def test_edges_of_a_day_are_those_whose_row_holds(opener: Opener, tmp_path: Path) -> None:
    def stated(key: str, first: date | None, last: date | None) -> RowChange:
        one = row(key, at=f"need:{key}", links=[(f"need:{key}", "r", "firm:1")])
        return put(replace(one, provenance=replace(one.provenance, valid_from=first, valid_to=last)))

    day = date(2026, 6, 30)
    with opened(opener, tmp_path) as store:
        load(
            store,
            stated("always", None, None),
            stated("from", day, None),
            stated("late", date(2026, 7, 1), None),
            stated("last", None, day),
            stated("over", None, date(2026, 6, 29)),
        )
        shown = PastStore(store, Undo(store, 1), day=day)
        edges = shown.edges([node("firm:1")], direction="in")
        assert [edge.link.start.key for edge in edges] == ["always", "from", "last"]
        assert [degree.total for degree in shown.degrees([node("firm:1")])] == [3]


EAST = timezone(timedelta(hours=8))


def _recorded(*hours: int) -> list[Batch]:
    start = datetime(2026, 7, 5, tzinfo=UTC)
    return [
        replace(batch(f"b-{place}"), revision=place, at=start + timedelta(hours=hour))
        for place, hour in enumerate(hours, 1)
    ]


@pytest.mark.parametrize(
    ("asked", "revision"),
    [
        (0, 0),
        ("2", 2),
        (3, 3),
        ("2026-07-04", 0),
        ("2026-07-05", 1),
        ("2026-07-06", 3),
        ("2026-07-05T08:00", 1),
        ("2026-07-05T07:59", 0),
        ("2026-07-05T00:00+00:00", 1),
        ("2026-07-06T08:00:00+08:00", 2),
        ("2199-01-01", 3),
    ],
)
def test_moments_in_china(asked: int | str, revision: int) -> None:
    """Recorded at 08:00 on the 5th, 08:00 and 23:59 on the 6th, all Chinese time; a day lasts to its midnight there."""
    batches = _recorded(0, 24, 39)
    known = known_when(batches, asked, EAST)
    assert known.revision == revision
    assert known.at == (batches[revision - 1].at if revision else None)


def test_a_clock_that_went_backwards_hides_nothing_earlier() -> None:
    batches = _recorded(10, 2, 11)
    assert known_when(batches, "2026-07-05T05:00+00:00", UTC) == Known(
        0, None, datetime(2026, 7, 5, 5, tzinfo=UTC)
    )
    assert known_when(batches, "2026-07-05T10:00+00:00", UTC).revision == 2


@pytest.mark.parametrize(
    "asked", ["", "x", "4", 9, "2026-13-01", "2026-07-05T25:00", "-1", "１", "9999-12-31T"]
)
def test_what_is_no_moment_is_refused(asked: int | str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        known_when(_recorded(0, 1, 2), asked, UTC)
    assert caught.value.fields["field"] == "known_at"
