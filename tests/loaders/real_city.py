"""A city whose people are synthetic, but whose occupations, districts and organisations' names are real."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from loaders.synthetic_city import generate

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MAPPINGS = Path(__file__).parent / "mappings"
SEED = 1
Row = dict[str, Any]


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of one data file."""
    with (DATA / name).open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _translations(tables: Mapping[str, list[Row]]) -> dict[str, str]:
    """Map each synthetic code to a real one: occupations keep their groups together, districts are those of one city."""
    real = sorted({row["code"] for row in read("csco2022/csco2022_clean.csv") if row["level"] == "4"})
    by_group: dict[str, list[str]] = {}
    for code in real:
        by_group.setdefault(code[:4], []).append(code)
    big = sorted(
        (group for group in by_group.values() if group[0].startswith("6-")), key=lambda g: (-len(g), g[0])
    )
    synthetic: dict[str, list[str]] = {}
    for row in tables["occupations"]:
        synthetic.setdefault(row["code"][:4], []).append("-".join(row["code"].split("-")[:4]))
    found: dict[str, str] = {}
    for place, (_, codes) in enumerate(sorted(synthetic.items())):
        for number, code in enumerate(dict.fromkeys(codes)):
            found[code] = big[place % len(big)][number % len(big[place % len(big)])]
    districts = [
        row["code"]
        for row in read("cn_regions/regions.csv")
        if row["code"].startswith("3707") and row["level"] == "3"
    ]
    for place, row in enumerate(tables["districts"]):
        found[row["code"]] = districts[place % len(districts)]
    return found


def _rewritten(value: Any, codes: Mapping[str, str]) -> Any:
    if isinstance(value, (list, tuple)):
        return list(dict.fromkeys(_rewritten(item, codes) for item in value))
    if not isinstance(value, str):
        return value
    text = value.replace("@2015", "").replace("@2022", "")
    head, equals, rest = text.partition("=")
    code = "-".join(head.split("-")[:4])
    return codes.get(code, codes.get(head, head)) + equals + rest


def _named(tables: dict[str, list[Row]]) -> None:
    companies = [row["full_name"] for row in read("enterprises_a_share/companies.csv")]
    schools = list(dict.fromkeys(row["name"] for row in read("tech_schools/technician_school_pois_2019.csv")))
    for table, names in (("enterprises", companies), ("schools", schools)):
        for row, name in zip(tables[table], names, strict=False):
            row["name"], row["aliases"] = name, None


def _distinct(rows: list[Row], *key: str) -> list[Row]:
    return list({tuple(str(row.get(part)) for part in key): row for row in rows}.values())


def tables(day: date) -> dict[str, list[Row]]:
    """Return the demo city with real codes and names; occupations and districts come from their own files."""
    city: dict[str, list[Row]] = {}
    for table, rows in generate("demo", seed=SEED, day=day):
        city.setdefault(table, []).extend(dict(row) for row in rows)
    codes = _translations(city)
    for table in ("occupations", "occupation_crosswalk", "travel_times", "districts"):
        city.pop(table)
    for rows in city.values():
        for row in rows:
            for column in [name for name in row if name not in {"edition", "person_id", "credit_code"}]:
                row[column] = _rewritten(row[column], codes)
    city["wages"] = _distinct(city["wages"], "occupation", "district")
    city["market_stats"] = _distinct(
        city["market_stats"], "occupation", "level", "district", "quarter", "source"
    )
    city["certificates"] = _distinct(
        city["certificates"], "person_id", "kind", "occupation", "level", "issued"
    )
    city["appointments"] = _distinct(
        city["appointments"], "person_id", "employer", "occupation", "level", "valid_from"
    )
    city["majors"] = [_lighter(row) for row in city["majors"]]
    _named(city)
    return city


def _lighter(row: Row) -> Row:
    """Return a major whose occupations are distinct after the change of codes."""
    weights: dict[str, str] = {}
    for item in row["occupations"]:
        code, _, weight = item.partition("=")
        weights.setdefault(code, weight)
    return {
        **row,
        "occupations": [f"{code}={weight}" if weight else code for code, weight in weights.items()],
    }


def write(folder: Path, day: date) -> Iterator[Path]:
    """Write the city as one JSON file a table and yield the paths."""
    for table, rows in tables(day).items():
        path = folder / f"{table}.json"
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        yield path
