"""Who has withdrawn is shown to no organisation, whatever day it asks about (PIPL 15, 44)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from kg.index.lookups import Organisation
from kg.index.talents.columns import ANYONE, KIND_LABELS
from kg.index.world import World
from kg.model.answers import Answer, Band, Item


def without_withdrawn(answer: Answer, world: World, host: Organisation, today: date, k: int) -> Answer:
    """Return the first `k` of each list without the talents whose consent to this host has ended by today.

    A question about a past day finds consents of that day; an answer is given today, and needs one that still lasts.
    """
    items = _lasting(answer.items, world, host, today)
    unsure = _lasting(answer.to_verify, world, host, today)
    gone, unsure_gone = len(answer.items) - len(items), len(answer.to_verify) - len(unsure)
    pool = replace(
        answer.pool,
        considered=answer.pool.considered - gone - unsure_gone,
        listed=answer.pool.listed - gone,
        to_verify=answer.pool.to_verify - unsure_gone,
    )
    ranks = sorted(item.rank for item in answer.items if all(item.match is not kept.match for kept in items))

    def placing(band: Band, order: tuple[float, ...], entity: str) -> int:
        """Rank among those who may be told."""
        rank = answer.rank_of(band, order, entity)
        return rank - sum(gone < rank for gone in ranks)

    return replace(answer, pool=pool, items=items[:k], to_verify=unsure[:k], placing=placing)


def _lasting(listed: Iterable[Item], world: World, host: Organisation, today: date) -> tuple[Item, ...]:
    """Return the items that may be told, their ranks closed up."""
    kept: list[Item] = []
    gone: list[int] = []
    for item in listed:
        if _consents(item, world, host, today):
            kept.append(replace(item, rank=item.rank - sum(rank < item.rank for rank in gone)))
        else:
            gone.append(item.rank)
    return tuple(kept)


def _consents(item: Item, world: World, host: Organisation, today: date) -> bool:
    return still_consents(item.match.node.key, world, host, today)


def still_consents(key: str, world: World, host: Organisation, today: date) -> bool:
    """True when a talent has a consent to this host that has not ended by today."""
    talent = world.talents.talent(key)
    names = {ANYONE, KIND_LABELS.get(host.kind, ""), host.code}
    return talent is not None and any(
        names & set(consent.recipients)
        and (consent.last is None or consent.last >= today)
        and (consent.revoked is None or consent.revoked > today)
        for consent in talent.consents
    )
