"""Every sentence of query B, as data: one template per outcome. Logic picks a key and hands in the figures."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

TEXTS: Final[Mapping[str, str]] = {
    "B1.pass": "授权有效至 {until}",
    "B1.pass.open": "授权长期有效",
    "B1.unknown": "授权的止日或撤回日期被遮蔽",
    "B1.unknown.check": "授权是否仍然有效、是否已撤回",
    "B1.fail": "没有在查询日有效、覆盖该单位的柔性推荐授权",
    "B1.fail.objects": "本人拒绝自动化推荐",
    "B0.pass": "相关度 {value} ≥ {floor}",
    "B0.pass.evidence": "业绩证据 {value} ≥ {floor}",
    "B0.pass.cover": "主要技能“{skill}”覆盖 {value} ≥ {floor}",
    "B0.unknown": "没有技能和工种登记，相关度未知",
    "B0.unknown.check": "本人是否具备所需技能",
    "B0.fail": "相关度 {value} ＜ {floor}，且无相近业绩或主要技能",
    "B2.pass.free": "不要求等级",
    "B2.pass": "{proof}达标：{level}，要求{wanted}",
    "B2.unknown": "{proof}的职业或等级无法与需求对照",
    "B2.unknown.check": "{level}等级与所需职业是否相符（原件）",
    "B2.unknown.need": "需求的最低等级被遮蔽",
    "B2.unknown.need.check": "需求的最低等级",
    "B2.unknown.declared": "登记等级 {level}，没有有效证书或聘任佐证",
    "B2.unknown.declared.check": "{level}证书原件",
    "B2.fail": "没有达到{wanted}的有效证书或聘任",
    "B3.pass": "与用人单位无隶属关系",
    "B3.pass.status": "{word}，无在职单位",
    "B3.unknown": "现单位未登记",
    "B3.unknown.check": "本人现单位，是否与用人单位有隶属关系",
    "B3.fail.own": "用人单位就是本人现单位",
    "B3.fail": "现单位与用人单位有隶属关系",
    "B4.pass": "方式相合：{modes}",
    "B4.pass.consent": "方式相合：{modes}；原单位同意",
    "B4.pass.consent.check": "原单位同意书原件（登记为“同意”）",
    "B4.pass.silent.check": "在职，未登记原单位意见",
    "B4.unknown": "{modes}：在职状态未登记",
    "B4.unknown.check": "本人在职状态是否适合 {modes}",
    "B4.unknown.modes": "本人未登记可服务方式，按 {modes} 考虑",
    "B4.unknown.modes.check": "本人愿意的服务方式",
    "B4.fail": "没有双方都接受且合规的服务方式",
    "B4.fail.home": "在职，原单位不同意",
    "B5.pass": "窗口内无竞业或保密限制",
    "B5.pass.other": "有竞业或保密约定，不涉及本需求",
    "B5.pass.secrecy": "有保密约定，未写明范围",
    "B5.pass.secrecy.check": "保密约定未写明范围，请本人确认不涉及本需求",
    "B5.unknown": "竞业或保密约定可能涉及本需求",
    "B5.unknown.check": "竞业或保密约定的单位、职业、地域是否涉及本需求",
    "B5.fail": "竞业限制涉及本需求",
    "B6.pass.weekly": "{good} 周每周空闲 ≥ {weekly} 小时，需要 {wanted} 周",
    "B6.pass": "空闲 {free} ≥ 需要 {hours} 小时",
    "B6.unknown": "每周可用小时或已签服务的小时未登记",
    "B6.unknown.check": "每周可用小时",
    "B6.fail.weekly": "只有 {good} 周每周空闲 ≥ {weekly} 小时，需要 {wanted} 周",
    "B6.fail": "空闲 {free} ＜ 需要 {hours} 小时",
    "B7.pass.remote": "不需到场",
    "B7.pass": "出行 {road} 小时，本年已用 {used} 小时，限 {limit} 小时",
    "B7.pass.free": "出行 {road} 小时，本人未限",
    "B7.unknown": "{start}至{end}的行程或本年出行记录不全",
    "B7.unknown.check": "{start}至{end}的行程、本年已出行次数",
    "B7.fail": "超出本年出行限度：本次 {road} 小时，已用 {used} 小时；同类出行已 {trips} 次，再加 {visits} 次",
    "B8.pass": "窗口内在服 {count} ＜ {limit}",
    "B8.fail": "窗口内在服 {count} 项，限 {limit} 项以内",
    "B8.fail.same": "已签本需求",
    "B9.pass": "上限 {offer} ≥ 底线 {floor}",
    "B9.pass.open": "酬金面议",
    "B9.unknown": "酬金被遮蔽",
    "B9.unknown.check": "酬金是否达到本人底线",
    "B9.fail": "上限 {offer} ＜ 底线 {floor}",
    "skill.item": "{skill} {value}",
    "skill.item.near": "{skill} {value}（可迁移）",
    "skill.item.implied": "{skill} {value}（持有工种，推定）",
    "skill.unknown.need": "需求未列技能，按 {value} 计",
    "skill.unknown": "没有技能登记，工种也无法对照，按 {value} 计",
    "trade": "{own}（{proof}）与{wanted}相合 {value}",
    "trade.declared": "本人登记",
    "trade.unknown": "双方职业无法对照，按 {value} 计",
    "evidence": "相近业绩 {count} 项，标签至多重合 {shared}/{tags}；{verified} 项已核验，{declared} 项自述",
    "evidence.none": "没有与需求标签相近的业绩",
    "evidence.unknown.need": "需求未列标签，按 {value} 计",
    "evidence.unknown": "所在来源未报送业绩，按 {value} 计",
    "productive": "{hours} ÷ ({hours} + {visits} 次 × 往返 {round} 小时)",
    "productive.remote": "不需到场，{hours} 小时全部有效",
    "productive.unknown": "行程未知，按 {value} 计",
    "reputation": "{count} 次服务成功 {good} 次：({r} + {r0}) ÷ ({n} + {n0})",
    "reputation.unknown": "没有已结束且有成效的服务，按 {value} 计",
    "honour": "{names}，{points} 分 ÷ {full} 分",
    "honour.item": "{name}（{year} 年）",
    "honour.none": "没有荣誉登记",
    "honour.unknown": "所在来源未报送荣誉，按 {value} 计",
    "level": "等级达标",
    "level.free": "不要求等级",
    "level.unknown": "等级待核实，按 {value} 计",
    "level.fail": "等级未达标",
    "mode": "{mode}，本人偏好 {value}",
    "mode.more": "{mode}，本人偏好 {value}；另可{others}",
    "mode.other": "{mode} {value}",
    "mode.unknown": "{mode}；本人未登记偏好，按 {value} 计",
    "mode.none": "没有双方都可行的方式",
    "pay": "({offer} − 底线 {floor}) ÷ (期望 {wish} − 底线 {floor})",
    "pay.met": "{offer} 达到底线 {floor}，期望不高于底线",
    "pay.below": "{offer} 低于底线 {floor}",
    "pay.unknown": "双方酬金未登记齐全，按 {value} 计",
    "slack": "(空闲 {free} − 需要 {hours}) ÷ {hours} 小时",
    "slack.unknown": "每周可用小时或已签小时未登记，按 {value} 计",
    "topic": "{tags} 个标签中 {count} 个在本人意向内：{names}",
    "topic.none": "{tags} 个标签都不在本人意向内",
    "topic.unknown": "需求标签或本人意向未登记，按 {value} 计",
    "proof.certificate": "证书",
    "proof.appointment": "聘任",
    "path.skill": "{person} 具备 {held}（水平 {level}），满足所需 {wanted}",
    "path.skill.near": "{person} 具备 {held}（水平 {level}），可迁移到所需 {wanted}（{value}）",
    "path.achievement": "{person} 的业绩“{title}”涉及需求标签 {tag}",
    "path.trade": "{person} 的{proof}属于 {own}，需求面向 {wanted}",
    "path.trade.near": "{person} 的{proof}属于 {own}，需求面向 {wanted}，与它相近（相合 {fit}）",
    "check.achievement": "业绩“{title}”为自述，可请原单位证明",
    "summary.skill": "技能 {total} 项具备 {held} 项",
    "summary.near": "、{near} 项可迁移",
    "summary.implied": "、{implied} 项由工种推定",
    "summary.evidence": "相近业绩 {count} 项",
    "summary.verified": "（{verified} 项已核验）",
    "summary.time": "{weeks} 周共空闲 {free} 小时，需 {hours} 小时",
    "summary.time.unknown": "空闲小时待核实",
    "summary.visits": "{mode}，{visits} 次到场往返共 {road} 小时",
    "summary.visits.unknown": "{mode}，行程待核实",
    "summary.remote": "{mode}，不需到场",
    "join": "；",
    "end": "。",
    "list": "、",
    "items": " · ",
    "unknown.district": "未登记地",
}
"""Templates by key; `.check` is the line an official verifies by hand."""


_PATTERNS: Final = {
    key: re.sub(r"\{(\w+)\}", r"%(\1)s", text.replace("%", "%%")) for key, text in TEXTS.items()
}
"""The templates as the faster of the two operators takes them."""


@lru_cache(maxsize=8192, typed=True)
def say(key: str, **figures: object) -> str:
    """Return the sentence of that key with its figures filled in; KeyError for an unknown key or a missing figure.

    Sentences lately said are kept: among the figures of forty people few differ.
    """
    return _PATTERNS[key] % figures if figures else TEXTS[key]


@lru_cache(maxsize=4096)
def figure(value: float | None) -> str:
    """Return a number as people write it: at most two decimals, no trailing zeros; "未知" for None."""
    if value is None:
        return UNKNOWN_FIGURE
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


UNKNOWN_FIGURE: Final = "未知"
