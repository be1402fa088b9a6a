"""Three hundred mutants; `python benchmarks/mutations.py` runs five thousand."""

from tests.golden_files.mutants import mutants, statuses

COUNT = 300


def test_no_mutant_is_more_than_a_report() -> None:
    found = statuses(COUNT)
    assert sum(found.values()) == COUNT
    assert found["damaged-file"] > 0
    assert found["done"] > 0
    assert found["done-with-rejects"] > 0


def test_a_mutant_is_the_same_every_time() -> None:
    assert list(mutants(40)) == list(mutants(40))
