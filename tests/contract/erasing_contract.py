"""What every graph store does alike when rows are erased for good."""

from dataclasses import replace

from kg.model.graph import Batch, RowId
from kg.model.marks import marks_of
from kg.ports import GraphStore
from tests.contract.samples import NOW, batch, load, node, put, retire, row


class ErasingContract:
    """Part of `tests.contract.store_contract.StoreContract`."""

    def test_erase_leaves_no_row_log_or_sealed_part(self, store: GraphStore) -> None:
        one, two = row("k1", at="need:k1", mark="m", links=[("need:k1", "r", "skill:a")]), row("k2")
        load(store, put(one, b"secret"), put(two))
        load(store, put(replace(one, values={"v": 2})))
        store.stage("x", [put(replace(one, values={"v": 3}))])
        assert store.erase([one.id, one.id, row("none").id], actor="admin") == 1
        assert store.revision() == 3
        last = store.batches()[-1]
        assert (last.id, last.source, last.actor, last.at) == ("b-000003", "", "admin", NOW)
        assert last.report == {"erased": 1}
        assert [one.id.key for one in store.rows()] == ["k2"]
        assert store.sealed([one.id]) == {}
        assert list(store.edges([node("skill:a")], direction="in")) == []
        log = list(store.changes(0))
        assert [(change.revision, change.id.key) for change in log] == [(1, "k2"), (3, "")]
        assert log[-1].id == RowId("s1", "needs", "")
        assert log[-1].before is log[-1].after is None
        store.publish(batch(), staged="x")
        assert [one.id.key for one in store.rows()] == ["k2"]
        assert store.erase([one.id, log[-1].id], actor="admin") == 0
        assert store.revision() == 4
        assert len(list(store.changes(0))) == 2

    def test_the_log_tells_marks_of_whom_erased_rows_were_about_and_no_more(self, store: GraphStore) -> None:
        """Those of an older state, and who has a row at the same node, too; of revision 3 other ones than of 4."""
        mine, other = row("k1", at="need:n", person="p2"), row("k2", at="need:n", person="p3")
        load(store, put(replace(mine, person="p1")), put(other), put(row("k3", person="p4")))
        load(store, put(mine))
        assert store.erase([mine.id], actor="admin") == 1
        assert store.erase([other.id], actor="admin") == 1
        assert store.erase([row("k3").id], actor="admin") == 1
        log = list(store.changes(0))
        assert [one.about for one in log] == [
            marks_of(["p1", "p2", "p3"], 3),
            marks_of(["p3"], 4),
            marks_of(["p4"], 5),
        ]
        assert [(one.id.key, one.before, one.after) for one in log] == [("", None, None)] * 3
        assert next(iter(store.changes(4))).about == marks_of(["p4"], 5)

    def test_a_retired_row_can_be_erased_from_the_log(self, store: GraphStore) -> None:
        one = row("k1")
        load(store, put(one))
        load(store, retire(one.id))
        assert store.erase([one.id], actor="admin") == 0
        assert list(store.changes(0)) == []
        assert store.revision() == 2

    def test_erasure_takes_cell_texts_out_of_the_reports_of_these_loads(self, store: GraphStore) -> None:
        finding = {
            "code": "bad-date",
            "message": "CanaryText",
            "value": "CanaryText",
            "row": 3,
            "column": "d",
        }
        about = {"rejects": [{**finding, "table": "needs"}, {**finding, "table": "other"}], "warnings": []}

        def loaded(source: str) -> Batch:
            one = replace(batch(source=source), report={**about, "errors": [{**finding, "table": "needs", "row": None}]})  # fmt: skip
            store.stage("x", [put(row("k1", source=source))])
            return store.publish(one, staged="x")

        mine, others = loaded("s1"), loaded("s2")
        assert store.erase([RowId("s1", "needs", "k1")], actor="admin") == 1
        kept = store.batches()
        assert kept[1] == others
        assert kept[0] == replace(mine, report=kept[0].report)
        told = [finding["value"] for part in ("rejects", "errors") for finding in kept[0].report[part]]
        assert told == [None, "CanaryText", "CanaryText"], "of the table, in a row"
        assert "CanaryText" not in str(kept[0].report["rejects"][0])
