"""Why an edge exists: its sentence, the row that states it, the batch that brought it, and who else says so."""

from collections.abc import Sequence
from typing import Any

from kg.index.names import name_of
from kg.model.graph import Batch, Edge, NodeRef, Row
from kg.paths.book import may_walk
from kg.paths.nodes import provenance, row_summary
from kg.paths.relations import sentence, short_label
from kg.paths.scenes import Reader, node_json
from kg.policy.masking import display
from kg.policy.rights import sees_row, visible_columns

Json = dict[str, Any]


def tell_edge(reader: Reader, edge: Edge, row: Row, batches: Sequence[Batch]) -> Json | None:
    """Return why an edge exists, None when the viewer may not know of it: relation, both ends and the row."""
    start, end = reader.book.canonical(edge.link.start), reader.book.canonical(edge.link.end)
    nodes = reader.nodes([start, end])
    table = reader.book.schema.by_key[row.id.table]
    walked = start in nodes and end in nodes and _may_read(reader, row, edge)
    if not walked:
        return None
    relation = reader.book.schema.relations[edge.link.relation]
    named = {ref: reader.book.name(facts) for ref, facts in nodes.items()}
    columns = visible_columns(reader.viewer, table, row.owners)
    batch = next((one for one in batches if one.id == row.provenance.batch), None)
    officer = reader.sight is None
    said = [one for one in reader.edges(nodes, touching=[start]) if reader.triple(one) == reader.triple(edge)]
    return {
        "id": edge.id,
        "sentence": sentence(relation, table, named[start], named[end]),
        "text": f"{table.zh}：{row_summary(row, table, columns, lambda ref: name_of(reader.book.world, ref))}",
        "relation": relation.key,
        "relation_label": short_label(relation),
        "start": node_json(reader.book, nodes[start]),
        "end": node_json(reader.book, nodes[end]),
        **provenance(row),
        "table": row.id.table,
        "table_label": table.zh,
        "row": row.id.key if row.person is None or officer else "",
        "batch_at": None if batch is None else batch.at.isoformat(),
        "batch_by": batch.actor if batch is not None and officer else None,
        "properties": [
            {"key": column.key, "label": column.zh, "value": display(column, row.values.get(column.key))}
            for column in columns
            if row.values.get(column.key) is not None
        ],
        "also": [
            {"id": one.id, "source": one.row.source, "origin": one.provenance.origin}
            for one in said
            if one.id != edge.id
        ],
    }


def _may_read(reader: Reader, row: Row, edge: Edge) -> bool:
    """True when relation and row may be seen; rows of relation tables carry no node, so their table decides."""
    if reader.sight is None:
        return True
    table = reader.book.schema.by_key[row.id.table]
    return edge.link.relation in reader.sight.relations and sees_row(reader.viewer, table, row)


def outgoing(reader: Reader, start: NodeRef, wanted: str) -> Edge | None:
    """Return the edge of that id among those that leave a visible node."""
    for facts in reader.nodes([start]).values():
        for edge in facts.out:
            if edge.id == wanted and may_walk(reader.viewer, reader.book.schema, reader.sight, facts, edge):
                return edge
    return None
