"""Competitions of the synthetic city: each trade has a chain from the firm's contest up to the nation's."""

from collections.abc import Iterator
from random import Random
from typing import Final

from kg.model.graph import Value
from loaders.synthetic.city import City
from loaders.synthetic.vocabulary import clusters

Row = dict[str, Value]

_LEVELS: Final = (("国家", "全国"), ("省", "全省"), ("市", "临澄市"), ("县", "澄东区"), ("企业", "企业"))


def _span(city: City) -> tuple[int, int]:
    """Return how many clusters and years have competitions at this size."""
    return (4, 2) if city.size_name == "demo" else (len(clusters()), 4)


def _id(year: int, cluster: int, level: int) -> str:
    return f"JS{year}{cluster + 1:02d}{level + 1}"


def competitions(city: City) -> Iterator[Row]:
    """Yield the competitions from the top down, so that a parent always comes first."""
    wide, years = _span(city)
    for year in range(city.day.year - years, city.day.year):
        yield {
            "competition_id": f"JS{year}000",
            "name": f"{year}年世界技能竞赛（合成）",
            "level": "世界",
            "year": year,
        }
        for index, cluster in enumerate(clusters()[:wide]):
            parent = f"JS{year}000"
            for level, (rank, place) in enumerate(_LEVELS):
                own = _id(year, index, level)
                yield {
                    "competition_id": own,
                    "name": f"{year}年{place}{cluster.chain}职业技能竞赛（合成）",
                    "level": rank,
                    "year": year,
                    "parent": parent,
                }
                parent = own


def competition_for(city: City, random: Random, cluster: str) -> str | None:
    """Return a competition of the cluster, lower levels more often; None if it has none at this size."""
    wide, years = _span(city)
    keys = [found.key for found in clusters()][:wide]
    if cluster not in keys:
        return None
    level = 4 - min(int(random.expovariate(0.9)), 4)
    return _id(city.day.year - random.randrange(1, years + 1), keys.index(cluster), level)
