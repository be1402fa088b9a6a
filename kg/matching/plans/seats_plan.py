"""A plan of seats: solved, looked at from all sides, and told in the form of `scoring.md` §4."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from kg.errors import InvalidInputError
from kg.matching.plans.certificate import certificate_of
from kg.matching.plans.closing import settle
from kg.matching.plans.market import Floats, Ints, Market, surplus
from kg.matching.plans.maximum import Best, maximise
from kg.matching.plans.stability import blocking, coalitions, negotiable, standing_of, value_of

Json = dict[str, Any]
STABLE: Final = "stable"
GREATEST: Final = "max-value"
OBJECTIVES: Final = (STABLE, GREATEST)


@dataclass(frozen=True, slots=True)
class SeatsPlan:
    """A market with its plan; `told` is the plan without names and circumstances."""

    market: Market
    seats: Ints
    told: Json

    def certificate(self, plan: Json) -> Json:
        """Return the certificate of the finished plan."""
        return certificate_of(self.market, self.seats, plan)


def plan_seats(market: Market, floor: float, *, objective: str, seconds: float) -> SeatsPlan:
    """Return the plan of an objective; `floor` is the score above which surplus counts.

    Raises InvalidInputError for an unknown objective, RefusedError where OR-Tools is needed and missing.
    """
    if objective not in OBJECTIVES:
        text = f"目标（objective）只能是 {'、'.join(OBJECTIVES)}，现为“{objective}”"
        raise InvalidInputError(text, field="objective", value=objective)
    gain = surplus(market.score, floor)
    if objective == GREATEST:
        best = maximise(market, gain, seconds=seconds)
        return SeatsPlan(market, best.seats, _told(market, best.seats, gain, floor) | _search_of(best))
    outcome = settle(market, gain)
    told = _told(market, outcome.seats, gain, floor)
    told |= {"objective": STABLE, "favours": outcome.favours, "proved": outcome.proved}
    return SeatsPlan(market, outcome.seats, told | {"verdict": _verdict(told)})


def _search_of(best: Best) -> Json:
    words = "价值最大的安排" if best.exact else f"限时内找到的最好安排，价值至多 {best.bound:.4f}"
    return {
        "objective": GREATEST,
        "favours": None,
        "proved": best.exact,
        "bound": best.bound,
        "verdict": f"{words}；不保证稳定",
    }


def _told(market: Market, seats: Ints, gain: Floats, floor: float) -> Json:
    found = standing_of(market, seats)
    blocks = blocking(found)
    together = coalitions(found)
    held = np.flatnonzero(seats)
    return {
        "allocation": [_entry(market, pair, int(seats[pair]), float(gain[pair])) for pair in held.tolist()],
        "closed": [market.cohorts[one] for one in np.flatnonzero(found.closed).tolist()],
        "coalitions": [{"offering": market.cohorts[one], "seats": count} for one, count in together],
        "blocking": [_pair(market, pair) for pair in blocks.tolist()],
        "negotiable": [_move(market, own, pair) for own, pair in negotiable(found, blocks)],
        "value": value_of(seats, gain),
        "seats": int(seats.sum()),
        "stable": len(blocks) == 0 and not together,
        "surplus_floor": floor,
        "market": {
            "cohorts": len(market.cohorts),
            "posts": len(market.posts),
            "enterprises": len(market.enterprises),
            "pairs": len(market),
            "supply": int(market.supply.sum()),
            "open": int(market.open.sum()),
        },
    }


def _pair(market: Market, pair: int) -> Json:
    return {
        "offering": market.cohorts[market.cohort[pair]],
        "demand": market.posts[market.post[pair]],
        "a": float(market.a[pair]),
        "b": float(market.b[pair]),
    }


def _entry(market: Market, pair: int, seats: int, gain: float) -> Json:
    names = _pair(market, pair)
    return {
        "offering": names["offering"],
        "demand": names["demand"],
        "seats": seats,
        "a": names["a"],
        "b": names["b"],
        "score": float(market.score[pair]),
        "surplus": gain,
    }


def _move(market: Market, own: int, pair: int) -> Json:
    return {
        "offering": market.cohorts[market.cohort[pair]],
        "from": market.posts[market.post[own]],
        "to": market.posts[market.post[pair]],
    }


def _verdict(told: Json) -> str:
    """Say in one sentence whether the plan is stable, and what had to close for it."""
    if told["stable"] and not told["closed"]:
        return "稳定：没有一对班级与岗位双方都愿意另行安排"
    names = "、".join(told["closed"][:5]) + ("等" if len(told["closed"]) > 5 else "")
    if told["stable"]:
        return f"稳定：{names} 达不到班级下限，不开班；其余没有一对双方都愿意另行安排"
    found = "没有稳定的方案" if told["proved"] else "没有找到稳定的方案"
    return (
        f"按这些班级下限{found}；关闭 {names} 后其余可以稳定，"
        f"但其中 {len(told['coalitions'])} 个班级仍可与企业另行组班"
    )


def price(stable: Json, greatest: Json) -> Json:
    """Return what stability costs: value and seats of the plan of greatest value above those of the stable plan."""
    lost = greatest["value"] - stable["value"]
    return {
        "value": lost,
        "value_share": lost / greatest["value"] if greatest["value"] else 0.0,
        "seats": greatest["seats"] - stable["seats"],
        "greatest_value": greatest["value"],
        "greatest_seats": greatest["seats"],
        "blocking": len(greatest["blocking"]),
        "exact": greatest["proved"],
        "bound": greatest["bound"],
    }
