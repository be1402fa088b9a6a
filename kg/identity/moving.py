"""Gives rows of a person another talent key: how two persons become one, and one two again."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kg.errors import RefusedError
from kg.model.graph import Link, NodeRef, Row, RowChange, RowId
from kg.ports import GraphStore
from kg.schema import Schema, Table
from kg.text import join_key, split_key

PERSON_KIND: Final = "talent"
PERSON_TABLE: Final = "talents"
PERSON_ID: Final = "person_id"
_CHUNK: Final = 500
_ALL: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """From one talent key to another: `home` are the person rows that go; `others` further rows known to go.

    `whole` when no person row of the old key stays: then everything that names it goes.
    """

    old: str
    new: str
    home: frozenset[RowId]
    others: frozenset[RowId] = frozenset()
    whole: bool = True


class Mover:
    """Turns moves into changes of rows, each on top of what earlier moves of the same batch made of the row."""

    def __init__(self, store: GraphStore, schema: Schema) -> None:
        self._store, self._schema = store, schema
        self._latest: dict[RowId, Row] = {}

    def changes(self) -> Iterator[RowChange]:
        """Yield what has become of the rows, in order of their ids."""
        for name in sorted(self._latest):
            yield RowChange(id=name, row=self._latest[name])

    def move(self, moves: Sequence[Move]) -> dict[str, list[RowId]]:
        """Apply moves; return the rows that each old key lost, the person rows among them.

        Raises RefusedError `self-reference` when a relation between the two persons would end where it begins.
        """
        touched: dict[str, list[RowId]] = {move.old: [] for move in moves}
        for start in range(0, len(moves), _CHUNK):
            chunk = moves[start : start + _CHUNK]
            by_key = {move.old: move for move in chunk}
            tokens = self._tokens(chunk)
            for row in self._rows_of(sorted(by_key)):
                before = self._latest.get(row.id, row)
                after = before
                for key in sorted(named_persons(before) & by_key.keys()):
                    after = self._moved(after, by_key[key], tokens)
                if after != before:
                    self._latest[row.id] = after
                    for key in sorted(named_persons(before) - named_persons(after)):
                        touched[key].append(row.id)
        return touched

    def _tokens(self, moves: Iterable[Move]) -> set[str]:
        """Return the ID tokens of the person rows that go, without those of rows that stay behind."""
        partial = [move for move in moves if not move.whole]
        gone = {name for move in partial for name in move.home}
        rows = (
            list(self._store.rows(table=PERSON_TABLE, persons=sorted({m.old for m in partial})))
            if partial
            else []
        )
        staying = {row.identity for row in rows if row.id not in gone}
        return {row.identity for row in rows if row.id in gone} - staying - {""}

    def _rows_of(self, keys: Sequence[str]) -> list[Row]:
        """Return the rows that belong to these persons or point to them."""
        found = {row.id: row for row in self._store.rows(persons=keys)}
        edges = self._store.edges([NodeRef(PERSON_KIND, key) for key in keys], direction="in", limit=_ALL)
        wanted = sorted({edge.row for edge in edges} - found.keys())
        for start in range(0, len(wanted), _CHUNK):
            found |= {row.id: row for row in self._store.rows(ids=wanted[start : start + _CHUNK])}
        return [found[name] for name in sorted(found)]

    def _moved(self, row: Row, move: Move, tokens: Collection[str]) -> Row:
        table = self._schema.by_key[row.id.table]
        goes = row.person == move.old and self._goes(row, move, tokens)
        person = move.new if goes else row.person
        node = _node_of(row, table, move) if goes else row.node
        links = []
        for link in row.links:
            start = (
                node
                if node is not None and link.start == row.node
                else self._end(row, table, 0, link.start, move, goes)
            )
            end = self._end(row, table, 1, link.end, move, goes, link.relation)
            if start == end and link.start != link.end:
                text = "这两条记录在同一条关系的两端（如师徒），不会是同一个人；请选择“分开”"
                raise RefusedError(text, code="self-reference", table=table.key)
            links.append(Link(start, link.relation, end))
        return replace(row, person=person, node=node, links=tuple(dict.fromkeys(links)))

    def _goes(self, row: Row, move: Move, tokens: Collection[str]) -> bool:
        if move.whole or row.id in move.home or row.id in move.others or row.identity in tokens:
            return True
        number = row.values.get(PERSON_ID)
        return row.id.table != PERSON_TABLE and _is_home(row, number, move)

    def _end(
        self,
        row: Row,
        table: Table,
        side: int,
        end: NodeRef,
        move: Move,
        goes: bool,
        relation: str = "",
    ) -> NodeRef:
        if end != NodeRef(PERSON_KIND, move.old):
            return end
        column = table.ends[side] if table.ends else relation.partition(".")[2]
        if column == PERSON_ID and row.person is not None:
            follows = goes
        else:
            follows = move.whole or row.id in move.others or _is_home(row, row.values.get(column), move)
        return NodeRef(PERSON_KIND, move.new) if follows else end


def named_persons(row: Row) -> set[str]:
    """Return the talent keys that a row names: whose it is, and whom it points to."""
    ends = (end for link in row.links for end in (link.start, link.end))
    return {end.key for end in ends if end.kind == PERSON_KIND} | ({row.person} if row.person else set())


def _is_home(row: Row, number: object, move: Move) -> bool:
    return number is not None and RowId(row.id.source, PERSON_TABLE, join_key((str(number),))) in move.home


def _node_of(row: Row, table: Table, move: Move) -> NodeRef | None:
    node = row.node
    if node is None:
        return None
    if table.key == PERSON_TABLE:
        return NodeRef(node.kind, move.new)
    if PERSON_ID not in table.natural_key:
        return node
    parts = split_key(node.key)
    place = table.natural_key.index(PERSON_ID)
    if parts[place] == move.old:
        parts[place] = move.new
    return NodeRef(node.kind, join_key(parts))
