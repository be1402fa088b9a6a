"""Turns answers and nodes into the JSON that a viewer may see (contract §4, §5)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kg.model.answers import Evidence, Factor, FilterResult, Item, Pool, Side, Status
from kg.model.graph import MASKED, NodeRef, Value
from kg.model.viewers import Viewer
from kg.policy.rights import sees_all
from kg.schema import Column
from kg.vocab.reasons import FACTOR_LABELS, FILTER_LABELS, FILTER_ORDER

Json = dict[str, object]
CARD_TEXTS = frozenset({("need", "skill"), ("need", "trade"), ("need", "level"), ("need", "productive")})
"""Sentences of a talent's ledger that hold nothing beyond the card: the rest is told to officers only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presenter:
    """How one viewer is shown an answer: names of nodes, and which evidence he may see."""

    viewer: Viewer
    name_of: Callable[[NodeRef], str]
    sees_evidence: Callable[[Evidence], bool]

    @property
    def officer(self) -> bool:
        """True when nothing but sealed columns is hidden."""
        return sees_all(self.viewer)

    def ref(self, node: NodeRef, name: str | None = None) -> Json:
        """Return a node reference `{kind, key, name}`."""
        return {"kind": node.kind, "key": node.key, "name": name if name is not None else self.name_of(node)}

    def pool(self, pool: Pool) -> Json:
        """Return the pool; enterprises and schools are not told what others failed on."""
        shown: Json = {"considered": pool.considered, "listed": pool.listed, "to_verify": pool.to_verify}
        return {**shown, "failed": dict(pool.failed)} if self.officer else shown

    def item(self, item: Item) -> Json:
        """Return one line of an answer."""
        match = item.match
        card = match.node.kind == "talent" and not self.officer
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
            "sides": {name: self._side(name, side, card=card) for name, side in match.sides.items()},
            "filters": [self._filter(result, card=card) for result in match.filters],
            "paths": [] if card else self._paths(item),
            "facts": _card_facts(match.facts) if card else dict(match.facts),
            "allocation": self._allocation(item),
            "counterfactuals": [],
            "summary": "" if card else match.summary,
        }
        if item.tie_key is not None:
            shown["tie_key"] = item.tie_key
        if match.pair is not None:
            shown["pair"] = dict(match.pair)
        if item.allocation is not None:
            shown |= {"seats": item.seats, "value": item.value}
        return shown

    def _side(self, name: str, side: Side, *, card: bool) -> Json:
        return {
            "score": side.score,
            "coverage": side.coverage,
            "factors": [self._factor(name, factor, card=card) for factor in side.factors],
        }

    def _factor(self, side: str, factor: Factor, *, card: bool) -> Json:
        shown = [evidence for evidence in factor.evidence if not card and self.sees_evidence(evidence)]
        told = not card or (side, factor.code) in CARD_TEXTS
        return {
            "code": factor.code,
            "label": FACTOR_LABELS[side][factor.code],
            "weight": factor.weight,
            "value": factor.value,
            "known": factor.known,
            "contribution": factor.contribution,
            "text": factor.text if told else "",
            "evidence": [evidence.id for evidence in shown],
            "evidence_hidden": len(factor.evidence) - len(shown),
        }

    def _filter(self, result: FilterResult, *, card: bool) -> Json:
        shown = [evidence for evidence in result.evidence if not card and self.sees_evidence(evidence)]
        return {
            "code": result.code,
            "label": FILTER_LABELS[result.code],
            "status": result.status.value,
            "text": FILTER_LABELS[result.code] if card else result.text,
            "check": ("" if result.status is Status.PASS else "请经办人员核实") if card else result.check,
            "evidence": [evidence.id for evidence in shown],
            "evidence_hidden": len(result.evidence) - len(shown),
        }

    def _paths(self, item: Item) -> list[Json]:
        return [
            {
                "text": path.text,
                "edges": [
                    {
                        "id": edge.id,
                        "source": self.ref(edge.link.start),
                        "relation": edge.link.relation,
                        "target": self.ref(edge.link.end),
                    }
                    for edge in path.edges
                ],
            }
            for path in item.match.paths
            if all(self.sees_evidence(edge) for edge in path.edges)
        ]

    def _allocation(self, item: Item) -> list[Json] | None:
        if item.allocation is None:
            return None
        enterprise = next(
            (n for n in (item.match.node, item.match.other) if n is not None and n.kind == "enterprise"), None
        )
        full = self.officer or (enterprise is not None and enterprise.key == self.viewer.org)
        return [
            {
                "offering": entry.offering,
                "demand": entry.demand,
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
                    "legal": entry.legal,
                },
            }
            for entry in item.allocation
        ]


def _card_facts(facts: Mapping[str, object]) -> Json:
    hours = facts.get("hours")
    free = {"need": hours.get("need"), "free": hours.get("free")} if isinstance(hours, Mapping) else {}
    return {"mode": facts.get("mode"), "hours": free}


def filter_order(question: str) -> Sequence[str]:
    """Return the codes of the filters of a question ("partners" or "talents") in checking order."""
    return FILTER_ORDER[question]


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
