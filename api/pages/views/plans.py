"""What the plan pages show: facts, tables cut to a page, differences of two plans."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES, SEAT_MODES

Json = dict[str, Any]
ROWS: Final = 60
SHORT: Final = 25
OBJECTIVES: Final = {"stable": "稳定", "max-value": "价值最大"}
KINDS: Final = {"cooperation": "校企合作席位", "mobility": "柔性服务工时"}
MODES: Final = [(key, COOPERATION_MODES[key]) for key in SEAT_MODES]
_FAVOURS: Final = {"school": "对院校最有利", "enterprise": "对企业最有利", "need": "需求方先选"}


def title(plan: Mapping[str, Any]) -> str:
    """Return what a plan is called."""
    question = plan["question"]
    where = question.get("district") or "全区域"
    if plan["kind"] == "cooperation":
        mode = COOPERATION_MODES[question["mode"]]
        return f"{mode} {question['year']} 学年 · {where} · {OBJECTIVES[plan['objective']]}方案"
    return f"柔性服务 · {where} · 工时方案"


def facts(plan: Mapping[str, Any]) -> list[Json]:
    """Return the line of facts under the head."""
    rows = [
        ("编号", plan["id"]),
        ("数据截至", plan["as_of"]),
        ("修订", plan["revision"]),
        ("策略", f"{plan['policy']['id']} · {plan['policy']['hash'][:8]}"),
        ("取舍", _FAVOURS.get(plan["favours"] or "", "只求价值最大")),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def figures(plan: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (label, figure, remark) of the row of key figures."""
    market, amount = plan["market"], "seats" if plan["kind"] == "cooperation" else "hours"
    blocking = len(plan["blocking"]) if "blocking" in plan else plan["blocking_total"]
    if amount == "seats":
        first = ("安排席位", f"{plan['seats']:,}", f"可供 {market['supply']:,} · 空缺 {market['open']:,}")
        base = f"{market['cohorts']:,} 个班级 · {market['posts']:,} 个岗位"
    else:
        first = ("安排小时", f"{plan['hours']:,.1f}", f"需要 {market['hours']:,.1f}")
        base = f"{market['needs']:,} 条需求 · {market['talents']:,} 位人才"
    return [
        first,
        ("价值", f"{plan['value']:.4f}", "席位 × 盈余" if amount == "seats" else "小时 × 盈余"),
        ("阻断对", f"{blocking:,}", "双方都愿意另行安排"),
        ("可行配对", f"{market['pairs']:,}", base),
    ]


def rows(plan: Mapping[str, Any], first: int) -> list[Json]:
    """Return a page of the allocation with names."""
    names = plan["names"]
    return [_row(entry, names) for entry in plan["allocation"][first : first + ROWS]]


def _row(entry: Mapping[str, Any], names: Mapping[str, Any]) -> Json:
    if "offering" in entry:
        one, other = names["offerings"][entry["offering"]], names["demands"][entry["demand"]]
        return {
            **entry,
            "one": {"kind": "offering", "key": entry["offering"], "name": one["name"], "of": one["school_name"]},
            "other": {"kind": "demand", "key": entry["demand"], "name": other["name"], "of": other["enterprise_name"]},
        }  # fmt: skip
    need = names["needs"][entry["need"]]
    talent = names["talents"].get(entry["talent"], {"name": "人才"})
    return {
        **entry,
        "mode_name": ENGAGEMENT_MODES.get(entry.get("mode", ""), ""),
        "one": {"kind": "need", "key": entry["need"], "name": need["name"], "of": need["host_name"]},
        "other": {"kind": "talent", "key": entry["talent"], "name": talent["name"], "of": ""},
    }


def named(names: Mapping[str, Any], kind: str, key: str) -> str:
    """Return a name of a plan, the key where it names none."""
    found = names.get(kind, {}).get(key)
    return str(found["name"]) if found else key


def owner(names: Mapping[str, Any], kind: str, key: str) -> str:
    """Return the school of a cohort or the firm of a post, "" where the plan does not name it."""
    found = names.get(kind, {}).get(key) or {}
    return str(found.get("school_name" if kind == "offerings" else "enterprise_name") or "")


def moved(comparison: Mapping[str, Any], first: int) -> list[Json]:
    """Return a page of what moved between two plans."""
    names = comparison["names"]
    return [
        {**_row(entry, names), "change": entry["after"] - entry["before"]}
        for entry in comparison["moved"][first : first + ROWS]
        if _is_named(entry, names)
    ]


def _is_named(entry: Mapping[str, Any], names: Mapping[str, Any]) -> bool:
    if "offering" in entry:
        return entry["offering"] in names["offerings"] and entry["demand"] in names["demands"]
    return entry["need"] in names["needs"]


def pages(total: int) -> int:
    """Return how many pages rows take."""
    return max(1, -(-total // ROWS))


def columns(one: Mapping[str, Any], other: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    """Return the rows of a comparison: label and both values."""
    amount, word = ("seats", "席位") if one["kind"] == "cooperation" else ("hours", "小时")
    yes = {True: "稳定", False: "不稳定"}
    return [
        ("目标", OBJECTIVES[one["objective"]], OBJECTIVES[other["objective"]]),
        (word, f"{one[amount]:,}", f"{other[amount]:,}"),
        ("价值", f"{one['value']:.4f}", f"{other['value']:.4f}"),
        ("稳定与否", yes[one["stable"]], yes[other["stable"]]),
        ("阻断对", f"{one['blocking']:,}", f"{other['blocking']:,}"),
        ("可协商调岗", f"{one['negotiable']:,}", f"{other['negotiable']:,}"),
        ("未开班", f"{one['closed']:,}", f"{other['closed']:,}"),
        ("数据截至", one["as_of"], other["as_of"]),
        ("修订", str(one["revision"]), str(other["revision"])),
        ("策略", one["policy"]["hash"][:8], other["policy"]["hash"][:8]),
    ]
