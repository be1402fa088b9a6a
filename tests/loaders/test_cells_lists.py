"""Lists of every kind (`files.md` S28)."""

from decimal import Decimal

import pytest

from kg.model.graph import Value
from loaders.checks import uscc_check_character
from loaders.sources.raw import RawValue
from tests.loaders.cells_seen import code_of, value_of, warnings_of

TEXTS = "enterprises.aliases"
TAGS = "flex_needs.tags"
CODES = "enterprises.chains"
OCCUPATIONS = "flex_needs.occupations"
MEMBERS = "alliances.members"
MODES = "flex_needs.modes"
OFFERED = "talents.modes"
WEIGHTED = "majors.occupations"
SKILLS = "offerings.skills"
DEMAND = "demands.skills"
_FIRST = "91370785MA0000001"
MEMBER = _FIRST + uscc_check_character(_FIRST)


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        (TEXTS, "甲;乙；丙、丁\n戊", ("甲", "乙", "丙", "丁", "戊")),
        (TEXTS, " 甲 ; ;；甲;乙", ("甲", "乙")),
        (TEXTS, ";；", None),
        (TEXTS, ["甲", "乙；丙", None, 12], ("甲", "乙", "丙", "12")),
        (TEXTS, [], None),
        (TAGS, "a×b", ("a×b",)),
        (CODES, "c1；c2", ("c1", "c2")),
        (CODES, "Ｃ１；C1", ("C1",)),
        (CODES, 12.0, ("12",)),
        (OCCUPATIONS, "6-18-01-01、6-18-01-02@2015", ("6-18-01-01", "6-18-01-02@2015")),
        (MEMBERS, f"{MEMBER.lower()}；某某学院", (MEMBER, "某某学院")),
        (MODES, "consult；项目合作;顾问指导", ("consult", "project")),
        ("policies.mode", "订单班；share", ("order_class", "share")),
        (
            OFFERED,
            "consult；项目合作=0.80；teach=50%；短期聘用=0",
            ("consult=1", "project=0.8", "teach=0.5", "short=0"),
        ),
        (OFFERED, "consult=1；顾问指导", ("consult=1",)),
        (WEIGHTED, "6-18-01-01；6-18-01-02 ＝ ０.５", ("6-18-01-01=1", "6-18-01-02=0.5")),
        (SKILLS, "车削=3；铣削；磨削 = 5；PLC=2.0", ("车削=3", "铣削=1", "磨削=5", "PLC=2")),
        (SKILLS, "车削=3；车削=3", ("车削=3",)),
        (
            DEMAND,
            "车削=3*2；铣削；磨削=2；钳工*1.50；焊接＝4＊0.5；装配=1×3",
            ("车削=3*2", "铣削=1*1", "磨削=2*1", "钳工=1*1.5", "焊接=4*0.5", "装配=1*3"),
        ),
        (DEMAND, ["车削=3*2", "铣削"], ("车削=3*2", "铣削=1*1")),
        (DEMAND, "车削 = 3 * 20", ("车削=3*20",)),
    ],
)
def test_lists(path: str, raw: RawValue, expected: Value) -> None:
    assert value_of(path, raw) == expected


@pytest.mark.parametrize(
    "item",
    [
        "车削=",
        "=3",
        "车削=6",
        "车削=0",
        "车削==3",
        "车削=三",
        "车削=3*0",
        "车削=3*",
        "车削=3*-1",
        "车削=1.5",
        "=",
        "车削=3；车削=4",
        "PLC=3；plc=4",
    ],
)
def test_what_no_list_of_skills_may_hold(item: str) -> None:
    assert code_of(SKILLS, item) == "bad-list"
    assert code_of(DEMAND, f"铣削=2；{item}") == "bad-list"


@pytest.mark.parametrize(
    "item", ["*2", "车削*0", "车削*", "车削*2*3", "车削=*2", "车削=3*2*1", "车削=3*二", "车削*2=3"]
)
def test_what_no_demand_may_hold(item: str) -> None:
    assert code_of(DEMAND, item) == "bad-list"


def test_a_weight_in_a_list_of_levels_is_refused() -> None:
    assert code_of(SKILLS, "车削=3*2") == "bad-list"
    assert code_of(SKILLS, "车削*2") == "bad-list"


@pytest.mark.parametrize(
    ("path", "raw", "code"),
    [
        (OFFERED, "consult=", "bad-list"),
        (OFFERED, "=0.5", "bad-list"),
        (OFFERED, "consult=一", "bad-list"),
        (OFFERED, "consult=0.5；顾问指导=0.6", "bad-list"),
        (OFFERED, "consult=1.5", "out-of-range"),
        (OFFERED, "顾问=1", "unknown-mode"),
        (OFFERED, "internship", "unknown-mode"),
        (MODES, "consult,project", "unknown-mode"),
        (MODES, "订单班", "unknown-mode"),
        ("engagements.mode", "订单班", "unknown-mode"),
        (WEIGHTED, "6-18-01-01=2", "out-of-range"),
        (WEIGHTED, "车工=1", "bad-code"),
        (WEIGHTED, "6-18-01-01,6-18-01-02", "bad-code"),
        (CODES, "c1,c2", "bad-code"),
        (CODES, "c1|c2", "bad-code"),
        (OCCUPATIONS, "6-18-01-01，6-18-01-02", "bad-code"),
        (OCCUPATIONS, "6-18-01-01；车工", "bad-code"),
        (MEMBERS, MEMBER[:-1] + ("0" if MEMBER[-1] != "0" else "1"), "bad-check-digit"),
        (TEXTS, [["甲"]], "bad-list"),
        (TEXTS, [{"a": 1}], "bad-list"),
        (TEXTS, [True], "bad-list"),
        (TEXTS, True, "bad-list"),
        (TEXTS, "甲" * 10_001, "too-long"),
        ("achievements.tags", "甲" * 201, "too-long"),
        (SKILLS, "甲" * 201, "too-long"),
    ],
)
def test_lists_that_reject(path: str, raw: RawValue, code: str) -> None:
    assert code_of(path, raw) == code


@pytest.mark.parametrize("sign", [",", "，", "|", "/"])
def test_a_suspicious_separator_is_part_of_the_item(sign: str) -> None:
    assert value_of(TEXTS, f"甲{sign}乙；丙") == (f"甲{sign}乙", "丙")
    assert warnings_of(TEXTS, f"甲{sign}乙；丙") == ["suspicious-separator"]
    assert value_of(SKILLS, f"甲{sign}乙=2") == (f"甲{sign}乙=2",)
    assert warnings_of(SKILLS, f"甲{sign}乙=2") == ["suspicious-separator"]


def test_single_modes() -> None:
    assert value_of("engagements.mode", "顾问指导") == "consult"
    assert value_of("engagements.mode", " CONSULT ") == "consult"
    assert value_of("cooperations.mode", "order_class") == "order_class"


@pytest.mark.parametrize(
    "path",
    [
        "talents.name",
        "demands.count",
        "certificates.issued",
        "demands.level",
        "talents.objects",
        "talents.phone",
    ],
)
def test_a_list_in_a_single_cell_is_refused(path: str) -> None:
    assert code_of(path, ["a"]) in {
        "bad-list",
        "bad-number",
        "bad-date",
        "bad-level",
        "bad-yes-no",
        "bad-code",
    }


def test_items_of_a_json_list_may_be_numbers() -> None:
    assert value_of(TEXTS, [Decimal("1.50"), 2]) == ("1.5", "2")
