"""Random people and certificates: an export loads back unchanged, and the order of rows does not matter."""

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.ports import GraphStore
from kg.schema import SCHEMA
from loaders.export import export_tables
from loaders.pipeline import load
from loaders.synthetic.identifiers import personal_number
from tests.loaders.batches import NOON, SEALER, codes, district, load_tables, memory_store, rows_of

NUMBERS = [
    personal_number("370785", NOON.date().replace(year=1980 + n), 7 + n, male=bool(n % 2)) for n in range(4)
]
LEVELS = ["初级工", "中级工", "高级工", "技师"]

people = st.lists(
    st.fixed_dictionaries({
        "id_number": st.none() | st.sampled_from(NUMBERS),
        "phone": st.none() | st.just("13900000000") | st.just("*"),
        "level": st.none() | st.sampled_from(LEVELS),
        "modes": st.none() | st.just(("consult=0.5", "weekend=1")),
    }),
    min_size=1,
    max_size=5,
)
certificates = st.lists(
    st.fixed_dictionaries({
        "by_id": st.booleans(),
        "whom": st.integers(0, 4),
        "number": st.none() | st.sampled_from(["S000037078500112026", "另号123", "AB%|12"]),
        "level": st.sampled_from(LEVELS),
    }),
    max_size=8,
)


def _tables(persons, papers):
    talents = [
        {"person_id": f"P|{n}%", "name": f"王{n}", "district": "370785", **p} for n, p in enumerate(persons)
    ]
    rows = []
    for paper in papers:
        person = talents[paper["whom"] % len(talents)]
        by_id = paper["by_id"] and person["id_number"] is not None
        row = {
            "person_id": None if by_id else person["person_id"],
            "id_number": person["id_number"] if by_id else None,
            "number": paper["number"],
            "kind": "职业技能等级证书",
            "occupation": "6-18-02-04",
            "level": paper["level"],
            "issued": "2020-01-01",
        }
        rows.append(row)
    return {"districts": [district()], "talents": talents, "certificates": rows}


def _shape(store: GraphStore):
    return [
        (row.id, row.node, row.person, row.links, row.values.get("level"))
        for table in ("talents", "certificates")
        for row in rows_of(store, table)
    ]


@settings(max_examples=60, deadline=None)
@given(persons=people, papers=certificates, fmt=st.sampled_from(["json", "xlsx"]), seed=st.integers(0, 99))
def test_people_and_certificates_survive_the_round_trip(persons, papers, fmt, seed):
    store, shuffled = memory_store(), memory_store()
    tables = _tables(persons, papers)
    load_tables(store, tables)
    chance = random.Random(seed)
    load_tables(shuffled, {key: chance.sample(rows, len(rows)) for key, rows in tables.items()})
    assert _shape(store) == _shape(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"导出.{fmt}"
        path.write_bytes(b"".join(export_tables(store, SEALER, SCHEMA, None, fmt=fmt, sealed=True)))
        report = load(
            [path],
            store=store,
            sealer=SEALER,
            schema=SCHEMA,
            source="default",
            actor="test",
            clock=lambda: NOON,
        )
    assert (codes(report), report.changed) == ([], False)
