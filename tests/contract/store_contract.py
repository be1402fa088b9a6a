"""What every graph store does alike. An adapter's test class inherits this and says how to make the store."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from kg.errors import RefusedError, StoreBusyError, StoreError
from kg.model.graph import Degree, RowId
from kg.ports import GraphStore
from tests.contract.erasing_contract import ErasingContract
from tests.contract.samples import NOW, batch, clock, load, node, put, retire, row, sight

LISTS: dict[str, tuple[str, ...]] = {"tags": ("甲", "乙"), "empty": ()}


class StoreContract(ErasingContract, ABC):
    """The contract of `kg.ports.GraphStore`."""

    engine: ClassVar[str]

    @abstractmethod
    def make_store(self, folder: Path, *, clock: Callable[[], datetime]) -> GraphStore:
        """Return an empty store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[GraphStore]:
        store = self.make_store(tmp_path, clock=clock)
        yield store
        store.close()

    def test_an_empty_store_has_nothing(self, store: GraphStore) -> None:
        assert store.revision() == 0
        assert list(store.rows()) == list(store.changes(0)) == list(store.batches()) == []
        assert list(store.edges([node("a:1")], direction="out")) == list(store.degrees([node("a:1")])) == []

    def test_a_row_comes_back_as_it_was(self, store: GraphStore) -> None:
        one = row(
            "k1",
            at="need:k1",
            links=[
                ("need:k1", "needs.district", "district:330102"),
                ("need:k1", "needs.skills", "skill:焊接"),
            ],
            values={"n": 3, "f": 0.5, "yes": True, "no": None, "text": "*", **LISTS},
            person="t1",
            owners=("91A", "91B"),
            public=False,
            mark="m1",
            identity="i1",
        )
        published = load(store, put(one, b"sealed"))
        want = replace(one, provenance=replace(one.provenance, batch="b-000001"))
        assert list(store.rows()) == [want]
        assert published == replace(batch("b-000001"), revision=1)
        assert list(store.batches()) == [published]

    def test_staged_rows_are_invisible_until_published(self, store: GraphStore) -> None:
        one = row("k1", at="need:k1", links=[("need:k1", "r", "skill:a")], mark="m", person="p", identity="i")
        assert store.stage("x", [put(one, b"secret")]) == 1
        other = row("k2", at="need:k2", links=[("need:k2", "r", "skill:a")])
        load(store, put(other))
        assert [found.id.key for found in store.rows()] == ["k2"]
        assert list(store.rows(ids=[one.id])) == list(store.rows(nodes=[node("need:k1")])) == []
        assert list(store.rows(persons=["p"])) == list(store.rows(identities=["i"])) == []
        assert store.sealed([one.id]) == {}
        assert [edge.row for edge in store.edges([node("skill:a")], direction="in")] == [other.id]
        assert list(store.degrees([node("skill:a")])) == [Degree("r", "in", "need", 1)]
        assert [change.id for change in store.changes(0)] == [other.id]
        assert store.publish(batch(), staged="x").revision == 2
        assert store.sealed([one.id]) == {one.id: b"secret"}
        assert list(store.degrees([node("skill:a")])) == [Degree("r", "in", "need", 2)]

    def test_an_empty_batch_takes_a_revision(self, store: GraphStore) -> None:
        assert [store.publish(batch()).revision for _ in range(2)] == [1, 2]
        assert [known.id for known in store.batches()] == ["b-000001", "b-000002"]

    def test_a_batch_id_is_used_once(self, store: GraphStore) -> None:
        store.publish(batch("b-000002"))
        with pytest.raises(RefusedError):
            store.publish(batch("b-000002"))
        assert store.revision() == 1
        assert store.publish(batch()).id == "b-000003"

    def test_a_refused_publish_keeps_what_was_staged(self, store: GraphStore) -> None:
        store.publish(batch("b-000001"))
        store.stage("x", [put(row("k1"))])
        with pytest.raises(RefusedError):
            store.publish(batch("b-000001"), staged="x")
        store.publish(batch(), staged="x")
        assert [found.id.key for found in store.rows()] == ["k1"]

    def test_a_batch_that_names_its_revision_gets_that_one_or_none(self, store: GraphStore) -> None:
        store.stage("x", [put(row("1"))])
        for wrong in (2, 7):
            with pytest.raises(StoreBusyError):
                store.publish(replace(batch(), revision=wrong), staged="x")
        assert (store.revision(), list(store.rows())) == (0, [])
        assert store.publish(replace(batch(), revision=1), staged="x").revision == store.revision() == 1
        assert len(list(store.rows())) == 1

    def test_the_batch_id_serves_as_the_staged_name(self, store: GraphStore) -> None:
        store.stage("b-000001", [put(row("k1", batch="b-000001"))])
        store.publish(batch("b-000001"))
        assert [found.provenance.batch for found in store.rows()] == ["b-000001"]

    def test_a_row_keeps_the_batch_it_names(self, store: GraphStore) -> None:
        first = load(store, put(row("k1")))
        load(store, put(row("k1", values={"title": "新"})))
        before = next(iter(store.rows()))
        assert before.provenance.batch == "b-000002"
        load(store, put(row("k1", batch=first.id)))
        assert [found.provenance.batch for found in store.rows()] == [first.id]

    def test_later_wins_inside_a_batch(self, store: GraphStore) -> None:
        store.stage("x", [put(row("k1")), put(row("k2")), put(row("k1", values={"v": 1}))])
        store.stage("x", [retire(row("k2").id), put(row("k3"))])
        store.stage("x", [put(row("k3", values={"v": 3}, links=[("a:1", "r", "b:1")]))])
        store.publish(batch(), staged="x")
        assert {found.id.key: found.values.get("v") for found in store.rows()} == {"k1": 1, "k3": 3}
        assert [(change.id.key, change.before) for change in store.changes(0)] == [("k1", None), ("k3", None)]

    def test_rows_are_ordered_by_table_key_source(self, store: GraphStore) -> None:
        ids = [("z", "b", "s1"), ("a", "10", "s2"), ("a", "10", "s1"), ("a", "9", "s1"), ("a", "中", "s1")]
        load(store, *(put(row(key, table=table, source=source)) for table, key, source in ids))
        found = [(one.id.table, one.id.key, one.id.source) for one in store.rows()]
        assert found == sorted(ids)
        by_id = store.rows(ids=[RowId(source, table, key) for table, key, source in ids])
        assert [(one.id.table, one.id.key, one.id.source) for one in by_id] == sorted(ids)

    def test_conditions_of_rows_all_hold(self, store: GraphStore) -> None:
        load(
            store,
            put(row("1", at="need:1", person="p1", identity="i1")),
            put(row("1", source="s2", at="need:1", person="p1")),
            put(row("2", table="talents", at="talent:2", person="p1", identity="i1")),
            put(row("3", table="talents", person="p2")),
        )
        assert _keys(store.rows(table="talents")) == ["2", "3"]
        assert _keys(store.rows(source="s2")) == ["1"]
        assert _keys(store.rows(nodes=[node("need:1"), node("none:1")])) == ["1", "1"]
        assert _keys(store.rows(persons=["p1"], source="s1")) == ["1", "2"]
        assert _keys(store.rows(identities=["i1"], table="needs")) == ["1"]
        assert _keys(store.rows(nodes=[node("need:1")], persons=["p1"], identities=["i1"])) == ["1"]
        assert (
            _keys(store.rows(ids=[]))
            == _keys(store.rows(persons=[]))
            == _keys(store.rows(identities=[""]))
            == []
        )
        assert _keys(store.rows(table="none")) == _keys(store.rows(source="none")) == []

    def test_undo_data_is_exact(self, store: GraphStore) -> None:
        first, second = row("k1", values={"v": 1}, owners=("o",)), row("k1", values={"v": 2}, mark="m")
        load(store, put(first))
        load(store, put(second, b"x"))
        load(store, retire(first.id))
        load(store, put(first))
        log = list(store.changes(0))
        assert [change.revision for change in log] == [1, 2, 3, 4]
        assert [change.batch for change in log] == ["b-000001", "b-000002", "b-000003", "b-000004"]
        assert {(change.actor, change.at, change.id) for change in log} == {("cli", NOW, first.id)}
        states = [None, first, second, None, first]
        for change, before, after in zip(log, states, states[1:], strict=False):
            assert _plain(change.before) == before
            assert _plain(change.after) == after
        assert log[2].before is not None
        assert log[2].before.provenance.batch == "b-000002"
        assert list(store.changes(3)) == log[3:]
        assert list(store.changes(4)) == []

    def test_retiring_what_is_not_there_is_no_change(self, store: GraphStore) -> None:
        assert load(store, retire(row("k1").id)).revision == 1
        assert list(store.changes(0)) == []

    def test_discard_forgets_one_or_all(self, store: GraphStore) -> None:
        load(store, put(row("k0", links=[("a:1", "r", "b:0")])))
        for name, key in (("x", "k1"), ("y", "k2"), ("z", "k3")):
            store.stage(
                name, [put(row(key, links=[("a:1", "r", f"b:{key}")])), put(row("k0", values={"v": key}))]
            )
        store.discard("x")
        store.discard("unknown")
        store.publish(batch(), staged="x")
        assert _keys(store.rows()) == ["k0"]
        store.publish(batch(), staged="y")
        assert _keys(store.rows()) == ["k0", "k2"]
        store.discard("")
        store.publish(batch(), staged="z")
        assert _keys(store.rows()) == ["k0", "k2"]
        assert [edge.link.end.key for edge in store.edges([node("a:1")], direction="out")] == ["k2"]

    def test_two_staged_batches_may_hold_the_same_row(self, store: GraphStore) -> None:
        mine = row("k1", values={"v": 1}, links=[("a:1", "r", "b:1")], mark="m1")
        yours = row("k1", values={"v": 2}, links=[("a:1", "r", "b:2")], mark="m2")
        store.stage("x", [put(mine, b"1")])
        store.stage("y", [put(yours, b"2")])
        store.publish(batch(), staged="y")
        assert [edge.link.end.key for edge in store.edges([node("a:1")], direction="out")] == ["2"]
        assert store.sealed([mine.id]) == {mine.id: b"2"}
        store.publish(batch(), staged="x")
        assert [edge.link.end.key for edge in store.edges([node("a:1")], direction="out")] == ["1"]
        assert store.sealed([mine.id]) == {mine.id: b"1"}
        assert [_plain(change.before) for change in store.changes(0)] == [None, yours]

    def test_sealed_parts_belong_to_row_and_mark(self, store: GraphStore) -> None:
        first, second = row("k1", mark="m1"), row("k1", mark="m2")
        load(store, put(first, b"one"))
        load(store, put(row("k1", mark="m1", values={"v": 1})))
        assert store.sealed([first.id, row("none").id]) == {first.id: b"one"}
        load(store, put(second, b"two"))
        assert store.sealed([first.id]) == {first.id: b"two"}
        load(store, put(first))
        assert store.sealed([first.id]) == {first.id: b"one"}
        load(store, put(row("k1")))
        assert store.sealed([first.id]) == {}
        load(store, retire(first.id))
        assert store.sealed([first.id]) == {}
        assert not hasattr(next(iter(store.changes(0))).after, "sealed")

    def test_what_contradicts_itself_is_refused(self, store: GraphStore) -> None:
        with pytest.raises(ValueError, match="seal_mark"):
            store.stage("x", [put(row("k1"), b"sealed")])
        with pytest.raises(ValueError, match="its row is"):
            store.stage("x", [replace(put(row("k1")), id=row("k2").id)])
        with pytest.raises(ValueError, match="needs a key"):
            store.stage("x", [put(row(""))])
        with pytest.raises(ValueError, match="direction"):
            store.edges([], direction="both")
        with pytest.raises(ValueError, match="relation"):
            store.edges([], direction="out", after=("a", "b"))

    def test_edges_are_ordered_filtered_and_carry_their_row(self, store: GraphStore) -> None:
        load(
            store,
            put(
                row(
                    "1",
                    links=[("a:1", "q", "c:1"), ("a:1", "p", "b:2"), ("a:1", "p", "b:2")],
                    values={"v": 1},
                )
            ),
            put(row("2", links=[("a:1", "p", "b:1"), ("a:1", "p", "a:9"), ("a:2", "p", "b:1")])),
            put(row("1", source="s0", links=[("a:1", "p", "b:2")])),
        )
        both = [node("a:1"), node("a:2"), node("a:1")]
        edges = store.edges(both, direction="out")
        assert [
            (e.link.relation, str(e.link.end), str(e.link.start), e.row.key, e.row.source) for e in edges
        ] == [
            ("p", "a:9", "a:1", "2", "s1"),
            ("p", "b:1", "a:1", "2", "s1"),
            ("p", "b:1", "a:2", "2", "s1"),
            ("p", "b:2", "a:1", "1", "s0"),
            ("p", "b:2", "a:1", "1", "s1"),
            ("q", "c:1", "a:1", "1", "s1"),
        ]
        assert edges[-1].values == {"v": 1}
        assert edges[-1].provenance.batch == "b-000001"
        assert len({edge.id for edge in edges}) == 6
        assert [str(e.link.end) for e in store.edges(both, direction="out", relation="p", kind="a")] == [
            "a:9"
        ]
        assert [str(e.link.start) for e in store.edges([node("b:1")], direction="in")] == ["a:1", "a:2"]
        assert list(store.edges(both, direction="out", relation="none")) == []
        assert list(store.edges(both, direction="out", kind="none")) == []
        assert list(store.edges(both, direction="out", limit=0)) == []
        assert list(store.degrees(both)) == [
            Degree("p", "out", "a", 1),
            Degree("p", "out", "b", 2),
            Degree("q", "out", "c", 1),
        ]
        assert list(store.degrees([node("b:1"), node("a:1")])) == [
            Degree("p", "in", "a", 2),
            Degree("p", "out", "a", 1),
            Degree("p", "out", "b", 2),
            Degree("q", "out", "c", 1),
        ]

    def test_pages_meet_without_gap_or_repeat(self, store: GraphStore) -> None:
        links = [("a:1", "p", f"{kind}:{number:02d}") for kind in ("b", "c") for number in range(7)]
        load(store, put(row("1", links=links)), put(row("2", links=links[:3])))
        seen: list[str] = []
        after: tuple[str, str] | None = None
        while page := store.edges([node("a:1")], direction="out", relation="p", after=after, limit=3):
            assert len({edge.link.end for edge in page}) <= 3
            seen += [str(edge.link.end) for edge in page]
            after = page[-1].link.end
        assert sorted(set(seen)) == sorted(end for _, _, end in links)
        assert seen == sorted(seen)
        assert len(seen) == 17

    def test_sight_hides_relations_kinds_and_rows(self, store: GraphStore) -> None:
        load(
            store,
            put(row("1", at="need:open", owners=("A",), links=[("need:open", "r", "skill:s")])),
            put(row("2", at="need:mine", owners=("A",), public=False, links=[("need:mine", "r", "skill:s")])),
            put(
                row(
                    "3",
                    at="need:theirs",
                    owners=("B",),
                    public=False,
                    links=[("need:theirs", "r", "skill:s")],
                )
            ),
            put(row("4", at="need:mixed", links=[("need:mixed", "r", "skill:s")])),
            put(row("4", source="s2", at="need:mixed", public=False)),
            put(row("5", links=[("need:named", "r", "skill:s"), ("firm:x", "q", "skill:s")])),
        )

        def seen(**parts: object) -> list[str]:
            view = sight(**parts)
            edges = store.edges([node("skill:s")], direction="in", sight=view)
            found = [edge.link.start for edge in edges]
            degrees = store.degrees([node("skill:s")], sight=view)
            assert sum(degree.total for degree in degrees) == len(set(found))
            return sorted(one.key for one in found)

        everything = ["mine", "mixed", "named", "open", "theirs"]
        assert seen(kinds={"skill", "need"}, relations={"r"}) == everything
        assert seen(kinds={"skill", "need"}) == []
        assert seen(kinds={"need"}, relations={"r"}) == []
        assert seen(kinds={"skill"}, relations={"r"}) == []
        assert seen(kinds={"skill"}, scoped={"need"}, relations={"r"}) == ["open"]
        assert seen(kinds={"skill"}, scoped={"need"}, relations={"r"}, org="A") == ["mine", "open"]
        assert seen(kinds={"skill"}, owned={"need"}, relations={"r"}, org="A") == ["mine", "open"]
        assert seen(kinds={"skill"}, owned={"need"}, relations={"r"}, org="B") == ["theirs"]
        assert seen(kinds={"skill"}, owned={"need"}, relations={"r"}) == []
        assert seen(kinds={"skill", "firm"}, relations={"r", "q"}) == ["x"]

    def test_reading_rows_keeps_to_one_state(self, store: GraphStore) -> None:
        load(store, *(put(row(f"{number:03d}")) for number in range(300)))
        stream = store.rows()
        assert next(stream).id.key == "000"
        load(store, put(row("999")), retire(row("200").id))
        assert len(list(stream)) == 299
        assert len(list(store.rows())) == 300

    def test_a_closed_store_refuses(self, tmp_path: Path) -> None:
        store = self.make_store(tmp_path, clock=clock)
        store.close()
        store.close()
        with pytest.raises(StoreError):
            store.revision()
        with pytest.raises(StoreError):
            list(store.rows())
        with pytest.raises(StoreError):
            store.publish(batch())


def _keys(rows: object) -> list[str]:
    return [one.id.key for one in rows]  # type: ignore[attr-defined]  # any iterable of rows


def _plain(one: object) -> object:
    """Return the row as it was staged: without the batch that the store filled in."""
    return one and replace(one, provenance=replace(one.provenance, batch=""))  # type: ignore[type-var,attr-defined]
