"""Edges and degrees of the embedded store, with rights applied inside the query."""

import sqlite3
from collections.abc import Sequence
from typing import Final, LiteralString

from kg.model.graph import Degree, Edge, NodeRef, Sight
from kg.store import rules
from kg.store.answers import read_degrees, read_edges, sight_values
from kg.store.codec import to_json

_LARGEST: Final = 2**62

# A node is visible by its kind; else by its rows: all public, or one owned by the organisation.
_VISIBLE: Final[LiteralString] = """(
    :all OR END.kind IN (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:kinds)))
    OR (END.kind IN (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:scoped)))
        AND EXISTS (SELECT 1 FROM live WHERE live.node = END.id)
        AND NOT EXISTS (SELECT 1 FROM live WHERE live.node = END.id AND NOT live.public))
    OR (END.kind IN (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:own)))
        AND EXISTS (SELECT 1 FROM live, json_each(live.body, '$[9]') AS owner
            WHERE live.node = END.id AND owner.value = :org)))"""
_NEAR: Final[LiteralString] = """
    near AS MATERIALIZED (
        SELECT start.id, start.kind, start.key FROM json_each(:nodes) AS wanted
        CROSS JOIN term ON term.text = json_extract(wanted.value, '$[0]')
        CROSS JOIN node AS start ON start.kind = term.id AND start.key = json_extract(wanted.value, '$[1]')
        WHERE VISIBLE
    )""".replace("VISIBLE", _VISIBLE.replace("END", "start"))
# Staged rows have edges too; the look at the row is only needed while something is staged.
_WALKABLE: Final[LiteralString] = """
    ((SELECT COUNT(*) FROM batch WHERE revision IS NULL) = 0
        OR EXISTS (SELECT 1 FROM live WHERE live.id = edge.row_id))
    AND (:all OR edge.relation IN
        (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:relations))))
    AND VISIBLE""".replace("VISIBLE", _VISIBLE.replace("END", "other"))
_PAGE: Final[LiteralString] = """
    WITH NEAR_NODES,
    page AS MATERIALIZED (
        SELECT DISTINCT relation.text AS relation, kind.text AS kind, other.key AS key,
            edge.relation AS relation_id, other.id AS other_id
        FROM near CROSS JOIN edge ON edge.src = near.id AND edge.relation BETWEEN :relation_low AND :relation_high
        CROSS JOIN node AS other ON other.id = edge.dst AND other.kind BETWEEN :kind_low AND :kind_high
        CROSS JOIN term AS relation ON relation.id = edge.relation
        CROSS JOIN term AS kind ON kind.id = other.kind
        WHERE WALKABLE AND (:after_kind IS NULL OR (kind.text, other.key) > (:after_kind, :after_key))
        ORDER BY relation.text, kind.text, other.key LIMIT :limit
    )
    SELECT page.relation, page.kind, page.key, near_kind.text, near.key,
        source.text, tbl.text, row.key, batch.name, row.body
    FROM page CROSS JOIN near
    CROSS JOIN edge ON edge.src = near.id AND edge.relation = page.relation_id AND edge.dst = page.other_id
    CROSS JOIN live AS row ON row.id = edge.row_id CROSS JOIN batch ON batch.id = row.batch
    CROSS JOIN term AS near_kind ON near_kind.id = near.kind
    CROSS JOIN term AS source ON source.id = row.source CROSS JOIN term AS tbl ON tbl.id = row.tbl"""
_COUNT: Final[LiteralString] = """
    WITH NEAR_NODES
    SELECT relation.text, kind.text, COUNT(DISTINCT edge.dst)
    FROM near CROSS JOIN edge ON edge.src = near.id CROSS JOIN node AS other ON other.id = edge.dst
    CROSS JOIN term AS relation ON relation.id = edge.relation CROSS JOIN term AS kind ON kind.id = other.kind
    WHERE WALKABLE GROUP BY edge.relation, other.kind"""


def _complete(query: LiteralString) -> LiteralString:
    return query.replace("NEAR_NODES", _NEAR).replace("WALKABLE", _WALKABLE)


def _turned(query: LiteralString) -> LiteralString:
    """Return the query that walks edges against their direction."""
    return (
        query
        .replace("edge.src", "edge.NEAR")
        .replace("edge.dst", "edge.src")
        .replace("edge.NEAR", "edge.dst")
    )


_PAGES: Final = {"out": _complete(_PAGE), "in": _turned(_complete(_PAGE))}
_COUNTS: Final = {"out": _complete(_COUNT), "in": _turned(_complete(_COUNT))}


def edge_page(
    connection: sqlite3.Connection,
    nodes: Sequence[NodeRef],
    *,
    direction: str,
    relation: str | None,
    kind: str | None,
    sight: Sight | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[Edge]:
    """Return one page of edges, in order."""
    after_kind, after_key = after or (None, None)
    relation_low, relation_high = _bounds(connection, relation)
    kind_low, kind_high = _bounds(connection, kind)
    found = connection.execute(
        _PAGES[direction],
        {
            **_common(nodes, sight),
            "relation_low": relation_low,
            "relation_high": relation_high,
            "kind_low": kind_low,
            "kind_high": kind_high,
            "after_kind": after_kind,
            "after_key": after_key,
            "limit": max(limit, 0),
        },
    )
    return read_edges(found, direction)


def degree_list(
    connection: sqlite3.Connection, nodes: Sequence[NodeRef], sight: Sight | None
) -> list[Degree]:
    """Return the number of distinct neighbours by relation, direction and kind, in that order."""
    common = _common(nodes, sight)
    return read_degrees({
        direction: connection.execute(_COUNTS[direction], common) for direction in rules.DIRECTIONS
    })


def _common(nodes: Sequence[NodeRef], sight: Sight | None) -> dict[str, object]:
    told = {
        name: value if value is None or isinstance(value, (bool, str)) else to_json(value)
        for name, value in sight_values(sight).items()
    }
    return {"nodes": to_json(sorted(set(nodes))), **told}


def _bounds(connection: sqlite3.Connection, text: str | None) -> tuple[int, int]:
    """Return the range of term numbers that a filter allows: everything, one, or nothing."""
    if text is None:
        return 0, _LARGEST
    found = connection.execute("SELECT id FROM term WHERE text = ?", (text,)).fetchone()
    return (found[0], found[0]) if found else (1, 0)
