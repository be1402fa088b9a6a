"""Random worlds hold valid rows only: they go through the real loaders."""

import re

import pytest

from kg.schema.declaration import SCHEMA
from tests.golden import golden_a, golden_b
from tests.oracle.codes import ALPHABET, ID_CHECKS, ID_WEIGHTS
from tests.oracle.generate import HARD, random_world
from tests.oracle.world import MASK, NATURAL_KEYS, World, day, items, plain_key, text

WORLDS = [(f"seed {seed}", random_world(seed, mask_defaults=seed % 2 == 1)) for seed in range(20)]
WORLDS += [("golden A", golden_a.golden_a()), ("golden B", golden_b.golden_b())]
PERIODS = (
    ("valid_from", "valid_to"),
    ("available_from", "available_to"),
    ("licence_from", "licence_to"),
    ("issued", "expires"),
)


@pytest.mark.parametrize(("name", "world"), WORLDS)
def test_rows_are_complete(name: str, world: World) -> None:
    declared = {table.key: table for table in SCHEMA.tables}
    for tables in world.values():
        for table, rows in tables.items():
            needed = [column.key for column in declared[table].columns if column.required]
            for row in rows:
                assert all(row.get(column) not in (None, "", []) for column in needed), (table, row)
                assert MASK not in plain_key(table, row), (table, row)
                for first, last in PERIODS:
                    start, end = day(row, first), day(row, last)
                    assert start is None or end is None or start <= end, (table, row)


@pytest.mark.parametrize(("name", "world"), WORLDS)
def test_keys_are_unique_in_a_source(name: str, world: World) -> None:
    for tables in world.values():
        for table, rows in tables.items():
            about = "person_id" in rows[0] if rows else False
            keys = [(row["person_id"] if about else "", *plain_key(table, row)) for row in rows]
            assert len(set(keys)) == len(keys), (table, keys)
            assert table in NATURAL_KEYS or table == "certificates"


@pytest.mark.parametrize(("name", "world"), WORLDS)
def test_hard_references_are_found_in_their_source(name: str, world: World) -> None:
    for tables in world.values():
        people = {row["person_id"] for row in tables.get("talents", [])}
        for table, rows in tables.items():
            for row in rows:
                assert "person_id" not in row or row["person_id"] in people, (table, row)
                for column, targets in HARD.get(table, ()):
                    known = {
                        str(other.get("credit_code") or other.get("code"))
                        for target in targets
                        for other in tables.get(target, [])
                    }
                    codes = items(row, column) or [text(row, column) or ""]
                    assert {code.partition("=")[0].partition("@")[0] for code in codes} <= known, (table, row)


def test_codes_are_valid_in_form() -> None:
    for _, world in WORLDS:
        for tables in world.values():
            for row in (*tables.get("enterprises", []), *tables.get("schools", [])):
                code = str(row["credit_code"])
                assert re.fullmatch(rf"[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}", code)
                signs = [ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17])]
                assert (sum(signs) + ALPHABET.index(code[17])) % 31 == 0
            for row in tables.get("talents", []):
                number = text(row, "id_number")
                if number and len(number) == 18:
                    total = sum(int(c) * w for c, w in zip(number, ID_WEIGHTS, strict=False))
                    assert number[17] == ID_CHECKS[total % 11]
