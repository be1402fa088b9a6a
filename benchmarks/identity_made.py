"""Makes three registers that know the same masters under three numbers; the truth is known.

12,000 persons; a register holds one with chance .80, .60, .45. Names: 60 surnames and 60 given characters, common ones more
often, a fifth one-character given names: many namesakes. In each record independently: no ID number 35% (of those last four
digits kept 30%), name error 5% (a third homophone, a third other character, a third character lost or doubled), traditional
script 4%, no birth date 10%, birth date with one wrong digit 1%, phone changed 15% or absent 8%, employer changed 12%, written
with another legal form or with a branch 30%, absent 5%, occupation changed 10%. 1% of persons have a sibling with the same surname,
phone and employer; 0.2% a namesake in the same firm.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from pypinyin import Style, pinyin

from kg.identity.person_records import PersonRecord, record_of
from kg.model.graph import RowId, Value
from kg.vocab.characters import TRADITIONAL

PERSONS: Final = 12_000
REGISTERS: Final = (("鉴定库", 0.80), ("协会名册", 0.60), ("竞赛名册", 0.45))
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
_GIVEN: Final = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢佳阳建亮成洁敏静丽芳娜秀玲燕红霞婷雪慧莹玉兰国志文海永春"
_FIRMS: Final = 900
_BRANDS: Final = "瑞恒盛宏泰鼎华中金东新天海博远信达嘉永安启正铭德凌锐科力精创智联合诚润昌裕隆"
_TRADES: Final = ("机械", "精工", "电气", "化工", "汽配", "装备", "建材", "食品", "纺织", "电子")
_FORMS: Final = ("有限公司", "股份有限公司", "有限责任公司", "集团有限公司", "", "有限公司一分厂")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Person:
    """One made-up person."""

    number: int
    name: str
    birth: str
    card: str
    phone: str
    firm: str
    occupation: str
    district: str


def records(seed: int, count: int = PERSONS) -> tuple[list[PersonRecord], list[int]]:
    """Return the records of the three registers and, for each, the number of its person."""
    random = Random(seed)
    found: list[PersonRecord] = []
    truth: list[int] = []
    for person in _people(random, count):
        for source, chance in REGISTERS:
            if random.random() < chance:
                found.append(_record(random, person, source))
                truth.append(person.number)
    return found, truth


def _people(random: Random, count: int) -> list[Person]:
    firms = [random.choice(_BRANDS) + random.choice(_BRANDS) + random.choice(_TRADES) for _ in range(_FIRMS)]
    people: list[Person] = []
    while len(people) < count:
        person = _person(random, len(people), firms)
        people.append(person)
        if random.random() < 0.01:
            sibling = replace(_person(random, len(people), firms), phone=person.phone, firm=person.firm)
            people.append(replace(sibling, name=person.name[0] + sibling.name[1:]))
        elif random.random() < 0.002:
            namesake = _person(random, len(people), firms)
            people.append(replace(namesake, name=person.name, firm=person.firm))
    return people[:count]


def _person(random: Random, number: int, firms: list[str]) -> Person:
    surname = _SURNAMES[min(int(random.expovariate(0.07)), len(_SURNAMES) - 1)]
    given = "".join(
        _GIVEN[min(int(random.expovariate(0.04)), len(_GIVEN) - 1)]
        for _ in range(1 if random.random() < 0.2 else 2)
    )
    birth = f"{random.randint(1961, 2003)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
    body = f"9901{random.randint(1, 30):02}{birth}{random.randint(0, 999):03}"
    check = "10X98765432"[sum(int(a) * b for a, b in zip(body, _WEIGHTS, strict=True)) % 11]
    firm = firms[min(int(random.expovariate(0.004)), len(firms) - 1)]
    occupation = f"6-{random.randint(1, 31):02}-{random.randint(1, 4):02}-{random.randint(1, 9):02}"
    phone = f"1{random.randint(30, 99)}{random.randint(0, 99_999_999):08}"
    return Person(
        number,
        surname + given,
        birth,
        body + check,
        phone,
        firm,
        occupation,
        f"9901{random.randint(1, 12):02}",
    )


def _record(random: Random, person: Person, source: str) -> PersonRecord:
    stranger = _person(random, -1, [person.firm])
    sealed: dict[str, Value] = {"name": _written(random, person.name)}
    if random.random() >= 0.35:
        sealed["id_number"] = person.card
    elif random.random() < 0.30:
        sealed["id_number"] = "*" * 14 + person.card[-4:]
    draw = random.random()
    if draw >= 0.10:
        birth = person.birth if draw >= 0.11 else person.birth[:7] + str((int(person.birth[7]) + 1) % 10)
        sealed["birth_date"] = f"{birth[:4]}-{birth[4:6]}-{birth[6:]}"
    draw = random.random()
    if draw >= 0.08:
        sealed["phone"] = person.phone if draw >= 0.23 else stranger.phone
    plain: dict[str, Value] = {"district": person.district}
    plain["occupation"] = person.occupation if random.random() >= 0.10 else stranger.occupation
    draw = random.random()
    if draw >= 0.05:
        brand = (
            person.firm
            if draw >= 0.17
            else random.choice(_BRANDS) + random.choice(_BRANDS) + random.choice(_TRADES)
        )
        plain["employer_name"] = brand + (random.choice(_FORMS) if random.random() < 0.3 else _FORMS[0])
    row = RowId(source, "talents", f"{source}-{random.randrange(10**9):09}-{person.number}")
    return record_of(row, f"{source}:{row.key}", sealed, plain)


def _written(random: Random, name: str) -> str:
    draw = random.random()
    if draw < 0.05:
        place = random.randrange(1, len(name))
        kind = random.randrange(3)
        if kind == 0:
            return name[:place] + _homophone(random, name[place]) + name[place + 1 :]
        if kind == 1:
            return name[:place] + random.choice(_GIVEN) + name[place + 1 :]
        return name[:place] + name[place + 1 :] if len(name) > 2 else name + name[-1]
    return name.translate(TRADITIONAL) if draw < 0.09 else name


def _homophone(random: Random, character: str) -> str:
    sound = _sound(character)
    same = [
        other
        for other in _GIVEN + "玮炜维薇嵩廷挺慧惠晓筱敬镜晶利莉俪"
        if other != character and _sound(other) == sound
    ]
    return random.choice(same) if same else random.choice(_GIVEN)


def _sound(character: str) -> str:
    return str(pinyin(character, style=Style.NORMAL)[0][0])
