"""Which items of an answer get counterfactuals, and finding them."""

from collections.abc import Callable, Mapping

from kg.model.answers import Answer, Item
from kg.model.edits import Counterfactual
from kg.paths.telling import FIRST, Detail, entity, in_full

Advise = Callable[[Item], tuple[Counterfactual, ...]]


def advice_for(
    answer: Answer, advise: Advise, *, detail: Detail, asked: int | None, usual: tuple[int, int]
) -> Mapping[str, tuple[Counterfactual, ...]]:
    """Return counterfactuals by entity: of the first of both lists, and of the item that is shown in full.

    `asked` is how many of each list the question wants (None: the `usual` numbers, listed and to verify, or only the
    item shown in full where there is one; 0: none at all).
    """
    wanted = _wanted(answer, detail, asked, usual)
    return {entity(item.match): advise(item) for item in wanted}


def _wanted(answer: Answer, detail: Detail, asked: int | None, usual: tuple[int, int]) -> list[Item]:
    if asked == 0:
        return []
    listed, unsure = (asked, asked) if asked is not None else usual if detail is None else (0, 0)
    everything = (*answer.items, *answer.to_verify)
    chosen = [*answer.items[:listed], *answer.to_verify[:unsure]]
    shown = everything[:1] if detail == FIRST else [one for one in everything if in_full(one.match, detail)]
    return list({id(item): item for item in (*chosen, *shown)}.values())
