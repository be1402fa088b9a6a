"""Compares person records by Splink on DuckDB: probability and evidence weights of each pair; all of it in memory.

Fellegi-Sunter: a level's weight is log2(m / u), m how often it holds of one person's records, u how often by chance.
Rare names weigh more than common ones (term frequencies of the records, beside a stated chance).
"""

import atexit
import logging
import os
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final, NamedTuple

from kg.errors import SettingsError
from kg.identity.person_records import PersonRecord, blurred, shortened

_MEMORY: Final = "1GB"
_EXPECTED_PER_RECORD: Final = 0.5
_FEW: Final = 1_000
"""Fewer records are compared as if they were so many: in a small register two alike are asked about sooner than joined."""
_STATED_WEIGHT: Final = 2_000
"""How many records the stated chance of agreement counts for beside the real ones: three rows do not tell what is rare."""


class Level(NamedTuple):
    """One outcome of a comparison: its words, its SQL condition, m and u (stated)."""

    label: str
    condition: str
    m: float
    u: float
    frequencies: str = ""


_NOT_COMPARED: Final = frozenset({"row", "person", "other_id", "since"})
_MISSING: Final = "{0}_l IS NULL OR {0}_r IS NULL"
_ONE_EDIT: Final = "levenshtein({0}_l, {0}_r) = 1"
"""For digits only: DuckDB counts bytes, and a Chinese character has three."""
_ONE_CHARACTER: Final = "(list_has_any(blurred_l, blurred_r) OR list_contains(shortened_l, name_r) OR list_contains(shortened_r, name_l))"
COMPARISONS: Final[Mapping[str, tuple[str, Sequence[Level]]]] = {
    "name": ("姓名", (
        Level("姓名相同", "name_l = name_r", 0.93, 0.0005, "name"),
        Level("姓名同音不同字", "sound_l = sound_r", 0.025, 0.0004),
        Level("姓名差一个字", f"{_ONE_CHARACTER} AND greatest(length(name_l), length(name_r)) > 2", 0.035, 0.004),
        Level("两字姓名差一个字", _ONE_CHARACTER, 0.009, 0.02),
        Level("姓名不同", "ELSE", 0.001, 0.97),
    )),
    "last4": ("证件后四位", (
        Level("证件后四位相同", "last4_l = last4_r", 0.995, 0.0001),
        Level("证件后四位不同", "ELSE", 0.005, 0.9999),
    )),
    "birth": ("出生日期", (
        Level("出生日期相同", "birth_l = birth_r", 0.97, 0.00006),
        Level("出生日期差一位", _ONE_EDIT.format("birth"), 0.018, 0.004),
        Level("出生日期不同", "ELSE", 0.012, 0.996),
    )),
    "phone": ("手机", (
        Level("手机相同", "phone_l = phone_r", 0.75, 0.00001),
        Level("手机差一位", _ONE_EDIT.format("phone"), 0.01, 0.00002),
        Level("手机不同", "ELSE", 0.24, 0.99997),
    )),
    "employer": ("单位", (
        Level("单位相同", "employer_l = employer_r", 0.75, 0.001, "employer"),
        Level("单位名称相含", "contains(employer_l, employer_r) OR contains(employer_r, employer_l)", 0.05, 0.0005),
        Level("单位不同", "ELSE", 0.20, 0.9985),
    )),
    "occupation": ("职业", (
        Level("职业相同", "occupation_l = occupation_r", 0.80, 0.03),
        Level("职业同小类", "left(occupation_l, 7) = left(occupation_r, 7)", 0.08, 0.04),
        Level("职业不同", "ELSE", 0.12, 0.93),
    )),
}  # fmt: skip
"""Stated weights: a proposal, to be replaced by those of labelled pairs where a bureau has them."""
BLOCKS: Final = (
    ("name", "birth"),
    ("sound", "birth"),
    ("phone",),
    ("name", "employer"),
    ("name", "last4"),
    ("birth", "employer"),
    ("birth", "last4"),
    ("sound", "district", "occupation"),
)
"""Pairs are compared that agree in all columns of one of these."""
RARE: Final = tuple(
    name for name, (_, levels) in COMPARISONS.items() if any(one.frequencies for one in levels)
)
"""Columns whose rare values weigh more than common ones."""


class Weight(NamedTuple):
    """What one comparison says: positive bits speak for one person, negative ones against."""

    field: str
    label: str
    bits: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records (by position) that may be one person, with the probability and what speaks for and against."""

    left: int
    right: int
    probability: float
    weights: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody among whom records are compared: how many, and how often the values of `RARE` columns occur.

    `known` counts the records that have a value in the column; `times` may leave out values that nobody compared has.
    """

    total: int
    known: Mapping[str, int]
    times: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, records: Iterable[PersonRecord]) -> "Crowd":
        """Return the crowd that these records are."""
        total, times = 0, {name: Counter[str]() for name in RARE}
        for record in records:
            total += 1
            for name in RARE:
                times[name].update(filter(None, [getattr(record, name)]))
        return cls(total, {name: count.total() for name, count in times.items()}, times)


def compare(
    records: Sequence[PersonRecord],
    *,
    from_probability: float,
    crowd: Crowd | None = None,
    fresh: Collection[int] | None = None,
) -> list[Pair]:
    """Return the pairs at or above that probability, ordered by position.

    With `fresh` (positions) only pairs with at least one of them; then `crowd` says how many there are besides.
    Pairs of one talent key, and of two different valid ID numbers, are left out: those questions are settled.
    Raises SettingsError when the extra `identity` is not installed.
    """
    chosen = frozenset(range(len(records)) if fresh is None else fresh)
    if not _any_block(records, chosen):
        return []
    found = _predicted(records, from_probability, crowd or Crowd.of(records), chosen)
    pairs = [_pair(line) for line in found]
    pairs = [pair for pair in pairs if not settled(records[pair.left], records[pair.right])]
    return sorted(pairs, key=lambda pair: (pair.left, pair.right))


def _any_block(records: Sequence[PersonRecord], chosen: Collection[int]) -> bool:
    """True when any two records are to be compared; the engine takes two seconds to start."""
    met: dict[Hashable, int] = {}
    for place, record in enumerate(records):
        for key in block_keys(record):
            other = met.setdefault(key, place)
            if other != place and (place in chosen or other in chosen):
                return True
    return False


def block_keys(record: PersonRecord) -> Iterator[tuple[int, *tuple[str, ...]]]:
    """Yield what another record must share one of to be compared with this one."""
    for number, names in enumerate(BLOCKS):
        values = tuple(str(getattr(record, name)) for name in names)
        if all(values):
            yield (number, *values)


def settled(left: PersonRecord, right: PersonRecord) -> bool:
    """True when the pair is no question: one person already, or two by their valid ID numbers."""
    return left.person == right.person or two_persons(left, right)


def two_persons(left: PersonRecord, right: PersonRecord) -> bool:
    """True for two different valid ID numbers."""
    return bool(left.card and right.card and left.card != right.card)


def _predicted(
    records: Sequence[PersonRecord], from_probability: float, crowd: Crowd, fresh: Collection[int]
) -> Sequence[Mapping[str, Any]]:
    try:
        import duckdb
        import pyarrow
        from splink import DuckDBAPI, Linker
    except ModuleNotFoundError as error:
        sentence = "没有安装身份核对所需的程序包；请执行 pip install 'jiangtu[identity]' 后再核对"
        raise SettingsError(sentence, name="identity") from error
    _end_quietly()
    names = [field.name for field in fields(PersonRecord) if field.name not in _NOT_COMPARED]
    text = pyarrow.string()  # a column without any value has no type of its own
    columns = {
        name: pyarrow.array([getattr(record, name) or None for record in records], text) for name in names
    }
    several = pyarrow.list_(text)
    columns["blurred"] = pyarrow.array([blurred(record.name) for record in records], several)
    columns["shortened"] = pyarrow.array([shortened(record.name) for record in records], several)
    places = list(range(len(records)))
    table = pyarrow.table({"unique_id": places, "fresh": [place in fresh for place in places], **columns})
    with _silent("splink"), duckdb.connect(":memory:", config=_in_memory()) as connection:
        connection.execute("SET enable_external_access = false")
        api = DuckDBAPI(connection=connection)
        frame = api.register(table, table_name="persons")
        linker = Linker(frame, _settings(crowd.total), log_level=None)
        for name, lines in _frequencies(records, crowd).items():
            known = api.register(pyarrow.table(lines), table_name=f"frequencies_of_{name}")
            linker.table_management.register_term_frequency_lookup(known, name)
        result = linker.inference.predict(threshold_match_probability=from_probability)
        answer = result.as_duckdbpyrelation().select(", ".join(_told_columns()))
        return [dict(zip(answer.columns, line, strict=True)) for line in answer.fetchall()]


def _frequencies(records: Sequence[PersonRecord], crowd: Crowd) -> dict[str, dict[str, list[Any]]]:
    """Return how likely somebody else bears each value: counted, held up by the stated chance where few are."""
    found: dict[str, dict[str, list[Any]]] = {}
    for name in RARE:
        stated = next(level.u for level in COMPARISONS[name][1] if level.frequencies)
        values = sorted({value for record in records if (value := getattr(record, name))})
        known, times = crowd.known[name] - 1 + _STATED_WEIGHT, crowd.times[name]
        chances = [(max(times.get(value, 0), 1) - 1 + stated * _STATED_WEIGHT) / known for value in values]
        found[name] = {name: values, f"tf_{name}": chances}
    return found


def _told_columns() -> list[str]:
    """Return what is read from the pairs: outcomes and weights, no values."""
    told = ["unique_id_l", "unique_id_r", "match_probability"]
    for name in COMPARISONS:
        told += [f"gamma_{name}", f"mw_{name}"]
        told += [f"mw_tf_adj_{name}"] if name in RARE else []
    return told


@cache
def _end_quietly() -> None:
    """Let the process end without a word: DuckDB's bindings list their own objects on stderr while Python shuts down.

    That is no leak of ours, says nothing to users, and comes after everything that has something to say.
    """
    atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))


def _in_memory() -> dict[str, str | bool | int | float | list[str]]:
    """Return settings under which DuckDB writes no file and loads no code from elsewhere."""
    return {"temp_directory": "", "memory_limit": _MEMORY, "threads": 2}


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Keep a library's log quiet: it would hold the statements, and they the values."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.level, True
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.disabled = False


def _settings(count: int) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 2 * _EXPECTED_PER_RECORD / max(count, _FEW),
        "comparisons": [_comparison(name, levels) for name, (_, levels) in COMPARISONS.items()],
        "blocking_rules_to_generate_predictions": [_blocking(names) for names in BLOCKS],
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
    }


def _blocking(names: Sequence[str]) -> dict[str, str]:
    equal = " AND ".join(f"l.{name} = r.{name}" for name in names)
    return {"blocking_rule": f"{equal} AND (l.fresh OR r.fresh)", "sql_dialect": "duckdb"}


def _comparison(name: str, levels: Sequence[Level]) -> dict[str, Any]:
    null = {"sql_condition": _MISSING.format(name), "label_for_charts": "missing", "is_null_level": True}
    return {
        "output_column_name": name,
        "comparison_levels": [null, *(_level(level) for level in levels)],
    }


def _level(level: Level) -> dict[str, Any]:
    told: dict[str, Any] = {
        "sql_condition": level.condition,
        "label_for_charts": level.label,
        "m_probability": level.m,
        "u_probability": level.u,
        "fix_m_probability": True,
    }
    if level.frequencies:
        told |= {"tf_adjustment_column": level.frequencies, "tf_adjustment_weight": 1.0}
    return told


def _pair(line: Mapping[str, Any]) -> Pair:
    weights = []
    for name, (_, levels) in COMPARISONS.items():
        reached = int(line[f"gamma_{name}"])
        if reached < 0:
            continue
        bits = float(line[f"mw_{name}"]) + float(line.get(f"mw_tf_adj_{name}") or 0.0)
        weights.append(Weight(name, levels[len(levels) - 1 - reached].label, round(bits, 2)))
    left, right = sorted((int(line["unique_id_l"]), int(line["unique_id_r"])))
    return Pair(left, right, float(line["match_probability"]), tuple(weights))
