"""Query A on the golden case and its variants, through tables and loaders."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from kg.errors import InvalidInputError, NotFoundError
from kg.index.cooperation import entities as cooperation_entities
from kg.matching.cooperation.recommendation import ask, score_pair
from kg.model.answers import Answer, harmonic
from kg.model.graph import NodeRef
from kg.schema import protected_columns
from tests.golden import golden_a
from tests.unit.cooperation_worlds import POLICY, ask_partners, loaded

CASES = golden_a.cases()


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    case = CASES["golden"]
    world = loaded(case.world, tmp_path_factory.mktemp("golden"))
    return ask_partners(world, case.anchor, case.mode, case.as_of)


@pytest.mark.parametrize("name", CASES)
def test_golden_scores(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    found = ask_partners(loaded(case.world, tmp_path), case.anchor, case.mode, case.as_of)
    assert [round(item.match.score, 4) for item in found.items] == [case.score]


def test_golden_ledger(answer: Answer) -> None:
    (item,) = answer.items
    match = item.match
    assert list(match.sides) == ["enterprise", "school"]
    assert [round(side.score, 4) for side in match.sides.values()] == [0.7990, 0.8132]
    assert [round(end, 4) for end in match.interval] == [0.7660, 0.8425]
    assert round(match.coverage, 9) == 0.85
    values = {factor.code: factor.value for factor in match.sides["enterprise"].factors}
    assert values == pytest.approx({
        "major": 1, "skill": 0.72, "level": 1, "fill": 0.6, "outcome": 0.5, "travel": 0.8,
    })  # fmt: skip
    assert harmonic(*(side.score for side in match.sides.values())) == match.score


def test_golden_sentences(answer: Answer) -> None:
    match = answer.items[0].match
    texts = {factor.code: factor.text for side in reversed(match.sides.values()) for factor in side.factors}
    assert texts["fill"] == "可安排 12 ÷ 空缺 20"
    assert texts["travel"] == "1 − 0.6 ÷ 3 小时；未填住宿"
    assert texts["volume"] == "空缺 20 + 7 ＝ 27 ÷ 学生 36"
    assert texts["history"] == "2 次成功、1 次未达：(2 + 2) ÷ (3 + 4)"
    seats = match.facts["seats"]
    assert isinstance(seats, dict)
    assert seats["post_text"] == "⌊0.20 × 60⌋ − 已用 0 = 12"
    assert seats["binding"] == "post"
    assert "卡口" in match.summary


def test_golden_allocation_and_evidence(answer: Answer) -> None:
    (item,) = answer.items
    assert item.seats == 12
    assert item.value == pytest.approx(12 * 0.612088964)
    assert item.allocation is not None
    assert item.allocation[0].legal == 12
    relations = [edge.link.relation for edge in item.match.paths[0].edges]
    assert relations == [
        "offerings.school", "offerings.major", "majors.occupations", "demands.occupation", "demands.enterprise",
    ]  # fmt: skip
    known = [factor for side in item.match.sides.values() for factor in side.factors if factor.known]
    assert all(factor.text and factor.evidence for factor in known)


def test_pool_counts_pairs(answer: Answer) -> None:
    pool = answer.pool
    assert pool.considered == pool.listed + pool.to_verify + sum(pool.failed.values()) == 2


def test_scoring_a_pair_gives_the_item(tmp_path: Path, answer: Answer) -> None:
    case = CASES["golden"]
    world = loaded(case.world, tmp_path)
    question = ask(world, anchor=NodeRef(*case.anchor), mode=case.mode, as_of=case.as_of)
    view = world.cooperation
    match = score_pair(
        world, POLICY, question, view.offerings[golden_a.OFFERING], view.demands[golden_a.DEMAND]
    )
    assert match == answer.items[0].match


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("mode", {"mode": "holiday"}),
        ("year", {"year": 1000}),
        ("order", {"order": "name"}),
        ("k", {"k": 0}),
        ("k", {"k": 201}),
        ("radius_hours", {"radius_hours": -1.0}),
        ("anchor", {"anchor": ("talent", "x")}),
    ],
)
def test_bad_questions_name_the_field(field: str, more: dict[str, object], tmp_path: Path) -> None:
    case = CASES["golden"]
    world = loaded(case.world, tmp_path)
    asked = {"anchor": case.anchor, "mode": case.mode, "as_of": case.as_of, **more}
    with pytest.raises(InvalidInputError) as caught:
        ask_partners(world, **asked)  # type: ignore[arg-type]  # arguments by name from the table above
    assert caught.value.fields["field"] == field


def test_unknown_anchor_is_not_found(tmp_path: Path) -> None:
    world = loaded(CASES["golden"].world, tmp_path)
    with pytest.raises(NotFoundError):
        ask_partners(world, ("enterprise", "nobody"), "internship", date(2026, 11, 23))


def test_hidden_rows_are_not_considered(tmp_path: Path) -> None:
    case = CASES["golden"]
    tables = {source: dict(rows) for source, rows in case.world.items()}
    for rows in tables.values():
        rows["offerings"] = [{**row, "scope": "仅经办"} for row in rows["offerings"]]
    world = loaded(tables, tmp_path)
    asked = {"anchor": case.anchor, "mode": case.mode, "as_of": case.as_of}
    hidden = ask_partners(world, **asked, sees=lambda owners, public: case.anchor[1] in owners)
    assert hidden.pool.considered == 0
    assert hidden.items == hidden.to_verify == ()
    own = ask_partners(world, **asked, sees=lambda owners, public: golden_a.SCHOOL in owners)
    assert own.pool.considered == 2
    assert [one.text for one in own.items[0].match.filters if one.code == "A7"] == ["经办或本单位可见"]


@pytest.mark.parametrize("left_out", ["offerings", "demands", "skills", "majors", "cooperations"])
@pytest.mark.parametrize("kind", ["enterprise", "school", "district"])
@pytest.mark.parametrize("mode", ["internship", "order_class", "assessment", "joint_rd"])
def test_missing_tables_are_no_error(left_out: str, kind: str, mode: str, tmp_path: Path) -> None:
    case = CASES["golden"]
    gone = {"majors": {"majors", "major_groups", "offerings"}}.get(left_out, {left_out})
    tables = {
        source: {table: rows for table, rows in held.items() if table not in gone}
        for source, held in case.world.items()
    }
    world = loaded(tables, tmp_path)
    anchor = {"enterprise": golden_a.ENTERPRISE, "school": golden_a.SCHOOL, "district": "370702"}[kind]
    pool = ask_partners(world, (kind, anchor), mode, case.as_of).pool
    assert pool.considered == pool.listed + pool.to_verify + sum(pool.failed.values())


def test_entities_hold_nothing_protected() -> None:
    kinds = [kind for kind in vars(cooperation_entities).values() if isinstance(kind, type)]
    names = {one.name for kind in kinds if hasattr(kind, "__dataclass_fields__") for one in fields(kind)}
    assert "staff" in names
    assert not names & set(protected_columns())
