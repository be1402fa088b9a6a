"""What was decided about the items of an answer: the state beside each entry, and what the bar of an item offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kg.decisions.followups import NEXT, STATES
from kg.errors import NotFoundError
from kg.model.viewers import Viewer
from kg.policy.rights import sees_all
from kg.service import Service

Json = Mapping[str, Any]
_MOST: Final = 200
_ASKED: Final = ("need", "inline", "anchor", "mode", "year")
_IN_ONE_STEP: Final = ("adopted", "rejected", "contacted")
STATE_TAGS: Final[Mapping[str, str]] = {
    "adopted": "talent", "contacted": "talent", "agreed": "school", "succeeded": "school", "rejected": "o", "failed": "firm",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far one item is: `steps` can be taken by a button, `further` needs the form of the board."""

    query_id: str
    entity: str
    state: str = ""
    label: str = ""
    tag: str = ""
    at: str = ""
    by: str = ""
    reason: str = ""
    steps: tuple[str, ...] = ()
    further: bool = False


def entity_of(item: Json, *, district: bool) -> str:
    """Return the key under which an item is decided about: in a district's answer both organisations."""
    key = str(item["node"]["key"])
    return f"{key}‖{item['other']['key']}" if district and item.get("other") else key


def may_decide(viewer: Viewer, *, talents: bool) -> bool:
    """True for officers, and for an organisation about its own partners."""
    return sees_all(viewer) or not talents


def standings(service: Service, answer: Json, viewer: Viewer) -> dict[str, Standing]:
    """Return how far the items of this question are, by entity, also where it was asked on another day."""
    try:
        found = service.decisions(viewer=viewer, limit=_MOST)["items"]
    except NotFoundError:
        return {}
    wanted = _question(answer["question"])
    told: dict[str, Standing] = {}
    for record in found:  # the newest first
        if _question(record["question"]) == wanted:
            told.setdefault(str(record["entity"]), _standing(record))
    return told


def standing_of(item: Json, answer: Json, known: Mapping[str, Standing], *, district: bool) -> Standing:
    """Return how far one item is; for one that nobody decided about, what may come first."""
    entity = entity_of(item, district=district)
    fresh = Standing(query_id=str(answer["query_id"]), entity=entity, steps=NEXT[None])
    return known.get(entity, fresh)


def _question(asked: Json) -> list[Any]:
    return [asked.get(name) for name in _ASKED]


def _standing(record: Json) -> Standing:
    state = str(record["state"])
    following = NEXT[state]
    return Standing(
        query_id=str(record["query_id"]),
        entity=str(record["entity"]),
        state=state,
        label=STATES[state],
        tag=STATE_TAGS[state],
        at=str(record["at"]),
        by=str(record["viewer"]),
        reason=str(record["reason"]),
        steps=tuple(step for step in following if step in _IN_ONE_STEP),
        further=any(step not in _IN_ONE_STEP for step in following),
    )
