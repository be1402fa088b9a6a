"""A plan of hours: needs ask talents, talents keep what they rank highest and can do together (`scoring.md` §3, §4).

A pair blocks when the need would gain (nobody serves it, or somebody worth less to it) and the talent can take it on
together with all his needs that he does not rank below it. Needs have sizes, so a need that was turned down may fit
later: what still blocks is asked again, a bounded number of times; what is left is told.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from kg.matching.plans.hours_market import Chance, HoursMarket
from kg.matching.plans.market import INDIFFERENT

Json = dict[str, Any]
ROUNDS: Final = 30
"""So many times pairs that still block are asked again."""


class HoursPlan:
    """Who serves which need; made by `plan_hours`."""

    def __init__(self, market: HoursMarket) -> None:
        self.market = market
        self.served: dict[str, Chance] = {}
        self.held: dict[str, dict[str, Chance]] = {}
        self._place: dict[str, int] = dict.fromkeys(market.needs, 0)

    def order(self, needs: Iterable[str]) -> list[str]:
        """Return needs as they come to ask: by priority, then first day, then key."""
        wanted = self.market.needs
        return sorted(needs, key=lambda key: (-wanted[key].priority, wanted[key].first, key))

    def settle(self) -> None:
        """Let needs ask their talents, best first, until nobody wants to; then those whom a later change would suit."""
        self._ask_all(self.order(self.market.needs))
        for _ in range(ROUNDS):
            blocks = self.blocking()
            if not blocks:
                return
            for chance in blocks:
                if self._blocks(chance):
                    self._ask_all(self._move(chance))

    def _ask_all(self, needs: Iterable[str]) -> None:
        waiting = deque(needs)
        while waiting:
            need = waiting.popleft()
            chances = self.market.chances.get(need, ())
            while need not in self.served and self._place[need] < len(chances):
                chance = chances[self._place[need]]
                self._place[need] += 1
                if self._would_take(chance):
                    waiting += self._take(chance)

    def _move(self, chance: Chance) -> list[str]:
        """Give a blocking pair its way; return the needs that lose their talent."""
        before = self.served.get(chance.need)
        if before is not None:
            del self.held[before.talent][chance.need]
            del self.served[chance.need]
        return self._take(chance)

    def _take(self, chance: Chance) -> list[str]:
        """Let a talent take a need on and drop the lowest ranked ones that no longer fit; return these."""
        own = self.held.setdefault(chance.talent, {})
        own[chance.need] = chance
        kept: list[str] = []
        dropped: list[str] = []
        for need in self._ranked(own, chance.need):
            (kept if self.market.fits(chance.talent, [*kept, need]) else dropped).append(need)
        self.served[chance.need] = chance
        for need in dropped:
            del own[need]
            del self.served[need]
        return self.order(dropped)

    def _ranked(self, own: dict[str, Chance], new: str) -> list[str]:
        """Return needs as their talent ranks them; who is there already stands before an equal new one."""
        rank = self.market.rank
        return sorted(
            own,
            key=lambda need: (-round(rank(own[need]) / INDIFFERENT), need == new, self.order([need]), need),
        )

    def _would_take(self, chance: Chance) -> bool:
        """Tell whether the talent can take the need on beside all that he does not rank below it."""
        rank = self.market.rank
        own = self.held.get(chance.talent, {})
        above = [key for key, one in own.items() if rank(one) >= rank(chance) - INDIFFERENT]
        return self.market.fits(chance.talent, [*above, chance.need])

    def _blocks(self, chance: Chance) -> bool:
        now = self.served.get(chance.need)
        gains = now is None or (now.talent != chance.talent and now.a < chance.a - INDIFFERENT)
        return gains and self._would_take(chance)

    def blocking(self) -> list[Chance]:
        """Return the pairs that block, needs in their order, best talents first."""
        found: list[Chance] = []
        for need in self.order(self.market.needs):
            now = self.served.get(need)
            for chance in self.market.chances.get(need, ()):
                if now is not None and chance.a <= now.a + INDIFFERENT:
                    break
                if self._blocks(chance):
                    found.append(chance)
        return found


def plan_hours(market: HoursMarket, floor: float) -> Json:
    """Return the plan, told without names and circumstances; `floor` is the score above which an hour counts."""
    plan = HoursPlan(market)
    plan.settle()
    blocks = plan.blocking()
    allocation = [_entry(market, plan.served[need], floor) for need in sorted(plan.served)]
    stable = not blocks
    return {
        "objective": "stable",
        "favours": "need",
        "proved": stable,
        "allocation": allocation,
        "unserved": [need for need in plan.order(market.needs) if need not in plan.served],
        "blocking": [{"need": one.need, "talent": one.talent, "a": one.a, "b": one.b} for one in blocks],
        "value": round(sum(entry["hours"] * entry["surplus"] for entry in allocation), 9),
        "hours": sum(entry["hours"] for entry in allocation),
        "stable": stable,
        "hours_floor": floor,
        "verdict": "稳定：没有一条需求与一位人才双方都愿意另行安排"
        if stable
        else f"没有找到稳定的方案：还有 {len(blocks)} 对需求与人才都愿意另行安排，见阻断对",
        "left_out": [{"need": key, "text": text} for key, text in sorted(market.left_out.items())],
        "market": {
            "needs": len(market.needs),
            "talents": len({one.talent for chances in market.chances.values() for one in chances}),
            "pairs": sum(len(chances) for chances in market.chances.values()),
            "hours": sum(need.hours for need in market.needs.values()),
        },
    }


def _entry(market: HoursMarket, chance: Chance, floor: float) -> Json:
    terms, need = market.terms(chance.need, chance.talent), market.needs[chance.need]
    return {
        "need": chance.need,
        "talent": chance.talent,
        "hours": need.hours,
        "mode": terms.mode,
        "visits": terms.visits,
        "road": terms.road,
        "priority": need.priority,
        "a": chance.a,
        "b": chance.b,
        "score": chance.score,
        "surplus": round(max(0.0, chance.score - floor) / (1 - floor), 9),
    }
