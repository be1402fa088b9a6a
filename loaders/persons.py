"""Who is who: talent keys of the persons of a source, and one person behind equal ID numbers (`contract.md` §5)."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from kg.model.graph import RowId
from kg.ports import GraphStore
from kg.schema import Table
from kg.sealing.sealer import Sealer
from loaders.known import chunked


class Person(NamedTuple):
    """A person row: the talent key it belongs to and the token of its ID number ("" without one)."""

    key: str
    identity: str


class Persons:
    """The persons that the source's own numbers, and the ID numbers of any source, stand for.

    A number is meant as rows of persons bear it in their key (`loaders.keys.encoded`).
    """

    def __init__(
        self, store: GraphStore, sealer: Sealer, source: str, home: Table | None, *, stored: bool
    ) -> None:
        self._store, self._sealer, self._source = store, sealer, source
        self._home = home.key if home else ""
        self._stored = stored and home is not None
        self._own: dict[str, Person | None] = {}
        self._batch: set[str] = set()
        self._keys: dict[str, str | None] = {}
        self._numbers: dict[str, str] = {}
        self.retired: set[RowId] = set()

    def learn(self, numbers: set[str], tokens: set[str]) -> None:
        """Ask the store for these person_ids of the source and these ID tokens of any source."""
        fresh, missing = numbers - self._own.keys(), tokens - self._keys.keys()
        self._own.update(dict.fromkeys(fresh))
        self._keys.update(dict.fromkeys(missing))
        if not self._stored:
            return
        for chunk in chunked(sorted(fresh)):
            ids = [RowId(self._source, self._home, number) for number in chunk]
            for row in self._store.rows(table=self._home, ids=ids):
                if row.id not in self.retired and row.person is not None:
                    self._own[row.id.key] = Person(row.person, row.identity)
        for chunk in chunked(sorted(missing)):
            for row in self._store.rows(table=self._home, identities=chunk):
                if row.person is not None and row.id not in self.retired and not self._in_batch(row.id):
                    own = row.id.source == self._source
                    self._add_identity(row.identity, row.person, row.id.key if own else None)

    def own(self, number: str) -> Person | None:
        """Return the person whom the source knows by that person_id."""
        return self._own.get(number)

    def key_of(self, token: str) -> str | None:
        """Return the talent key of the person with that ID token, in whatever source."""
        return self._keys.get(token)

    def number_of(self, token: str) -> str | None:
        """Return the source's own (smallest) person_id of the person with that ID token."""
        return self._numbers.get(token)

    def assign(self, tokens: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Give each person_id of the batch its talent key; `tokens` maps person_id to ID token ("" none).

        Returns those that move from one person to another: person_id -> (old key, new key). The result does not
        depend on the order of rows: of several new rows of one person the smallest person_id founds the key.
        """
        self.learn(set(tokens), {token for token in tokens.values() if token})
        groups: dict[str, list[str]] = {}
        for number in sorted(tokens):
            groups.setdefault(tokens[number] or f"#{number}", []).append(number)
        kept = self._kept(groups, tokens)
        taken = self._taken([group[0] for key, group in groups.items() if key not in kept], tokens)
        moved = {}
        self._batch |= tokens.keys()
        for group_key, numbers in groups.items():
            key = kept.get(group_key) or self._founded(numbers[0], group_key, taken)
            for number in numbers:
                old = self._own[number]
                if old is not None and old.key != key:
                    moved[number] = (old.key, key)
                self._own[number] = Person(key, tokens[number])
                if tokens[number]:
                    self._add_identity(tokens[number], key, number)
        return moved

    def _kept(self, groups: Mapping[str, list[str]], tokens: Mapping[str, str]) -> dict[str, str]:
        """Return the talent keys that groups of rows already have: by ID number, else by the stored row itself."""
        before = self._own
        left = {p.identity for n in tokens if (p := before[n]) and p.identity and p.identity != tokens[n]}
        shared = self._shared(left, tokens) | (left & set(tokens.values()))
        kept = {}
        for group_key, numbers in groups.items():
            by_identity = self._keys.get(group_key)
            if by_identity is not None:
                kept[group_key] = by_identity
                continue
            for number in numbers:
                person = before[number]
                if person is not None and (not tokens[number] or person.identity not in shared):
                    kept[group_key] = person.key
                    break
        return kept

    def _shared(self, identities: set[str], numbers: Collection[str]) -> set[str]:
        """Return those identities that other person rows keep when the rows of these numbers change theirs."""
        shared = set()
        for chunk in chunked(sorted(identities)) if self._stored else ():
            for row in self._store.rows(table=self._home, identities=chunk):
                if row.id.source != self._source or row.id.key not in numbers:
                    shared.add(row.identity)
        return shared

    def _taken(self, numbers: Iterable[str], tokens: Mapping[str, str]) -> set[str]:
        """Return the keys that new rows would found but that other persons' rows still bear."""
        if not self._stored:
            return set()
        keys = {self._sealer.talent_key(self._source, number): number for number in numbers}
        taken: set[str] = set()
        for chunk in chunked(sorted(keys)):
            for row in self._store.rows(table=self._home, persons=chunk):
                key = row.person or ""
                own = row.id == RowId(self._source, self._home, keys[key])
                if not own or row.identity != tokens[keys[key]]:
                    taken.add(key)
        return taken

    def _founded(self, number: str, group_key: str, taken: set[str]) -> str:
        key = self._sealer.talent_key(self._source, number)
        return self._sealer.talent_key(self._source, f"{number}#{group_key}") if key in taken else key

    def _in_batch(self, row: RowId) -> bool:
        return row.source == self._source and row.key in self._batch

    def _add_identity(self, token: str, key: str, number: str | None) -> None:
        """Remember whose ID number that is; `number` is the source's own person_id, if it is a row of the source."""
        known = self._keys.get(token)
        self._keys[token] = key if known is None else min(known, key)
        if number is not None:
            self._numbers[token] = min(self._numbers.get(token, number), number)
