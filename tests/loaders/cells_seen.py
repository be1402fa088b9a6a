"""What the tests of cells share: columns by their path, and what a cell of them comes to."""

from kg.model.graph import Value
from kg.schema import SCHEMA, Column
from loaders.cells import CellContext, parse_cell
from loaders.sources.raw import RawValue

PLAIN = CellContext()
CSV = CellContext(is_csv=True)
KEY = CellContext(is_key=True)

NAME = "talents.name"
OPTIONAL_NAME = "talents.employer_name"
TITLE = "demands.title"
TEXT = "policies.text"
COUNT = "demands.count"
PAY = "demands.pay"
SHARE = "offerings.stay_rate"
NUMBER = "problems.total_hours"
YEAR = "targets.year"
QUARTER = "market_stats.quarter"
DAY = "certificates.issued"
FROM = "demands.valid_from"
TO = "demands.valid_to"
LEVEL = "demands.level"
CHOICE = "enterprises.status"
YES_NO = "talents.objects"
CODE = "talents.phone"
DISTRICT = "talents.district"
SOFT_ORGANISATION = "talents.employer"


def column_of(path: str) -> Column:
    table, key = path.split(".")
    return SCHEMA.by_key[table].column(key)


def value_of(path: str, raw: RawValue, context: CellContext = PLAIN) -> Value:
    parsed = parse_cell(column_of(path), raw, context)
    assert parsed.reject is None, parsed.reject
    return parsed.value


def code_of(path: str, raw: RawValue, context: CellContext = PLAIN) -> str:
    parsed = parse_cell(column_of(path), raw, context)
    assert parsed.reject is not None, parsed.value
    return parsed.reject.code


def warnings_of(path: str, raw: RawValue, context: CellContext = PLAIN) -> list[str]:
    return [warning.code for warning in parse_cell(column_of(path), raw, context).warnings]
