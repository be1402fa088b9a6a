"""Why rows are one person, from the decided questions alone: chains of joins, what was confirmed, how it is written."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kg.identity.joins import doubt, joins_of, likely, told_joins, weakest
from kg.identity.review_queue import APART, AUTOMATIC, MERGED, Record, review_id
from kg.model.graph import Provenance, Row, RowId
from kg.sealing.sealer import Sealer

SEALER = Sealer(b"k" * 32)
IDS = {name: RowId(name, "talents", "1") for name in "abc"}
KEYS = {name: SEALER.talent_key(name, "1") for name in "abc"}


def row(name: str, *, identity: str = "") -> Row:
    """Return the row by which a register knows the person."""
    since = datetime(2026, 1, 1 + ord(name) - ord("a"), tzinfo=UTC)
    return Row(
        id=IDS[name], node=None, label="王**", values={}, links=(), person=KEYS["a"], identity=identity,
        provenance=Provenance(batch="b-000001", origin="", recorded_at=since),
    )  # fmt: skip


def join(left: str, right: str, **more: Any) -> Record:
    """Return a decided question: these two rows were made one person."""
    sides = sorted([(KEYS[left], left), (KEYS[right], right)])
    return {
        "id": review_id(SEALER, [KEYS[left], KEYS[right]]), "state": MERGED, "by": AUTOMATIC, "batch": "b-000002",
        "at": "2026-01-09", "probability": 0.99, "weights": [], "rows": [[list(IDS[name])] for _, name in sides], **more,
    }  # fmt: skip


def found(*records: Record, rows: str = "abc") -> list[Record]:
    """Return the questions that hold the rows together."""
    known = {record["id"]: record for record in records}
    return joins_of(KEYS["a"], {IDS[name] for name in rows}, SEALER, known.get)


def test_every_link_of_a_chain_is_found() -> None:
    first, second = join("a", "b", at="2026-01-08"), join("b", "c", probability=0.985)
    assert found(second, first) == [first, second]
    told = told_joins(KEYS["a"], [row("a"), row("b"), row("c")], [first, second], SEALER)
    assert [(one["basis"], one["review"]) for one in told["records"]] == [
        ("first", None),
        ("joined", first["id"]),
        ("joined", second["id"]),
    ]
    assert told["probability"] == 0.985


def test_a_question_about_rows_that_are_not_together_says_nothing() -> None:
    assert found(join("a", "b"), rows="ac") == []
    assert found(join("a", "b", state=APART)) == []


def test_a_person_whose_first_row_is_gone_keeps_the_reason() -> None:
    """The key came from a row that its register no longer has; the question names that key all the same."""
    kept = join("a", "b", rows=[[list(IDS["c"])], [list(IDS["b"])]])
    assert found(kept, rows="bc") == [kept]


def test_rows_without_a_decision_are_told_by_their_number_or_as_unexplained() -> None:
    told = told_joins(KEYS["a"], [row("a", identity="x"), row("b", identity="x"), row("c")], [], SEALER)
    assert [one["basis"] for one in told["records"]] == ["first", "same-number", "unknown"]


def test_what_a_person_has_confirmed_leaves_no_doubt() -> None:
    confirmed = join("b", "c", by="officer", probability=0.4)
    assert weakest([confirmed]) is None
    assert doubt(2, [confirmed]) is None
    told = doubt(3, [confirmed, join("a", "b")])
    assert told is not None
    assert (told["records"], told["unconfirmed"], told["probability"]) == (3, 1, 0.99)


@pytest.mark.parametrize(
    ("probability", "text"),
    [(1.0, "100 %"), (0.99999, "99.99 %"), (0.985, "98.5 %"), (0.3, "30 %"), (0.29, "29 %")],
)
def test_what_is_not_certain_never_reads_certain(probability: float, text: str) -> None:
    assert likely(probability) == text
