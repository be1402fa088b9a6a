"""Query A against the brute-force scorer, on random small worlds that went through the loaders."""

from pathlib import Path

import pytest

from tests.oracle.compare import assert_same
from tests.oracle.generate import random_questions, random_world
from tests.oracle.partners import answer_partners
from tests.unit.cooperation_worlds import as_contract, ask_partners, loaded, tie_key

WORLDS = 240


def in_product_form(entity: str) -> str:
    """The tie key by the product's name of a district item."""
    return tie_key(entity.replace("|", "‖"))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, WORLDS, 20))
def test_answers_agree(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 20):
        tables = random_world(seed, mask_defaults=seed % 3 == 1)
        world = loaded(tables, tmp_path / str(seed))
        for question in random_questions(tables, seed):
            if question.pop("kind") == "partners":
                expected = answer_partners(tables, tie_order=in_product_form, **question)
                anchor, mode, as_of = (question.pop(name) for name in ("anchor", "mode", "as_of"))
                assert_same(as_contract(ask_partners(world, anchor, mode, as_of, **question)), expected)
