"""The evidence of an answer as a scene: what an item rests on, drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from kg.errors import InvalidInputError, NotFoundError
from kg.model.graph import NodeRef
from kg.model.viewers import Viewer
from kg.paths.edges import tell_edge
from kg.paths.scenes import MOST_NODES, Filters, Reader, Scene
from kg.service.frame import Json, within
from kg.service.recommendations import Recommendations
from kg.service.scenes import SceneQuestions

_MOST_EDGES = 200


class EvidenceQuestions(SceneQuestions, Recommendations):
    """Scenes that start from an answer."""

    def evidence_scene(
        self,
        *,
        viewer: Viewer,
        talents: Mapping[str, Any] | None = None,
        partners: Mapping[str, Any] | None = None,
        rank: int = 1,
        to_verify: bool = False,
        edges: Sequence[str] | None = None,
        **when: Any,
    ) -> Json:
        """Return the scene of the evidence of one item of an answer, or of edges that an answer cited.

        `rank` counts lines of the list (or of `to_verify`) from 1; `when` are `as_of` and the like of the question.
        """
        if sum(given is not None for given in (talents, partners, edges)) != 1:
            raise InvalidInputError(
                "请给出一个问题（talents 或 partners），或关系编号（edges）", field="talents"
            )
        if edges is not None:
            return self._scene_of_edges(edges, viewer)
        item, answer = self.evidence_item(
            viewer=viewer, talents=talents, partners=partners, rank=rank, to_verify=to_verify, **when
        )
        rows = item.get("evidence_rows", [])
        ends = [*_ends(item, answer), *(row[side] for row in rows for side in ("start", "end"))]
        told = self._scene_of(
            [NodeRef(end["kind"], end["key"]) for end in ends],
            frozenset(row["id"] for row in rows),
            self._reader(viewer),
        )
        kept = ("rank", "node", "other", "score", "band", "mode", "summary")
        named = {"query_id": answer["query_id"], "as_of": answer["as_of"]}
        return {
            **told,
            "item": {**{key: item[key] for key in kept}, **named},
            "withheld": item["evidence_hidden"],
        }

    def evidence_item(
        self,
        *,
        viewer: Viewer,
        talents: Mapping[str, Any] | None = None,
        partners: Mapping[str, Any] | None = None,
        rank: int = 1,
        to_verify: bool = False,
        **when: Any,
    ) -> tuple[Json, Json]:
        """Return one line of an answer with its evidence rows, and the answer; a second look, not a new list."""
        within("rank", rank, 1, self._policy.common.max_items)
        listed = "to_verify" if to_verify else "items"

        def ask(detail: str) -> Json:
            how = {**when, "viewer": viewer, "k": rank, "detail": detail, "counterfactuals": 0}
            return (
                self.recommend_partners(partners or {}, **how)
                if talents is None
                else self.recommend_talents(talents, **how)
            )

        found: list[Json] = ask("")[listed]
        if len(found) < rank:
            raise NotFoundError("这个名次没有对象：名单较短，请从结果页重新打开")
        node, other = found[rank - 1]["node"], found[rank - 1]["other"]
        answer = ask(node["key"] if other is None else f"{node['key']}‖{other['key']}")
        return answer[listed][rank - 1], answer

    def _scene_of_edges(self, numbers: Sequence[str], viewer: Viewer) -> Json:
        within("edges", len(numbers), 1, _MOST_EDGES)
        reader, batches = self._reader(viewer), self._store.batches()
        ends: list[NodeRef] = []
        missing = 0
        for number in dict.fromkeys(numbers):
            found = self._edge_by_id(number)
            if found is None or tell_edge(reader, *found, batches) is None:
                missing += 1
            else:
                ends += [found[0].link.start, found[0].link.end]
        return {**self._scene_of(ends, frozenset(numbers), reader), "item": None, "withheld": missing}

    def _scene_of(self, refs: Sequence[NodeRef], cited: frozenset[str], reader: Reader) -> Json:
        meant = list(dict.fromkeys(reader.book.canonical(ref) for ref in refs))
        scene = Scene.of(reader, meant[:MOST_NODES], Filters(), cited=cited)
        out = len(meant) - len(scene.nodes)
        return {**self._filtered(scene), "left_out": out, "filtered": 0}


def _ends(item: Json, answer: Json) -> list[Json]:
    """Return the nodes that a line is about: who is recommended, for whom, in which pair."""
    question = answer["question"]
    found = [item["node"], item["other"], question.get("anchor")]
    if question.get("need") is not None:
        found.append({"kind": "need", "key": question["need"]})
    found += [{"kind": kind, "key": key} for kind, key in (item.get("pair") or {}).items()]
    return [one for one in found if one is not None and one.get("key")]
