"""What a record is called that has no name of its own: a certificate, a consent, a cooperation …"""

from collections.abc import Callable, Mapping
from typing import Final

from kg.index.names import name_of
from kg.index.talents.facts import Appointment, Certificate, Talent
from kg.index.world import World
from kg.model.graph import MASKED, NodeRef, Row
from kg.schema import ColumnType, Table
from kg.vocab.levels import LEVEL_LABELS, SkillLevel

_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "offering": ("major", "intake_year"),
    "cooperation": ("mode",),
    "certificate": ("occupation", "level", "kind"),
    "appointment": ("occupation", "level"),
    "consent": ("purpose",),
    "restriction": ("kind",),
    "engagement": ("mode",),
}
"""Columns that name a record which has no name of its own."""
_VOCABULARY: Final = {("majors",): "major", ("occupations",): "occupation"}
"""Kinds whose names tell more than their codes."""
_PROOFS: Final = {"certificate": "证书", "appointment": "聘任"}
_NUMBERED: Final = frozenset({"offering", "cooperation", "engagement", "training_batch"})


def name_of_row(row: Row, table: Table, named: Callable[[NodeRef], str]) -> str:
    """Return what everyone who sees a row's node may be shown as its name; persons are masked where they are stored.

    `named` tells the name of a major or an occupation. Columns that only some readers of the row see are never part of the name.
    """
    kind = table.kind or ""
    if table.name_column is not None:
        return row.label
    told = [text for column in _TELLING.get(kind, ()) if (text := _told(row, table, column, named))]
    if not told:
        return row.label if kind in _NUMBERED else table.zh
    return " ".join((*told, *([row.label] if kind in _NUMBERED else [])))


def _told(row: Row, table: Table, key: str, named: Callable[[NodeRef], str]) -> str:
    column, value = table.column(key), row.values.get(key)
    hidden = column.sealed or table.visibility_of(column) is not table.visibility
    if hidden or value is None or value == MASKED or isinstance(value, tuple):
        return ""
    if column.refers_to in _VOCABULARY:
        return named(NodeRef(_VOCABULARY[column.refers_to], str(value)))
    return f"{value} 级" if column.type is ColumnType.YEAR else column.modes.get(str(value), str(value))


def names_of_records(talent: Talent, world: World) -> dict[NodeRef, str]:
    """Return what the records of a talent on which paths rest are called, without reading their rows."""
    held: list[Certificate | Appointment] = [*talent.certificates, *talent.appointments]
    proofs = {one.evidence.start: _name_of_proof(one, world) for one in held}
    titles = {NodeRef("achievement", one.stated.node): one.title for one in talent.achievements if one.title}
    return proofs | titles


def _name_of_proof(proof: Certificate | Appointment, world: World) -> str:
    trade = name_of(world, NodeRef("occupation", proof.target)) if proof.target else ""
    level = "" if proof.level is None else LEVEL_LABELS[SkillLevel(proof.level)]
    return " ".join(part for part in (trade, level, _PROOFS[proof.evidence.start_kind]) if part)
