"""Words and sentence templates of query A: data, so that no Chinese text stands in logic."""

from collections.abc import Mapping
from typing import Final

ERRORS: Final[Mapping[str, str]] = {
    "mode": "没有合作方式“{value}”，请从这些中选一个：{allowed}",
    "anchor": "名单的一方应是企业、院校或区县（{allowed}），现为“{value}”",
    "order": "排序依据应是 {allowed} 之一，现为“{value}”",
    "year": "学年 {value} 超出范围，请填 {low} 到 {high} 之间的起始年份",
    "radius_hours": "路程上限应是不小于 0 的小时数，现为 {value}",
    "occupations": "“{value}”不是职业代码，请写成 6-18-01-01 的样子（可加 @版本）",
    "k": "名单长度应在 1 到 {high} 之间，现为 {value}",
    "unknown-anchor": "没有找到“{value}”，请核对代码，或先导入这家单位所在的数据",
}

ASSUMED: Final = "{reason}，按 {neutral} 计"
AND: Final = "、"
THEN: Final = "；"
COMMA: Final = "，"
STOP: Final = "。"

FIT: Final[Mapping[str, str]] = {
    "same": "相同",
    "small": "同小类",
    "middle": "同中类",
    "none": "不相近",
    "crosswalk": "（经职业对照）",
}
MAJOR: Final[Mapping[str, str]] = {
    "fit": "{major}面向{lead} {code}，与岗位职业{relation}{weight}",
    "weight": "，面向权重 {weight}",
    "unknown": "专业面向职业与岗位职业无法比对",
    "again": "与企业侧相同",
}
SKILL: Final[Mapping[str, str]] = {
    "held": "{skill} {held}/{wanted}",
    "full": "{skill} 达标",
    "near": "{skill} 由{by}折算 {value}",
    "missing": "{skills}未开",
    "no-courses": "课程技能未填",
    "no-wants": "岗位未填技能要求",
}
LEVEL: Final[Mapping[str, str]] = {
    "met": "{exit}，要求{wanted}",
    "short": "{exit}，要求{wanted}，低 {gap} 级",
    "free": "{exit}，岗位不限等级",
    "unknown": "培养层次或等级要求未告知",
}
FILL: Final[Mapping[str, str]] = {
    "open": "可安排 {seats} ÷ 空缺 {room}",
    "supply": "可安排 {seats} ÷ 可供 {room}",
    "no-seats": "该方式不占实习席位",
    "unknown": "人数或上限数据不全",
}
OUTCOME: Final[Mapping[str, str]] = {
    "rate": "{years}年统计共 {sample} 人，按时间折算：({successes} + {prior}) ÷ ({total} + {prior_total})",
    "unknown": "取证率、就业率、稳岗率无统计",
}
TRAVEL: Final[Mapping[str, str]] = {
    "boarding": "提供住宿，路程不计",
    "hours": "1 − {hours} ÷ {full} 小时；{boarding}",
    "far": "单程 {hours} 小时，达到 {full} 小时记 0；{boarding}",
    "no-boarding": "未提供住宿",
    "boarding-absent": "未填住宿",
    "again": "单程 {hours} 小时，与企业侧相同",
    "unknown": "单程时间未知",
    "unknown-boarding": "是否提供住宿未告知",
}
POST: Final[Mapping[str, str]] = {
    "pay": "薪酬 {value}",
    "mentors": "师傅 {value}",
    "safety": "安全 {value}",
    "rotation": "轮岗 {value}",
    "mean": "{parts} 的均值",
    "single": "{parts}，其余未填",
    "unknown": "薪酬、师傅、安全、轮岗均未填",
}
INDUSTRY: Final[Mapping[str, str]] = {
    "served": "{chain}为优先产业链，{group}服务该链",
    "priority": "{chain}为优先产业链，本校该专业没有服务该链的专业群",
    "other": "企业所属产业链均非优先",
    "unknown": "企业所属产业链未填",
}
VOLUME: Final[Mapping[str, str]] = {
    "sum": "空缺 {places} ＝ {heads} ÷ 学生 {students}",
    "single": "空缺 {heads} ÷ 学生 {students}",
    "enough": "空缺 {heads}，够全班 {students} 人",
    "no-seats": "该方式不占实习席位",
    "unknown": "空缺或学生人数不全",
}
HISTORY: Final[Mapping[str, str]] = {
    "rate": "{good} 次成功、{bad} 次未达{own}：({successes} + {prior}) ÷ ({total} + {prior_total})",
    "own": "（其中与本校 {count} 次，加倍）",
    "unknown": "企业没有已结束并有成效的合作",
}
FILTER: Final[Mapping[str, str]] = {
    "status-pass": "企业状态{status}",
    "status-fail": "企业经营状态为{status}",
    "status-unknown": "企业经营状态未填",
    "licence-pass": "办学许可有效",
    "licence-fail": "办学许可不含 {day}",
    "licence-unknown": "办学许可起止未填",
    "approved-pass": "已批准",
    "approved-fail": "专业未获批准",
    "approved-unknown": "备案状态未填",
    "students-fail": "没有在校学生",
    "students-unknown": "在校人数未告知",
    "intake-pass": "{intake} 级在校",
    "intake-fail": "{intake} 级在 {year} 学年不在校",
    "intake-unknown": "入学年份或学制未填",
    "trade-pass": "专业面向职业与岗位职业{relation}",
    "trade-fail": "专业面向职业与岗位职业不对应",
    "trade-unknown": "职业代码无法比对",
    "mode-pass": "{mode}",
    "mode-fail": "岗位不接受{mode}",
    "mode-unknown": "岗位接受的合作方式未告知",
    "dated-fail": "岗位在 {year} 学年内无效",
    "dated-unknown": "岗位有效期未告知",
    "study-pass": "第 {study} 学年",
    "study-fail": "第 {study} 学年，尚不能岗位实习",
    "study-unknown": "入学年份未告知",
    "assess-pass": "院校名下的评价机构可评该职业和等级",
    "assess-fail": "院校名下没有可评该职业和等级的评价机构",
    "assess-unknown": "评价机构的可评职业或最高等级未填",
    "legal-pass": "合法席位 {legal}",
    "legal-fail": "合法席位不足 1：{caps}",
    "legal-unknown": "合法席位待核：{caps}",
    "seats": "可供 {supply}，空缺 {open}",
    "public": "公开",
    "own": "经办或本单位可见",
    "class-pass": "至少 {least} 人可成班",
    "class-free": "未设班级下限",
    "class-fail": "与该企业凑不足 {least} 人",
    "class-unknown": "能否凑足 {least} 人待核",
    "class-masked": "班级下限未告知",
}
CHECK: Final[Mapping[str, str]] = {
    "A1": "请向企业、院校核实经营状态和办学许可起止",
    "A2": "请向院校核实备案状态、在校人数、入学年份和学制",
    "A3": "请核实专业面向职业和岗位职业的代码与版本",
    "A4": "请核实岗位接受的合作方式、有效期和评价机构范围",
    "A5": "请向企业核实职工人数、同岗在岗人数、已有实习人数和已签席位落在哪个岗位",
    "A6": "请核实在校、已安排、空缺人数和已签席位",
    "A8": "请与院校、企业核实能否成班",
}
SEATS: Final[Mapping[str, str]] = {
    "staff": "⌊{share} × {heads}⌋ − 已用 {used} = {left}",
    "staff-unknown": "职工人数未填，在岗上限未知",
    "post-unknown": "同岗在岗人数未填，同岗上限未知",
    "incomplete": "（有人数未填，按 0 计）",
    "unknown": "未知",
}
BINDING: Final[Mapping[str, str]] = {
    "staff": "职工总数 {share} 只容 {seats} 人，是席位的卡口",
    "post": "同岗 {share} 只容 {seats} 人，是席位的卡口",
    "supply": "可供学生 {seats} 人，是席位的卡口",
    "open": "空缺 {seats} 人，是席位的卡口",
}
SUMMARY: Final[Mapping[str, str]] = {
    "major": "专业与岗位职业{relation}",
    "major-unknown": "专业与岗位职业待比对",
    "level-met": "层次达标",
    "level-short": "层次低 {gap} 级",
    "level-unknown": "层次未告知",
    "unknown": "{factors}未知，故得分有区间",
}
PATH: Final[Mapping[str, str]] = {
    "trade": "{school} 的 {offering} 面向{lead}；{enterprise} 的岗位“{demand}”需要{wanted}",
    "trade.near": "{school} 的 {offering} 面向{lead}；{enterprise} 的岗位“{demand}”需要{wanted}，与它相近（相合 {fit}）",
    "chain": "{enterprise} 在{chain}；{school} 的{group}服务该链",
    "history": "{school} 与 {enterprise} 有过合作（{cooperation}）",
}
NOTE: Final = "经营状态、办学许可和历史合作按 {day} 所知"
