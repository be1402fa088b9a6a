"""Half a million market cells: every grouping with both ratios and hidden cells, beside plain SQL sums of the same.

.venv/bin/python benchmarks/indicators.py
"""

import sqlite3
import time
from itertools import product

import numpy as np

from kg.indicators.market import DIMENSIONS, LEVELS, Market
from kg.indicators.suppression import EVERY_GROUPING
from kg.indicators.telling import MarketAnswers

OCCUPATIONS, DISTRICTS, QUARTERS = 500, 56, ("2026Q2", "2026Q3")


def made_market() -> Market:
    """Return 504,000 cells of two quarters, the same in every run."""
    random = np.random.default_rng(1)
    keys = np.array(list(product(range(OCCUPATIONS), range(len(LEVELS)), range(DISTRICTS))), dtype=np.int32)
    size = len(keys) * len(QUARTERS)
    return Market(
        values={
            "occupation": tuple(f"{n}@2022" for n in range(OCCUPATIONS)),
            "level": LEVELS,
            "district": tuple(f"{n:06d}" for n in range(DISTRICTS)),
        },
        quarters=QUARTERS,
        keys=np.concatenate([keys] * len(QUARTERS)),
        quarter=np.repeat(np.arange(len(QUARTERS), dtype=np.int32), len(keys)),
        demand=random.integers(0, 300, size).astype(np.float64),
        supply=random.integers(0, 300, size).astype(np.float64),
        sources=("合成",),
    )


def sql_sums(market: Market) -> float:
    """Return the seconds that SQLite takes for the same sums, from a table in memory."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE cell (quarter, occupation, level, district, demand, supply)")
    columns = zip(
        market.quarter.tolist(),
        *market.keys.T.tolist(),
        market.demand.tolist(),
        market.supply.tolist(),
        strict=True,
    )
    base.executemany("INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?)", columns)
    started = time.perf_counter()
    for by in EVERY_GROUPING:
        names = ", ".join(name for name in DIMENSIONS if name in by)
        base.execute(
            f"SELECT quarter{', ' if names else ''}{names}, SUM(demand), SUM(supply) FROM cell GROUP BY quarter"
            f"{', ' if names else ''}{names}"
        ).fetchall()
    return time.perf_counter() - started


def main() -> None:
    """Print the seconds of the first question of each kind, of the next one, and of plain SQL."""
    market = made_market()
    print(f"{len(market.demand):,} cells")
    answers = MarketAnswers(market)
    for by, open_to_all in (
        (("occupation", "level"), True),
        (("occupation", "level"), False),
        (("district",), True),
    ):
        times = []
        for _ in range(2):
            started = time.perf_counter()
            lines = answers.lines("2026Q3", frozenset(by), {}, open_to_all=open_to_all)
            times.append(time.perf_counter() - started)
        who = "below officer" if open_to_all else "officer"
        print(
            f"by {' x '.join(by)}, {who}: {len(lines):,} lines, first {times[0]:.3f} s, next {times[1]:.3f} s"
        )
    print(f"plain SQL, sums of every grouping only: {sql_sums(market):.3f} s")


if __name__ == "__main__":
    main()
