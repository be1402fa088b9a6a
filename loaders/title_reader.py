"""Titles of occupations in a file, read as codes where that is sure enough; else they stay words for people to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.identity.titles import TitleIndex, index_of
from kg.model.batches import told_names
from kg.model.graph import Batch, Value
from kg.model.rules import LinkageRules
from kg.policy.policy_file import load_policy
from kg.ports import GraphStore
from kg.text import fold
from loaders.known import Known

TITLE: Final = "title"
"""The kind of question and of decision (`kg.identity`) that is about titles."""
_OCCUPATIONS, _CROSSWALK = "occupations", "occupation_crosswalk"
_MOST_TOLD: Final = 1_000


@dataclass(slots=True)
class TitleUse:
    """What one title was read as: `code` None where it stays a word; `score` 0..1, 1.0 for a decision of people."""

    title: str
    code: str | None
    name: str
    score: float
    decided: bool = False
    rows: int = 0

    def to_json(self) -> dict[str, object]:
        """Return it as the load report tells it."""
        return {
            "title": self.title, "code": self.code, "name": self.name, "score": self.score,
            "decided": self.decided, "rows": self.rows,
        }  # fmt: skip


class TitleReader:
    """Reads titles by the decisions of people, then by names, aliases and similar characters (`kg.identity.titles`).

    A guess counts from `title_from` on and `title_margin` before the next one (policy, section `linkage`; without
    rules the policy that ships). Occupations of the batch itself are known, too.
    """

    def __init__(
        self, store: GraphStore, known: Known, batches: Sequence[Batch], rules: LinkageRules | None
    ) -> None:
        self._store, self._known, self._batches, self._rules = store, known, batches, rules
        self._decided: Mapping[str, str] | None = None
        self._index: TitleIndex | None = None
        self._built_for = -1
        self._uses: dict[str, TitleUse] = {}

    def code(self, title: str) -> str | None:
        """Return the code that a title means, None where that is not sure enough."""
        use = self._uses.get(title)
        if use is None:
            use = self._uses[title] = self._read(title)
        use.rows += 1
        return use.code

    def told(self) -> list[dict[str, object]]:
        """Return what titles were read as, the most frequent first, at most 1,000."""
        ordered = sorted(self._uses.values(), key=lambda use: (use.code is not None, -use.rows, use.title))
        return [use.to_json() for use in ordered[:_MOST_TOLD]]

    def _read(self, title: str) -> TitleUse:
        if self._decided is None:
            self._decided = told_names(self._batches, TITLE)
        index = self._indexed()
        decided = self._decided.get(fold(title))
        if decided is not None:
            return TitleUse(title, decided, index.name_of(decided), 1.0, decided=True)
        rules = self._rules = self._rules or load_policy(None).linkage
        found = index.guesses(title, 2)
        if not found:
            return TitleUse(title, None, "", 0.0)
        lead = found[0].score - (found[1].score if len(found) > 1 else 0.0)
        sure = found[0].score >= rules.title_from and lead >= rules.title_margin
        return TitleUse(title, found[0].key if sure else None, found[0].name, found[0].score)

    def _indexed(self) -> TitleIndex:
        fresh = self._known.fresh.get(_OCCUPATIONS, ())
        if self._index is None or self._built_for != len(fresh):
            self._built_for = len(fresh)
            stored = self._values(_OCCUPATIONS)
            self._index = index_of([*stored, *fresh], self._values(_CROSSWALK))
        return self._index

    def _values(self, table: str) -> list[Mapping[str, Value]]:
        retired = self._known.retired
        return [row.values for row in self._store.rows(table=table) if row.id not in retired]
