"""A question that was asked before: what it was about, and the address that asks it again, now or as things stood then."""

from collections.abc import Mapping
from typing import Any, Final

from api.pages.parts.links import with_params
from kg.errors import NotFoundError
from kg.model.viewers import Viewer
from kg.service import Service
from kg.vocab.modes import COOPERATION_MODES

Json = Mapping[str, Any]
_KEPT: Final = ("mode", "year", "radius_hours", "order")


def about(service: Service, question: Json, viewer: Viewer) -> str:
    """Return what a question was about, by name, and how the partners would work together."""
    for kind in ("need", "problem"):
        if question.get(kind):
            return _name(service, kind, str(question[kind]), viewer)
    anchor = question.get("anchor")
    if anchor:
        name = _name(service, str(anchor["kind"]), str(anchor["key"]), viewer)
        return f"{name} · {COOPERATION_MODES.get(str(question.get('mode')), '')}"
    return str((question.get("inline") or {}).get("title") or "临时需求")


def _name(service: Service, kind: str, key: str, viewer: Viewer) -> str:
    try:
        return str(service.node(kind, key, viewer=viewer)["node"]["name"])
    except NotFoundError:
        return key


def again(question: Json, kind: str = "talents", **times: str) -> str | None:
    """Return the address that asks the question again, with `as_of` and `known_at` in `times` as it was answered then.

    A typed need or problem (of a question of the `kind` team) stands in the address as its form sends it.
    """
    if question.get("need"):
        return with_params("/talents/answer", (), need=question["need"], **times)
    if question.get("problem"):
        return with_params("/teams", (), problem=question["problem"], **times)
    if question.get("anchor"):
        anchor = question["anchor"]
        kept = {name: question[name] for name in _KEPT if question.get(name) is not None}
        return with_params(
            "/partners/answer", (), anchor=f"{anchor['kind']}:{anchor['key']}", **kept, **times
        )
    if question.get("inline"):
        return with_params(
            "/teams" if kind == "team" else "/talents/answer", _typed(question["inline"]), **times
        )
    return None


def _typed(inline: Json) -> list[tuple[str, str]]:
    """Return the fields of a form that was filled in so."""
    found = [("inline", "1")]
    for name, value in inline.items():
        if name == "modes":
            found += [(name, str(mode)) for mode in value]
        elif isinstance(value, list | tuple):
            found.append((name, ("\n" if name == "skills" else "、").join(map(str, value))))
        elif value is not None:
            found.append((name, str(value)))
    return found


def as_then(record: Json) -> str | None:
    """Return the address of the list that a follow-up was decided on: of its day, as known at the first decision."""
    question = record["question"]
    return again(question, as_of=str(question["as_of"]), known_at=str(record["since"]))
