"""Every question the system answers: one method each, keyword `viewer`. Rights, masking and the log live here."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from kg.audit.audit import Audit
from kg.audit.exposures import Exposures
from kg.errors import AmbiguousNameError, ForbiddenError, InvalidInputError, NotFoundError
from kg.index.generations import Generations
from kg.index.names import canonical, spellings
from kg.index.search import SearchIndex
from kg.index.world import World
from kg.matching.cooperation.recommendation import ask, prepare, recommend_partners
from kg.matching.mobility.recommendation import parse_need, recommend_talents
from kg.matching.ranking import TieKey
from kg.model.answers import Answer
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.model.viewers import Role, Viewer
from kg.paths.finding import entries, find
from kg.paths.nodes import Found, Neighbourhood, node_page
from kg.paths.telling import FIRST, AnswerTeller, entities
from kg.paths.withdrawals import without_withdrawn
from kg.policy.rights import may_recommend, owns, sees_all, sees_row, sight
from kg.policy.rules_page import rules_page
from kg.ports import GraphStore, Ledger
from kg.schema import Schema
from kg.sealing.sealer import Sealer
from kg.text import fold_name
from kg.vocab.reasons import NOTICE

Json = dict[str, Any]
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_MOST_TYPED = 200


class Service:
    """The questions. Every method takes who asks; what he may not see is told exactly like what is not there."""

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
        self._search: tuple[int, SearchIndex] | None = None

    # -- freshness ------------------------------------------------------------------------------------------

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

    # -- walking the graph ----------------------------------------------------------------------------------

    def me(self, *, viewer: Viewer) -> Json:
        """Return who the viewer is and what he may see."""
        seen = sight(viewer, self._schema)
        kinds = dict.fromkeys(sorted(self._schema.by_kind), "all") if seen is None else {
            **dict.fromkeys(sorted(seen.kinds), "all"),
            **dict.fromkeys(sorted(seen.scoped), "public-or-own"),
            **dict.fromkeys(sorted(seen.owned), "own"),
        }  # fmt: skip
        org = self.world().organisations.by_code.get(viewer.org or "")
        return {
            "name": viewer.name,
            "roles": sorted(role.value for role in viewer.roles),
            "org": None
            if viewer.org is None
            else {"key": viewer.org, "name": org.name if org else viewer.org},
            "kinds": kinds,
            "may_recommend": may_recommend(viewer),
        }

    def search(self, q: str, kind: str | None = None, limit: int = 20, *, viewer: Viewer) -> Json:
        """Return nodes by name, alias, code, pinyin or initials; `q` may start with a kind and a colon (企业:)."""
        _within("limit", limit, 1, 200)
        return find(self._search_index(), self._schema, q, kind=kind, limit=limit, viewer=viewer)

    def node(self, kind: str, key: str, *, viewer: Viewer) -> Json:
        """Return the properties of a node that the viewer may read, each with its source."""
        return node_page(self._found(kind, key, viewer), viewer)

    def neighbours(
        self,
        kind: str,
        key: str,
        *,
        viewer: Viewer,
        relation: str | None = None,
        direction: str | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Json:
        """Return the node's neighbours in groups; totals are exact and count only what the viewer may see."""
        _within("limit", limit, 1, 200)
        found = self._found(kind, key, viewer)
        seen = sight(viewer, self._schema)
        around = Neighbourhood(self._store, self._schema, found, viewer, seen)
        return around.groups(relation, direction, limit, cursor)

    # -- the two headline questions -------------------------------------------------------------------------

    def recommend_talents(
        self,
        question: Mapping[str, Any],
        *,
        viewer: Viewer,
        k: int | None = None,
        as_of: date | None = None,
        detail: str | None = None,
    ) -> Json:
        """Return which flexible talents can serve a need: `{need: key}` or `{inline: {columns of flex_needs}}`."""
        limit, day = self._list_size(k), self._day(as_of)
        self._demand_right(viewer)
        world = self.world()
        asked = self._need_of(question, viewer, world)
        need = parse_need(world, self._policy, asked.get("need") or asked["inline"])
        query_id = self._query_id({"talents": asked}, day)
        past = day < self.today() and not sees_all(viewer)
        answer = recommend_talents(
            world,
            self._policy,
            need,
            as_of=day,
            k=self._policy.common.max_items if past else limit,
            exposures=self._exposures.before(day, self._policy.common.exposure_days),
            tie_key=self._tie_key,
            query_id=query_id,
        )
        if past:
            answer = without_withdrawn(answer, world, need.host, self.today(), limit)
        return self._told(answer, world, viewer, question=asked, detail=detail)

    def recommend_partners(
        self,
        question: Mapping[str, Any],
        *,
        viewer: Viewer,
        k: int | None = None,
        as_of: date | None = None,
        detail: str | None = None,
    ) -> Json:
        """Return which schools and enterprises should cooperate, in which mode, with how many seats."""
        limit, day = self._list_size(k), self._day(as_of)
        self._demand_right(viewer)
        world = self.world()
        anchor = self._anchor_of(question, viewer, world)
        asked = {**question, "anchor": {"kind": anchor.kind, "key": anchor.key}}
        parts: Json = {
            "anchor": anchor,
            "mode": str(question.get("mode") or ""),
            "as_of": day,
            **{name: question.get(name) for name in ("year", "occupations", "radius_hours", "order")},
            "sees": lambda owners, public: sees_all(viewer) or public or owns(viewer, owners),
        }
        query_id = self._query_id({"partners": ask(world, **parts).as_asked()}, day)
        answer = recommend_partners(
            world,
            self._policy,
            **parts,
            k=limit,
            exposures=self._exposures.before(day, self._policy.common.exposure_days),
            tie_key=self._tie_key(query_id),
            query_id=query_id,
        )
        return self._told(answer, world, viewer, question=asked, detail=detail)

    def resolve_anchor(self, text: str, *, viewer: Viewer) -> NodeRef:  # noqa: ARG002 - names of organisations are public
        """Return the organisation or district of a code or an exact name; several of that name are refused."""
        world = self.world()
        known = world.organisations.by_code.get(text)
        codes = world.organisations.by_name.get(fold_name(text), ())
        if known is None and len(codes) > 1:
            raise AmbiguousNameError(
                f"有 {len(codes)} 家单位都叫“{text}”，请改用统一社会信用代码",
                field="anchor",
                value=text,
                candidates=[(code, world.organisations.name(code)) for code in codes],
            )
        known = known or (world.organisations.by_code[codes[0]] if codes else None)
        if known is not None:
            return known.ref
        for code, name in sorted(world.travel.names.items()):
            if text in {code, name}:
                return NodeRef("district", code)
        raise NotFoundError(f"没有找到“{text}”：请输入统一社会信用代码、六位区划代码或完整名称")

    # -- records --------------------------------------------------------------------------------------------

    def reveal(self, key: str, reason: str, *, viewer: Viewer) -> Json:
        """Return a talent's name and phone to an officer who says why; recorded in the audit log before it is told."""
        if not sees_all(viewer):
            raise NotFoundError("没有这条记录，或您无权查看")
        if not reason.strip():
            raise InvalidInputError("请写明查看原因，例如“联系本人确认意向”", field="reason")
        found = self._found("talent", key, viewer)
        self._audit.record(viewer.name, "reveal", f"talent:{key}", {"reason": reason.strip()})
        plain: Json = {}
        blobs = self._store.sealed([row.id for row in found.rows])
        for row in found.rows:
            if row.id in blobs:
                for column, value in self._sealer.unseal(blobs[row.id], row.id).items():
                    plain.setdefault(column, value)
        return {"name": plain.get("name"), "phone": plain.get("phone")}

    def policy(self, *, viewer: Viewer) -> Json:  # noqa: ARG002 - everyone may read the rules
        """Return the rules page: every number with its basis, every filter and factor with its label."""
        return rules_page(self._policy)

    def audit(self, *, viewer: Viewer, after: int = 0, limit: int = 100) -> Json:
        """Return who did what, newest numbers last; officers and administrators only."""
        if not viewer.has(Role.OFFICER, Role.ADMINISTRATOR):
            raise ForbiddenError("只有经办人员和管理员可以查看操作记录")
        _within("limit", limit, 1, 200)
        found = list(self._audit.entries(after, limit))
        total = self._audit.newest()
        last = found[-1][0] if found else total
        return {
            "items": [{"number": number, **entry} for number, entry in found],
            "total": total,
            "total_is_exact": True,
            "cursor": str(last) if last < total else None,
        }

    # -- inside ---------------------------------------------------------------------------------------------

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
                batches = self._store.batches()
                return Found.of(ref, refs, table, rows, batches, self._policy, world)
        raise NotFoundError("没有这条记录，或您无权查看。请检查编号，或从搜索重新进入")

    def _search_index(self) -> SearchIndex:
        revision = self._store.revision()
        if self._search is None or self._search[0] != revision:
            self._search = (
                revision,
                SearchIndex(entries(self._store, self._sealer, self._schema, self.world())),
            )
        return self._search[1]

    def _list_size(self, k: int | None) -> int:
        rules = self._policy.common
        size = rules.default_items if k is None else k
        _within("k", size, 1, rules.max_items)
        return size

    def _day(self, as_of: date | None) -> date:
        day = as_of or self.today()
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            text = f"日期应在 {_FIRST_YEAR} 年到 {_LAST_YEAR} 年之间，现为 {day}"
            raise InvalidInputError(text, field="as_of", value=day)
        return day

    def _demand_right(self, viewer: Viewer) -> None:
        if not may_recommend(viewer):
            raise ForbiddenError("您的角色不能发起推荐：请用经办人员、企业或院校账号登录")

    def _need_of(self, question: Mapping[str, Any], viewer: Viewer, world: World) -> Json:
        inline = question.get("inline")
        if (question.get("need") is None) == (inline is None):
            raise InvalidInputError(
                "请给出一个柔性需求编号（need），或直接填写需求（inline），两者选一", field="need"
            )
        if inline is not None:
            _check_typed(inline)
            host = world.organisations.resolve(inline.get("host") or viewer.org)
            if not sees_all(viewer) and host != viewer.org:
                raise NotFoundError("没有这家单位，或您无权以它的名义提问")
            return {"inline": {**inline, "host": host}}
        key = str(question["need"])
        rows = list(self._store.rows(nodes=[NodeRef("need", key)]))
        if not rows or not (sees_all(viewer) or any(owns(viewer, row.owners) for row in rows)):
            raise NotFoundError("没有这条柔性需求，或您无权查看。请检查需求编号")
        return {"need": key}

    def _anchor_of(self, question: Mapping[str, Any], viewer: Viewer, world: World) -> NodeRef:
        anchor = question.get("anchor") or {}
        ref = canonical(world, NodeRef(str(anchor.get("kind")), str(anchor.get("key"))))
        if ref.kind not in {"enterprise", "school", "district"}:
            raise InvalidInputError("对象（anchor）应是企业、院校或区县", field="anchor.kind", value=ref.kind)
        if sees_all(viewer):
            known = world.organisations.by_code.get(ref.key)
            exists = (
                ref.key in world.travel.listed
                if ref.kind == "district"
                else known is not None and known.kind == ref.kind
            )
        else:
            exists = ref.kind != "district" and ref.key == viewer.org
        if not exists:
            raise NotFoundError("没有这个对象，或您无权以它的名义提问")
        return ref

    def _query_id(self, asked: Mapping[str, Any], day: date) -> str:
        text = json.dumps(
            [asked, day.isoformat(), self._policy.hash], ensure_ascii=False, sort_keys=True, default=str
        )
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def _tie_key(self, query_id: str) -> TieKey:
        return lambda entity: self._sealer.tie_key(query_id, entity)

    def _told(
        self, answer: Answer, world: World, viewer: Viewer, *, question: Mapping[str, Any], detail: str | None
    ) -> Json:
        told = AnswerTeller(self._store, self._schema, world, viewer).tell(answer, detail=detail)
        district = (question.get("anchor") or {}).get("kind") == "district"
        number = self._exposures.record(
            day=self.today(),
            viewer=viewer.name,
            query_id=answer.query_id,
            again=detail not in {None, FIRST},
            entities=entities(told["items"], district=district),
        )
        return {
            "query_id": answer.query_id,
            "question_number": number,
            "as_of": answer.as_of.isoformat(),
            "policy": {"id": self._policy.policy_id, "hash": self._policy.hash},
            "revision": world.revision,
            "question": {**question, **answer.question},
            **told,
            "synthetic": world.synthetic,
            "notice": NOTICE,
        }


def _within(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidInputError(f"{field} 应在 {low} 到 {high} 之间，现为 {value}", field=field, value=value)


def _check_typed(inline: Mapping[str, Any]) -> None:
    """Refuse a typed need whose host is no text, whose lists have no end, or whose texts no encoding can hold."""
    host = inline.get("host")
    if host is not None and not isinstance(host, str):
        raise InvalidInputError("用人单位（host）应是统一社会信用代码或单位全称", field="host", value=host)
    for column, value in inline.items():
        parts = value if isinstance(value, (list, tuple)) else [value]
        if len(parts) > _MOST_TYPED:
            raise InvalidInputError(f"“{column}”最多 {_MOST_TYPED} 项，请减少", field=column)
        if any("\ud800" <= character <= "\udfff" for part in parts for character in f"{column}{part}"):
            raise InvalidInputError("含有不能使用的字符，请重新输入", field="inline")
    for column in ("valid_from", "valid_to"):
        year = str(inline.get(column) or "")[:4]
        if year.isdecimal() and not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
            text = f"日期应在 {_FIRST_YEAR} 年到 {_LAST_YEAR} 年之间"
            raise InvalidInputError(text, field=column, value=inline[column])
