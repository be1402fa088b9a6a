"""Sentences of what could be otherwise for a school and an enterprise: data, so that no Chinese text stands in logic."""

from collections.abc import Mapping
from typing import Final

ADVICE: Final[Mapping[str, str]] = {
    "course": "{cohort}加开“{skill}”课程（水平 {level}）",
    "course.level": "{cohort}的“{skill}”课程由水平 {before} 提到 {level}",
    "exit": "{cohort}培养层次由{before}提到{after}",
    "class": "{cohort}由 {before} 人扩到 {after} 人",
    "mentor": "“{post}”的师傅由 {before} 名增到 {after} 名",
    "mentor.told": "“{post}”配 {after} 名师傅",
    "boarding": "“{post}”提供住宿",
    "post": "“{post}”的同岗在岗由 {before} 人增到 {after} 人",
    "split": "{cohort}分到两家企业，这里 {kept} 人，另一家 {rest} 人",
    "intake": "改派 {after} 级（{cohort}现为 {before} 级）",
    "verify": "核实“{names}”通过",
}
"""What is changed, by sort of change."""
