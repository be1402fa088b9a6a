"""The legend follows the schema: every kind is drawn, also one that a bureau declares tomorrow."""

import dataclasses

import pytest

from kg.schema import SCHEMA, Column, ColumnType, Schema, Table
from kg.schema.column_types import Family, Layer, Shape
from visualizations.theme import OUTLINES, legend, mark_classes, mark_of


def _tomorrow() -> Table:
    columns = (Column(key="code", zh="编号", en="Code", type=ColumnType.CODE, required=True),)
    return Table(key="robots", zh="机器人", en="Robots", kind="robot", columns=columns, natural_key=("code",))


def test_every_kind_of_the_schema_is_in_the_legend_once() -> None:
    kinds = [entry.kind for entry in legend(SCHEMA)]
    assert sorted(kinds) == sorted(SCHEMA.by_kind)


def test_every_shape_has_an_outline() -> None:
    assert set(OUTLINES) == set(Shape)
    assert all(outline.path.startswith("M") and outline.path.endswith("z") for outline in OUTLINES.values())


def test_a_kind_without_a_mark_gets_its_first_character() -> None:
    schema = Schema((*SCHEMA.tables, _tomorrow()))
    entry = next(entry for entry in legend(schema) if entry.kind == "robot")
    assert (entry.mark.glyph, entry.mark.shape, entry.mark.family) == ("机", Shape.SQUARE, Family.COMMON)
    assert mark_classes(entry.mark) == "common l2"


def test_a_reference_kind_without_a_mark_looks_like_a_vocabulary() -> None:
    assert mark_of(dataclasses.replace(_tomorrow(), reference=True)).layer is Layer.VOCABULARY


def test_actors_come_first_on_each_side() -> None:
    entries = legend(SCHEMA)
    for family in Family:
        layers = [list(Layer).index(entry.mark.layer) for entry in entries if entry.mark.family is family]
        assert layers == sorted(layers)


@pytest.mark.parametrize("entry", legend(SCHEMA), ids=lambda entry: entry.kind)
def test_a_mark_is_one_character(entry) -> None:
    assert len(entry.mark.glyph) == 1


def test_kinds_of_one_side_differ_in_shape_or_character() -> None:
    marks = [(entry.mark.family, entry.mark.shape, entry.mark.glyph) for entry in legend(SCHEMA)]
    assert len(set(marks)) == len(marks)
