"""What every question needs: the store, the index generation, the day, the list size, the right to ask."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from kg.audit.audit import Audit
from kg.audit.exposures import Exposures
from kg.errors import ForbiddenError, InvalidInputError, NotFoundError
from kg.index.generations import Generations
from kg.index.names import canonical, spellings
from kg.index.world import World
from kg.matching.cooperation.recommendation import prepare
from kg.matching.ranking import TieKey
from kg.model.batches import in_force
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.model.viewers import Viewer
from kg.paths.nodes import Found
from kg.policy.rights import may_recommend, sees_row, sight
from kg.ports import GraphStore, Ledger
from kg.schema import Schema
from kg.sealing.sealer import Sealer

Json = dict[str, Any]
FIRST_YEAR, LAST_YEAR = 1900, 2199


class Frame:
    """The parts that the questions share; `kg.service.Service` puts the questions together."""

    def __init__(
        self,
        *,
        store: GraphStore,
        ledger: Ledger,
        sealer: Sealer,
        schema: Schema,
        policy: Policy,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._sealer, self._schema, self._policy = store, sealer, schema, policy
        self._audit, self._clock = audit, clock
        self._generations = Generations(
            store, policy, schema, warm=lambda world: prepare(world, policy, self.today())
        )
        self._exposures = Exposures(ledger)

    def revision(self) -> int:
        """Return the newest published revision."""
        return self._store.revision()

    def world(self, *, min_revision: int | None = None) -> World:
        """Return the index generation that questions are answered from, not older than `min_revision`."""
        return self._generations.current(at_least=min_revision)

    @property
    def synthetic(self) -> bool:
        """True while every source of the store is marked synthetic."""
        return self.world().synthetic

    def today(self) -> date:
        """Return the day that `as_of` defaults to."""
        return self._clock().date()

    def _found(self, kind: str, key: str, viewer: Viewer) -> Found:
        """Return the visible node; NotFoundError alike for what is missing and what may not be seen."""
        world = self.world()
        table = self._schema.by_kind.get(kind)
        ref = canonical(world, NodeRef(kind, key))
        refs = spellings(world, ref)
        if table is not None:
            rows = [row for row in self._store.rows(nodes=[ref]) if sees_row(viewer, table, row)]
            named = table.open_vocabulary and bool(
                self._store.degrees(refs, sight=sight(viewer, self._schema))
            )
            if rows or named:
                batches = in_force(self._store.batches())
                return Found.of(ref, refs, table, rows, batches, self._policy, world)
        raise NotFoundError("没有这条记录，或您无权查看。请检查编号，或从搜索重新进入")

    def _list_size(self, k: int | None) -> int:
        rules = self._policy.common
        size = rules.default_items if k is None else k
        within("k", size, 1, rules.max_items)
        return size

    def _day(self, as_of: date | None) -> date:
        day = as_of or self.today()
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            text = f"日期应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间，现为 {day}"
            raise InvalidInputError(text, field="as_of", value=day)
        return day

    def _demand_right(self, viewer: Viewer) -> None:
        if not may_recommend(viewer):
            raise ForbiddenError("您的角色不能发起推荐：请用经办人员、企业或院校账号登录")

    def _query_id(self, asked: Mapping[str, Any], day: date) -> str:
        text = json.dumps(
            [asked, day.isoformat(), self._policy.hash], ensure_ascii=False, sort_keys=True, default=str
        )
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def _tie_key(self, query_id: str) -> TieKey:
        return lambda entity: self._sealer.tie_key(query_id, entity)


def within(field: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside low..high; InvalidInputError names the field."""
    if not low <= value <= high:
        raise InvalidInputError(f"{field} 应在 {low} 到 {high} 之间，现为 {value}", field=field, value=value)
