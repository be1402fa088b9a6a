"""Majors of the technician colleges of the synthetic city, and the occupations they train for, as data.

Codes look like those of the national catalogue of technician-college majors; weights say how much of the
course serves the occupation.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

MAJOR_EDITION: Final = "2018"


@dataclass(frozen=True, slots=True, kw_only=True)
class Major:
    """One major; `targets` are (occupation code, weight 0..1), best first."""

    code: str
    name: str
    category: str
    targets: tuple[tuple[str, float], ...]


_DATA: Final = """
0101 | 机床切削加工（车工） | 机械类 | 6-18-01-01=1 6-18-01-02=0.6
0103 | 机床切削加工（磨工） | 机械类 | 6-18-01-04=1 6-20-01-02=0.8
0106 | 数控加工 | 机械类 | 6-18-01-02=0.9 6-18-01-01=0.9 6-18-01-07=0.7
0108 | 数控机床装配与维修 | 机械类 | 6-20-03-01=1 6-20-01-01=0.7 6-31-01-02=0.6
0110 | 机械装配 | 机械类 | 6-20-01-01=1 6-20-01-02=0.8 6-20-01-03=0.6
0112 | 机械设备维修 | 机械类 | 6-31-01-02=1 6-31-01-01=0.8 6-31-01-09=0.5
0114 | 模具制造 | 机械类 | 6-18-04-01=1 6-18-04-06=0.7 6-18-01-08=0.6 6-18-01-12=0.5
0116 | 焊接加工 | 机械类 | 6-18-02-04=1
0118 | 金属热处理 | 机械类 | 6-18-02-03=1 6-18-03-01=0.4
0120 | 铸造成型 | 机械类 | 6-18-02-01=1 6-18-02-02=0.6
0125 | 工业机器人应用与维护 | 机械类 | 6-31-07-03=1 6-31-07-01=0.9
0128 | 增材制造技术应用 | 机械类 | 6-18-01-13=1 6-18-04-01=0.3
0131 | 机械产品检测与质量控制 | 机械类 | 6-31-03-05=1 6-31-03-04=0.7 4-08-05-06=0.6
0203 | 电气自动化设备安装与维修 | 电工电子类 | 6-31-01-03=1 6-29-03-02=0.7 6-24-02-02=0.6
0204 | 机电一体化技术 | 电工电子类 | 6-31-01-03=0.8 6-20-03-01=0.7 6-31-01-01=0.6
0209 | 电子技术应用 | 电工电子类 | 6-25-01-13=0.9 6-25-04-05=0.8 6-25-02-05=0.6
0211 | 输变电设备制造 | 电工电子类 | 6-24-02-01=1 6-24-02-02=0.8
0213 | 光伏应用技术 | 电工电子类 | 6-24-02-04=1
0301 | 计算机程序设计 | 信息类 | 4-04-05-01=1
0305 | 网络安全 | 信息类 | 4-04-04-02=1
0403 | 汽车维修 | 交通类 | 4-12-01-01=1 6-22-01-03=0.5
0405 | 新能源汽车检测与维修 | 交通类 | 4-12-01-01=0.9 6-22-02-01=0.6
0406 | 汽车制造与装配 | 交通类 | 6-22-02-01=1 6-20-02-02=0.7
0501 | 烹饪（中式烹调） | 服务类 | 4-03-02-01=1
0503 | 烘焙工艺 | 服务类 | 6-02-01-01=1
0507 | 养老护理 | 服务类 | 4-10-01-05=1
0509 | 幼儿照护 | 服务类 | 4-10-01-01=1
0601 | 电子商务 | 财经商贸类 | 4-01-06-01=1
0605 | 现代物流 | 财经商贸类 | 4-02-06-03=1
0801 | 化工工艺 | 化工类 | 6-11-01-03=1 6-31-03-01=0.5
0803 | 工业分析与检验 | 化工类 | 6-31-03-01=1 4-08-05-01=0.6
0805 | 环境保护与检测 | 化工类 | 4-09-07-01=1
0807 | 制冷设备运用与维修 | 化工类 | 6-11-01-04=1
0901 | 服装设计与制作 | 轻工类 | 6-05-01-01=1 6-05-01-03=0.7
0903 | 纺织技术 | 轻工类 | 6-04-03-03=1 6-04-06-01=0.8
0905 | 酿酒技术 | 轻工类 | 6-02-06-03=1
1001 | 建筑施工 | 建筑类 | 6-29-01-01=1 6-29-01-04=0.8
1005 | 建筑信息模型技术 | 建筑类 | 4-08-08-23=1
1008 | 电梯工程技术 | 建筑类 | 6-29-03-03=1
"""


@cache
def majors() -> tuple[Major, ...]:
    """Return the majors in declared order."""
    return tuple(_major(line) for line in _DATA.strip().splitlines())


def _major(line: str) -> Major:
    code, name, category, targets = (cell.strip() for cell in line.split("|"))
    pairs = (target.split("=") for target in targets.split())
    return Major(
        code=code,
        name=name,
        category=category,
        targets=tuple((occupation, float(weight)) for occupation, weight in pairs),
    )


@cache
def major_of(code: str) -> Major:
    """Return the major with that code; KeyError if there is none."""
    return {major.code: major for major in majors()}[code]
