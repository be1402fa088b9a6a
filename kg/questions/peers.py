"""同业交流: who masters the same trade, processes and equipment at another employer."""

from dataclasses import dataclass
from datetime import date
from math import log

import numpy as np

from kg.index.lookups import Occupation
from kg.index.talents.facts import Talent
from kg.index.world import World

NEAR_TRADE = 0.7
"""Least occupation fit of a peer: the same small group (`scoring.md` §1)."""
_LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: what he shares, and the share 0..1 of what makes the person rare (rarer skills weigh more)."""

    talent: Talent
    overlap: float
    shared: tuple[str, ...]
    trade: str | None


def peers_of(world: World, talent: Talent, *, k: int, day: date) -> tuple[list[Peer], int]:
    """Return the first `k` peers and how many people share a skill at all; without the same firm's, and who has not agreed."""
    weights = {skill: _rarity(world, skill) for skill in talent.skills}
    total = sum(weights.values())
    if not total:
        return [], 0
    arrays = world.talents.arrays
    shared = np.zeros(arrays.count)
    for skill, weight in sorted(weights.items()):
        shared[arrays.held.postings.of(skill)] += weight
    shared[~(world.talents.alive & _agreed(world, day))] = 0
    own = world.talents.index.get(talent.key)
    if own is not None:
        shared[own] = 0
    if talent.employer:
        number = arrays.organisations.find(talent.employer)
        shared[arrays.persons.employer == number] = 0
    places = np.flatnonzero(shared)
    order = places[np.lexsort((places, -shared[places]))][:_LOOKED_AT].tolist()
    newer = [
        one
        for one in world.talents.changed.values()
        if one is not None and _other(one, talent) and agrees(one, day)
    ]
    found = [
        _peer(world, talent, other, weights, total, day) for other in (*map(world.talents.at, order), *newer)
    ]
    ranked = sorted((one for one in found if one.shared), key=_order)
    return ranked[:k], len(places) + sum(bool(set(one.skills) & set(weights)) for one in newer)


def agrees(talent: Talent, day: date) -> bool:
    """True when a consent of this person is in force: nobody else is named beside others."""
    return any(consent.valid_on(day) for consent in talent.consents)


def _agreed(world: World, day: date) -> "np.typing.NDArray[np.bool_]":
    consents, today = world.talents.arrays.consents, day.toordinal()
    holds = (consents.first <= today) & (today <= consents.last) & (today < consents.revoked)
    found = np.zeros(world.talents.arrays.count, dtype=bool)
    found[consents.talent[holds]] = True
    return found


def _other(one: Talent, talent: Talent) -> bool:
    return one.key != talent.key and (one.employer is None or one.employer != talent.employer)


def _rarity(world: World, skill: str) -> float:
    """Return how much a skill says: the logarithm of everybody over those who hold it."""
    everybody = max(world.talents.arrays.count, 1)
    return log(1 + everybody / max(len(world.talents.arrays.held.postings.of(skill)), 1))


def _peer(
    world: World, talent: Talent, other: Talent, weights: dict[str, float], total: float, day: date
) -> Peer:
    shared = sorted(set(weights) & set(other.skills), key=lambda skill: (-weights[skill], skill))
    trade = next(
        (
            world.occupations.name(theirs)
            for ours in _trades(talent, day)
            for theirs in _trades(other, day)
            if (world.occupations.fit(ours, theirs) or 0) >= NEAR_TRADE
        ),
        None,
    )
    return Peer(
        other,
        sum(weights[skill] for skill in shared) / total,
        tuple(world.skills.label(skill) for skill in shared),
        trade,
    )


def _trades(talent: Talent, day: date) -> list[Occupation]:
    proven = [one.occupation for one in talent.certificates if one.occupation and one.valid_on(day)]
    return list(dict.fromkeys([*proven, *([talent.occupation] if talent.occupation else [])]))


def _order(peer: Peer) -> tuple[bool, float, str]:
    return peer.trade is None, -round(peer.overlap, 9), peer.talent.key
