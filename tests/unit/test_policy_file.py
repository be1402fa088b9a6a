"""The policy file: strict, and every refusal names the line and says what to do."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from kg.errors import PolicyError
from kg.policy.policy_file import load_policy, parse_policy
from kg.policy.rules_page import rules_page
from kg.schema import protected_columns

DEFAULT = files("kg.policy").joinpath("default_policy.yaml").read_text(encoding="utf-8")


def _with(old: str, new: str) -> tuple[str, int]:
    """Return the default policy with one change, and the line of the change."""
    assert DEFAULT.count(old) == 1, old
    return DEFAULT.replace(old, new), DEFAULT[: DEFAULT.index(old)].count("\n") + 1


def _refused(text: str) -> PolicyError:
    with pytest.raises(PolicyError) as refused:
        parse_policy(text)
    assert re.search("[\u4e00-\u9fff]", refused.value.message)
    return refused.value


def test_the_default_policy_holds() -> None:
    policy = load_policy()
    for weights in (
        policy.query_a.enterprise_side, policy.query_a.school_side, policy.query_b.need_side, policy.query_b.talent_side,
    ):  # fmt: skip
        assert sum(weights.values()) == pytest.approx(1, abs=1e-9)
    assert (policy.query_a.staff_cap * 10, policy.query_a.post_cap * 5) == (1, 1)


def test_every_number_has_its_basis() -> None:
    policy = load_policy()
    for section in rules_page(policy)["sections"]:  # type: ignore[attr-defined]  # the page is JSON
        missing = [row["key"] for row in section["rows"] if not _says_why(row)]
        assert missing == [], section["key"]


def _says_why(row: Mapping[str, str]) -> bool:
    """Whether a value is said to be a proposal or names its source, or needs neither."""
    return "提议" in row["basis"] or "（" in row["basis"] or row["key"] in {"earth_radius_km", "max_items"}


def test_the_hash_is_of_the_numbers_not_of_the_words() -> None:
    words = parse_policy(
        DEFAULT.replace("# 提议", "# 由局务会议定").replace("tie_decimals: 6 ", "tie_decimals:    6 ")
    )
    assert words.hash == load_policy().hash
    assert words.basis != load_policy().basis
    text, _ = _with("coverage_floor: 0.6 ", "coverage_floor: 0.5 ")
    assert parse_policy(text).hash != load_policy().hash


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  tie_decimals: 6", "  tie_decimal: 6", "tie_decimal"),
        ("query_b:", "query_c:", "query_c"),
        ("fill: 0.15, outcome", "filling: 0.15, outcome", "filling"),
        ("school_side: {major: 0.25", "school_side: {major: 0.26", "1.01"),
        (
            "talent_side: {mode: 0.30, pay: 0.30, slack: 0.20, topic: 0.20}",
            "talent_side: {mode: 1.3, pay: -0.3, slack: 0, topic: 0}",
            "talent_side",
        ),
        (
            "talent_side: {mode: 0.30, pay: 0.30, slack: 0.20, topic: 0.20}",
            "talent_side: {mode: 0.5, pay: 0.5}",
            "slack",
        ),
        ("coverage_floor: 0.6 ", "coverage_floor: 1.6 ", "coverage_floor"),
        ("coverage_floor: 0.6 ", "coverage_floor: -0.1 ", "coverage_floor"),
        ("coverage_floor: 0.6 ", "coverage_floor: 多 ", "coverage_floor"),
        ("coverage_floor: 0.6 ", "coverage_floor: .nan ", "coverage_floor"),
        ("coverage_floor: 0.6 ", "coverage_floor: [1] ", "coverage_floor"),
        ("max_items: 200", "max_items: 20.5", "整数"),
        ("max_items: 200", "max_items: 0", "max_items"),
        ("speed_kmh: 60 ", "speed_kmh: 0 ", "speed_kmh"),
        ("trip_modes: [consult, project, station]", "trip_modes: consult", "trip_modes"),
        ("trip_modes: [consult, project, station]", "trip_modes: [telepathy]", "telepathy"),
        ("[skill, pay, topic, slack, evidence, honour]", "[skill, luck]", "luck"),
        ("safety: {无事故: 1.0, 一般: 0.5, 较大: 0.0}", "safety: {无事故: 1.0}", "safety"),
        (
            "safety: {无事故: 1.0, 一般: 0.5, 较大: 0.0}",
            "safety: {无事故: 1.0, 一般: 0.5, 较大: 0.0, 特大: 0}",
            "特大",
        ),
        ("honour_points: {国家: 4, 省: 2, 市: 1, 县: 0.5}", "honour_points: {国家: 4}", "honour_points"),
        ("effective_from: 2026-01-01", "effective_from: 今天", "effective_from"),
        ("  neutral: 0.5 ", "  neutral: 0.5\n  neutral: 0.4 ", "neutral"),
        ("common:\n", "common: [\n", "YAML"),
        ("  speed_kmh: 60 ", "  : [speed ", "YAML"),
        ("school_side: {major: 0.25", "school_side: {major: 0.25000001", "1.00000001"),
        ("policy_id: default-2026a", "policy_id: ", "policy_id"),
        ("policy_id: default-2026a", "policy_id: ' '", "policy_id"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    text, line = _with(old, new)
    error = _refused(text)
    assert told in error.message
    assert error.fields["line"] is not None
    assert abs(int(str(error.fields["line"])) - line) <= 1 or "缺少" in error.message


@pytest.mark.parametrize("column", sorted(protected_columns()))
def test_a_protected_column_is_refused_wherever_it_is_named(column: str) -> None:
    places = (
        _with("travel: 0.05}   # 提议\n  school_side", f"{column}: 0.05}}   # 提议\n  school_side")[0],
        _with("[skill, pay, topic, slack, evidence, honour]", f"[skill, {column}]")[0],
        _with("  neutral: 0.5 ", f"  {column}: 0.5 ")[0],
        DEFAULT + f"{column}: 1\n",
    )
    for text in places:
        error = _refused(text)
        assert column in error.message
        assert "受保护" in error.message


@pytest.mark.parametrize("column", ["age", "gender", "seniority", "home_ownership", "性别", "民族", "所有制"])
def test_other_names_of_protected_things_too(column: str) -> None:
    assert "受保护" in _refused(_with("  neutral: 0.5 ", f"  {column}: 0.5 ")[0]).message


@pytest.mark.parametrize("text", ["", "[]", "x", "a: [", "common:", "\x00"])
def test_no_policy_at_all(text: str) -> None:
    _refused(text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "policy.yaml"
    broken.write_bytes(DEFAULT.encode("gb18030"))
    for path in (tmp_path / "none.yaml", tmp_path, broken):
        with pytest.raises(PolicyError, match="UTF-8"):
            load_policy(path)
    good = tmp_path / "good.yaml"
    good.write_text(DEFAULT, encoding="utf-8")
    assert load_policy(good) == load_policy()
