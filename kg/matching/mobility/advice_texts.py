"""Sentences of what could be otherwise for a talent and a need: data, so that no Chinese text stands in logic."""

from collections.abc import Mapping
from typing import Final

ADVICE: Final[Mapping[str, str]] = {
    "visits": "到场由 {before} 次减为 {after} 次",
    "visits.none": "不要求到场",
    "remote": "改为{mode}，不需到场",
    "mode": "需求也接受{mode}",
    "pay": "酬金上限由 {before} 元提到 {after} 元，达到本人期望",
    "pay.open": "明确酬金上限 {after} 元，达到本人期望",
    "weeks": "服务期延长 {count} 周，到 {last}",
    "skill": "补上“{skill}”（水平 {level}，经核实）",
    "skill.level": "“{skill}”由水平 {before} 提到 {level}，经核实",
    "skill.proof": "“{skill}”（水平 {level}）经核实",
    "certificate": "取得“{occupation}”{level}证书",
    "verify": "核实“{names}”通过",
}
"""What is changed, by sort of change."""

PROVEN_BASIS: Final = "核实"
DECLARED_BASIS: Final = "自述"
CERTIFICATE_KIND: Final = "职业技能等级证书"
"""Words of the tables that the edits write."""
