"""Searches the cheapest single or double edit that makes an item better; every promise is a score that was made.

The search knows nothing of talents or partners: it is given options, a way to apply them, and a judge who scores.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Generic, NamedTuple, TypeVar

from kg.matching.quantities import SLACK
from kg.model.answers import Band
from kg.model.edits import CellEdit, Counterfactual, Edit
from kg.model.rules import AdviceRules

S = TypeVar("S")
"""What is edited and judged: a talent beside a need, the rows of a school and an enterprise."""

_AND: Final = "，并且"
_TEXT: Final = "若{what}，得分 {score}（{gain}），排第 {rank}"
_TEXT_ALONE: Final = "若{what}，得分 {score}（{gain}），其他不变时排第 {rank}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Generic[S]):
    """One thing that could be otherwise: `kind` names what it changes (options of one kind exclude each other)."""

    kind: str
    cost: float
    text: str
    edits: tuple[Edit, ...]
    apply: Callable[[S], S]
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an item is worth and where it stands in its answer; `alone` where its rivals are taken as they are."""

    score: float
    rank: int
    band: Band
    seats: int | None = None
    value: float | None = None
    alone: bool = False


class Prospect(NamedTuple):
    """What an edited item would be worth; `stand` finds where it would then stand, which takes a look at all rivals."""

    score: float
    band: Band
    stand: Callable[[], Standing]


Judge = Callable[[S], Prospect | None]
"""Scores what was edited; None when a filter does not pass any more."""
Hope = Callable[[Sequence[Option[S]]], Prospect]
"""The most that some options could come to together, told without making them."""


@dataclass(frozen=True, slots=True)
class _Found(Generic[S]):
    options: tuple[Option[S], ...]
    standing: Standing

    @property
    def cost(self) -> float:
        """The sum of the costs."""
        return sum(option.cost for option in self.options)


def search(
    start: S,
    now: Standing,
    options: Sequence[Option[S]],
    judge: Judge[S],
    rules: AdviceRules,
    hope: Hope[S] | None = None,
) -> tuple[Counterfactual, ...]:
    """Return the cheapest edits that reach the aim, cheapest first: of each kind one, and pairs where they are cheaper.

    The aim: the score gains at least `rules.gain`, or the item comes into the first `rules.top` from beyond them;
    the rank never gets worse. A pair is told only if neither of its parts reaches the aim alone, and only if it costs
    less than every single edit that does. What misses the aim even by its `hope` is not judged.
    """
    tries = _Tries(start, now, judge, rules, hope)
    singles, weak = _singles(options, tries)
    limit = min((found.cost for found in singles), default=float("inf"))
    pairs = _pairs(weak, tries, limit)
    chosen = sorted([*singles, *pairs], key=lambda found: (found.cost, -found.standing.score))
    return tuple(told(found.options, found.standing, now.score) for found in chosen[: rules.most])


@dataclass(frozen=True, slots=True)
class _Tries(Generic[S]):
    """Makes options on the item as it is, and keeps what reaches the aim."""

    start: S
    now: Standing
    judge: Judge[S]
    rules: AdviceRules
    hope: Hope[S] | None

    def of(self, *options: Option[S]) -> _Found[S] | None:
        """Return what these options come to together; None where that misses the aim."""
        if self.hope is not None and not self._aimed(self.hope(options)):
            return None
        edited = self.start
        for option in options:
            edited = option.apply(edited)
        then = self.judge(edited)
        if then is None or then.band is Band.TO_VERIFY or not self._aimed(then):
            return None
        standing = then.stand()
        return _Found(options, standing) if standing.rank <= self.now.rank else None

    def _aimed(self, then: Prospect) -> bool:
        """Return whether enough is gained, or the first places are reached from beyond them."""
        if then.score >= self.now.score + self.rules.gain - SLACK:
            return True
        return self.now.rank > self.rules.top and then.stand().rank <= self.rules.top


def _singles(options: Sequence[Option[S]], tries: _Tries[S]) -> tuple[list[_Found[S]], list[Option[S]]]:
    """Return the cheapest option of each kind that reaches the aim, and the options of the kinds where none does."""
    found: dict[str, _Found[S]] = {}
    for option in sorted(options, key=lambda option: option.cost):
        if option.kind not in found and (reached := tries.of(option)):
            found[option.kind] = reached
    return list(found.values()), [option for option in options if option.kind not in found]


def _pairs(options: Sequence[Option[S]], tries: _Tries[S], limit: float) -> list[_Found[S]]:
    """Return pairs below the limit that reach the aim, cheapest first, of each two kinds one."""
    found: dict[frozenset[str], _Found[S]] = {}
    for cost, pair in _by_cost(options):
        kinds = frozenset(option.kind for option in pair)
        if cost >= limit or len(found) >= tries.rules.most:
            break
        if kinds not in found and (reached := tries.of(*pair)):
            found[kinds] = reached
    return list(found.values())


def _by_cost(options: Sequence[Option[S]]) -> Iterator[tuple[float, tuple[Option[S], Option[S]]]]:
    pairs = [(a.cost + b.cost, (a, b)) for a, b in combinations(options, 2) if _go_together(a, b)]
    yield from sorted(pairs, key=lambda found: found[0])


def _go_together(first: Option[S], second: Option[S]) -> bool:
    """Return whether two options change different things: no cell can become two values."""
    return first.kind != second.kind and not _cells(first) & _cells(second)


def _cells(option: Option[S]) -> set[tuple[str, str | None, str | None, str]]:
    return {
        (edit.table, edit.source, edit.key, edit.column)
        for edit in option.edits
        if isinstance(edit, CellEdit)
    }


def told(options: Sequence[Option[S]], then: Standing, before: float) -> Counterfactual:
    """Return the promise of these options: what they come to, in one sentence."""
    what = _AND.join(option.text for option in options)
    text = (_TEXT_ALONE if then.alone else _TEXT).format(
        what=what, score=f"{then.score:.4f}", gain=f"{then.score - before:+.4f}", rank=then.rank
    )
    return Counterfactual(
        text=text,
        what=what,
        edits=tuple(edit for option in options for edit in option.edits),
        cost=sum(option.cost for option in options),
        score=then.score,
        rank=then.rank,
        band=then.band,
        seats=then.seats,
        value=then.value,
        private=any(option.private for option in options),
    )
