"""The two headline questions: flexible talents for a need, partners for a cooperation."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from kg.errors import AmbiguousNameError, InvalidInputError, NotFoundError
from kg.identity.joins import doubt, joins_of, person_rows
from kg.index.delta import PersonRows
from kg.index.names import canonical
from kg.index.world import World
from kg.matching.cooperation.counterfactuals import PartnerAdvice
from kg.matching.cooperation.recommendation import ask, recommend_partners
from kg.matching.cooperation.scorer import Scorer
from kg.matching.mobility.counterfactuals import TalentAdvice
from kg.matching.mobility.recommendation import parse_need, recommend_talents
from kg.model.answers import Answer
from kg.model.edits import Counterfactual
from kg.model.graph import NodeRef
from kg.model.viewers import Viewer
from kg.paths.telling import FIRST, AnswerTeller, Detail, entities
from kg.paths.withdrawals import without_withdrawn
from kg.policy.rights import owns, sees_all
from kg.service.advice import Advise, advice_for
from kg.service.frame import FIRST_YEAR, LAST_YEAR, Frame, Json, within
from kg.service.leaving_out import LeaveOut, partners_without, talents_without
from kg.service.moments import Moment
from kg.text import fold_name
from kg.vocab.reasons import NOTICE

_MOST_TYPED = 200


class Recommendations(Frame):
    """The two headline questions, told to this viewer and recorded."""

    def recommend_talents(
        self,
        question: Mapping[str, Any],
        *,
        viewer: Viewer,
        k: int | None = None,
        as_of: date | None = None,
        detail: Detail = None,
        known_at: int | str | None = None,
        counterfactuals: int | None = None,
    ) -> Json:
        """Return which flexible talents can serve a need: `{need: key}` or `{inline: {columns of flex_needs}}`.

        `as_of` is the day the question is about, `known_at` a revision, day or time: what was known of it then.
        `counterfactuals`: how many of each list get them (0..k; None: as the policy says, or just the detail).
        """
        limit, day = self._list_size(k), self._day(as_of)
        self._demand_right(viewer)
        moment = self._moment(known_at, viewer)
        world = moment.world
        asked = self._need_of(question, viewer, moment)
        need = parse_need(world, self._policy, asked.get("need") or asked["inline"])
        query_id = self._query_id({"talents": asked}, day)
        past = (moment.asked or day < self.today()) and not sees_all(viewer)
        answer = recommend_talents(
            world,
            self._policy,
            need,
            as_of=day,
            k=self._policy.common.max_items if past else self._and_the_next(limit),
            exposures=self._exposures.before(day, self._policy.common.exposure_days),
            tie_key=self._tie_key,
            query_id=query_id,
        )
        if past:
            answer = without_withdrawn(answer, self.world(), need.host, self.today(), limit + 1)
        adviser = TalentAdvice(world, self._policy, need, day, answer.rank_of)
        usual = (self._policy.advice.talent_items, self._policy.advice.talent_items)
        return self._told(
            answer,
            moment,
            viewer,
            question=asked,
            k=limit,
            detail=detail,
            advice=self._advice(answer, adviser.of, detail, counterfactuals, usual),
            without=talents_without(
                adviser, lambda key: PersonRows(world, moment.store, self._policy, self._schema, key)
            ),
        )

    def recommend_partners(
        self,
        question: Mapping[str, Any],
        *,
        viewer: Viewer,
        k: int | None = None,
        as_of: date | None = None,
        detail: Detail = None,
        known_at: int | str | None = None,
        counterfactuals: int | None = None,
    ) -> Json:
        """Return which schools and enterprises should cooperate, in which mode, with how many seats.

        `as_of`, `known_at` and `counterfactuals` as for talents.
        """
        limit, day = self._list_size(k), self._day(as_of)
        self._demand_right(viewer)
        moment = self._moment(known_at, viewer)
        world = moment.world
        anchor = self._anchor_of(question, viewer, world)
        asked = {**question, "anchor": {"kind": anchor.kind, "key": anchor.key}}
        parts: Json = {
            "anchor": anchor,
            "mode": str(question.get("mode") or ""),
            "as_of": day,
            **{name: question.get(name) for name in ("year", "occupations", "radius_hours", "order")},
            "sees": lambda owners, public: sees_all(viewer) or public or owns(viewer, owners),
        }
        asking = ask(world, **parts)
        query_id = self._query_id({"partners": asking.as_asked()}, day)
        answer = recommend_partners(
            world,
            self._policy,
            **parts,
            k=self._and_the_next(limit),
            exposures=self._exposures.before(day, self._policy.common.exposure_days),
            tie_key=self._tie_key(query_id),
            query_id=query_id,
        )
        adviser = PartnerAdvice(Scorer.of(world, self._policy, asking), answer.rank_of)
        usual = (
            self._policy.advice.partner_items,
            0,
        )  # whom to verify is ranked against many: on request only
        return self._told(
            answer,
            moment,
            viewer,
            question=asked,
            k=limit,
            detail=detail,
            advice=self._advice(answer, adviser.of, detail, counterfactuals, usual),
            without=partners_without(adviser),
        )

    def resolve_anchor(self, text: str, *, viewer: Viewer) -> NodeRef:  # noqa: ARG002 - names of organisations are public
        """Return the organisation or district of a code or an exact name; several of that name are refused."""
        world = self.world()
        text = text.strip()
        by_code = world.organisations.by_code
        known = by_code.get(text) or by_code.get(unicodedata.normalize("NFKC", text).upper())
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

    def _need_of(self, question: Mapping[str, Any], viewer: Viewer, moment: Moment) -> Json:
        inline = question.get("inline")
        if (question.get("need") is None) == (inline is None):
            raise InvalidInputError(
                "请给出一个柔性需求编号（need），或直接填写需求（inline），两者选一", field="need"
            )
        if inline is not None:
            check_typed(inline)
            host = moment.world.organisations.resolve(inline.get("host") or viewer.org)
            if not sees_all(viewer) and host != viewer.org:
                raise NotFoundError("没有这家单位，或您无权以它的名义提问")
            return {"inline": {**inline, "host": host}}
        key = str(question["need"])
        rows = list(moment.store.rows(nodes=[NodeRef("need", key)]))
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

    def _and_the_next(self, limit: int) -> int:
        """One more than is told: the last item, too, is told what comes after it."""
        return min(limit + 1, self._policy.common.max_items)

    def _advice(
        self, answer: Answer, advise: Advise, detail: Detail, asked: int | None, usual: tuple[int, int]
    ) -> Mapping[str, tuple[Counterfactual, ...]]:
        if asked is not None:
            within("counterfactuals", asked, 0, self._policy.common.max_items)
        return advice_for(answer, advise, detail=detail, asked=asked, usual=usual)

    def _told(
        self,
        answer: Answer,
        moment: Moment,
        viewer: Viewer,
        *,
        question: Mapping[str, Any],
        k: int,
        detail: Detail,
        advice: Mapping[str, tuple[Counterfactual, ...]],
        without: LeaveOut,
    ) -> Json:
        world = moment.world
        asked = {**question, **answer.question, **({"k": k} if "k" in answer.question else {})}
        teller = AnswerTeller(moment.store, self._schema, world, viewer)
        told = teller.tell(answer, detail=detail, advice=advice, without=without, k=k)
        if sees_all(viewer):
            self._tell_doubts([*told["items"], *told["to_verify"]], moment)
        district = (question.get("anchor") or {}).get("kind") == "district"
        number = self._exposures.record(
            day=self.today(),
            viewer=viewer.name,
            query_id=answer.query_id,
            again=detail not in {None, FIRST},
            entities=entities(told["items"], district=district),
            to_verify=entities(told["to_verify"], district=district),
            asked={
                "kind": "partners" if "anchor" in question else "talents",
                "question": _jsonable(asked),
                "as_of": answer.as_of.isoformat(),
                "revision": world.revision,
                "policy": self._policy.hash,
            },
        )
        return {
            "query_id": answer.query_id,
            "question_number": number,
            **self._times(moment, answer.as_of),
            "policy": {"id": self._policy.policy_id, "hash": self._policy.hash},
            "revision": world.revision,
            "question": asked,
            **told,
            "synthetic": world.synthetic,
            "notice": NOTICE,
        }

    def _tell_doubts(self, items: Iterable[Json], moment: Moment) -> None:
        """Say of each person whether the records were joined by a comparison that nobody had confirmed (`identity`)."""
        several = [item for item in items if len(item["node"].get("sources", ())) > 1]
        if not several:
            return
        question = self._identity_questions(moment)
        for item in several:
            rows = person_rows((one["source"], one["person_id"]) for one in item["node"]["sources"])
            joins = joins_of(item["node"]["key"], rows, self._sealer, question)
            if (told := doubt(len(rows), joins)) is not None:
                item["identity"] = told


def _jsonable(question: Mapping[str, Any]) -> Json:
    """Return a question as the log can keep it: what JSON cannot hold as text."""
    kept: Json = json.loads(json.dumps(question, ensure_ascii=False, default=str))
    return kept


def check_typed(inline: Mapping[str, Any]) -> None:
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
        if year.isdecimal() and not FIRST_YEAR <= int(year) <= LAST_YEAR:
            text = f"日期应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间"
            raise InvalidInputError(text, field=column, value=inline[column])
