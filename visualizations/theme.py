"""How every kind of node is drawn: one Han character on one shape, derived from the schema and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.schema import Mark, Schema, Table
from kg.schema.column_types import Family, Layer, Shape


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of a shape in a box of -20.5..20.5 units: an SVG path, an inner ring, the glyph's baseline."""

    path: str
    inner: str = ""
    baseline: float = 5.2


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """One line of the legend: a kind of node with its Chinese and English names and its mark."""

    kind: str
    zh: str
    en: str
    mark: Mark
    outline: Outline


def _circle(radius: float) -> str:
    return f"M{-radius} 0a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0z"


VIEW_BOX: Final = "-20.5 -20.5 41 41"
OUTLINES: Final[Mapping[Shape, Outline]] = {
    Shape.CIRCLE: Outline(_circle(15)),
    Shape.HEXAGON: Outline("M-16 0L-8 -14H8L16 0 8 14H-8z"),
    Shape.DOUBLE_RING: Outline(_circle(15), inner=_circle(11.6)),
    Shape.HOUSE: Outline("M-15 -4L0 -16 15 -4V14H-15z", baseline=6.5),
    Shape.FOLDER: Outline("M-15 -13h11l3 4h16v22h-30z", baseline=7),
    Shape.PARALLELOGRAM: Outline("M-10 -13H17L10 13H-17z"),
    Shape.SQUARE: Outline("M-14 -14H14V14H-14z"),
    Shape.TICKET: Outline("M-16 -12H16v7a5 5 0 000 10v7H-16v-7a5 5 0 000-10z"),
    Shape.DIAMOND: Outline("M0 -19L19 0 0 19 -19 0z"),
    Shape.PILL: Outline("M-8 -12H8a12 12 0 010 24H-8a12 12 0 010 -24z"),
    Shape.OCTAGON: Outline("M-6.4 -15.5H6.4L15.5 -6.4V6.4L6.4 15.5H-6.4L-15.5 6.4V-6.4z"),
    Shape.SHIELD: Outline("M-14 -14H14V3L0 17 -14 3z", baseline=4),
}
LAYER_CLASSES: Final[Mapping[Layer, str]] = {Layer.ACTOR: "l1", Layer.RECORD: "l2", Layer.VOCABULARY: "l3"}
FAMILY_LABELS: Final[Mapping[Family, str]] = {
    Family.TALENT: "人才方",
    Family.SCHOOL: "院校方",
    Family.FIRM: "企业方",
    Family.COMMON: "公共",
}
FAMILY_COLOURS: Final[Mapping[Family, tuple[str, str]]] = {
    Family.TALENT: ("#1f5aa8", "#e2ecf9"),
    Family.SCHOOL: ("#0b6a5c", "#dcf0ec"),
    Family.FIRM: ("#95460f", "#faeadb"),
    Family.COMMON: ("#505f70", "#eaeef2"),
}
"""Hue and tint of a side in light, for files that carry no style sheet; the same as the pages' tokens."""


def mark_of(table: Table) -> Mark:
    """Return the declared mark of a kind; without one, the first character of its name on a plain square.

    Reference tables default to the look of a vocabulary, all others to that of a record.
    """
    if table.mark is not None:
        return table.mark
    layer = Layer.VOCABULARY if table.reference else Layer.RECORD
    return Mark(glyph=table.zh[:1], shape=Shape.SQUARE, family=Family.COMMON, layer=layer)


def mark_classes(mark: Mark) -> str:
    """Return the style sheet classes of a mark: its family (hue) and its layer (lightness)."""
    return f"{mark.family.value} {LAYER_CLASSES[mark.layer]}"


def legend(schema: Schema) -> tuple[LegendEntry, ...]:
    """Return every kind of the schema with its mark: by side, then actor, record, vocabulary, then as declared."""
    entries = [
        LegendEntry(
            kind=kind, zh=table.zh, en=table.en, mark=mark_of(table), outline=outline_of(mark_of(table))
        )
        for kind, table in schema.by_kind.items()
    ]
    families, layers = list(Family), list(Layer)
    return tuple(
        sorted(entries, key=lambda entry: (families.index(entry.mark.family), layers.index(entry.mark.layer)))
    )


def outline_of(mark: Mark) -> Outline:
    """Return the outline of a mark's shape."""
    return OUTLINES[mark.shape]
