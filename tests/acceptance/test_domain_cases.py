"""The twenty acceptance cases of the domain, each from tables through the loaders to the answer."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER, PUBLIC_VIEWER, Role, Viewer
from loaders.statement.check import check_statement, check_text
from tests.acceptance.village import HOME, HOST, TRADE, Tables, consent, need, person_id, village
from tests.api.world import credit_code
from tests.filling import load_into
from tests.golden import golden_a, golden_b
from tests.loaders.test_statement import CITY_TABLE, NATIONAL_TABLE

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FIRM = Viewer(name="yongren", roles=frozenset({Role.ENTERPRISE}), org=HOST)
PLANNER = Viewer(name="guihua", roles=frozenset({Role.PLANNER}))


def report_of(graph: Graph, folder: Path, content: Tables) -> dict[str, Any]:
    """Load tables and return the report."""
    path = folder / "tables.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return load_into(graph, [path], source="人社局", synthetic=True).to_json()


@contextmanager
def town(folder: Path, content: Tables) -> Iterator[Graph]:
    """Open a graph that holds just these tables, all of their rows."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_graph(Settings(data=folder, store="memory:"), clock=lambda: NOW) as graph:
        report = report_of(graph, folder, content)
        assert report["status"] == "done", report["rejects"] or report["errors"]
        yield graph


def ask(graph: Graph, key: str = "N1", **more: Any) -> dict[str, Any]:
    return graph.service.recommend_talents({"need": key}, viewer=more.pop("viewer", CLI_VIEWER), **more)


def failed(folder: Path, content: Tables) -> dict[str, int]:
    """Return the first failing codes of the one need."""
    with town(folder, content) as graph:
        answer = ask(graph)
        assert answer["items"] == []
        return dict(answer["pool"]["failed"])


def test_01_the_statement_check_flags_the_speech_with_three_repairs() -> None:
    (finding,) = check_text("一季度岗位26.02万个，求职10.15万人，缺口6万人。")["findings"]
    assert [repair["to"].rstrip("人个") for repair in finding["repairs"]] == ["15.87万", "20.02万", "16.15万"]


def test_02_the_official_ratio_fits_seven_of_seven_and_six_of_eight_and_the_sum_is_off(
    tmp_path: Path,
) -> None:
    fits = []
    for name, text in (("nation", NATIONAL_TABLE), ("city", CITY_TABLE)):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        found = check_statement(path)
        fits.append((found["formulas"][0]["fitting"], found["formulas"][0]["rows"]))
    assert fits == [(7, 7), (6, 8)]
    assert any("8482" in one["text"] and "8470" in one["text"] for one in found["findings"])


def test_03_masked_numbers_are_kept_as_masked(tmp_path: Path) -> None:
    content = village()
    content["enterprises"][0]["staff"] = "***"
    content["market_stats"] = [{"quarter": "2026Q3", "demand": "**", "supply": 10}]
    with town(tmp_path, content) as graph:
        (row,) = [row for row in graph.store.rows(table="enterprises") if row.id.key == HOST]
        assert row.values["staff"] == "*"
        told = graph.service.demand_supply(viewer=CLI_VIEWER, by=[])
        assert (told["totals"]["demand"], told["totals"]["supply"], told["totals"]["gap"]) == (None, 10, None)


def test_04_a_retired_master_is_found_for_a_repair_and_for_a_lecture_whatever_his_age(tmp_path: Path) -> None:
    school = credit_code("12990101MA0000013")
    told = []
    for born in ("19440101", "19660101"):
        content = village()
        content["schools"] = [
            {
                "credit_code": school,
                "name": "技师学院",
                "type": "技师学院",
                "district": "990101",
                "licence_from": "2000-01-01",
            }
        ]
        content["talents"][0] |= {
            "work_status": "退休", "birth_date": f"{born[:4]}-01-01", "id_number": person_id(1, born),
        }  # fmt: skip
        del content["talents"][0]["employer"]
        content["flex_needs"].append(need("N2", host=school, title="讲授主轴修理", modes=["teach"]))
        with town(tmp_path / born, content) as graph:
            answers = [ask(graph, key) for key in ("N1", "N2")]
            assert [len(answer["items"]) for answer in answers] == [1, 1]
            told.append([answer["items"] for answer in answers])
    assert told[0] == told[1]


def test_05_a_firm_of_188_cannot_host_a_class_of_45_so_the_plan_takes_three_firms(tmp_path: Path) -> None:
    content = village()
    school = credit_code("12990101MA0000013")
    firms = [credit_code(f"91990101MA00001{number:02d}") for number in range(20, 24)]
    content["schools"] = [
        {
            "credit_code": school,
            "name": "技师学院",
            "type": "技师学院",
            "district": "990101",
            "licence_from": "2000-01-01",
        }
    ]
    content["majors"] = [{"code": "M1", "name": "车床", "occupations": [TRADE], "edition": "2022"}]
    content["offerings"] = [
        {
            "offering_id": "O1",
            "school": school,
            "major": "M1",
            "exit_level": "高级工",
            "intake_year": 2024,
            "years": 3,
            "students": 45,
            "approved": "已批准",
            "skills": ["主轴修理=3"],
        }
    ]
    content["enterprises"] += [
        {"credit_code": code, "name": f"厂{number}", "district": "990101", "staff": 188, "status": "正常"}
        for number, code in enumerate(firms)
    ]
    content["demands"] = [
        {"demand_id": f"D{number}", "enterprise": code, "occupation": TRADE, "level": "高级工", "count": 45, "same_post": 300, "skills": ["主轴修理=3"], "pay": 5000}
        for number, code in enumerate(firms)
    ]  # fmt: skip
    with town(tmp_path, content) as graph:
        plan = graph.service.plan_cooperation(
            {"mode": "internship", "year": 2026, "objective": "stable", "priced": False}, viewer=CLI_VIEWER
        )
        seats = sorted(entry["seats"] for entry in plan["allocation"])
        assert (seats, plan["stable"], plan["blocking"]) == ([9, 18, 18], True, [])


def test_06_lower_quotas_may_leave_no_stable_plan() -> None:
    from tests.plans.test_seats_plan import test_lower_quotas_may_leave_no_stable_plan as fixture

    fixture()


def test_07_nested_caps_bind_and_the_certificate_is_checked_independently(tmp_path: Path) -> None:
    with town(tmp_path, golden_a.golden_a()["人社局"]) as graph:
        plan = graph.service.plan_cooperation({"mode": "internship", "year": 2026}, viewer=CLI_VIEWER)
        certificate = graph.service.plan_certificate(plan["id"], viewer=CLI_VIEWER)
        assert graph.service.check_plan(certificate, viewer=CLI_VIEWER)["valid"] is True
        forged = deepcopy(certificate)
        forged["allocation"][0]["seats"] += 1
        assert graph.service.check_plan(forged, viewer=CLI_VIEWER)["valid"] is False
        assert sum(entry["seats"] for entry in plan["allocation"]) == 12


def test_08_a_host_that_owns_the_home_firm_is_refused_by_b3(tmp_path: Path) -> None:
    content = village()
    content["ownerships"] = [{"parent": HOST, "child": HOME, "share": 0.6, "valid_from": "2020-01-01"}]
    assert failed(tmp_path, content) == {"B3": 1}


def test_09_hours_that_fit_in_all_but_not_week_by_week_are_refused_by_b6(tmp_path: Path) -> None:
    content = village()
    content["talents"][0] |= {"weekly_hours": 12, "available_from": "2026-12-07"}
    content["flex_needs"][0] |= {"total_hours": None, "hours_per_week": 6, "weeks": 4}
    assert failed(tmp_path / "weekly", content) == {"B6": 1}
    content["flex_needs"][0] |= {"total_hours": 24, "hours_per_week": None, "weeks": None}
    with town(tmp_path / "total", content) as graph:
        assert len(ask(graph)["items"]) == 1


def test_10_the_fourth_trip_of_a_year_is_refused_by_b7(tmp_path: Path) -> None:
    content = village()
    content["flex_needs"][0] |= {"district": "990102", "visits": 1}
    content["engagements"] = [
        {"engagement_id": f"E{number}", "person_id": "P1", "host": HOST, "mode": "consult", "hours_per_week": 1, "valid_from": f"2026-0{number}-01", "valid_to": f"2026-0{number}-20", "trips": 1, "status": "完成", "outcome": "成功"}
        for number in range(1, 4)
    ]  # fmt: skip
    assert failed(tmp_path / "three", content) == {"B7": 1}
    content["engagements"].pop()
    with town(tmp_path / "two", content) as graph:
        assert len(ask(graph)["items"]) == 1


def test_11_a_consent_that_ended_yesterday_hides_the_person_everywhere(tmp_path: Path) -> None:
    content = village(2)
    content["consents"][0]["valid_to"] = "2026-11-22"
    with town(tmp_path, content) as graph:
        gone = graph.service.world().talents.of_register("人社局", "P1")
        assert gone is not None
        answer = ask(graph, viewer=FIRM)
        assert gone not in json.dumps(answer, ensure_ascii=False)
        assert [item["node"]["key"] for item in ask(graph)["items"]] != [gone]
        paths = graph.service.paths(f"need:{'N1'}", f"enterprise:{HOME}", viewer=CLI_VIEWER)
        assert gone not in json.dumps(paths, ensure_ascii=False)
        before = ask(graph, as_of=date(2026, 11, 21))
        assert gone in {item["node"]["key"] for item in before["items"]}, (
            "officers see what was so two days ago"
        )
        told = ask(graph, viewer=FIRM, as_of=date(2026, 11, 21))
        assert gone not in json.dumps(told, ensure_ascii=False), "others do not"
        assert graph.service.audit(viewer=CLI_VIEWER)["total"] >= 0


def test_12_level_digit_one_is_a_senior_technician(tmp_path: Path) -> None:
    content = village()
    content["certificates"][0] |= {
        "number": "S000037000000201000001",
        "level": "高级技师",
        "issued": "2020-01-01",
    }
    number = content["certificates"][0]["number"]
    assert len(number) == 22
    digits = {"right": number[:15] + "1" + number[16:], "wrong": number[:15] + "5" + number[16:]}
    warned = {}
    for name, value in digits.items():
        content["certificates"][0]["number"] = value
        folder = tmp_path / name
        folder.mkdir()
        with open_graph(Settings(data=folder, store="memory:"), clock=lambda: NOW) as graph:
            report = report_of(graph, folder, content)
            warned[name] = [one["code"] for one in report["warnings"]].count("level-mismatch")
    assert warned["wrong"] == warned["right"] + 1


def test_13_a_credit_code_whose_check_remainder_is_zero_is_accepted(tmp_path: Path) -> None:
    code = next(
        found
        for found in (credit_code(f"91990101MA{number:07d}") for number in range(500, 900))
        if found.endswith("0")
    )
    content = village()
    content["enterprises"].append({"credit_code": code, "name": "零余厂", "district": "990101"})
    with town(tmp_path, content) as graph:
        assert code in graph.service.world().cooperation.enterprises


PROTECTED = {
    "sex": ["男", "女"], "ethnicity": ["汉族", "回族"], "hukou": ["本市", "外省"], "education": ["初中", "本科"],
    "identity": ["农民", "干部"], "work_years": [1, 40], "political": ["群众", "党员"],
}  # fmt: skip


def test_14_permuting_protected_columns_leaves_answers_the_same_byte_for_byte(tmp_path: Path) -> None:
    told = []
    for seed in range(3):
        draw, content = random.Random(seed), village(6)
        for one in content["talents"]:
            one |= {column: draw.choice(values) for column, values in PROTECTED.items()}
        for firm in content["enterprises"]:
            firm["ownership_type"] = draw.choice(["国有", "民营", "外资"])
        with town(tmp_path / str(seed), content) as graph:
            answer = ask(graph)
            told.append(
                json.dumps([answer["items"], answer["to_verify"], answer["pool"]], ensure_ascii=False)
            )
    assert len(set(told)) == 1


def test_15_a_school_without_history_shows_its_interval_and_is_not_last_by_default(tmp_path: Path) -> None:
    with town(tmp_path, golden_a.golden_a()["人社局"]) as graph:
        (item,) = graph.service.recommend_partners(
            {"anchor": {"kind": "enterprise", "key": golden_a.ENTERPRISE}, "mode": "internship"},
            viewer=CLI_VIEWER,
        )["items"]
        outcome = next(one for one in item["sides"]["enterprise"]["factors"] if one["code"] == "outcome")
        assert (outcome["known"], outcome["value"]) == (False, 0.5)
        low, high = item["interval"]
        assert low < item["score"] < high
        assert item["band"] == "ranked"


def test_16_shuffling_rows_keeps_the_ranking(tmp_path: Path) -> None:
    told = []
    for seed in range(3):
        content = village(8)
        for number, one in enumerate(content["talents"]):
            one["pay_wish"] = 150 + 5 * (number % 3)
        for rows in content.values():
            random.Random(seed).shuffle(rows)
        with town(tmp_path / str(seed), content) as graph:
            told.append([(item["rank"], item["node"]["key"]) for item in ask(graph)["items"]])
    assert told[0] == told[1] == told[2]
    assert len(told[0]) == 8


def test_17_every_counterfactual_keeps_its_promise(tmp_path: Path) -> None:
    content = golden_b.golden_b()["人社局"]
    with town(tmp_path / "before", content) as graph:
        (item,) = ask(graph, golden_b.NEED, counterfactuals=1, as_of=golden_b.AS_OF)["items"]
    kept = 0
    for number, promise in enumerate(item["counterfactuals"]):
        edited = deepcopy(content)
        if not all(_apply(edited, edit) for edit in promise["edits"]):
            continue
        with town(tmp_path / str(number), edited) as graph:
            (after,) = ask(graph, golden_b.NEED, as_of=golden_b.AS_OF)["items"]
            assert (after["score"], after["rank"]) == (
                pytest.approx(promise["score"], abs=1e-9),
                promise["rank"],
            )
        kept += 1
    assert kept >= 3


def _apply(content: Tables, edit: dict[str, Any]) -> bool:
    """Make one edit in the tables; False for an edit that needs another kind of row than cells and new rows."""
    rows = content.setdefault(edit["table"], [])
    if "values" in edit or "row" in edit:
        rows.append({
            key: value for key, value in (edit.get("values") or edit["row"]).items() if value is not None
        })
        return True
    for row in rows:
        if edit.get("key") in row.values() and "column" in edit:
            row[edit["column"]] = edit["to"]
            return True
    return False


def test_18_no_cell_under_ten_is_ever_told_in_public(tmp_path: Path) -> None:
    content = village()
    content["market_stats"] = [
        {"occupation": TRADE, "level": level, "quarter": "2026Q3", "demand": demand, "supply": supply}
        for level, demand, supply in (("高级工", 40, 30), ("技师", 12, 4), ("高级技师", 30, 25))
    ]
    with town(tmp_path, content) as graph:
        for viewer in (PUBLIC_VIEWER, FIRM, PLANNER):
            for by in (["occupation", "level"], ["level"], ["occupation"], []):
                for item in graph.service.demand_supply(viewer=viewer, by=by)["items"]:
                    assert all(item[name] is None or item[name] >= 10 for name in ("demand", "supply"))


def test_19_a_key_project_wins_a_contested_talent_in_the_plan_and_changes_no_list(tmp_path: Path) -> None:
    lists, winners = [], []
    for key in ("N1", "N2"):
        content = village()
        content["talents"][0] |= {"weekly_hours": 6}
        content["flex_needs"] = [need("N1"), need("N2")]
        next(one for one in content["flex_needs"] if one["need_id"] == key)["priority"] = 1
        with town(tmp_path / key, content) as graph:
            lists.append([ask(graph, one)["items"][0]["score"] for one in ("N1", "N2")])
            plan = graph.service.plan_mobility({}, viewer=CLI_VIEWER)
            winners.append([entry["need"] for entry in plan["allocation"]])
    assert winners == [["N1"], ["N2"]]
    assert lists[0] == lists[1]


def test_20_an_old_code_meets_a_new_demand_through_the_crosswalk(tmp_path: Path) -> None:
    old = "6-18-01-99"
    content = village()
    content["occupations"].append({"code": old, "name": "旧车工", "edition": "2015"})
    content["certificates"][0]["occupation"] = f"{old}@2015"
    content["talents"][0]["occupation"] = f"{old}@2015"
    with town(tmp_path / "without", content) as graph:
        assert ask(graph)["items"] == []
    content["occupation_crosswalk"] = [
        {"from_code": old, "from_edition": "2015", "to_code": TRADE, "to_edition": "2022"}
    ]
    with town(tmp_path / "with", content) as graph:
        (item,) = ask(graph)["items"]
        trade = next(one for one in item["sides"]["need"]["factors"] if one["code"] == "trade")
        assert trade["value"] == 1.0
    assert consent(1)["person_id"] == "P1"
