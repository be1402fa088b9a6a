"""What an agreement should settle, by sort and mode: labels, sentences to fill in, points of law. Data, not logic.

Sources: 劳动合同法 (part-time work 第六十八条, second job 第三十九条), 个人信息保护法 第二十三条, 职业学校学生实习管理规定,
and the published rules of cities on flexible mobility; the clauses that apply stand in the table `policies`.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Point(NamedTuple):
    """One line of a checklist: its label, the sentence where its figures are known, and where they are not."""

    label: str
    text: str
    blank: str


TALENT_POINTS: Final[Mapping[str, Point]] = {
    "parties": Point("双方", "用人单位：{host}；本人：{person}", "用人单位与本人"),
    "task": Point("任务与验收", "任务“{title}”；验收标准由双方写明", "任务和验收标准由双方写明"),
    "mode": Point("服务方式", "{mode}", "服务方式待双方商定"),
    "term": Point("期限", "{first} 至 {last}", "起止日期待双方商定"),
    "hours": Point("工时", "共 {hours} 小时，{weeks} 周内完成{weekly}", "总小时或每周小时待双方商定"),
    "place": Point("地点与到场", "{place}，到场 {visits} 次", "服务地点、到场次数待双方商定"),
    "pay": Point(
        "报酬与个税",
        "不高于每小时 {pay} 元，由用人单位代扣代缴个税",
        "报酬标准待双方商定，由用人单位代扣代缴个税",
    ),
    "travel": Point("差旅", "往返约 {hours} 小时；写明用人单位承担哪些差旅费", "写明用人单位承担哪些差旅费"),
    "home": Point("原单位意见", "{status}", "如在职，签约前须有原单位书面意见"),
    "secrecy": Point("保密与竞业", "", "写明保密范围；本人确认与原单位的竞业、保密约定不受影响"),
    "ownership": Point("成果归属", "", "写明知识产权和技术成果的归属与分享"),
    "insurance": Point("保险", "", "写明服务期间意外伤害保险由谁购买"),
    "consent": Point("个人信息", "", "向用人单位提供姓名和联系方式前，取得本人单独同意"),
    "exit": Point("变更与终止", "", "写明变更、提前终止和争议处理的办法"),
}
TALENT_MODES: Final[Mapping[str, tuple[str, ...]]] = {
    "parttime": ("非全日制：平均每日不超过四小时，每周不超过二十四小时；后订立的不得影响先订立的",),
    "weekend": ("只在非工作时间服务，遵守原单位关于兼职的规定",),
    "rehire": ("确认已办理退休手续；按劳务协议约定报酬，购买意外伤害保险",),
    "share": ("原单位、用人单位、本人三方同意；不以营利为目的；原劳动合同终止时随之终止",),
    "teach": ("写明课程、课时和课表",),
    "short": ("服务期内没有其他全日制工作",),
    "station": ("写明工作站的名称、级别和依托单位",),
    "project": ("写明项目分工、经费和成果验收",),
}
PARTNER_POINTS: Final[Mapping[str, Point]] = {
    "parties": Point("各方", "院校：{school}；企业：{enterprise}；学生或其监护人", "院校、企业、学生"),
    "mode": Point("合作方式", "{mode}，{year} 学年", "合作方式和学年"),
    "cohort": Point("班级", "{cohort}，可供 {supply} 人", "参加的班级和人数"),
    "post": Point("岗位", "“{post}”（{occupation}），空缺 {open} 人", "岗位名称、职业和人数"),
    "seats": Point("安排人数", "本次建议安排 {seats} 人{split}", "安排人数由双方商定"),
    "caps": Point(
        "法定上限",
        "在岗职工上限：{staff}；同岗上限：{post}",
        "核实实习人数不超过在岗职工的一成、同岗职工的两成",
    ),
    "pay": Point("报酬", "每月 {pay} 元，按月以货币支付给学生", "写明报酬标准，按月以货币支付给学生"),
    "mentors": Point("带教", "企业师傅 {mentors} 名，院校另派指导教师", "写明企业师傅和院校指导教师"),
    "boarding": Point("食宿", "企业{boarding}住宿", "写明是否提供住宿"),
    "insurance": Point("保险与安全", "", "投保实习责任保险，岗前做安全教育"),
    "exit": Point("变更与终止", "", "写明考核、变更、终止和争议处理的办法"),
}
PARTNER_MODES: Final[Mapping[str, tuple[str, ...]]] = {
    "internship": (
        "三方协议签订后方可安排；不安排一年级学生",
        "不经中介组织安排，不到娱乐场所，不从事高风险或高强度劳动",
        "岗位实习一般为六个月",
    ),
    "order_class": ("写明班级下限、培养标准和录用条件",),
    "apprentice_modern": ("实行双导师，校企共同制定培养方案",),
    "apprentice_new": ("学徒须与企业签订劳动合同和培养协议",),
    "base": ("写明设备、场地和安全责任",),
    "assessment": ("只在备案的职业和等级内开展认定",),
}
SEAT_POINTS: Final = frozenset({"seats", "caps"})
"""Points that only modes with seats have."""
HOME_WORKING: Final = "在职：签约前须有原单位书面意见"
HOME_FREE: Final = "{status}，没有现单位，不需原单位意见"
WORKING: Final = "在职"
LAW_LABEL: Final = "须遵守"
SPLIT: Final = "，其中上列班级到上列岗位 {here} 人，其余见席位安排"
WEEKLY: Final = "，每周 {weekly} 小时"
OFFERS: Final = {True: "提供", False: "不提供"}
SUBJECTS: Final = {"talents": "柔性流动", "partners": "校企合作"}
"""How the table `policies` names what a clause is about."""
