"""Table exports over HTTP and on the command line: rights first, then the loaders' own writer."""

from typing import Final

from kg.bootstrap import Graph
from kg.errors import ForbiddenError, NotFoundError
from kg.model.batches import in_force
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_row, visible_columns
from kg.schema import Schema, Table, Visibility
from loaders.export import export_tables

MEDIA_TYPES: Final = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_table(
    graph: Graph, table: str, form: str, *, viewer: Viewer, sealed: bool = False, source: str | None = None
) -> tuple[bytes, str]:
    """Return (content, media type) of one table; NotFoundError alike for unknown and hidden tables."""
    _demand_rights(graph.schema, (table,), viewer, sealed=sealed)
    return export_content(graph, (table,), form, viewer=viewer, sealed=sealed, source=source), MEDIA_TYPES[
        form
    ]


def export_content(
    graph: Graph,
    tables: tuple[str, ...] | None,
    form: str,
    *,
    viewer: Viewer,
    sealed: bool,
    source: str | None,
) -> bytes:
    """Return tables (None: all that were delivered) as the viewer may see them.

    A sealed export is recorded before it is made.
    """
    _demand_rights(graph.schema, tables or (), viewer, sealed=sealed)
    officer = viewer.has(Role.OFFICER) or sealed
    if source is not None and not (
        _delivers(graph, source) if officer else _shows(graph, tables, source, viewer)
    ):
        raise NotFoundError(f"没有来源“{source}”，请核对名称（它写在每次导入的报告里）")
    if sealed:
        detail = {"source": source or "", "form": form}
        graph.audit.record(viewer.name, "sealed-export", ",".join(tables or graph.schema.by_key), detail)
    parts = export_tables(
        graph.store,
        graph.sealer,
        graph.schema,
        tables,
        fmt=form,
        source=source,
        sealed=sealed,
        source_order=graph.policy.common.source_order,
        visible=None if officer else lambda row: sees_row(viewer, graph.schema.by_key[row.id.table], row),
        columns=None if officer else lambda one: visible_columns(viewer, one, _owners(one, viewer)),
    )
    return b"".join(parts)


def _delivers(graph: Graph, source: str) -> bool:
    return any(batch.source == source for batch in in_force(graph.store.batches()))


def _shows(graph: Graph, tables: tuple[str, ...] | None, source: str, viewer: Viewer) -> bool:
    """Return whether the source has a row of these tables for this viewer; one that has none is like none at all."""
    return any(
        sees_row(viewer, graph.schema.by_key[key], row)
        for key in tables or graph.schema.by_key
        for row in graph.store.rows(table=key, source=source)
    )


def _owners(table: Table, viewer: Viewer) -> tuple[str, ...]:
    """Return whose rows a table shows this viewer when that holds for all of them, else nobody's."""
    if viewer.org is None or table.visibility is not Visibility.ORGANISATION:
        return ()
    return (viewer.org,)


def _demand_rights(schema: Schema, tables: tuple[str, ...], viewer: Viewer, *, sealed: bool) -> None:
    if sealed and not viewer.has(Role.ADMINISTRATOR):
        raise ForbiddenError("含个人信息的导出只有管理员可以做，并会记入操作记录")
    for key in tables:
        table = schema.by_key.get(key)
        if table is None or not (sealed or viewer.has(Role.OFFICER) or _has_rows_for(table, viewer)):
            raise NotFoundError("没有这张表，或您无权导出；可用的表见 docs/reference/tables.md")


def _has_rows_for(table: Table, viewer: Viewer) -> bool:
    """Return whether a table can hold rows for who is no officer: public ones, or those of his organisation."""
    if table.visibility is Visibility.ORGANISATION:
        return viewer.org is not None
    return table.visibility is not Visibility.OFFICER
