"""Questions about persons: which talent keys are one person, from the records of all registers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from kg.identity.clusters import Groups, group
from kg.identity.comparing import Pair, compare
from kg.identity.moving import PERSON_TABLE, Move
from kg.identity.person_records import PersonRecord, record_of
from kg.identity.review_queue import APART, MERGED, PERSON
from kg.model.graph import RowId
from kg.model.rules import LinkageRules
from kg.ports import GraphStore
from kg.schema import Schema
from kg.sealing.sealer import Sealer

_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Two groups of person rows, by the talent keys they bear now, and what speaks for one person.

    `pair` None: one person who has two different valid ID numbers, and so should be two.
    """

    left: str
    right: str
    left_rows: tuple[RowId, ...]
    right_rows: tuple[RowId, ...]
    pair: Pair | None

    def record(self, sealer: Sealer) -> dict[str, Any]:
        """Return the finding as the queue keeps it; its id stays the same as long as the keys do."""
        sides = sorted([(self.left, self.left_rows), (self.right, self.right_rows)])
        parts = [key for key, _ in sides] + (["two-numbers"] if self.pair is None else [])
        return {
            "id": f"p-{sealer.token('review', *parts)[:16]}",
            "kind": PERSON,
            "reason": "two-numbers" if self.pair is None else "alike",
            "keys": [key for key, _ in sides],
            "rows": [[list(row) for row in rows] for _, rows in sides],
            "probability": None if self.pair is None else self.pair.probability,
            "weights": [] if self.pair is None else [weight._asdict() for weight in self.pair.weights],
        }


@dataclass(frozen=True, slots=True)
class Found:
    """What a comparison found: merges that are certain enough, questions for people, and how many rows were read."""

    merges: tuple[Finding, ...]
    questions: tuple[Finding, ...]
    records: int


def read_records(store: GraphStore, sealer: Sealer) -> Iterator[PersonRecord]:
    """Yield the records of all person rows, by (row key, source); their plain values live as long as the caller keeps them."""
    rows = iter(store.rows(table=PERSON_TABLE))
    while chunk := list(islice(rows, _CHUNK)):
        sealed = store.sealed([row.id for row in chunk])
        for row in chunk:
            if row.person is not None:
                opened = sealer.unseal(sealed[row.id], row.id) if row.id in sealed else {}
                yield record_of(row.id, row.person, opened, row.values)


def find(
    store: GraphStore, sealer: Sealer, schema: Schema, rules: LinkageRules, known: Sequence[Mapping[str, Any]]
) -> Found:
    """Compare everybody with everybody who might be the same; `known` are the records of the queue.

    Persons whom somebody kept apart stay apart; merges that were undone are asked, never repeated by themselves.
    """
    records = list(read_records(store, sealer))
    places = {record.row: place for place, record in enumerate(records)}
    pairs = compare(records, from_probability=min(rules.ask_from, rules.merge_from))
    apart = [*_decided_apart(known, places), *_related(store, schema, places)]
    undone = list(_undone(known, places, records))
    groups = group(records, pairs, from_probability=rules.merge_from, apart=[*apart, *undone])
    merges = tuple(_merges(records, pairs, groups))
    asking = Groups(records, apart)
    for finding in merges:
        asking.join(places[finding.left_rows[0]], places[finding.right_rows[0]])
    asked = (pair for pair in pairs if pair.probability >= rules.ask_from)
    questions = (*_conflicts(records), *_questions(records, asked, asking))
    return Found(merges, questions, len(records))


def merge_move(finding: Finding) -> Move:
    """Return the move that makes the right person of a finding the left one."""
    return Move(finding.right, finding.left, frozenset(finding.right_rows))


def _merges(records: Sequence[PersonRecord], pairs: Sequence[Pair], groups: Groups) -> Iterator[Finding]:
    """Yield each talent key that becomes another, with the strongest pair between it and the others of its group."""
    best: dict[str, Pair] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.probability, -pair.left, -pair.right)):
        if groups.find(pair.left) == groups.find(pair.right):
            best[records[pair.left].person] = best[records[pair.right].person] = pair
    seen = set()
    for place in range(len(records)):
        if groups.find(place) in seen:
            continue
        seen.add(groups.find(place))
        rows: dict[str, list[RowId]] = {}
        for member in groups.members(place):
            rows.setdefault(records[member].person, []).append(records[member].row)
        kept, *others = sorted(rows, key=lambda key: min(rows[key]))
        for key in others:
            yield Finding(kept, key, tuple(rows[kept]), tuple(rows[key]), best[key])


def _questions(records: Sequence[PersonRecord], pairs: Iterable[Pair], groups: Groups) -> Iterator[Finding]:
    seen: set[tuple[int, int]] = set()
    for pair in sorted(pairs, key=lambda pair: (-pair.probability, pair.left, pair.right)):
        left, right = groups.find(pair.left), groups.find(pair.right)
        ends = (min(left, right), max(left, right))
        if left == right or ends in seen or not groups.may_join(left, right):
            continue
        seen.add(ends)
        rows = [tuple(records[place].row for place in groups.members(end)) for end in ends]
        # merged groups bear the key of their first member once the merges are published
        yield Finding(
            _kept_key(records, groups, ends[0]), _kept_key(records, groups, ends[1]), rows[0], rows[1], pair
        )


def _kept_key(records: Sequence[PersonRecord], groups: Groups, place: int) -> str:
    return min((records[member].row, records[member].person) for member in groups.members(place))[1]


def _conflicts(records: Sequence[PersonRecord]) -> Iterator[Finding]:
    """Yield persons with two different valid ID numbers: a register corrected a number after a merge."""
    cards: dict[str, dict[str, list[RowId]]] = {}
    for record in records:
        if record.card:
            cards.setdefault(record.person, {}).setdefault(record.card, []).append(record.row)
    for person, found in sorted(cards.items()):
        if len(found) > 1:
            first, *rest = sorted(found.values())
            for rows in rest:
                yield Finding(person, person, tuple(first), tuple(rows), None)


def _decided_apart(
    known: Iterable[Mapping[str, Any]], places: Mapping[RowId, int]
) -> Iterator[tuple[int, int]]:
    for record in known:
        if record["state"] == APART:
            yield from _between(record, places)


def _undone(
    known: Iterable[Mapping[str, Any]], places: Mapping[RowId, int], records: Sequence[PersonRecord]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of merges that do not hold any more though nobody decided to keep them apart: a batch was rolled back."""
    for record in known:
        if record["state"] == MERGED:
            for left, right in _between(record, places):
                if records[left].person != records[right].person:
                    yield left, right


def _between(record: Mapping[str, Any], places: Mapping[RowId, int]) -> Iterator[tuple[int, int]]:
    left, right = ([places[RowId(*row)] for row in side if RowId(*row) in places] for side in record["rows"])
    yield from ((a, b) for a in left for b in right if a != b)


def _related(store: GraphStore, schema: Schema, places: Mapping[RowId, int]) -> Iterator[tuple[int, int]]:
    """Yield pairs that a relation joins, such as master and apprentice: they are two persons."""
    for table in schema.tables:
        ends = table.ends
        if ends is None or not all(table.column(end).refers_to == (PERSON_TABLE,) for end in ends):
            continue
        for row in store.rows(table=table.key):
            numbers = [RowId(row.id.source, PERSON_TABLE, str(row.values.get(end))) for end in ends]
            if all(number in places for number in numbers):
                yield places[numbers[0]], places[numbers[1]]
