"""Generated pages are the declarations: committed text equals generated text, and nothing declared is left out."""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from api.cli import build_parser
from api.main import create_app
from api.reference import all_pages, commands, page_routes
from kg.bootstrap import open_graph
from kg.config import PREFIX, Settings
from kg.errors import KgError
from kg.model.rules import AdviceRules, CommonRules, CooperationRules, MobilityRules
from kg.schema import SCHEMA
from kg.schema.column_types import ColumnType
from kg.vocab.reasons import FACTOR_LABELS, FILTER_LABELS
from loaders.codes import CODES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (
    "reference/tables.md",
    "reference/settings.md",
    "reference/policy.md",
    "reference/reasons.md",
    "reference/codes.md",
    "reference/commands.md",
    "reference/routes.md",
    "glossary.md",
)


@cache
def generated() -> tuple[dict[str, str], tuple[str, ...]]:
    """Return every page as the declarations give it now, and every route as `METHOD path`."""
    with open_graph(Settings(store="memory:")) as graph:
        app = create_app(graph)
        described = [
            f"{method.upper()} {path}"
            for path, methods in app.openapi()["paths"].items()
            for method in methods
        ]
        routes = (*described, *(f"{method} {path}" for method, path in page_routes(app)))
        return all_pages(app, graph.policy), routes


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_generated_page_is_known() -> None:
    assert set(generated()[0]) == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_committed_page_equals_the_generated_one(name: str) -> None:
    assert page(name) == generated()[0][name], f"docs/{name} is out of date: run script/reference"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_setting_is_documented(name: str) -> None:
    assert f"### `{PREFIX}{name.upper()}`" in page("reference/settings.md")


@pytest.mark.parametrize(
    "code", [*sorted(FILTER_LABELS), *(f"{s}.{f}" for s, labels in FACTOR_LABELS.items() for f in labels)]
)
def test_reason_is_documented(code: str) -> None:
    assert f"### `{code}`" in page("reference/reasons.md")


@pytest.mark.parametrize("code", [code for group in CODES.values() for code in group])
def test_load_code_is_documented(code: str) -> None:
    assert f"### `{code}`" in page("reference/codes.md")


@pytest.mark.parametrize("verb", [name for name, _, _ in commands(build_parser(), "jiangtu")])
def test_verb_is_documented(verb: str) -> None:
    assert f"## `{verb}`" in page("reference/commands.md")


def test_routes_are_documented() -> None:
    text = page("reference/routes.md")
    missing = [route for route in generated()[1] if f"`{route}`" not in text]
    assert not missing
    assert len(generated()[1]) > 20


POLICY_KEYS = [
    f"{section}.{field.name}"
    for section, rules in (
        ("common", CommonRules),
        ("query_a", CooperationRules),
        ("query_b", MobilityRules),
        ("advice", AdviceRules),
    )
    for field in fields(rules)
]


@pytest.mark.parametrize("key", POLICY_KEYS)
def test_policy_key_is_documented(key: str) -> None:
    section, name = key.split(".")
    _, _, rest = page("reference/policy.md").partition(f"`{section}`\n")
    assert f"| `{name}` |" in rest.partition("\n## ")[0]


@pytest.mark.parametrize("key", POLICY_KEYS)
def test_policy_key_has_a_rule(key: str) -> None:
    """Every number of the policy is named where the rules page says what it does."""
    assert f"`{key.partition('.')[2]}`" in page("reference/scoring.md")


@pytest.mark.parametrize("kind", sorted(ColumnType))
def test_cell_type_is_documented(kind: ColumnType) -> None:
    assert f"\n| {kind.value} | " in page("reference/tables.md")


def test_refusals_are_documented() -> None:
    text = page("reference/routes.md")
    assert not [kind.code for kind in _subclasses(KgError) if f"`{kind.code}`" not in text]


def _subclasses(kind: type[KgError]) -> Iterator[type[KgError]]:
    for child in kind.__subclasses__():
        if child.__module__ == "kg.errors":
            yield child
            yield from _subclasses(child)


@pytest.mark.parametrize("table", [table.key for table in SCHEMA.tables])
def test_table_and_columns_are_in_the_glossary(table: str) -> None:
    text = page("glossary.md")
    declared = SCHEMA.by_key[table]
    assert f"| {declared.zh} | `{declared.key} · {declared.kind}` |" in text
    assert not [column.key for column in declared.columns if f"`{table}.{column.key}`" not in text]


@pytest.mark.parametrize("number", range(1, 47))
def test_file_rule_is_restated(number: int) -> None:
    assert f"**S{number} " in page("reference/files.md")


@pytest.mark.parametrize(
    ("name", "sections"),
    [("scoring.md", 6), ("files.md", 4), ("contract.md", 5)],
)
def test_cited_sections_exist(name: str, sections: int) -> None:
    text = page(f"reference/{name}")
    assert all(f"\n## {number}. " in text for number in range(1, sections + 1))


def test_citations_in_the_code_lead_to_a_section() -> None:
    """A docstring that cites a section of a rules page cites one that a reader of the repository finds."""
    wrong = []
    for source in sorted(
        path for room in ("kg", "api", "loaders", "visualizations") for path in (ROOT / room).rglob("*.py")
    ):
        text = source.read_text(encoding="utf-8")
        for name, section in re.findall(r"`?(scoring|files|contract)(?:\.md)?`? §(\d)", text):
            if f"\n## {section}. " not in page(f"reference/{name}.md"):
                wrong.append(f"{source.name}: {name} §{section}")
    assert not wrong
