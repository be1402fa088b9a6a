"""Reads a policy file: strict about keys, types, ranges and weights; every refusal names the line."""

import hashlib
import json
import re
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from kg.errors import PolicyError
from kg.model.rules import (
    AdviceRules,
    CommonRules,
    CooperationRules,
    LinkageRules,
    MobilityRules,
    PlanRules,
    Policy,
    TeamRules,
)
from kg.schema import SCHEMA, protected_columns
from kg.vocab.modes import ENGAGEMENT_MODES

_SECTIONS: Final[Mapping[str, type]] = {
    "common": CommonRules,
    "query_a": CooperationRules,
    "query_b": MobilityRules,
    "advice": AdviceRules,
    "plans": PlanRules,
    "team": TeamRules,
    "linkage": LinkageRules,
}
_SIDES: Final[Mapping[str, frozenset[str]]] = {
    "query_a.enterprise_side": frozenset({"major", "skill", "level", "fill", "outcome", "travel"}),
    "query_a.school_side": frozenset({"major", "post", "industry", "volume", "history", "travel"}),
    "query_b.need_side": frozenset({
        "skill",
        "trade",
        "evidence",
        "productive",
        "reputation",
        "honour",
        "level",
    }),
    "query_b.talent_side": frozenset({"mode", "pay", "slack", "topic"}),
}
_WORDS: Final[Mapping[str, typing.Collection[str]]] = {
    "common.neutral_low_factors": frozenset().union(*_SIDES.values()),
    "query_b.trip_modes": frozenset(ENGAGEMENT_MODES),
}
_COSTS: Final[Mapping[str, frozenset[str]]] = {
    "advice.talent_costs": frozenset({"visit", "remote", "mode", "pay", "week", "skill", "certificate"}),
    "advice.partner_costs": frozenset({
        "course",
        "exit_level",
        "class_size",
        "mentor",
        "boarding",
        "post",
        "split",
        "intake",
    }),
}
_CHOICES: Final = {"query_a.safety": ("enterprises", "safety"), "query_b.honour_points": ("honours", "level")}
_PROTECTED: Final = (
    protected_columns()
    | {column.zh for table in SCHEMA.tables for column in table.columns if column.protected}
    | {"age", "gender", "birth_year", "seniority", "home_ownership", "年龄"}
)
"""What no policy may name: the protected columns by key and by label, and other words for the same."""
_POSITIVE: Final = frozenset(
    {"speed_kmh", "earth_radius_km", "prior_total", "travel_full_hours", "rotation_full", "honour_full",
     "outcome_half_life_years", "history_half_life_years", "evidence_half_life_years", "reputation_half_life_years",
     "students_per_mentor", "max_items", "default_items", "talent_costs", "partner_costs", "most", "top", "members", "candidates"}
)  # fmt: skip
_AT_LEAST_ONE: Final = frozenset({"detour", "speed_kmh", "max_items", "default_items"})
_ABOVE_ONE_ALLOWED: Final = _POSITIVE | _AT_LEAST_ONE | frozenset(
    {"tie_decimals", "exposure_days", "skill_hops", "control_links", "travel_inside_district", "prior_successes",
     "history_own_weight", "district_limit", "week_days", "parttime_week_hours", "trips_per_year", "trip_hours",
     "concurrent", "undated_years", "honour_points", "priority_weight", "talent_items",
     "partner_items"}
)  # fmt: skip


def load_policy(path: Path | None = None) -> Policy:
    """Return the policy of that file, or the default policy that ships with the product.

    Raises PolicyError with the line for: unreadable file, unknown or missing keys, wrong types, values out of
    range, weights of a side that do not sum to 1 (± 1e-9), a protected column named anywhere as a factor.
    """
    if path is None:
        text = files("kg.policy").joinpath("default_policy.yaml").read_text(encoding="utf-8")
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"读不了策略文件 {path}：请检查路径、权限，并存为 UTF-8") from error
    return parse_policy(text)


@lru_cache(maxsize=8)
def parse_policy(text: str) -> Policy:
    """Return the policy written in `text` (YAML); errors as `load_policy`."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        line = _broken_line(error)
        raise PolicyError(f"策略文件{_at(line)}不是合法的 YAML：请检查缩进和引号", line=line) from error
    if not isinstance(root, yaml.MappingNode):
        raise PolicyError("策略文件应是“键: 值”的形式", line=1)
    top = _entries(root, "")
    _check_keys(root, "", {"policy_id", "effective_from", *_SECTIONS})
    sections = {key: _section(kind, top[key], key) for key, kind in _SECTIONS.items()}
    policy_id = _scalar(top["policy_id"], str, "policy_id")
    effective = _scalar(top["effective_from"], date, "effective_from")
    canonical = _canonical({"policy_id": policy_id, "effective_from": effective, **sections})
    return Policy(
        policy_id=policy_id,
        effective_from=effective,
        common=sections["common"],
        query_a=sections["query_a"],
        query_b=sections["query_b"],
        advice=sections["advice"],
        plans=sections["plans"],
        team=sections["team"],
        linkage=sections["linkage"],
        hash=hashlib.sha256(canonical.encode()).hexdigest(),
        basis=_comments(text),
    )


def _at(line: int | None) -> str:
    return "" if line is None else f"第 {line} 行"


def _broken_line(error: yaml.YAMLError) -> int | None:
    """Return the line to look at: where a bracket that never closes was opened, else where reading stopped."""
    opened, stopped = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    mark = opened if "flow" in (getattr(error, "context", None) or "") else stopped or opened
    return None if mark is None else int(mark.line) + 1


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _entries(node: yaml.Node, where: str) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise PolicyError(f"策略文件{_at(_line(node))}“{where}”应是一组“键: 值”", line=_line(node))
    found: dict[str, yaml.Node] = {}
    for key_node, value in node.value:
        key = str(key_node.value)
        if key in found:
            raise PolicyError(f"策略文件{_at(_line(key_node))}“{key}”重复，请删去一处", line=_line(key_node))
        if key in _PROTECTED:
            raise PolicyError(
                f"策略文件{_at(_line(key_node))}“{key}”是受保护的信息，任何因素都不得使用，请删去",
                line=_line(key_node),
            )
        found[key] = value
    return found


def _check_keys(node: yaml.Node, where: str, allowed: typing.Collection[str]) -> None:
    assert isinstance(node, yaml.MappingNode)
    found = {str(key.value): key for key, _ in node.value}
    for key, key_node in found.items():
        if key not in allowed:
            raise PolicyError(
                f"策略文件{_at(_line(key_node))}“{key}”不是已知的键；可用：{'、'.join(sorted(allowed))}",
                line=_line(key_node),
            )
    for key in sorted(set(allowed) - set(found)):
        raise PolicyError(
            f"策略文件{_at(_line(node))}“{where or '顶层'}”缺少“{key}”，请参照默认策略补上", line=_line(node)
        )


def _section(kind: type, node: yaml.Node, name: str) -> Any:
    entries = _entries(node, name)
    hints = typing.get_type_hints(kind)
    assert is_dataclass(kind)
    _check_keys(node, name, [field.name for field in fields(kind)])
    return kind(**{key: _value(value, hints[key], f"{name}.{key}") for key, value in entries.items()})


def _value(node: yaml.Node, hint: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is tuple:
        if not isinstance(node, yaml.SequenceNode):
            raise PolicyError(f"策略文件{_at(_line(node))}“{where}”应是列表，如 [甲, 乙]", line=_line(node))
        return tuple(_listed(item, where) for item in node.value)
    if origin is not None:
        values = {key: _scalar(item, float, f"{where}.{key}") for key, item in _entries(node, where).items()}
        if where in _SIDES:
            _check_side(node, where, values)
        elif where in _COSTS:
            _check_keys(node, where, _COSTS[where])
        elif where in _CHOICES:
            table, column = _CHOICES[where]
            _check_keys(node, where, SCHEMA.by_key[table].column(column).choices)
        return values
    return _scalar(node, hint, where)


def _listed(node: yaml.Node, where: str) -> str:
    text = str(_scalar(node, str, where))
    if text in _PROTECTED:
        raise PolicyError(
            f"策略文件{_at(_line(node))}“{text}”是受保护的信息，不得使用，请删去", line=_line(node)
        )
    words = _WORDS.get(where)
    if words is not None and text not in words:
        known = "、".join(sorted(words))
        raise PolicyError(
            f"策略文件{_at(_line(node))}“{where}”里没有“{text}”这一项；可用：{known}", line=_line(node)
        )
    return text


def _check_side(node: yaml.Node, where: str, weights: Mapping[str, float]) -> None:
    _check_keys(node, where, _SIDES[where])
    if abs(sum(weights.values()) - 1) > 1e-9:
        raise PolicyError(
            f"策略文件{_at(_line(node))}“{where}”的权重之和是 {sum(weights.values()):.12g}，应等于 1",
            line=_line(node),
        )


def _scalar(node: yaml.Node, hint: Any, where: str) -> Any:
    line = _line(node)
    if not isinstance(node, yaml.ScalarNode):
        raise PolicyError(f"策略文件{_at(line)}“{where}”应是单个值", line=line)
    try:
        if hint is str:
            return _text(str(node.value))
        if hint is date:
            return date.fromisoformat(str(node.value))
        exact = Fraction(str(node.value))
    except (ValueError, ZeroDivisionError) as error:
        raise PolicyError(
            f"策略文件{_at(line)}“{where}”的值 {node.value!r} 不对，应是{_kind(hint)}", line=line
        ) from error
    name = where.split(".")[1] if "." in where else where
    _check_range(exact, name, where, line)
    if hint is int and exact.denominator != 1:
        raise PolicyError(f"策略文件{_at(line)}“{where}”应是整数", line=line)
    return exact if hint is Fraction else hint(exact)


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError(value)
    return value


def _kind(hint: Any) -> str:
    return {str: "不为空的文字", date: "日期（如 2026-01-01）", int: "整数"}.get(hint, "数字")


def _check_range(value: Fraction, name: str, where: str, line: int) -> None:
    low = 1 if name in _AT_LEAST_ONE else 0
    if value < low or (name in _POSITIVE and value == 0):
        raise PolicyError(
            f"策略文件{_at(line)}“{where}”应{'大于 0' if name in _POSITIVE else f'不小于 {low}'}", line=line
        )
    if name not in _ABOVE_ONE_ALLOWED and value > 1:
        raise PolicyError(f"策略文件{_at(line)}“{where}”应在 0 到 1 之间", line=line)


def _canonical(values: Mapping[str, Any]) -> str:
    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items()}
        return str(value) if isinstance(value, (Fraction, date)) else value

    return json.dumps(
        {key: plain(value) for key, value in values.items()}, ensure_ascii=False, sort_keys=True
    )


def _comments(text: str) -> dict[str, str]:
    """Return the comment behind each key, for the rules page."""
    found: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        match = re.match(r"^(\s*)([\w]+):(.*?)(?:#\s*(.*))?$", line)
        if match is None:
            continue
        indent, key, _, comment = match.groups()
        section = section if indent else key
        found[f"{section}.{key}" if indent else key] = comment or ""
    return found
