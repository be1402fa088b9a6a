"""口径校验: official tables and sentences with known contradictions, found with every repair and nothing changed."""

import zipfile
from pathlib import Path

import pytest

from kg.errors import InvalidInputError, RefusedError
from loaders.statement.check import check_statement, check_text

CITY_TABLE = """技术等级,需求人数,需求比重(%),求职人数,求职比重(%),求人倍率
初级技能,1435,16.94,1188,15.40,1.71
中级技能,212,2.50,329,4.26,1.15
高级技能,198,2.34,220,2.85,1.40
技师,125,1.48,179,2.32,1.20
高级技师,99,1.17,164,2.13,1.11
初级专业技术职务,2104,24.84,683,8.85,3.58
中级专业技术职务,346,3.94,348,4.51,1.46
高级专业技术职务,93,1.10,2,0.03,47.08
无技术等级或职称,/,/,4602,59.65,0.50
无要求,3870,45.69,/,/,/
合计,8470,100.00,7715,100.00,/
"""
"""Tianshui, first quarter of 2018 (source S11 of the domain page), with the 346 that makes the column sum 8,482."""
NATIONAL_TABLE = """技术等级,需求人数(人),求职人数(人),求人倍率,与上季度相比求人倍率变化
初级技能,963966,1001642,1.42,-
中级技能,536900,519292,1.49,+0.05
高级技能,180326,136833,1.78,+0.18
技师,100175,56026,2.25,-0.11
高级技师,39011,28263,1.84,-0.52
技术员,549441,501042,1.56,+0.05
工程师,248969,213286,1.63,-0.01
"""
"""A national quarter (source S10): seven levels, each as published."""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def codes(found: dict) -> list[str]:
    return [finding["code"] for finding in found["findings"]]


def changes(finding: dict) -> list[tuple[str, str]]:
    return [(repair["from"], repair["to"]) for repair in finding["repairs"]]


@pytest.mark.parametrize(
    "text",
    [
        "一季度，全市提供就业岗位26.02万个，具备条件的求职人员10.15万人，缺口6万人。",
        "一季度用工需求26.02万，求职10.15万，缺口6万",
        "一季度招聘岗位 26.02 万个；进入市场求职的 10.15 万人，技能人才缺口 6 万人。",
    ],
)
def test_the_gap_of_the_speech_has_three_repairs(text: str) -> None:
    (finding,) = check_text(text)["findings"]
    assert finding["code"] == "gap-identity"
    assert [to.rstrip("人个").replace(" ", "") for _, to in changes(finding)] == [
        "15.87万",
        "20.02万",
        "16.15万",
    ]
    assert "2.56" in finding["text"]


@pytest.mark.parametrize(
    "text",
    [
        "岗位需求26.02万人，求职10.15万人，缺口15.87万人，求人倍率为2.56。",
        "岗位需求26.02万人，求职101500人，缺口约16万人。",
        "用人单位招聘各类人员约574.8万人，进入市场的求职者约466.9万人，求人倍率约为1.23。",
        "匹配度由40.4%提高到66.7%，提高26.3个百分点。",
        "高技能人才由10.0万人增加到12.5万人，增长25%。",
        "全市技能人才12.5万人，其中高级工9.1万人、技师2.8万人、高级技师0.5万人。",
        "2023年招生1200人，2024年招生1300人，6-18-01-01车工每班45人。",
        "需求3596人，求职2368人，缺口1228人，其中车工缺口176人，占14.3%。",
        "需求3596人，求职2368人，求人倍率1.52，其中车工求人倍率1.71。",
        "需求3596人，求职2368人，缺口1228人。其中车工缺口176人，占缺口的14.3%。",
        "需求3596人，求职2368人。其中车工需求425人，求职249人，缺口176人。",
    ],
)
def test_what_adds_up_within_rounding_is_left_in_peace(text: str) -> None:
    assert check_text(text)["findings"] == []


def test_a_change_is_not_taken_for_the_demand_itself() -> None:
    text = "需求574.8万人，增加24.7万人，求职466.9万人，缺口107.9万人。"
    assert check_text(text)["findings"] == []


@pytest.mark.parametrize(
    ("text", "code", "repair"),
    [
        ("需求3000人，求职1500人，求人倍率2.5。", "ratio-identity", ("2.5", "2.0")),
        ("匹配度由40.4%提高到66.7%，提高36.3个百分点。", "growth-identity", ("36.3个百分点", "26.3个百分点")),
        ("在校生由12.5万人减少到10.0万人，下降25%。", "growth-identity", ("25%", "20%")),
        (
            "共有技能人才12.5万人，其中高级工9.1万人、技师2.8万人、高级技师0.9万人。",
            "parts-exceed-whole",
            ("12.5万人", "12.8万人"),
        ),
        ("全市技工院校20所，其中技师学院、技工学校分别为6所、13所。", "parts-do-not-sum", ("20所", "19所")),
        ("技能人才50万人，其中高技能人才16万人，占42%。", "share-identity", ("42%", "32%")),
        ("需求26.02万人，求职10.15人，缺口15.87万人。", "gap-identity", ("10.15人", "10.15万人")),
        (
            "需求3596人，求职2368人，缺口1228人。其中车工缺口176人，占缺口的15.3%。",
            "share-identity",
            ("15.3%", "14.3%"),
        ),
        ("缺口1228人，其中车工缺口1760人。", "parts-exceed-whole", ("1228人", "1760人")),
        ("需求3596人，其中车工需求425人，求职249人，缺口167人。", "gap-identity", ("167人", "176人")),
    ],
)
def test_a_contradiction_is_told_with_its_repair(text: str, code: str, repair: tuple[str, str]) -> None:
    (finding,) = check_text(text)["findings"]
    assert finding["code"] == code
    assert repair in changes(finding)


def test_masked_numbers_are_never_guessed() -> None:
    found = check_text("招聘岗位**万个，求职3万人，缺口2万人。")
    assert found["findings"] == []
    assert len(found["unchecked"]) == 1
    assert [figure["value"] for figure in found["figures"] if figure["masked"]] == [None]


def test_years_and_organs_are_asked_about() -> None:
    text = "2021年以来，2022年和2023年稳步发展。\n2011年度表彰3人。\n市人力资源社会保障厅印发《2025—2023年计划》。"
    found = check_text(text)
    assert set(codes(found)) == {"year-outlier", "organ-level", "period-order"}
    outlier = next(finding for finding in found["findings"] if finding["code"] == "year-outlier")
    assert (outlier["where"], outlier["severity"]) == ("第 2 行", "question")


def test_the_national_table_follows_the_official_formula_in_seven_of_seven_rows(tmp_path: Path) -> None:
    found = check_statement(write(tmp_path, "national.csv", NATIONAL_TABLE))
    assert [(one["formula"], one["fitting"], one["rows"]) for one in found["formulas"]] == [
        ("official", 7, 7)
    ]
    assert found["findings"] == []


def test_the_city_table_fits_in_six_of_eight_rows_and_its_sum_is_off_by_twelve(tmp_path: Path) -> None:
    found = check_statement(write(tmp_path, "city.csv", CITY_TABLE))
    assert [(one["formula"], one["fitting"], one["rows"]) for one in found["formulas"]] == [
        ("official", 6, 8)
    ]
    total = next(finding for finding in found["findings"] if finding["code"] == "parts-do-not-sum")
    assert "8482" in total["text"]
    assert "相差 12" in total["text"]
    wrong = [finding["text"] for finding in found["findings"] if finding["code"] == "level-ratio"]
    assert len(wrong) == 2
    assert "1.50" in wrong[0]
    assert "47.00" in wrong[1]


def test_the_repair_that_mends_most_comes_first(tmp_path: Path) -> None:
    found = check_statement(write(tmp_path, "city.csv", CITY_TABLE))
    total = next(finding for finding in found["findings"] if finding["code"] == "parts-do-not-sum")
    assert changes(total)[0] == ("346", "334")
    mended = check_statement(write(tmp_path, "mended.csv", CITY_TABLE.replace(",346,", ",334,")))
    assert [finding["where"] for finding in mended["findings"]] == ["第 9 行"]


def test_every_repair_of_a_sentence_makes_it_add_up() -> None:
    text = "需求26.02万人，求职10.15万人，缺口6万人。"
    (finding,) = check_text(text)["findings"]
    assert len(finding["repairs"]) == 3
    for old, new in changes(finding):
        assert check_text(text.replace(old, new, 1))["findings"] == [], (old, new)


def test_a_word_file_is_read_with_its_tables(tmp_path: Path) -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = [("等级", "需求", "求职", "求人倍率"), ("高级工", "30", "20", "1.6"), ("技师", "20", "10", "2.0")]
    table = "".join(f"<w:tr>{''.join(cell.format(text) for text in row)}</w:tr>" for row in rows)
    body = f"<w:p><w:r><w:t>需求30人，求职10人，缺口5人。</w:t></w:r></w:p><w:tbl>{table}</w:tbl>"
    path = word_file(tmp_path, body)
    assert codes(check_statement(path)) == ["gap-identity", "level-ratio"]


def test_a_hostile_or_broken_word_file_is_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "x">]><a>&a;</a>'
    with pytest.raises(RefusedError):
        check_statement(word_file(tmp_path, "", document=bomb))
    broken = write(tmp_path, "broken.docx", "no archive")
    with pytest.raises(Exception, match="损坏"):
        check_statement(broken)
    with pytest.raises(InvalidInputError, match="另存"):
        check_statement(write(tmp_path, "report.pdf", "x"))


def word_file(folder: Path, body: str, document: str | None = None) -> Path:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    path = folder / "report.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document or text)
    return path
