"""The declared schema: every kind of node, every relation, every property, once."""

from kg.schema.column_types import Column, ColumnType, Mark, Relation, Schema, Table, Visibility
from kg.schema.declaration import SCHEMA, protected_columns

__all__ = [
    "SCHEMA",
    "Column",
    "ColumnType",
    "Mark",
    "Relation",
    "Schema",
    "Table",
    "Visibility",
    "protected_columns",
]
