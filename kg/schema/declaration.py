"""The one declared schema of the product, and the column lists that follow from it."""

from typing import Final

from kg.schema.column_types import Schema
from kg.schema.cooperation import COOPERATION_TABLES
from kg.schema.organisations import ORGANISATION_TABLES
from kg.schema.reference_tables import REFERENCE_TABLES
from kg.schema.talents import TALENT_TABLES
from kg.schema.training import TRAINING_TABLES

SCHEMA: Final = Schema((
    *REFERENCE_TABLES,
    *ORGANISATION_TABLES,
    *COOPERATION_TABLES,
    *TALENT_TABLES,
    *TRAINING_TABLES,
))


def protected_columns(schema: Schema = SCHEMA) -> frozenset[str]:
    """Return the keys of the columns that no filter, factor, order or explanation may read (`scoring.md` §5)."""
    return frozenset(column.key for table in schema.tables for column in table.columns if column.protected)
