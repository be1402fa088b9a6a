"""Questions about persons: which talent keys are one person, from the records of all registers."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from kg.identity.clusters import Groups, group
from kg.identity.comparing import RARE, Crowd, Pair, block_keys, compare
from kg.identity.moving import PERSON_TABLE, Move
from kg.identity.names import ORGANISATIONS
from kg.identity.person_records import PersonRecord, record_of
from kg.identity.review_queue import APART, MERGED, PERSON, review_id
from kg.model.graph import Row, RowId, Value
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
        reason = "two-numbers" if self.pair is None else "alike"
        return {
            "id": review_id(sealer, [key for key, _ in sides], *([reason] if self.pair is None else [])),
            "kind": PERSON,
            "reason": reason,
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


def employers(store: GraphStore) -> dict[str, str]:
    """Return the names of organisations by their codes."""
    rows = (row for table in ORGANISATIONS for row in store.rows(table=table))
    return {row.node.key: str(row.values["name"]) for row in rows if row.node and "name" in row.values}


def employer_of(row: Row, firms: Mapping[str, str]) -> Value:
    """Return the name of a person's employer: that of its code, else as the register writes it, else the code."""
    code = row.values.get("employer")
    return firms.get(str(code)) or row.values.get("employer_name") or code


def _rows_in_parts(store: GraphStore, ids: Sequence[RowId]) -> Iterator[Row]:
    for start in range(0, len(ids), _CHUNK):
        yield from store.rows(table=PERSON_TABLE, ids=ids[start : start + _CHUNK])


@dataclass(frozen=True, slots=True)
class Gathered:
    """Records to compare, the positions of those that are new (None: all), and everybody they are compared among."""

    records: list[PersonRecord]
    fresh: frozenset[int] | None
    crowd: Crowd


def read_records(
    store: GraphStore,
    sealer: Sealer,
    ids: Sequence[RowId] | None = None,
    firms: Mapping[str, str] | None = None,
) -> Iterator[PersonRecord]:
    """Yield the records of all person rows, or of these, by (row key, source).

    `firms` gives names for the codes of employers. The plain values live as long as the caller keeps the records.
    """
    firms = employers(store) if firms is None else firms
    rows = store.rows(table=PERSON_TABLE) if ids is None else _rows_in_parts(store, ids)
    while chunk := list(islice(rows, _CHUNK)):
        sealed = store.sealed([row.id for row in chunk])
        for row in chunk:
            if row.person is not None:
                opened = sealer.unseal(sealed[row.id], row.id) if row.id in sealed else {}
                since = row.provenance.recorded_at.isoformat()
                plain = {**row.values, "employer_name": employer_of(row, firms)}
                yield record_of(row.id, row.person, opened, plain, since)


def gather(store: GraphStore, sealer: Sealer, fresh: Collection[RowId] | None) -> Gathered:
    """Return everybody, or with `fresh` those rows and whoever must be compared with them.

    The rows are read twice then, so that never more than a chunk of the others is held unsealed.
    """
    if fresh is None:
        records = list(read_records(store, sealer))
        return Gathered(records, None, Crowd.of(records))
    firms = employers(store)
    wanted = list(read_records(store, sealer, sorted(fresh), firms))
    keys = {key for record in wanted for key in block_keys(record)}
    persons = {record.person for record in wanted}
    borne = {name: {getattr(record, name) for record in wanted} for name in RARE}
    known, times = dict.fromkeys(RARE, 0), {name: Counter[str]() for name in RARE}
    found, total = [], 0
    for record in read_records(store, sealer, None, firms) if wanted else ():
        total += 1
        for name in RARE:
            if value := getattr(record, name):
                known[name] += 1
                times[name][value] += value in borne[name]
        if record.row in fresh or record.person in persons or any(key in keys for key in block_keys(record)):
            found.append(record)
    found = _with_their_own(store, sealer, found, firms)
    chosen = frozenset(place for place, record in enumerate(found) if record.row in fresh)
    return Gathered(found, chosen, Crowd(total, known, times))


def _with_their_own(
    store: GraphStore, sealer: Sealer, found: list[PersonRecord], firms: Mapping[str, str]
) -> list[PersonRecord]:
    """Return the records with all others of the same persons: whose ID number one of them has, all have."""
    held = {record.row for record in found}
    keys = sorted({record.person for record in found})
    missing: list[RowId] = []
    for start in range(0, len(keys), _CHUNK):
        rows = store.rows(table=PERSON_TABLE, persons=keys[start : start + _CHUNK])
        missing += [row.id for row in rows if row.id not in held]
    added = read_records(store, sealer, missing, firms) if missing else ()
    return sorted([*found, *added], key=lambda record: (record.row.key, record.row.source))


def find(
    gathered: Gathered,
    store: GraphStore,
    schema: Schema,
    rules: LinkageRules,
    known: Sequence[Mapping[str, Any]],
) -> Found:
    """Compare the records with everybody who might be the same; `known` are the records of the queue.

    Persons whom somebody kept apart stay apart; merges that were undone are asked, never repeated by themselves; rows
    to which one register gives two numbers are asked, never joined by themselves.
    """
    records = gathered.records
    places = {record.row: place for place, record in enumerate(records)}
    least = min(rules.ask_from, rules.merge_from)
    pairs = compare(records, from_probability=least, crowd=gathered.crowd, fresh=gathered.fresh)
    apart = [*_decided_apart(known, places), *(_related(store, schema, places) if pairs else ())]
    undone = list(_undone(known, places, records))
    groups = group(records, pairs, from_probability=rules.merge_from, apart=[*apart, *undone])
    merges = tuple(_merges(records, pairs, groups))
    asking = Groups(records, apart)
    for finding in merges:
        asking.join(places[finding.left_rows[0]], places[finding.right_rows[0]])
    asked = (pair for pair in pairs if pair.probability >= rules.ask_from)
    questions = (*_conflicts(records), *_questions(records, asked, asking))
    compared = records if gathered.fresh is None else gathered.fresh
    return Found(merges, questions, len(compared))


def asked_again(known: Iterable[Mapping[str, Any]], store: GraphStore) -> set[RowId]:
    """Return the person rows of questions that must be looked at anew: open ones, and merges that were rolled back."""
    found: set[RowId] = set()
    decided: list[list[list[RowId]]] = []
    for record in known:
        sides = [[RowId(*row) for row in side] for side in record["rows"]]
        if record["state"] == MERGED:
            decided.append(sides)
        elif record["state"] != APART:
            found.update(row for side in sides for row in side)
    wanted = sorted({side[0] for sides in decided for side in sides})
    persons: dict[RowId, str | None] = {}
    for start in range(0, len(wanted), _CHUNK):
        persons |= {row.id: row.person for row in store.rows(ids=wanted[start : start + _CHUNK])}
    for left, right in decided:
        if left[0] in persons and right[0] in persons and persons[left[0]] != persons[right[0]]:
            found.update([*left, *right])
    return found


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
        kept = _kept_key(records, groups, place)
        for key in sorted(rows.keys() - {kept}):
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
        yield Finding(
            _kept_key(records, groups, ends[0]), _kept_key(records, groups, ends[1]), rows[0], rows[1], pair
        )


def _kept_key(records: Sequence[PersonRecord], groups: Groups, place: int) -> str:
    """Return the talent key that a group bears once it is one person: that of its oldest row."""
    members = (records[member] for member in groups.members(place))
    return min((member.since, member.row, member.person) for member in members)[2]


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
    """Yield pairs of merges that were taken back though nobody decided to keep them apart."""
    for record in known:
        if record["state"] == MERGED or record.get("undone"):
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
