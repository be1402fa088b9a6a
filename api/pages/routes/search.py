"""Search, and the page of the rules."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.labels import MATCH_LABELS
from api.pages.parts.links import with_params
from api.pages.parts.policy_labels import CHANGE_LABELS, POLICY_LABELS
from api.pages.routes.shared import KINDS_OF_PERSONS, Route
from kg.text import fold
from kg.vocab.modes import ENGAGEMENT_MODES
from kg.vocab.reasons import FACTOR_LABELS
from visualizations.theme import legend

_HITS: Final = 20
_MOST_HITS: Final = 100
_FILTER_TITLES: Final = {"partners": "校企合作", "talents": "柔性人才"}
_SIDES: Final = {
    "enterprise_side": "enterprise",
    "school_side": "school",
    "need_side": "need",
    "talent_side": "talent",
}
_COSTS: Final = frozenset({"talent_costs", "partner_costs"})
_CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "neutral_low_factors": {code: label for side in FACTOR_LABELS.values() for code, label in side.items()},
    "trip_modes": ENGAGEMENT_MODES,
}


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    graph = _Graph(pages)
    return [
        ("GET", "/search", graph.search),
        ("GET", "/rules", graph.rules),
    ]


def split_match(name: str, wanted: str) -> tuple[str, str, str]:
    """Return (before, matched, after) where the wanted text stands in the name; all in front where it does not."""
    wanted = wanted.replace("：", ":", 1).rpartition(":")[2].strip()
    place = fold(name).find(fold(wanted)) if wanted and len(fold(name)) == len(name) else -1
    if place < 0:
        return name, "", ""
    end = place + len(fold(wanted))
    return name[:place], name[place:end], name[end:]


class _Graph:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps = pages, pages.deps

    def search(self, request: Request, _: FormData) -> Response:
        viewer = self._deps.viewer_of(request)
        words, kind = (
            request.query_params.get("q", "").strip()[:200],
            request.query_params.get("kind") or None,
        )
        many = request.query_params.get("limit") == str(_MOST_HITS)
        limit = _MOST_HITS if many else _HITS
        found = self._deps.service.search(words, kind, limit, viewer=viewer) if words else None
        shown = found["items"] if found else ()
        more = found is not None and not many and len(shown) < found["total"]
        return self._pages.render(
            request,
            "search.html",
            section="/search",
            q=words,
            kind=kind,
            kinds=[(key, table.zh) for key, table in self._deps.schema.by_kind.items()],
            answer=found,
            people=any(hit["node"]["kind"] in KINDS_OF_PERSONS for hit in shown),
            more_href=with_params("/search", (("q", words),), kind=kind, limit=_MOST_HITS) if more else None,
            match_labels=MATCH_LABELS,
            split=split_match,
        )

    def rules(self, request: Request, _: FormData) -> Response:
        policy = self._deps.service.policy(viewer=self._deps.viewer_of(request))
        filters = [(_FILTER_TITLES[name], rows) for name, rows in policy.get("filters", {}).items()]
        return self._pages.render(
            request,
            "rules.html",
            section="/rules",
            policy=policy,
            filters=filters,
            named=_named,
            policy_labels=POLICY_LABELS,
            legend=legend(self._deps.schema),
        )


def _named(key: str, value: Any) -> Any:
    """Return a value of the policy with codes of factors, modes and changes under their names."""
    if key in _CODES and isinstance(value, list | tuple):
        return [_CODES[key].get(code, code) for code in value]
    labels = CHANGE_LABELS if key in _COSTS else FACTOR_LABELS.get(_SIDES.get(key, ""))
    if labels is None or not isinstance(value, Mapping):
        return value
    return {labels.get(code, code): weight for code, weight in value.items()}
