"""Turns answers and nodes into the JSON that a viewer may see (contract §4, §5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.model.answers import Allocation, Evidence, Factor, FilterResult, Item, Match, Pool, Side, Status
from kg.model.edits import Counterfactual
from kg.model.graph import MASKED, NodeRef, Value
from kg.model.viewers import Viewer
from kg.policy.rights import sees_all
from kg.schema import Column
from kg.vocab.reasons import FACTOR_LABELS, FILTER_LABELS

Json = dict[str, object]
CARD_TEXTS = frozenset({("need", "skill"), ("need", "trade"), ("need", "level"), ("need", "productive")})
"""Sentences of a talent's ledger that hold nothing beyond the card: the rest is told to officers only."""


ALL_TEXTS = frozenset(FILTER_LABELS) | {code for codes in FACTOR_LABELS.values() for code in codes}
"""Every sentence: what is kept back on a talent's card, but for `CARD_TEXTS`."""
OWN_TEXTS = frozenset({"A1", "A5", "A6", "A8", "fill", "post", "history"})
"""Filters and factors whose sentences tell an enterprise's staff, safety, status or agreements: its own and officers'."""
_CAPS = frozenset({"staff", "post"})
_THEN = "；"
_WORDS = {status: status.value for status in Status}


@dataclass(frozen=True, kw_only=True)
class Presenter:
    """How one viewer is shown an answer: names of nodes, and which evidence he may see."""

    viewer: Viewer
    name_of: Callable[[NodeRef], str]
    canonical: Callable[[NodeRef], NodeRef]
    sees_evidence: Callable[[Evidence], bool]

    @cached_property
    def officer(self) -> bool:
        """True when nothing but sealed columns is hidden."""
        return sees_all(self.viewer)

    @cached_property
    def _refs(self) -> dict[NodeRef, Json]:
        """References already told, by the node as its row spells it."""
        return {}

    def ref(self, node: NodeRef, name: str | None = None) -> Json:
        """Return a node reference `{kind, key, name}`; a bare code is the key of the edition it means."""
        known = self._refs.get(node)
        if known is None:
            meant = self.canonical(node)
            known = self._refs[node] = {"kind": meant.kind, "key": meant.key, "name": self.name_of(meant)}
        return dict(known) if name is None else {**known, "name": name}

    def pool(self, pool: Pool) -> Json:
        """Return the pool; enterprises and schools are not told what others failed on."""
        shown: Json = {"considered": pool.considered, "listed": pool.listed, "to_verify": pool.to_verify}
        return {**shown, "failed": dict(pool.failed)} if self.officer else shown

    def item(self, item: Item) -> Json:
        """Return one line of an answer."""
        match = item.match
        card = match.node.kind == "talent" and not self.officer
        hides = ALL_TEXTS if card else OWN_TEXTS if self._foreign_enterprise(item) else frozenset()
        low, high = match.interval
        shown: Json = {
            "rank": item.rank,
            "tied": item.tied,
            "band": item.band.value,
            "node": self.ref(match.node, match.label),
            "other": None if match.other is None else self.ref(match.other),
            "score": match.score,
            "coverage": match.coverage,
            "interval": [low, high],
            "mode": match.mode,
            "sides": {name: self._side(name, side, hides) for name, side in match.sides.items()},
            "filters": [self._filter(result, hides) for result in match.filters],
            "paths": [] if card else self._paths(item),
            "facts": _card_facts(match.facts) if card else {} if hides else dict(match.facts),
            "allocation": self._allocation(item),
            "counterfactuals": [],
            "summary": "" if card else _without_caps(match) if hides else match.summary,
        }
        if item.tie_key is not None:
            shown["tie_key"] = item.tie_key
        if match.pair is not None:
            shown["pair"] = dict(match.pair)
        if item.allocation is not None:
            shown |= {"seats": item.seats, "value": item.value}
        return shown

    def counterfactuals(self, item: Item, found: Sequence[Counterfactual]) -> list[Json]:
        """Return what would change an item's place; what tells another's hidden columns is for officers only."""
        whole = self.sees_both_ends(item)
        return [one.as_json() for one in found if whole or not one.private]

    def sees_both_ends(self, item: Item) -> bool:
        """True when the viewer may read both ends of an item whole: a talent's row, an enterprise's staff."""
        card = item.match.node.kind == "talent" and not self.officer
        return not card and not self._foreign_enterprise(item)

    def _foreign_enterprise(self, item: Item) -> bool:
        """True when the item is about an enterprise that is not the viewer's own."""
        ends = (item.match.node, item.match.other)
        return not self.officer and any(
            end is not None and end.kind == "enterprise" and end.key != self.viewer.org for end in ends
        )

    def _side(self, name: str, side: Side, hides: frozenset[str]) -> Json:
        return {
            "score": side.score,
            "coverage": side.coverage,
            "factors": [self._factor(name, factor, hides) for factor in side.factors],
        }

    def _factor(self, side: str, factor: Factor, hides: frozenset[str]) -> Json:
        code, weight, value, known, text, evidence = factor
        told = code not in hides or (side, code) in CARD_TEXTS
        shown = self._shown(evidence, hides) if evidence else ()
        return {
            "code": code,
            "label": FACTOR_LABELS[side][code],
            "weight": weight,
            "value": value,
            "known": known,
            "contribution": weight * value,
            "text": text if told else "",
            "evidence": [one.id for one in shown],
            "evidence_hidden": _hidden(evidence, shown),
        }

    def _shown(self, evidence: tuple[Evidence, ...], hides: frozenset[str]) -> Sequence[Evidence]:
        if self.officer:
            return evidence
        return () if hides is ALL_TEXTS else [one for one in evidence if self.sees_evidence(one)]

    def _filter(self, result: FilterResult, hides: frozenset[str]) -> Json:
        code, status, text, check, evidence = result
        told, label = code not in hides, FILTER_LABELS[code]
        shown = self._shown(evidence, hides) if evidence else ()
        return {
            "code": code,
            "label": label,
            "status": _WORDS[status],
            "text": text if told else label,
            "check": check if told else "" if status is Status.PASS else "请经办人员核实",
            "evidence": [one.id for one in shown],
            "evidence_hidden": _hidden(evidence, shown),
        }

    def _paths(self, item: Item) -> list[Json]:
        return [
            {
                "text": path.text,
                "edges": [
                    {
                        "id": edge.id,
                        "source": self.ref(edge.start),
                        "relation": edge.relation,
                        "target": self.ref(edge.end),
                    }
                    for edge in path.edges
                ],
            }
            for path in item.match.paths
            if self.officer or all(self.sees_evidence(edge) for edge in path.edges)
        ]

    def _allocation(self, item: Item) -> list[Json] | None:
        if item.allocation is None:
            return None
        full = not self._foreign_enterprise(item)
        return [
            {
                "offering": entry.offering,
                "demand": entry.demand,
                "offering_label": entry.offering_label,
                "demand_label": entry.demand_label,
                "seats": entry.seats,
                "score": entry.score,
                "surplus": entry.surplus,
                "supply": entry.supply,
                "open": entry.open,
                "legal": {
                    "staff_cap": entry.staff_cap if full else None,
                    "post_cap": entry.post_cap if full else None,
                    "used_staff": entry.used_staff if full else None,
                    "used_post": entry.used_post if full else None,
                    "legal": entry.legal if full else _as_far_as_used(entry),
                },
            }
            for entry in item.allocation
        ]


def _hidden(evidence: Sequence[Evidence], shown: Sequence[Evidence]) -> int:
    """Return how many rows are cited that are not shown: rows, since these are what is listed and counted."""
    return 0 if shown is evidence else len({one.row for one in evidence} - {one.row for one in shown})


def _as_far_as_used(entry: Allocation) -> int | None:
    """Return the legal number as far as cohort and post can use it: what lies above would tell the staff."""
    return None if entry.legal is None else min(entry.legal, max(0, entry.supply), max(0, entry.open))


def _without_caps(match: Match) -> str:
    """Return the one-sentence reason without the clause that names a cap of the law, and so the staff."""
    seats = match.facts.get("seats")
    if not isinstance(seats, Mapping) or seats.get("binding") not in _CAPS:
        return match.summary
    return match.summary.replace(f"{_THEN}{seats.get('binding_text')}", "")


def _card_facts(facts: Mapping[str, object]) -> Json:
    hours = facts.get("hours")
    free = {"needed": hours.get("needed"), "free": hours.get("free")} if isinstance(hours, Mapping) else {}
    return {"mode": facts.get("mode"), "hours": free}


def display(column: Column, value: Value) -> str:
    """Return a value as pages show it: — absent, 脱敏 masked; modes by name, lists joined."""
    if value is None:
        return "—"
    if value == MASKED:
        return "*（脱敏）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "；".join(column.modes.get(item.partition("=")[0], item) for item in value) or "—"
    if isinstance(value, str):
        return column.modes.get(value, value)
    return f"{value:,}" if not column.type.value.startswith("year") else str(value)
