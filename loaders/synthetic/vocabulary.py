"""Trades of the synthetic city: clusters of occupations, their skills, topics and trade words, as data.

Occupation names and 2022 codes follow the public classification of occupations (职业分类大典 2022); the skills,
topics and trade words are written for this city. A skill ending in `@` is equipment, `~` a process, `#` a
material; the others are skills proper. Skills stand in order of how common they are: shares fall as 1/rank.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

EDITION: Final = "2022"
OLD_EDITION: Final = "2015"
SKILL_KINDS: Final = {"@": "设备", "~": "工艺", "#": "材料"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupation:
    """One occupation: its code in both editions (`old_code` None: no row of the old edition) and its skills."""

    code: str
    old_code: str | None
    name: str
    aliases: tuple[str, ...]
    skills: tuple[str, ...]
    cluster: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A group of trades that meet in one kind of firm; `share` is its weight among talents and firms."""

    key: str
    chain: str
    share: int
    industry: str
    industry_name: str
    trades: tuple[str, ...]
    topics: tuple[str, ...]
    occupations: tuple[Occupation, ...]


# cluster: key | chain | share | GB/T 4754 group | its name | trade words of firms | topics of problems
# occupation: code | 2015 code (= the same) | name | aliases | skills
_DATA: Final = """
# machining | 高端装备 | 16 | 342 | 金属加工机械制造 | 精密机械 数控设备 机床 精工机械 金属制品 | 加工精度 表面粗糙度 刀具寿命 振纹 薄壁变形 批量一致性
6-18-01-01 | = | 车工 | 数控车工 普通车工 | 数控车削编程 车刀选用与刃磨 细长轴车削~ 数控车床@ 螺纹车削~ 薄壁件装夹 偏心件车削~ 尺寸链计算 车削中心@
6-18-01-02 | = | 铣工 | 数控铣工 | 数控铣削编程 加工中心@ 铣刀选用 箱体孔系加工~ 曲面铣削~ 工件找正 四轴加工~ 高速铣削~
6-18-01-04 | = | 磨工 | 数控磨工 外圆磨工 | 外圆磨削~ 数控磨床@ 砂轮修整 内孔磨削~ 磨削烧伤控制 无心磨削~ 磨削余量控制 圆度检测 超精研磨~
6-18-01-07 | = | 多工序数控机床操作调整工 | 加工中心操作调整工 | 多轴联动编程 五轴加工中心@ 在机测量 刀具路径优化 工装夹具设计 后处理参数调整 复杂型面加工~ 生产节拍优化
6-18-01-08 | 6-18-01-08 | 电切削工 | 线切割工 电火花工 | 慢走丝线切割~ 电火花成形~ 电极设计 电参数调整 精密冲裁间隙控制 线切割机床@ 表面变质层控制
# basics | 轴承与传动 | 13 | 345 | 轴承、齿轮和传动部件制造 | 轴承 精密轴承 传动机械 齿轮 主轴 | 主轴振动 精度恢复 轴承温升 噪声异常 装配间隙 密封泄漏
6-20-01-01 | = | 装配钳工 | 钳工 装配工 | 部件装配与调整 刮研~ 几何精度检测 过盈配合装配~ 液压管路装配 装配尺寸链 动平衡校正 试车验收 密封件更换
6-20-01-02 | = | 轴承制造工 | 轴承工 | 套圈磨削~ 滚道超精~ 轴承游隙测量 轴承钢# 轴承装配~ 振动值检测 保持架铆合~ 轴承清洗与防锈
6-20-01-03 |  | 齿轮制造工 | 齿轮工 滚齿工 | 滚齿加工~ 磨齿加工~ 齿形齿向检测 磨齿机@ 齿轮修形 剃齿加工~ 齿轮热变形控制
6-20-03-01 | 6-20-03-01 | 机床装调维修工 | 数控机床维修工 机床维修工 | 数控系统故障诊断 主轴轴承更换与预紧 导轨刮研~ 主轴振动诊断 机床几何精度检测 滚珠丝杠调整 伺服参数优化 数控磨床维修 激光干涉仪@ 机床大修~
# upkeep | 设备运维 | 14 | 433 | 通用设备修理 | 设备维修 机电工程 工业技术服务 设备安装 | 停机排障 预防性维护 备件国产化 能耗异常 振动监测 润滑失效
6-31-01-01 | | 设备点检员 | 点检员 | 设备状态监测 振动频谱分析 红外测温 润滑管理 点检标准编制 油液分析 备件管理
6-31-01-02 | = | 机修钳工 | 维修钳工 设备维修工 | 机械故障诊断 联轴器找正 滚动轴承拆装 液压系统检修 减速机检修 设备大修~ 泵阀检修 轴系对中 气动系统检修
6-31-01-03 | = | 电工 | 维修电工 电气维修工 | 电气线路检修 PLC编程 变频器调试 低压配电 电机检修 继电控制 触摸屏组态 伺服驱动调试 电气图识读 现场总线
6-31-01-09 | | 工程机械维修工 | | 液压挖掘机检修 柴油机检修 液压泵修复~ 底盘检修 工程机械电控诊断 行走系统检修
# heat | 金属成形 | 11 | 339 | 铸造及其他金属制品制造 | 铸造 锻压 热处理 焊接装备 金属结构 | 焊接变形 铸造缺陷 裂纹 硬度不均 气孔 涂层脱落
6-18-02-01 | = | 铸造工 | 造型工 | 砂型铸造~ 熔炼配料 浇注系统设计 铸件缺陷分析 球墨铸铁# 树脂砂造型~ 铸造工艺仿真
6-18-02-02 | | 锻造工 | | 自由锻造~ 模锻~ 锻造温度控制 锻件缺陷分析 辗环机@ 合金钢#
6-18-02-03 | = | 金属热处理工 | 热处理工 | 渗碳淬火~ 真空热处理~ 硬度检测 金相分析 热处理变形控制 感应淬火~ 回火工艺制定 渗氮~
6-18-02-04 | = | 焊工 | 电焊工 氩弧焊工 | 氩弧焊~ 二氧化碳气体保护焊~ 焊条电弧焊~ 焊接变形控制 焊缝外观检验 压力容器焊接~ 不锈钢焊接~ 焊接工艺评定 机器人焊接~ 铝合金焊接~
6-18-03-01 | | 镀层工 | 电镀工 | 镀铬~ 镀层厚度检测 电镀液分析 前处理除油~ 镀层结合力改善
6-18-03-03 | = | 涂装工 | 喷漆工 | 喷涂~ 涂装前处理~ 色差控制 粉末喷涂~ 涂膜缺陷分析 机器人喷涂~
# robots | 智能制造 | 11 | 349 | 其他通用设备制造业 | 机器人 智能装备 自动化 智能科技 增材科技 | 产线节拍 视觉定位 通信故障 夹具干涉 数据采集 程序优化
6-31-07-01 | 6-31-01-10 | 工业机器人系统运维员 | 机器人运维员 | 机器人本体维护 机器人故障诊断 减速器更换 机器人零点校准 机器人控制柜检修 工业网络维护 备份与恢复
6-31-07-03 | 6-30-99-00 | 工业机器人系统操作员 | 机器人操作员 | 机器人示教编程 机器人离线编程 工作站集成 机器视觉调试 末端夹具调试 六轴机器人@ 产线联调 安全防护设置
6-25-04-05 | | 智能硬件装调员 | | 智能传感器装调 嵌入式调试 整机装配 无线通信调试 边缘网关@ 电路板检修
6-18-01-13 | | 增材制造设备操作员 | 3D打印操作员 | 激光选区熔化~ 三维建模 切片参数优化 增材后处理~ 金属粉末# 三维扫描
# moulds | 模具与冲压 | 8 | 352 | 化工、木材、非金属加工专用设备制造 | 模具 精密模具 冲压件 注塑科技 | 飞边 缩痕 模具寿命 冲压开裂 回弹 顶出不良
6-18-04-01 | = | 模具工 | 模具钳工 注塑模具工 | 注塑模装配 模具抛光~ 模具修复 冲压模调试 分型面研配 模流分析 模具三维设计 热流道维修 模具钢#
6-18-04-06 | | 工具钳工 | | 夹具制作 量具修理 样板制作 钻孔与铰孔~ 精密研磨~ 工装调试
6-18-01-12 | | 冲压工 | | 冲压工艺编制 级进模调试 冲压机床@ 板料回弹控制 送料机调整 拉深成形~
# motor | 汽车及零部件 | 9 | 367 | 汽车零部件及配件制造 | 汽车零部件 汽车电子 动力科技 车桥 新能源汽车科技 | 异响 动力下降 高压安全 电池衰减 装配一致性 标定偏差
6-22-02-01 | = | 汽车装调工 | 汽车装配工 | 整车装配 底盘装调 电子控制单元标定 四轮定位 装配扭矩控制 总成下线检测 高压系统装调
4-12-01-01 | = | 汽车维修工 | 汽修工 | 发动机检修 汽车电路诊断 自动变速器检修 新能源汽车高压检修 底盘检修与调整 车载网络诊断 动力电池检测
6-20-02-02 | | 内燃机装配调试工 | | 柴油机装配 燃油系统调试 台架试验 曲轴装配 增压器调试
6-22-01-03 | | 汽车零部件再制造工 | | 零部件清洗与拆解 激光熔覆~ 变速器再制造~ 再制造检测
# chemistry | 绿色化工 | 7 | 261 | 基础化学原料制造 | 化工 新材料 精细化工 环保科技 | 反应失控 收率下降 结垢 泄漏 能效 废水达标
6-11-01-03 | = | 化工总控工 | | DCS操作 精馏操作~ 化工仪表 反应釜@ 开停车操作 工艺参数优化 换热器清洗~ 联锁系统
6-11-01-04 | | 制冷工 | | 制冷机组操作 制冷剂充注 冷库运维 压缩机检修 换热器检修
6-31-03-01 | = | 化学检验员 | 化验员 | 滴定分析 气相色谱分析 液相色谱分析 样品前处理~ 标准溶液配制 原子吸收光谱@ 数据处理
4-09-07-01 | | 污水处理工 | | 活性污泥法~ 水质监测 膜处理~ 加药控制 污泥脱水~
# electric | 电子信息与电气 | 9 | 382 | 输配电及控制设备制造 | 电气 电力设备 电子 半导体 光伏科技 | 绝缘击穿 良率 虚焊 局部放电 温升超标 静电防护
6-25-02-05 | | 半导体芯片制造工 | | 光刻~ 刻蚀~ 薄膜沉积~ 洁净室作业 晶圆检测 封装键合~
6-25-01-13 | | 印制电路制作工 | | 图形转移~ 蚀刻~ 层压~ 电路板检测 阻焊印刷~
6-24-02-01 | = | 变压器互感器制造工 | 变压器工 | 线圈绕制~ 铁芯叠装 变压器真空干燥~ 变压器试验 绝缘装配 局部放电测试
6-24-02-02 | = | 高低压电器及成套设备装配工 | 成套电工 | 二次接线 母线加工~ 开关柜装配 断路器调试 耐压试验 继电保护调试
6-24-02-04 | | 光伏组件制造工 | | 电池片焊接~ 组件层压~ 组件缺陷检测 光伏串焊机@ 边框装配
# textile | 现代纺织 | 6 | 181 | 机织服装制造 | 纺织 服饰 染整 针织 | 色牢度 纬斜 断头率 版型 缩水率 交期
6-05-01-01 | | 服装制版师 | 打版师 | 服装制版 立体裁剪 服装结构设计 推板放码 服装样衣试制 面料#
6-05-01-03 | = | 缝纫工 | 车缝工 | 平缝操作 特种缝纫机@ 缝制工艺编制 缝制质量检验 流水线平衡
6-04-03-03 | | 织布工 | | 喷气织机@ 织造工艺调整 断经断纬处理 布面疵点检验 上机工艺~
6-04-06-01 | | 印染前处理工 | | 退浆~ 漂白~ 丝光~ 染整助剂# 前处理工艺优化
# food | 食品与餐饮 | 7 | 146 | 调味品、发酵制品制造 | 食品 酿造 粮油 餐饮管理 | 保质期 出品稳定 出酒率 食品安全 风味改良 标准化
6-02-01-01 | | 糕点面包烘焙师 | 烘焙师 | 面团发酵~ 烘焙温度控制 裱花 产品配方设计 酥皮制作~
6-02-06-03 | | 白酒酿造工 | | 制曲~ 固态发酵~ 蒸馏摘酒~ 勾调 品评 窖池养护
4-03-02-01 | = | 中式烹调师 | 厨师 | 刀工 炒制~ 菜品设计 冷菜制作~ 宴席设计 成本核算 调味
4-08-05-01 | | 农产品食品检验员 | 食品检验员 | 微生物检验 农残检测 食品理化检验 检验方法验证 实验室质量控制
# services | 现代服务 | 11 | 596 | 装卸搬运和仓储业 | 供应链 物流 信息技术 网络科技 康养服务 | 流程优化 系统上线 数据质量 服务标准 带教 应急处置
4-02-06-03 | = | 物流服务师 | 物流师 | 仓储规划 运输调度 物流信息系统 库存控制 冷链管理 物流成本分析
4-01-06-01 | = | 电子商务师 | 电商运营 | 店铺运营 直播策划 数据分析 商品详情设计 客户服务 跨境电商运营
4-04-05-01 | | 计算机程序设计员 | 程序员 | 数据库设计 Java开发 前端开发 接口设计 软件测试 工业软件开发
4-04-04-02 | | 网络与信息安全管理员 | | 网络设备配置 安全加固 日志审计 漏洞扫描 等级保护测评 应急响应
4-10-01-05 | = | 养老护理员 | 护老员 | 生活照料 失能照护 康复训练 认知症照护 安宁疗护 护理计划制定
4-10-01-01 | 4-10-01-02 | 婴幼儿发展引导员 | 育婴员 | 婴幼儿生活照料 辅食制作 早期发展指导 婴幼儿急救 抚触
# building | 建筑与安装 | 7 | 491 | 电气安装 | 建设工程 安装工程 电梯 建筑科技 | 渗漏 裂缝控制 进度 电梯困人 噪声 碰撞检查
6-29-01-01 | | 砌筑工 | 瓦工 | 砌体砌筑 抹灰~ 放线 古建筑砌筑~ 质量通病防治
6-29-01-04 | | 钢筋工 | | 钢筋下料 钢筋绑扎 钢筋机械连接~ 钢筋翻样
6-29-03-02 | = | 电气设备安装工 | | 电缆敷设 配电箱安装 防雷接地 桥架安装 电气调试
6-29-03-03 | | 电梯安装维修工 | 电梯工 | 电梯故障诊断 曳引机检修 电梯门机调整 电梯控制系统调试 导轨校正 电梯安全部件检验
4-08-08-23 | | 建筑信息模型技术员 | BIM技术员 | 建筑建模 管线综合 碰撞检测 施工模拟 工程量提取
# testing | 检验检测 | 6 | 745 | 质检技术服务 | 检测技术 计量检测 质量技术服务 | 误判率 测量不确定度 漏检 校准周期 报告时效 方法确认
6-31-03-05 | = | 质检员 | 检验员 | 三坐标测量 形位公差检测 质量统计分析 首件检验 量具校准 失效分析
6-31-03-04 | = | 无损检测员 | 探伤工 | 超声检测 射线检测 磁粉检测 渗透检测 缺陷评定 涡流检测
4-08-05-06 | | 计量员 | | 长度计量 力学计量 热工计量 测量不确定度评定 计量器具管理
"""


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _occupation(line: str, cluster: str) -> Occupation:
    code, old, name, aliases, skills = _cells(line)
    old_code = code if old == "=" else old or None
    return Occupation(
        code=code,
        old_code=old_code,
        name=name,
        aliases=tuple(aliases.split()),
        skills=tuple(skill.rstrip("@~#") for skill in skills.split()),
        cluster=cluster,
    )


@cache
def clusters() -> tuple[Cluster, ...]:
    """Return the clusters of the city in declared order."""
    found: list[Cluster] = []
    for block in _DATA.strip().removeprefix("# ").split("\n# "):
        head, *lines = block.splitlines()
        key, chain, share, industry, industry_name, trades, topics = _cells(head)
        found.append(
            Cluster(
                key=key,
                chain=chain,
                share=int(share),
                industry=industry,
                industry_name=industry_name,
                trades=tuple(trades.split()),
                topics=tuple(topics.split()),
                occupations=tuple(_occupation(line, key) for line in lines),
            )
        )
    return tuple(found)


@cache
def cluster_of(key: str) -> Cluster:
    """Return the cluster of that key; KeyError if there is none."""
    return {cluster.key: cluster for cluster in clusters()}[key]


@cache
def occupations() -> tuple[Occupation, ...]:
    """Return all occupations of the newest edition in declared order."""
    return tuple(occupation for cluster in clusters() for occupation in cluster.occupations)


@cache
def occupation_of(code: str) -> Occupation:
    """Return the occupation with that code of the newest edition; KeyError if there is none."""
    return {occupation.code: occupation for occupation in occupations()}[code]


@cache
def skill_kinds() -> dict[str, str]:
    """Return every skill of the vocabulary with its kind (技能, 工艺, 设备, 材料), topics last as 技能."""
    kinds: dict[str, str] = {}
    for block in _DATA.strip().splitlines():
        if not block.startswith("#"):
            for skill in _cells(block)[4].split():
                kinds.setdefault(skill.rstrip("@~#"), SKILL_KINDS.get(skill[-1], "技能"))
    return kinds
