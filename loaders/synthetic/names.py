"""Names on screen: invented places, common surnames, made-up brands. No real firm, school or person is meant."""

from random import Random
from typing import Final

CITY: Final = "临澄"
OTHER_CITIES: Final = ("霁川", "望岚", "砚溪", "棠河", "鹭泽", "云屏", "澜阳", "栎原", "沁石")
DISTRICTS: Final = (
    ("990101", "澄中区", 118.020, 36.020),
    ("990102", "澄东区", 118.130, 36.030),
    ("990103", "澄西区", 117.900, 36.010),
    ("990104", "云港区", 118.260, 35.930),
    ("990105", "望川区", 118.010, 36.170),
    ("990121", "霁山县", 117.620, 36.280),
    ("990122", "枫砚县", 117.480, 35.860),
    ("990123", "苇川县", 118.420, 36.330),
    ("990181", "岚桥市", 118.650, 35.780),
    ("990182", "鹤泽市", 117.210, 36.090),
    ("990183", "石滩县", 119.020, 36.420),
)
OTHER_DISTRICTS: Final = ("中城区", "东苑区", "西苑区", "北河区", "南滩县", "上原县", "下川县", "白石市")
ELSEWHERE: Final = ("999901", "999902")
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
_GIVEN: Final = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢佳阳建亮成洁敏静丽芳娜秀玲燕红霞婷雪慧莹玉兰"
_FIRST: Final = "瑞恒盛宏泰鼎华中金东新天海博远信达嘉永安启正铭德凌锐科力精创智联合诚润昌裕隆"
_SECOND: Final = "衡川峰源岳航宸泽图石枫越林桥陵朗舟屹原辰河泓岭松格域麟翔策畅拓"
_FORMS: Final = ("有限公司",) * 12 + ("股份有限公司",) * 3 + ("有限责任公司",) * 2 + ("集团有限公司",)
SCHOOLS: Final = (
    ("技师学院", "技师学院"),
    ("工业技师学院", "技师学院"),
    ("机电高级技工学校", "高级技工学校"),
    ("精密制造技师学院", "技师学院"),
    ("职业技术学院", "高职"),
    ("先进制造技工学校", "技工学校"),
    ("交通技师学院", "技师学院"),
    ("电子信息高级技工学校", "高级技工学校"),
    ("化工技工学校", "技工学校"),
    ("现代服务职业中专", "中职"),
    ("建设高级技工学校", "高级技工学校"),
    ("轻工技工学校", "技工学校"),
    ("装备职业技术学院", "高职"),
    ("第二技师学院", "技师学院"),
    ("康养职业中专", "中职"),
    ("东部高级技工学校", "高级技工学校"),
    ("西部技工学校", "技工学校"),
    ("智能科技技师学院", "技师学院"),
    ("商贸职业中专", "中职"),
    ("食品工程技工学校", "技工学校"),
    ("纺织服装技工学校", "技工学校"),
    ("新能源高级技工学校", "高级技工学校"),
    ("第三技工学校", "技工学校"),
)


def person_name(random: Random) -> str:
    """Return a surname with one or two given characters; common surnames come more often."""
    surname = _SURNAMES[min(int(random.expovariate(0.07)), len(_SURNAMES) - 1)]
    given = random.choice(_GIVEN)
    return surname + given + (random.choice(_GIVEN) if random.random() < 0.72 else "")


def firm_name(random: Random, city: str, trades: tuple[str, ...]) -> tuple[str, str]:
    """Return the full name of a firm and its short name: invented city, made-up brand, trade word, legal form."""
    short = random.choice(_FIRST) + random.choice(_SECOND) + random.choice(trades)
    return f"{city}{short}{random.choice(_FORMS)}", short


def city_of(district: str) -> str:
    """Return the invented city that a district code belongs to."""
    number = int(district[2:4]) - 1
    return CITY if number == 0 else OTHER_CITIES[number - 1]
