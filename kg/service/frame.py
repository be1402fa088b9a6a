"""What every question needs: the store, the index generation, the day, the list size, the right to ask."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from kg.audit.audit import Audit
from kg.audit.exposures import Exposures
from kg.errors import ForbiddenError, InvalidInputError, NotFoundError
from kg.identity.review_queue import Queue, Record
from kg.index.generations import Generations
from kg.index.names import canonical, spellings
from kg.index.world import World
from kg.matching.cooperation.recommendation import prepare as prepare_partners
from kg.matching.mobility.days import prepare as prepare_talents
from kg.matching.ranking import TieKey
from kg.model.batches import in_force
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.model.viewers import Role, Viewer
from kg.paths.nodes import Found
from kg.policy.rights import may_recommend, sees_row, sight
from kg.ports import GraphStore, Ledger
from kg.schema import Schema, Visibility
from kg.sealing.sealer import Sealer
from kg.service.moments import Moment, Moments

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
        reopen: Callable[[], GraphStore] | None = None,
    ) -> None:
        """`reopen` opens the store once more, in another process too, which helps to build the index."""
        self._store, self._sealer, self._schema, self._policy = store, sealer, schema, policy
        self._audit, self._clock, self._ledger = audit, clock, ledger
        self._generations = Generations(store, policy, schema, warm=self._prepare, reopen=reopen)
        self._exposures = Exposures(ledger)
        self._moments = Moments(store, policy, schema, current=self.world)

    def _prepare(self, world: World) -> None:
        """Make what the first question of a generation would wait for."""
        prepare_talents(world, self._policy, self.today())
        prepare_partners(world, self._policy, self.today())

    def revision(self) -> int:
        """Return the newest published revision."""
        return self._store.revision()

    def world(self, *, min_revision: int | None = None) -> World:
        """Return the index generation that questions are answered from, not older than `min_revision`."""
        return self._generations.current(at_least=min_revision)

    @property
    def index_revision(self) -> int:
        """The revision of the index in use, at most the store's; 0 before the first question."""
        return self._generations.revision

    @property
    def synthetic(self) -> bool:
        """True while every source of the store is marked synthetic."""
        return self.world().synthetic

    def today(self) -> date:
        """Return the day that `as_of` defaults to."""
        return self._clock().date()

    def _moment(self, known_at: int | str | None = None, viewer: Viewer | None = None) -> Moment:
        """Return the state to answer from: the newest, or what was known at a revision, a day or a time.

        Older states are for those who have signed in: to build one takes seconds.
        """
        if known_at is None:
            return self._moments.now()
        if viewer is None or viewer.has(Role.PUBLIC):
            raise ForbiddenError("查看过去所知的状态要先登录")
        return self._moments.at(known_at, self._zone())

    def _times(self, moment: Moment, day: date | None) -> Json:
        """Return the two times that an answer states, and what an answer about the past rests on."""
        past = moment.asked or (day is not None and day < self.today())
        return {
            "as_of": None if day is None else day.isoformat(),
            "known_at": moment.known.json(),
            "replay": self._replay(moment, day) if past else None,
        }

    def _replay(self, moment: Moment, day: date | None) -> Json:
        known = moment.known
        at = "" if known.at is None else f"{known.at.astimezone(self._zone()):%Y-%m-%d %H:%M}"
        days = ("", "") if day is None else (f"、以 {day} 为准", f", about {day}")
        rules = self._policy.policy_id
        return {
            "policy": {"id": rules, "hash": self._policy.hash, "in_force": "today"},
            "text": f"按修订 {known.revision}（{at or '空库'}）时所知{days[0]}重新得出；规则和查看权限用现行的（规则 {rules}）",
            "text_en": f"as known at revision {known.revision} ({at or 'empty store'}){days[1]}; rules and rights "
            f"are those of today (policy {rules})",
        }

    def _zone(self) -> tzinfo | None:
        return self._clock().astimezone().tzinfo

    def _found(self, kind: str, key: str, viewer: Viewer, moment: Moment | None = None) -> Found:
        """Return the visible node; NotFoundError alike for what is missing and what may not be seen."""
        moment = moment or self._moment()
        store, world = moment.store, moment.world
        ref = canonical(world, NodeRef(kind, key))
        table = self._schema.by_kind.get(ref.kind)
        refs = spellings(world, ref)
        if table is not None:
            rows = [row for row in store.rows(nodes=[ref]) if sees_row(viewer, table, row)]
            open_kind = table.visibility is Visibility.PUBLIC  # rows may cite what no table of the city lists
            if rows or (open_kind and store.degrees(refs, sight=sight(viewer, self._schema))):
                batches = in_force(store.batches())
                return Found.of(ref, refs, table, rows, batches, self._policy, world)
        raise NotFoundError()

    def _identity_questions(self, moment: Moment) -> Callable[[str], Record | None]:
        """Return what finds a question about who is who, as it was decided when `moment` was known."""
        queue = Queue(self._ledger, self._clock)
        if not moment.asked:
            return queue.find
        batches, until = {batch.id for batch in moment.store.batches()}, moment.known.until

        def counts(step: Record) -> bool:
            if step["batch"] is not None:
                return step["batch"] in batches
            return until is None or datetime.fromisoformat(str(step["at"])) <= until

        return queue.find_past(counts)

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


def offset_of(cursor: str | None) -> int:
    """Return where the next page begins; InvalidInputError for what no answer has given out."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise InvalidInputError("翻页标记（cursor）不对，请从第一页重新翻", field="cursor", value=cursor)
    return int(cursor)


def within(field: str, value: int, low: int, high: int) -> None:
    """Refuse a number outside low..high; InvalidInputError names the field."""
    if not low <= value <= high:
        raise InvalidInputError(f"{field} 应在 {low} 到 {high} 之间，现为 {value}", field=field, value=value)
