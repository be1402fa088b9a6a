"""Tells an answer to one viewer: the JSON of contract §4, evidence cut to what he may see, the rows behind it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise
from typing import Any, Final

from kg.index.names import canonical, cohort_name, name_of
from kg.index.world import World
from kg.model.answers import Answer, Band, Evidence, Item, Match
from kg.model.edits import Counterfactual
from kg.model.graph import NodeRef, Row, RowId
from kg.model.viewers import Viewer
from kg.paths.agreements import checklist, clauses
from kg.paths.alternatives import alternative
from kg.paths.cards import talent_card
from kg.paths.naming import name_of_row, names_of_records
from kg.paths.nodes import evidence_row
from kg.policy.masking import Presenter
from kg.policy.rights import sees_all, sees_row
from kg.ports import GraphStore
from kg.schema import Schema

Json = dict[str, Any]
LeaveOut = Callable[[Match], Mapping[RowId, Json]]
FIRST: Final = "first"
Detail = str | tuple[str, ...] | None
"""Which items are told in full: one or several by key or entity, FIRST for whoever stands first."""


class AnswerTeller:
    """Tells answers from one generation of the index to one viewer."""

    def __init__(self, store: GraphStore, schema: Schema, world: World, viewer: Viewer) -> None:
        self._store, self._schema, self._world, self._viewer = store, schema, world, viewer
        self._officer = sees_all(viewer)
        self._names: dict[NodeRef, str] = {}
        self._rows: dict[RowId, Row] = {}
        self._without: LeaveOut | None = None
        self._answer: Answer | None = None
        self._presenter = Presenter(
            viewer=viewer,
            name_of=self._name_of,
            canonical=lambda ref: canonical(world, ref),
            sees_evidence=self._sees,
        )

    def tell(
        self,
        answer: Answer,
        *,
        detail: Detail = None,
        advice: Mapping[str, Sequence[Counterfactual]] | None = None,
        without: LeaveOut | None = None,
        k: int | None = None,
    ) -> Json:
        """Return pool and the first `k` of items and to_verify; the items of `detail` also get their `evidence_rows`.

        `detail` FIRST means whoever stands first; `advice` holds counterfactuals by entity; `without` says what an
        item comes to without one cited row.
        """
        self._without, self._answer = without, answer
        if detail == FIRST:
            detail = next((entity(item.match) for item in (*answer.items, *answer.to_verify)), None)
        if not self._officer:
            wanted = {e.row for item in (*answer.items, *answer.to_verify) for e in cited(item.match)}
            self._rows = {row.id: row for row in self._store.rows(ids=sorted(wanted))}
        told = {
            "pool": self._presenter.pool(answer.pool),
            "items": self._listed(answer.items, k, detail, advice or {}),
            "to_verify": self._listed(answer.to_verify, k, detail, advice or {}),
        }
        # The presenter asks back, which is a cycle: it should not keep the answer until cycles are collected.
        self._without = self._answer = None
        return told

    def tell_match(self, match: Match) -> Json:
        """Return one match as an item without a place."""
        if not self._officer:
            self._rows = {row.id: row for row in self._store.rows(ids=sorted({e.row for e in cited(match)}))}
        return self._line(Item(match=match, rank=0, tied=False, band=Band.RANKED))

    def _listed(
        self,
        items: Sequence[Item],
        k: int | None,
        detail: Detail,
        advice: Mapping[str, Sequence[Counterfactual]],
    ) -> list[Json]:
        """Return the first `k` items of one list, each with the next one (also the one after the last) and why it is lower."""
        found: list[Json] = []
        for item, following in islice(pairwise(chain(items, (None,))), k):
            assert item is not None
            told = self._item(item, detail)
            told["counterfactuals"] = self._presenter.counterfactuals(
                item, advice.get(entity(item.match), ())
            )
            ref = (
                None
                if following is None
                else self._presenter.ref(following.match.node, following.match.label)
            )
            told["alternative"] = alternative(item, following, ref)
            found.append(told)
        return found

    def _line(self, item: Item) -> Json:
        """Return what an answer says of an item; `evidence_hidden` counts rows, as `evidence_rows` lists the others."""
        return {**self._presenter.item(item), "evidence_hidden": self._hidden_rows(item.match)}

    def _item(self, item: Item, detail: Detail) -> Json:
        if item.match.node.kind != "talent":
            told = self._line(item)
        else:
            talent = self._world.talents.talent(item.match.node.key)
            assert talent is not None, "an item names a talent of its own generation"
            self._names |= names_of_records(talent, self._world)
            told = self._line(item)
            card: Json = talent_card(talent, self._world)
            told["card"] = card
            if sees_all(self._viewer):
                card["work_status"] = talent.work_status
                node: Json = told["node"]
                node["sources"] = [{"source": s, "person_id": number} for s, number in talent.registers]
        if in_full(item.match, detail):
            told["evidence_rows"] = self._evidence_rows(item.match)
            told |= self._agreement(item)
        return told

    def _agreement(self, item: Item) -> Json:
        """Return what an agreement should settle, and the clauses that apply on the day of the answer."""
        answer = self._answer
        assert answer is not None, "an item is told of an answer"
        whole = self._presenter.sees_both_ends(item)
        return {
            "checklist": checklist(answer, item, self._world, whole=whole),
            "clauses": clauses(self._store.rows(table="policies"), item, answer.as_of),
        }

    def _evidence_rows(self, match: Match) -> list[Json]:
        if match.node.kind == "talent" and not self._officer:
            return []
        shown = {evidence.id: evidence for evidence in cited(match) if self._sees(evidence)}
        rows = {row.id: row for row in self._store.rows(ids=sorted({e.row for e in shown.values()}))}
        self._names |= {
            row.node: name_of_row(row, self._schema.by_key[row.id.table], self._name_of)
            for row in rows.values()
            if row.node is not None and row.node not in self._names
        }
        left_out = {} if self._without is None else self._without(match)
        return [
            {"without": left_out.get(evidence.row)}
            | evidence_row(
                evidence.id,
                rows[evidence.row],
                evidence.relation,
                (self._presenter.ref(evidence.start), self._presenter.ref(evidence.end)),
                self._schema,
                self._name_of,
                viewer=self._viewer,
            )
            for evidence in shown.values()
            if evidence.row in rows
        ]

    def _hidden_rows(self, match: Match) -> int:
        """Return how many rows a match rests on that this viewer is not told of."""
        if self._officer:
            return 0
        card = match.node.kind == "talent"
        return len({evidence.row for evidence in cited(match) if card or not self._sees(evidence)})

    def _sees(self, evidence: Evidence) -> bool:
        if self._officer:
            return True
        row = self._rows.get(evidence.row)
        return row is not None and sees_row(self._viewer, self._schema.by_key[row.id.table], row)

    def _name_of(self, ref: NodeRef) -> str:
        found = self._names.get(ref)
        if found is None:
            found = self._names[ref] = self._read_name(ref)
        return found

    def _read_name(self, ref: NodeRef) -> str:
        if ref.kind == "talent":
            talent = self._world.talents.talent(ref.key)
            return talent.label if talent else ref.key
        view = self._world.cooperation
        if ref.kind == "demand" and ref.key in view.demands:
            return view.demands[ref.key].title or ref.key
        if ref.kind == "offering" and ref.key in view.offerings:
            return cohort_name(self._world, view.offerings[ref.key])
        need = self._world.talents.needs.get(ref.key) if ref.kind == "need" else None
        if need is not None and (self._officer or need.host == self._viewer.org):
            return need.title or ref.key
        return name_of(self._world, ref)


def cited(match: Match) -> Iterator[Evidence]:
    """Yield everything a match rests on, in order of first citation."""
    for side in match.sides.values():
        for factor in side.factors:
            yield from factor.evidence
    for result in match.filters:
        yield from result.evidence
    for path in match.paths:
        yield from path.edges


def in_full(match: Match, detail: Detail) -> bool:
    """True for a match that `detail` names, by the key of its node or by its entity."""
    wanted = {detail} if isinstance(detail, str) else {*(detail or ())}
    return not wanted.isdisjoint({match.node.key, entity(match)})


def entity(match: Match) -> str:
    """Return the key under which appearances are counted and ties are ordered (district items: school‖enterprise)."""
    return match.node.key if match.other is None else f"{match.node.key}‖{match.other.key}"


def entities(items: Iterable[Mapping[str, Any]], *, district: bool) -> list[str]:
    """Return the entities of told items, for the log of questions."""
    if district:
        return [f"{item['node']['key']}‖{item['other']['key']}" for item in items]
    return [str(item["node"]["key"]) for item in items]
