"""Words of the command line that say two things, or nothing at all."""

import pytest

from tests.api.world import OWN
from tests.cli.conftest import Run


@pytest.mark.parametrize("form", ["xlsx", "docx", "html"])
def test_two_forms_at_once_are_wrong_usage(run: Run, form: str) -> None:
    told = run("recommend", "talents", "N1", "--json", "--format", form, "-o", f"x.{form}")
    assert (told.code, told.out) == (2, "")
    assert form in told.err


def test_a_code_is_found_in_small_letters_and_full_width(run: Run) -> None:
    text = OWN
    wide = "".join(chr(ord(one) + 0xFEE0) for one in text)
    told = [
        run("recommend", "partners", form, "--mode", "internship", "--json")
        for form in (text.lower(), wide, f" {text} ")
    ]
    assert [one.code for one in told] == [0, 0, 0]
    assert {one.json["query_id"] for one in told} == {
        run("recommend", "partners", text, "--mode", "internship", "--json").json["query_id"]
    }


def test_a_mode_is_named_by_its_key_or_its_label(run: Run) -> None:
    told = [run("recommend", "partners", OWN, "--mode", mode, "--json") for mode in ("order_class", "订单班")]
    assert [one.code for one in told] == [0, 0]
    assert told[0].json["query_id"] == told[1].json["query_id"]
    refused = run("plan", "cooperation", "--mode", "兼职教师")
    assert refused.code == 2
    assert "internship、order_class、apprentice_modern" in refused.err
