"""Mutants of the golden files through a whole load: what comes out is a report, never an exception."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kg.schema import SCHEMA
from loaders.codes import CODES
from loaders.pipeline import load
from tests.golden_files import cases_batches, cases_books, cases_links, cases_text, cases_values
from tests.golden_files.mutating import mutated
from tests.golden_files.test_golden_files import accounted
from tests.loaders.batches import NOON, SEALER, memory_store

SEED = 20261123


def originals() -> list[tuple[str, bytes]]:
    """Return name and content of every golden file that loads, the small ones."""
    cases = (
        *cases_text.CASES, *cases_values.CASES, *cases_links.CASES, *cases_books.CASES, *cases_batches.CASES,
    )  # fmt: skip
    files = [
        (name.rpartition("/")[2], content) for case in cases for name, content in sorted(case.files.items())
    ]
    return [(name, content) for name, content in files if content and len(content) < 40_000]


def mutants(count: int, seed: int = SEED) -> Iterator[tuple[int, str, bytes]]:
    """Yield number, file name and content; workbooks are drawn as often as all other files together."""
    files = originals()
    books = [one for one in files if one[1][:2] in {b"PK", b"\xd0\xcf"}]
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        name, content = chance.choice(books if number % 2 else files)
        yield number, name, mutated(content, chance)


def run(name: str, content: bytes) -> dict[str, Any]:
    """Return the report of loading one file into an empty store; checks that it accounts for every row."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        store = memory_store()
        more: dict[str, Any] = {"source": "s", "actor": "test", "clock": lambda: NOON}
        errors_to = Path(folder) / "errors.xlsx"
        report = load([path], store=store, sealer=SEALER, schema=SCHEMA, errors_to=errors_to, **more)
        document = dict(report.to_json())
    if document["status"] == "refused":
        assert store.revision() == 0
        assert document["errors"]
        assert {one["code"] for one in document["errors"]} <= {*CODES["refusals"]}
    else:
        accounted(document)
    return document


def statuses(count: int, seed: int = SEED) -> Counter[str]:
    """Return how often each status or code of refusal came out; an exception names the number of its mutant."""
    found: Counter[str] = Counter()
    for number, name, content in mutants(count, seed):
        try:
            document = run(name, content)
        except Exception as error:  # of whatever sort: no mutant may raise
            raise AssertionError(f"mutant {number} of seed {seed} ({name})") from error
        refusals = [one["code"] for one in document["errors"]]
        found[refusals[0] if refusals else document["status"]] += 1
    return found
