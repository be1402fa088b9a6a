"""Who may see what (contract §5): deny by default, decided from the schema alone."""

from collections.abc import Iterable

from kg.errors import NotFoundError
from kg.model.graph import Row, Sight
from kg.model.viewers import Role, Viewer
from kg.schema import Column, Schema, Table, Visibility

_OPEN = frozenset({Visibility.PUBLIC, Visibility.SCOPED})


def sees_all(viewer: Viewer) -> bool:
    """True for officers: every kind and row, but never a sealed column."""
    return viewer.has(Role.OFFICER)


def may_recommend(viewer: Viewer) -> bool:
    """True for those who may ask the two questions at all."""
    return sees_all(viewer) or (viewer.org is not None and viewer.has(Role.ENTERPRISE, Role.SCHOOL))


def may_load(viewer: Viewer) -> bool:
    """True for those who bring files in, read what became of them and undo it: officers and administrators."""
    return viewer.has(Role.OFFICER, Role.ADMINISTRATOR)


def demand_loader(viewer: Viewer) -> None:
    """Refuse who may not load; what files were brought in is told to him like what does not exist."""
    if not may_load(viewer):
        raise NotFoundError()


def sight(viewer: Viewer, schema: Schema) -> Sight | None:
    """Return which rows the viewer may walk in the graph; None for officers, who walk all."""
    if sees_all(viewer):
        return None
    kinds = {level: set[str]() for level in Visibility}
    for kind, table in schema.by_kind.items():
        kinds[table.visibility].add(kind)
    allowed = _OPEN | ({Visibility.ORGANISATION} if viewer.org else set())
    return Sight(
        kinds=frozenset(kinds[Visibility.PUBLIC]),
        scoped=frozenset(kinds[Visibility.SCOPED]),
        owned=frozenset(kinds[Visibility.ORGANISATION] if viewer.org else ()),
        relations=frozenset(
            key for key, relation in schema.relations.items() if relation.visibility in allowed
        ),
        org=viewer.org,
    )


def owns(viewer: Viewer, owners: Iterable[str]) -> bool:
    """True when the row's school, enterprise or host is the viewer's organisation."""
    return viewer.org is not None and viewer.org in owners


def sees(viewer: Viewer, table: Table, owners: Iterable[str], *, public: bool) -> bool:
    """True when the viewer may know that such a row exists."""
    if sees_all(viewer) or table.visibility is Visibility.PUBLIC:
        return True
    if table.visibility is Visibility.SCOPED:
        return public or owns(viewer, owners)
    return table.visibility is Visibility.ORGANISATION and owns(viewer, owners)


def sees_row(viewer: Viewer, table: Table, row: Row) -> bool:
    """True when the viewer may know that the stored row exists."""
    return sees(viewer, table, row.owners, public=row.public)


def visible_columns(viewer: Viewer, table: Table, owners: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of a visible row that the viewer may read; sealed ones never."""
    if sees_all(viewer):
        return tuple(table.plain_columns())
    levels = {Visibility.PUBLIC, Visibility.SCOPED}
    if owns(viewer, owners):
        levels.add(Visibility.ORGANISATION)
    return tuple(column for column in table.columns if table.visibility_of(column) in levels)
