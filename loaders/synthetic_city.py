"""The synthetic city 临澄: tables of talents, schools and enterprises that are valid in form and belong to nobody.

Sizes and distributions follow the facts that the domain pages cite; every edge of the rules occurs at every size.
The same size, seed and day give the same files, byte for byte. Nothing here is a real person, firm or place.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from kg.errors import InvalidInputError
from kg.model.graph import Value
from loaders.synthetic import competitions, cooperation, market, needs, organisations, reference_rows
from loaders.synthetic.city import SIZES, City
from loaders.synthetic.people import PERSON_TABLES
from loaders.synthetic.registers import MAIN, SECOND, SECOND_TABLES, main_bundle, second_bundle, second_count
from loaders.synthetic.writing import csv_writers, write_workbook

__all__ = ["SIZE_NAMES", "Headline", "generate", "headline", "sources", "write_city"]

Row = dict[str, Value]
Progress = Callable[[str, int], None]

SIZE_NAMES: Final = tuple(SIZES)
WORKBOOK: Final = "企业与院校.xlsx"
_MAKERS: Final[tuple[tuple[str, Callable[[City], Iterator[Row]]], ...]] = (
    ("districts", reference_rows.districts),
    ("travel_times", reference_rows.travel_times),
    ("industries", reference_rows.industries),
    ("chains", reference_rows.chains),
    ("skills", reference_rows.skill_rows),
    ("skill_relations", reference_rows.skill_relations),
    ("occupations", reference_rows.occupation_rows),
    ("occupation_crosswalk", reference_rows.occupation_crosswalk),
    ("majors", reference_rows.major_rows),
    ("wages", reference_rows.wages),
    ("policies", reference_rows.policies),
    ("targets", reference_rows.targets),
    ("enterprises", organisations.enterprises),
    ("schools", organisations.schools),
    ("ownerships", organisations.ownerships),
    ("carriers", organisations.carriers),
    ("alliances", organisations.alliances),
    ("intermediaries", organisations.intermediaries),
    ("organs", organisations.organs),
    ("major_groups", organisations.major_groups),
    ("offerings", cooperation.offerings),
    ("demands", cooperation.demands),
    ("cooperations", cooperation.cooperations),
    ("competitions", competitions.competitions),
    ("flex_needs", needs.flex_needs),
    ("problems", needs.problems),
    ("programs", market.programs),
    ("training_batches", market.training_batches),
    ("market_stats", market.market_stats),
)
_IN_WORKBOOK: Final = ("enterprises", "schools", "ownerships", "carriers", "alliances", "intermediaries")
_WORKBOOK_SIZES: Final = ("demo", "county")


class Headline(NamedTuple):
    """The keys of the two questions whose answers are worth a look: a need, and an enterprise with a mode."""

    need: str
    enterprise: str
    mode: str


def headline(size: str, seed: int) -> Headline:
    """Return the keys of the headline questions of a city (they are the same on every day)."""
    city = City(size, seed, date(2026, 1, 1))
    return Headline(needs.need_id(0), city.firms[0].code, "internship")


def sources(size: str) -> tuple[str, ...]:
    """Return the sources of a city in the order in which they deliver; the first holds all but some people."""
    City(size, 0, date(2026, 1, 1))
    return (MAIN, SECOND)


def generate(size: str, *, seed: int, day: date, source: str = MAIN) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield the tables of one source in order of delivery, each with its rows as a stream.

    Rows have English column keys and canonical values; columns that a row lacks are absent. `day` is the day
    around which periods are placed. A person table walks the people once more: to write a large city, use
    `write_city`.
    """
    city = City(size, seed, day)
    if source not in sources(size):
        raise InvalidInputError(
            f"合成城市没有来源“{source}”，请选用：{'、'.join(sources(size))}", field="source", value=source
        )
    if source == MAIN:
        yield from ((table, make(city)) for table, make in _MAKERS)
        yield from ((table, _of_table(table, _people(city))) for table in PERSON_TABLES)
    else:
        yield from ((table, _of_table(table, _second_people(city))) for table in SECOND_TABLES)


def _people(city: City) -> Iterator[dict[str, list[Row]]]:
    return (main_bundle(city, number) for number in range(city.size.talents))


def _second_people(city: City) -> Iterator[dict[str, list[Row]]]:
    return (second_bundle(city, index) for index in range(second_count(city)))


def _of_table(table: str, bundles: Iterable[dict[str, list[Row]]]) -> Iterator[Row]:
    return (row for bundle in bundles for row in bundle.get(table, ()))


def write_city(
    folder: Path, *, size: str, seed: int, day: date, progress: Progress | None = None
) -> dict[str, int]:
    """Write the files of a city, a sub-folder per source, and return the rows written by table (all sources).

    `progress` is called with a table or 人员 and the rows or people written so far. Files of an earlier city in the
    same folder are overwritten by name.
    """
    city = City(size, seed, day)
    counts: dict[str, int] = {}
    tell = progress or _silent
    workbook = _IN_WORKBOOK if size in _WORKBOOK_SIZES else ()
    if workbook:
        makers = dict(_MAKERS)
        sheets = ((table, makers[table](city)) for table in workbook)
        counts |= write_workbook(folder / MAIN / WORKBOOK, sheets)
    plain = [(table, make) for table, make in _MAKERS if table not in workbook]
    for table, make in plain:
        with csv_writers(folder / MAIN, (table,)) as writers:
            for row in make(city):
                writers[table](row)
                counts[table] = counts.get(table, 0) + 1
        tell(table, counts.get(table, 0))
    _write_people(folder / MAIN, PERSON_TABLES, _people(city), counts, tell)
    _write_people(folder / SECOND, SECOND_TABLES, _second_people(city), counts, tell)
    return counts


def _write_people(
    folder: Path,
    tables: tuple[str, ...],
    bundles: Iterable[dict[str, list[Row]]],
    counts: dict[str, int],
    tell: Progress,
) -> None:
    """Write all person tables in one walk over the people."""
    with csv_writers(folder, tables) as writers:
        for number, bundle in enumerate(bundles, start=1):
            for table, rows in bundle.items():
                write = writers[table]
                for row in rows:
                    write(row)
                counts[table] = counts.get(table, 0) + len(rows)
            if number % 1000 == 0:
                tell("人员", number)


def _silent(table: str, rows: int) -> None:
    """Say nothing."""
