"""The next item in order, and why it stands lower: one sentence from the two ledgers."""

from typing import Any, Final, NamedTuple

from kg.model.answers import Band, Item
from kg.vocab.reasons import FACTOR_LABELS, SIDE_LABELS

Json = dict[str, Any]

_BAND: Final = "下一名{name}：已知权重只有 {coverage}，排在后段"
_TIED: Final = "下一名{name}：得分同为 {score}，并列，先后按已知权重、近期出现次数和随机键"
_VALUE: Final = (
    "下一名{name}：可安排 {seats} 人、盈余合计 {value}，比这一名的 {own_seats} 人、{own_value} 少；{factor}"
)
_LOWER: Final = "下一名{name}：得分 {score}，低 {less}；{factor}"
_HIGHER: Final = "下一名{name}：得分 {score}，不低于这一名，因排序在后；{factor}"
_FACTOR: Final = "差得最多的是“{label}”（{side}）：{value} 对 {own}，少 {points}"
_EQUAL: Final = "各因素都不低于这一名"


class _Gap(NamedTuple):
    points: float
    side: str
    code: str
    own: float
    value: float


def alternative(item: Item, following: Item | None, ref: Json | None) -> Json | None:
    """Return the next item `{node, rank, score, side, factor, text}`; None after the last.

    `ref` is the reference of its node as the viewer is told it.
    """
    if following is None or ref is None:
        return None
    gap = _widest(item, following)
    return {
        "node": ref,
        "rank": following.rank,
        "score": following.match.score,
        "side": gap.side if gap.points > 0 else None,
        "factor": gap.code if gap.points > 0 else None,
        "text": _text(item, following, str(ref["name"]), gap),
    }


def _widest(item: Item, following: Item) -> _Gap:
    """Return where the next one loses most points of its side."""
    widest: _Gap | None = None
    for side, ledger in item.match.sides.items():
        for own, other in zip(ledger.factors, following.match.sides[side].factors, strict=True):
            points = own.weight * own.value - other.weight * other.value
            if widest is None or points > widest.points:
                widest = _Gap(points, side, own.code, own.value, other.value)
    assert widest is not None, "a match has factors"
    return widest


def _text(item: Item, following: Item, name: str, gap: _Gap) -> str:
    own, other = item.match.score, following.match.score
    factor = _factor(gap)
    if following.band is not item.band and following.band is Band.LOW_COVERAGE:
        return _BAND.format(name=name, coverage=f"{following.match.coverage:.0%}")
    if item.rank == following.rank:
        return _TIED.format(name=name, score=f"{other:.4f}")
    if item.value is not None and following.value is not None and following.value < item.value:
        return _VALUE.format(
            name=name,
            seats=following.seats,
            value=f"{following.value:.4f}",
            own_seats=item.seats,
            own_value=f"{item.value:.4f}",
            factor=factor,
        )
    text = _LOWER if other < own else _HIGHER
    return text.format(name=name, score=f"{other:.4f}", less=f"{own - other:.4f}", factor=factor)


def _factor(gap: _Gap) -> str:
    if gap.points <= 0:
        return _EQUAL
    return _FACTOR.format(
        label=FACTOR_LABELS[gap.side][gap.code],
        side=SIDE_LABELS[gap.side],
        value=f"{gap.value:.2f}",
        own=f"{gap.own:.2f}",
        points=f"{gap.points:.4f}",
    )
