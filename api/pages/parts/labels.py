"""Chinese words that several pages share; sentences of a single page live in its template."""

from collections.abc import Mapping
from typing import Final

from kg.model.viewers import Role

SECTIONS: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = (
    ("", (("/", "工作台"),)),
    ("匹配", (("/talents", "柔性人才"), ("/partners", "合作院校"), ("/teams", "联合攻关"), ("/plans", "市场方案"))),
    ("", (("/board", "跟进"),)),
    ("", (("/explorer", "图谱"),)),
    ("规划", (("/gaps", "供需缺口"), ("/map", "区县图"), ("/planning", "专业与产业"), ("/shown", "推荐去向"))),
    ("数据", (("/imports", "导入"), ("/reviews", "身份核对"), ("/imports/history", "导入历史"), ("/check", "口径校验"), ("/rules", "规则"))),
)  # fmt: skip
"""The top bar: a group without a name is one link; pages that do not exist or may not be opened are left out."""
ROLE_LABELS: Final[Mapping[Role, str]] = {
    Role.OFFICER: "经办人员",
    Role.PLANNER: "规划人员",
    Role.ENTERPRISE: "企业",
    Role.SCHOOL: "院校",
    Role.PUBLIC: "未登录",
    Role.ADMINISTRATOR: "管理员",
}
SIGHT_LABELS: Final[Mapping[str, str]] = {
    "all": "全部",
    "public-or-own": "公开的与本单位的",
    "own": "本单位的",
}
MATCH_LABELS: Final[Mapping[str, str]] = {
    "name": "名称",
    "alias": "别名",
    "code": "代码",
    "pinyin": "拼音",
    "initials": "首字母",
}
EXPORT_FORMS: Final[Mapping[str, str]] = {"docx": "Word", "xlsx": "Excel", "html": "网页"}
ORDER_LABELS: Final[Mapping[str, str]] = {"value": "席位 × 盈余", "seats": "席位", "score": "得分"}
SIDE_NOTES: Final[Mapping[str, str]] = {
    "need": "对用人单位",
    "talent": "对本人",
    "enterprise": "对企业",
    "school": "对院校",
}
SIDE_CLASSES: Final[Mapping[str, tuple[str, str]]] = {
    "need": ("need", "firm"),
    "talent": ("talent", "talent"),
    "enterprise": ("need", "firm"),
    "school": ("school", "school"),
}
UNITS: Final[Mapping[str, str]] = {"talent": "人", "school": "所", "enterprise": "家"}
PROVEN: Final = frozenset({"证书", "核实", "已核验"})
COUNT_LABELS: Final[Mapping[str, str]] = {
    "read": "读入",
    "inserted": "新增",
    "updated": "更新",
    "unchanged": "未变",
    "rejected": "拒收",
    "retired": "停用",
}
UNDO_LABELS: Final[Mapping[str, str]] = {"put_back": "放回", "restored": "复原", "removed": "移除"}
CHANGE_LABELS: Final[Mapping[str, str]] = {"inserted": "新增", "updated": "更新", "retired": "停用"}
STATUS_LABELS: Final[Mapping[str, str]] = {
    "running": "正在导入",
    "done": "已导入",
    "done-with-rejects": "已导入，有行被拒",
    "refused": "没有导入",
}
SKIP_LABELS: Final[Mapping[str, str]] = {
    "title": "标题",
    "header": "表头",
    "group-header": "分组行",
    "blank": "空行",
    "footer": "表尾",
    "hidden": "隐藏",
    "hidden-sheet": "隐藏的工作表",
}
