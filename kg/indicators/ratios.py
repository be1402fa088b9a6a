"""求人倍率 by its two formulae, named apart (`domain.md` §2.7): they are never mixed in one column."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SIMPLE = "simple"
OFFICIAL = "official"
FORMULAS = {
    SIMPLE: "求人倍率 = 需求 ÷ 求职",
    OFFICIAL: "官方分级口径 = 需求(级) ÷ 求职(级) + 需求(无要求) ÷ 求职(总)",
}


def simple_ratio(demand: Numbers, supply: Numbers) -> Numbers:
    """Return demand / supply by cell; NaN where either is unknown or nobody seeks."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = demand / supply
    return np.where(supply > 0, ratio, np.nan)


def official_ratio(
    demand: Numbers, supply: Numbers, demand_without_level: Numbers, supply_total: Numbers
) -> Numbers:
    """Return `D_l / S_l + D_none / S_total`: posts without a level are open to everybody who seeks.

    The row 无要求 itself is `D_none / S_total`: call with its demand 0. NaN where a part is unknown.
    """
    return simple_ratio(demand, supply) + simple_ratio(demand_without_level, supply_total)
