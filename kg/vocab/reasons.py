"""Names of every filter and factor of the two questions: code -> Chinese label and what it stands on."""

from collections.abc import Mapping
from typing import Final

SIDE_LABELS: Final[Mapping[str, str]] = {
    "enterprise": "企业得分 a",
    "school": "院校得分 b",
    "need": "需方得分 a",
    "talent": "人才得分 b",
}
FACTOR_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "enterprise": {
        "major": "专业对口",
        "skill": "课程技能",
        "level": "培养层次",
        "fill": "满足度",
        "outcome": "培养成效",
        "travel": "路程",
    },
    "school": {
        "major": "专业对口",
        "post": "岗位质量",
        "industry": "产业优先",
        "volume": "用人规模",
        "history": "历史合作",
        "travel": "路程",
    },
    "need": {
        "skill": "技能匹配",
        "trade": "工种对口",
        "evidence": "解题证据",
        "productive": "有效工时",
        "reputation": "履约信誉",
        "honour": "荣誉",
        "level": "等级达标",
    },
    "talent": {"mode": "方式偏好", "pay": "酬金", "slack": "时间余量", "topic": "主题意向"},
}
FILTER_LABELS: Final[Mapping[str, str]] = {
    "A1": "主体资格",
    "A2": "专业备案与在读年份",
    "A3": "专业与岗位相符",
    "A4": "合作方式与时间",
    "A5": "法定上限",
    "A6": "余量",
    "A7": "公开范围",
    "A8": "班级下限",
    "B0": "相关",
    "B1": "本人授权",
    "B2": "等级",
    "B3": "无隶属关系",
    "B4": "服务方式",
    "B5": "竞业与保密",
    "B6": "工时",
    "B7": "出行",
    "B8": "在服务项目数",
    "B9": "酬金区间",
}
FILTER_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "partners": ("A1", "A2", "A3", "A4", "A5", "A6", "A8"),
    "talents": ("B1", "B0", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9"),
}
NOTICE: Final = "辅助推荐，由人工决定"
