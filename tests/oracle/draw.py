"""Chance with a seed, and the small vocabulary that random worlds are made of."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, TypeVar

from tests.oracle.codes import credit_code
from tests.oracle.world import MASK, fold

T = TypeVar("T")

TODAY: Final = date(2026, 11, 23)
DISTRICTS: Final = ("370702", "370703", "370704", "370705", "370785")
STRANGE_DISTRICT: Final = "110105"
CODES_NEW: Final = ("6-18-01-01", "6-18-01-02", "6-18-02-03", "6-19-01-01", "4-04-05-01")
CODES_OLD: Final = ("6-18-01-01", "6-18-04-01", "6-18-01-07", "6-20-02-02")
NEW, OLD = "2022", "2015"
SKILLS: Final[tuple[tuple[str, list[str]], ...]] = (
    ("数控车削", ["CNC车削", "车削"]),
    ("PLC编程", ["plc programming"]),
    ("工业机器人示教", ["示教编程"]),
    ("焊接", []),
    ("三坐标测量", ["CMM"]),
    ("液压", ["液压传动"]),
    ("工艺编制", []),
    ("夹具设计", ["工装设计"]),
)
SKILL_NAMES: Final = (
    *(name for name, _ in SKILLS),
    "CNC车削",
    "ｐｌｃ编程",
    "PLC Programming",
    "cmm",
    "刀具管理",
)
CANONICAL: Final = {fold(name): own for own, aliases in SKILLS for name in (own, *aliases)}
TAGS: Final = ("节能", "改造", "质量", "ＡＩ", "数控车削", "夹具设计", "cmm", "焊接")
CHAINS: Final = ("L1", "L2", "L3", "L9")
OUTSIDER: Final = credit_code("110105", 99)
HOLDING: Final = credit_code("110105", 98)
LEVELS: Final = ("初级工", "中级工", "高级工", "技师", "高级技师", "特级技师")
SEATS: Final = ("internship", "order_class", "apprentice_modern")
OTHER_MODES: Final = ("assessment", "joint_rd", "base", "teacher_practice")
FLEX_MODES: Final = (
    "consult",
    "project",
    "advise_remote",
    "parttime",
    "weekend",
    "rehire",
    "share",
    "station",
)


class Draw:
    """A seeded hand that draws cells."""

    def __init__(self, seed: int, *, mask_defaults: bool) -> None:
        self.random = Random(seed)
        self.mask_defaults = mask_defaults
        self.used: dict[str, int] = {}
        self.gaps = self.random.choice((0.1, 0.3, 0.6, 1, 2, 3.5))
        self.generous = self.chance(0.5)

    def chance(self, share: float) -> bool:
        """True in this share of draws."""
        return self.random.random() < share

    def one(self, choices: Sequence[T]) -> T:
        """One of several."""
        return self.random.choice(choices)

    def some(self, choices: Sequence[T], least: int, most: int) -> list[T]:
        """Several different ones."""
        return self.random.sample(list(choices), min(len(choices), self.random.randint(least, most)))

    def count(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(least, most)

    def cell(self, value: object, *, absent: float = 0.15, masked: float = 0.05) -> object:
        """A value that is sometimes absent and sometimes masked; small chances grow with the world's gaps."""
        if self.chance(absent * self.gaps if absent < 0.3 else absent):
            return None
        return MASK if self.chance(masked * min(1, self.gaps)) else value

    def default(self, value: object, *, absent: float = 0.3) -> object:
        """A value whose absence means something; masked only in worlds that ask for it."""
        return self.cell(value, absent=absent, masked=0.08 if self.mask_defaults else 0)

    def day(self, least: int, most: int) -> str:
        """A day so many days after today."""
        return (TODAY + timedelta(days=self.random.randint(least, most))).isoformat()

    def key(self, prefix: str) -> str:
        """A new key."""
        self.used[prefix] = self.used.get(prefix, 0) + 1
        return f"{prefix}{self.used[prefix]:03d}"

    def occupation(self) -> str:
        """A soft reference: bare, with edition, with a fifth part, or unknown."""
        if self.chance(0.06):
            return self.one(("6-99-01-01", "6-18-01", "6-18-01-09@2022"))
        code, edition = self.listed()
        form = self.random.random()
        if form < 0.12:
            return f"{code}-03" if edition == NEW else f"{code}-03@{edition}"
        return code if form < 0.7 and edition == NEW else f"{code}@{edition}"

    def listed(self) -> tuple[str, str]:
        """A listed occupation, mostly of the new edition and near the first."""
        if self.chance(0.08 if self.generous else 0.25):
            return self.one(CODES_OLD), OLD
        return self.one((*CODES_NEW, *CODES_NEW[:2], CODES_NEW[0])), NEW

    def held(self) -> list[str]:
        """A skill list, one item for each skill."""
        return [f"{name}={self.count(1, 5)}" for name in self.some(SKILL_NAMES[:8] + SKILL_NAMES[12:], 1, 5)]

    def wanted(self) -> list[str]:
        """A skill demand."""
        weights = ("1", "1", "2", "0.5", "0.3")
        names = {fold(name): name for name in self.some(SKILL_NAMES, 1, 4)}
        return [f"{name}={self.count(1, 5)}*{self.one(weights)}" for name in names.values()]
