"""The plan of a synthetic city: how large, which districts, which firms and schools; people come later, one by one."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import accumulate
from math import asin, cos, radians, sin, sqrt
from random import Random
from typing import Final, NamedTuple, TypeVar

from kg.errors import InvalidInputError
from loaders.synthetic import names
from loaders.synthetic.identifiers import ENTERPRISE_KIND, SCHOOL_KIND, chance, credit_code
from loaders.synthetic.vocabulary import Cluster, Occupation, cluster_of, clusters, occupations

Item = TypeVar("Item")
CAST_FIRMS: Final = 8
"""The first firms are fixed: headline host, its daughter, holding, three firms of 188, one tiny, one not 正常."""


SMALL_WIDTH: Final = 7
"""Clusters that the few talents of the smallest size spread over, so that they meet its needs."""
MASTER_STEP: Final = 23
"""Every so many talents one is a technician or above by plan (others may be by chance)."""


class Size(NamedTuple):
    """How many of each; the four sizes are the tiers of the domain facts."""

    talents: int
    schools: int
    cohorts: int
    enterprises: int
    demands: int
    needs: int
    cities: int


SIZES: Final = {
    "demo": Size(300, 12, 60, 80, 200, 30, 1),
    "county": Size(5_000, 6, 60, 500, 1_500, 80, 1),
    "city": Size(40_000, 20, 600, 4_000, 12_000, 480, 1),
    "province": Size(480_000, 224, 4_500, 28_400, 100_000, 4_000, 10),
}
STUDENTS_PER_SCHOOL: Final = 2_000
CLASS_SIZE: Final = 44.5
"""Mean size of a class in the cited provincial figures (989 order classes, 44,000 students)."""
MEDIAN_STAFF: Final = 97.0
STAFF_SPREAD: Final = 1.15
"""Log-normal head count: exp(ln 97 + 1.15² / 2) = 188, the cited mean of an above-scale firm, heavy tail."""


class District(NamedTuple):
    """A district with coordinates in degrees; None where the table leaves them out."""

    code: str
    name: str
    longitude: float | None
    latitude: float | None


class Firm(NamedTuple):
    """What other tables need to know of an enterprise."""

    code: str
    name: str
    short: str
    cluster: str
    district: str
    staff: int


class School(NamedTuple):
    """What other tables need to know of a school; `focus` are its clusters, best first."""

    code: str
    name: str
    type: str
    district: str
    focus: tuple[str, ...]


@dataclass(frozen=True)
class City:
    """A city of one size, seed and day: everything else follows from these three."""

    size_name: str
    seed: int
    day: date
    _firm_names: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.size_name not in SIZES:
            known = "、".join(SIZES)
            raise InvalidInputError(
                f"规模“{self.size_name}”不存在，请选用：{known}", field="size", value=self.size_name
            )

    @property
    def size(self) -> Size:
        """The counts of this size."""
        return SIZES[self.size_name]

    @property
    def school_year(self) -> int:
        """The year Y whose school year Y-09-01 … (Y+1)-08-31 holds the day."""
        return self.day.year if self.day.month >= 9 else self.day.year - 1

    def chance(self, *parts: object) -> Random:
        """Return a source of chance for one row or table."""
        return chance(self.seed, *parts)

    def ago(self, days: int) -> str:
        """Return the day that many days before the day of the city, as ISO text."""
        return (self.day - timedelta(days=days)).isoformat()

    def ahead(self, days: int) -> str:
        """Return the day that many days after the day of the city, as ISO text."""
        return self.ago(-days)

    @cached_property
    def districts(self) -> tuple[District, ...]:
        """All districts; the last one of the first city has no coordinates."""
        first = [District(*row) for row in names.DISTRICTS[:-1]]
        first.append(District(*names.DISTRICTS[-1][:2], None, None))
        for number, name in enumerate(names.OTHER_CITIES[: self.size.cities - 1], start=2):
            for index, district in enumerate(names.OTHER_DISTRICTS):
                first.append(
                    District(
                        f"99{number:02d}{index + 1:02d}",
                        f"{name}{district}",
                        round(118 + 1.6 * ((number - 1) % 4) + 0.17 * (index % 3), 3),
                        round(36 - 1.1 * ((number - 1) // 4) - 0.15 * (index // 3), 3),
                    )
                )
        return tuple(first)

    @cached_property
    def district_index(self) -> dict[str, District]:
        """Districts by code."""
        return {district.code: district for district in self.districts}

    def draw_district(self, random: Random) -> str:
        """Return a district code; inner districts come more often."""
        city = int(random.random() ** 1.6 * self.size.cities) + 1
        if city == 1:
            return names.DISTRICTS[min(int(random.random() ** 1.5 * 11), 10)][0]
        return f"99{city:02d}{min(int(random.random() ** 1.4 * 8), 7) + 1:02d}"

    @cached_property
    def firms(self) -> tuple[Firm, ...]:
        """All enterprises of the plan, the fixed ones first."""
        drawn = [self._draw_firm(number) for number in range(CAST_FIRMS, self.size.enterprises)]
        return (*self._cast_firms(), *drawn)

    def _cast_firms(self) -> list[Firm]:
        """Return the firms that headline and edges rest on."""
        rows = (
            ("瑞衡精密轴承有限公司", "basics", "990102", 960),
            ("瑞衡主轴科技有限公司", "basics", "990104", 240),
            ("恒岳装备控股集团有限公司", "machining", "990101", 3200),
            ("科越精工机械有限公司", "machining", "990105", 188),
            ("铭川数控设备有限公司", "machining", "990103", 188),
            ("锐峰齿轮有限公司", "basics", "990102", 188),
            ("信图设备维修有限公司", "upkeep", "990181", 36),
            ("裕帆金属制品有限公司", "machining", "990104", 150),
        )
        return [
            Firm(
                credit_code(ENTERPRISE_KIND, district, number),
                names.CITY + name,
                name.removesuffix("有限公司"),
                cluster,
                district,
                staff,
            )
            for number, (name, cluster, district, staff) in enumerate(rows)
        ]

    def _draw_firm(self, number: int) -> Firm:
        random = self.chance("firm", number)
        district = self.draw_district(random)
        cluster = _weighted(random, clusters(), _shares())
        city = names.city_of(district)
        name, short = names.firm_name(random, city, cluster.trades)
        while self._firm_names.setdefault(name, number) != number:
            name, short = names.firm_name(random, city, cluster.trades)
        staff = int(min(max(MEDIAN_STAFF * random.lognormvariate(0, STAFF_SPREAD), 6), 24_000))
        return Firm(credit_code(ENTERPRISE_KIND, district, number), name, short, cluster.key, district, staff)

    @cached_property
    def firms_by_cluster(self) -> dict[str, list[Firm]]:
        """Enterprises of each cluster; never empty for any cluster."""
        found: dict[str, list[Firm]] = {cluster.key: [] for cluster in clusters()}
        for firm in self.firms:
            found[firm.cluster].append(firm)
        return {key: firms or list(self.firms[CAST_FIRMS:]) for key, firms in found.items()}

    @cached_property
    def common_firms(self) -> dict[str, list[Firm]]:
        """Enterprises of each cluster without the fixed ones, whose agreements are written by hand."""
        fixed = set(self.firms[:CAST_FIRMS])
        return {
            key: [firm for firm in firms if firm not in fixed] or list(self.firms[CAST_FIRMS:])
            for key, firms in self.firms_by_cluster.items()
        }

    @cached_property
    def _staff_sums(self) -> dict[str, list[int]]:
        return {
            key: list(accumulate(firm.staff for firm in firms))
            for key, firms in self.firms_by_cluster.items()
        }

    def draw_firm(self, random: Random, cluster: str) -> Firm:
        """Return a firm of the cluster, in proportion to its staff."""
        sums = self._staff_sums[cluster]
        return self.firms_by_cluster[cluster][bisect(sums, random.random() * sums[-1] - 1e-9)]

    @cached_property
    def schools(self) -> tuple[School, ...]:
        """All schools; the first six serve the headline, whatever the size."""
        return tuple(self._draw_school(number) for number in range(self.size.schools))

    def _draw_school(self, number: int) -> School:
        random = self.chance("school", number)
        group, index = divmod(number, len(names.SCHOOLS))
        city = names.CITY if group == 0 else names.OTHER_CITIES[group - 1]
        name, kind = names.SCHOOLS[index]
        if group:
            district = f"99{group + 1:02d}{random.randrange(8) + 1:02d}"
        else:
            district = names.DISTRICTS[(0, 1, 3, 2, 4, 8)[number] if number < 6 else random.randrange(10)][0]
        keys = [cluster.key for cluster in clusters()]
        head = ["basics", "machining", "upkeep", "robots"] if index in {0, 1, 2, 3, 4, 5, 12, 13} else []
        rest = random.sample(keys, 5)
        focus = tuple(dict.fromkeys([*head, *rest]))[:6]
        return School(credit_code(SCHOOL_KIND, district, number), city + name, kind, district, focus)

    @cached_property
    def trades(self) -> tuple[Occupation, ...]:
        """The occupation of every person by number, drawn at once; the last hundredth is in no main register."""
        random = self.chance("trades")
        width = SMALL_WIDTH if self.size_name == "demo" else len(clusters())
        people = self.size.talents + self.size.talents // 100
        return tuple(draw_occupation(random, width) for _ in range(people))

    @cached_property
    def masters(self) -> dict[str, list[int]]:
        """Numbers of the talents that are technicians or above by plan, by occupation code."""
        found: dict[str, list[int]] = {}
        for number in range(MASTER_STEP * 3, self.size.talents, MASTER_STEP):
            found.setdefault(self.trades[number].code, []).append(number)
        return found

    def hours_between(self, first: str, second: str) -> float | None:
        """Return road hours one way, from the distance at 50 km/h with detours; None without coordinates."""
        start, end = self.district_index[first], self.district_index[second]
        if start.longitude is None or end.longitude is None or start.latitude is None or end.latitude is None:
            return None
        return round(
            _kilometres(start.longitude, start.latitude, end.longitude, end.latitude) * 1.35 / 50 + 0.2, 1
        )


def _kilometres(longitude: float, latitude: float, longitude2: float, latitude2: float) -> float:
    """Return the great-circle distance."""
    middle = sin(radians(latitude2 - latitude) / 2) ** 2
    middle += cos(radians(latitude)) * cos(radians(latitude2)) * sin(radians(longitude2 - longitude) / 2) ** 2
    return 2 * 6371 * asin(sqrt(middle))


@cache
def _shares() -> list[int]:
    return list(accumulate(cluster.share for cluster in clusters()))


def _weighted(random: Random, items: Sequence[Cluster], sums: Sequence[int]) -> Cluster:
    return items[bisect(sums, random.random() * sums[-1])]


def draw_occupation(random: Random, width: int) -> Occupation:
    """Return an occupation of the first `width` clusters: cluster by its share, inside it the first more often."""
    cluster = _weighted(random, clusters(), _shares()[:width])
    return zipf(random, cluster.occupations)


def firm_occupation(random: Random, cluster: str) -> Occupation:
    """Return an occupation that a firm of the cluster employs: mostly its own, else one every firm needs."""
    if random.random() < 0.78:
        return zipf(random, cluster_of(cluster).occupations)
    return random.choice([found for found in occupations() if found.code in _EVERYWHERE])


_EVERYWHERE: Final = frozenset({"6-31-01-02", "6-31-01-03", "6-31-03-05", "6-18-02-04", "4-02-06-03"})


def zipf(random: Random, items: Sequence[Item]) -> Item:
    """Return one item, the n-th with weight 1/n."""
    sums = list(accumulate(1 / rank for rank in range(1, len(items) + 1)))
    return items[bisect(sums, random.random() * sums[-1] - 1e-12)]


def zipf_sample(random: Random, items: Sequence[Item], count: int) -> list[Item]:
    """Return up to `count` different items, the n-th with weight 1/n, in the order drawn."""
    keyed = sorted((random.expovariate(1) * (rank + 1), rank) for rank in range(len(items)))
    return [items[rank] for _, rank in keyed[:count]]
