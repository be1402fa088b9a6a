"""Modes of school-enterprise cooperation and of flexible engagement (key -> Chinese name), as `tables.md` lists them."""

from collections.abc import Mapping
from typing import Final

COOPERATION_MODES: Final[Mapping[str, str]] = {
    "internship": "岗位实习",
    "order_class": "订单班",
    "apprentice_new": "企业新型学徒制",
    "apprentice_modern": "现代学徒制",
    "base": "共建实训基地",
    "college": "产业学院",
    "teacher_practice": "教师企业实践",
    "parttime_teacher": "兼职教师",
    "joint_rd": "联合攻关",
    "assessment": "技能等级认定合作",
    "staff_training": "职工培训",
}
SEAT_MODES: Final = ("internship", "order_class", "apprentice_modern")
ENGAGEMENT_MODES: Final[Mapping[str, str]] = {
    "consult": "顾问指导",
    "project": "项目合作",
    "advise_remote": "远程指导",
    "parttime": "兼职兼薪",
    "weekend": "周末工程师",
    "seasonal": "候鸟服务",
    "short": "短期聘用",
    "rehire": "退休返聘",
    "share": "共享用工",
    "teach": "兼职教师",
    "station": "工作站服务",
}
