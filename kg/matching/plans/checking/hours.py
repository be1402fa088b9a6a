"""Checks a plan of hours by going through every pair of its certificate, one by one."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from kg.matching.plans.checking.verdict import BadShapeError, Json, Verdict, get, same, whole

EPSILON: Final = 1e-9
_WEEK: Final = timedelta(days=6)
Number = (int, float)


@dataclass(slots=True)
class Sheet:
    """The certificate's figures by key, and who serves which need."""

    needs: dict[str, Json]
    talents: dict[str, Json]
    pairs: dict[tuple[str, str], Json]
    concurrent: int
    weight: float
    served: dict[str, str] = field(default_factory=dict)

    def rank(self, need: str, talent: str) -> float:
        """Return what a need is worth to a talent."""
        return self.weight * float(self.needs[need]["priority"]) + float(self.pairs[need, talent]["b"])

    def of_talent(self, talent: str) -> list[str]:
        """Return the needs that a talent serves."""
        return [need for need, who in self.served.items() if who == talent]


def check_hours(document: Json) -> Verdict:
    """Return what does not hold in the certificate of a plan of hours. Raises BadShapeError if it is none."""
    verdict = Verdict()
    sheet = read_sheet(document)
    _check_pairs(document, sheet, verdict)
    _read_allocation(document, sheet, verdict)
    for talent in sorted(set(sheet.served.values())):
        own = sheet.of_talent(talent)
        for reason in _misfits(sheet, talent, own):
            verdict.refuse("does-not-fit", f"人才 {talent[:8]}：{reason}")
    blocking = {pair for pair in sheet.pairs if _blocks(sheet, *pair)}
    _compare(document, verdict, blocking)
    _check_totals(document, sheet, verdict)
    verdict.notes.append("证书只含可能起作用的配对：排名摘要要有数据库在手才能核对")
    verdict.facts = {
        "pairs": len(sheet.pairs),
        "served": len(sheet.served),
        "blocking": len(blocking),
        "stable": not blocking,
    }
    return verdict


def read_sheet(document: Json) -> Sheet:
    """Return the figures; BadShapeError names what is missing."""
    needs = {get(one, "id", str): _read_need(one) for one in get(document, "needs", list)}
    talents = {get(one, "key", str): _read_talent(one) for one in get(document, "talents", list)}
    pairs = {
        (get(one, "need", str), get(one, "talent", str)): _read_pair(one)
        for one in get(document, "pairs", list)
    }
    for need, talent in pairs:
        if need not in needs or talent not in talents:
            raise BadShapeError("“pairs”指向不存在的需求或人才")
    return Sheet(
        needs, talents, pairs, whole(document, "concurrent"), float(get(document, "priority_weight", *Number))
    )


def _read_need(one: Any) -> Json:
    for key in ("priority", "hours"):
        get(one, key, *Number)
    if one.get("weekly") is not None:
        get(one, "weekly", *Number)
    found = {key: one.get(key) for key in ("id", "priority", "hours", "weekly")}
    found |= {"wanted": whole(one, "weeks_wanted"), "from": _day(one, "from"), "to": _day(one, "to")}
    found["weeks"] = [_parsed(week) for week in get(one, "weeks", list)]
    if not found["weeks"]:
        raise BadShapeError("需求没有计入的周")
    return found


def _read_talent(one: Any) -> Json:
    free = {_parsed(week): hours for week, hours in get(one, "free", dict).items()}
    if not all(isinstance(hours, int | float) for hours in free.values()):
        raise BadShapeError("“free”应是小时数")
    years = get(one, "years", dict)
    for year in years.values():
        get(year, "trips", *Number)
        if year.get("travel") is not None:
            get(year, "travel", *Number)
    signed = [[_parsed(day) for day in window] for window in get(one, "signed", list)]
    return {"free": free, "years": years, "signed": signed}


def _read_pair(one: Any) -> Json:
    for key in ("a", "b", "score", "road"):
        get(one, key, *Number)
    for key in ("counted", "far"):
        get(one, key, bool)
    whole(one, "visits")
    return dict(one)


def _day(one: Json, key: str) -> date:
    return _parsed(get(one, key, str))


def _parsed(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise BadShapeError(f"“{text}”不是日期") from error


def _check_pairs(document: Json, sheet: Sheet, verdict: Verdict) -> None:
    if get(document, "indifference", *Number) != EPSILON:
        verdict.refuse("indifference", "无差异的界限应是 1e-9")
    for (need, talent), pair in sheet.pairs.items():
        a, b = float(pair["a"]), float(pair["b"])
        if not (0 <= a <= 1 + EPSILON and 0 <= b <= 1 + EPSILON):
            verdict.refuse("value-range", f"{need}：a、b 应在 0 到 1 之间")
        elif not same(float(pair["score"]), 2 * a * b / (a + b) if a > 0 and b > 0 else 0.0):
            verdict.refuse("score", f"{need}：得分不是 a、b 的调和平均")
        for reason in _misfits(sheet, talent, [need]):
            verdict.refuse("pair-illegal", f"{need} 与 {talent[:8]}：{reason}")


def _read_allocation(document: Json, sheet: Sheet, verdict: Verdict) -> None:
    for entry in get(document, "allocation", list):
        need, talent = get(entry, "need", str), get(entry, "talent", str)
        pair = sheet.pairs.get((need, talent))
        if pair is None:
            verdict.refuse("unknown-pair", f"{need} 与 {talent[:8]}：不在通过全部条件的配对里")
        elif need in sheet.served:
            verdict.refuse("served-twice", f"{need}：安排了两位人才")
        else:
            sheet.served[need] = talent
            told = all(
                same(float(get(entry, key, *Number)), float(pair[key])) for key in ("a", "b", "score", "road")
            )
            if not told or not same(float(get(entry, "hours", *Number)), float(sheet.needs[need]["hours"])):
                verdict.refuse("told-value", f"{need}：安排表里的数与配对的不同")
    unserved = set(sheet.needs) - set(sheet.served)
    if set(get(document, "unserved", list)) != unserved:
        verdict.refuse("unserved", "列出的未安排需求与安排不符")


def _misfits(sheet: Sheet, talent: str, needs: list[str]) -> list[str]:
    """Return why a talent cannot serve these needs together: the rules of hours, travel and concurrent services."""
    return [
        reason
        for need in needs
        for reason in _misfit(sheet, talent, need, [other for other in needs if other != need])
    ]


def _misfit(sheet: Sheet, talent: str, key: str, others: list[str]) -> list[str]:
    own, person = sheet.needs[key], sheet.talents[talent]
    reasons: list[str] = []
    running = [window for window in person["signed"] if window[0] <= own["to"] and own["from"] <= window[1]]
    beside = [sheet.needs[other] for other in others]
    running += [one for one in beside if one["from"] <= own["to"] and own["from"] <= one["to"]]
    if len(running) >= sheet.concurrent:
        reasons.append(f"{key}：同时服务已满 {sheet.concurrent} 项")
    if not _has_hours(own, person, beside):
        reasons.append(f"{key}：工时不够")
    reasons += _travel_misfit(sheet, talent, key, others)
    return reasons


def _has_hours(own: Json, person: Json, beside: list[Json]) -> bool:
    left: list[float] = []
    for week in own["weeks"]:
        taken = 0.0
        for other in beside:
            if other["from"] <= week + _WEEK and week <= other["to"]:
                weekly = other["weekly"]
                taken += other["hours"] / len(other["weeks"]) if weekly is None else weekly
        left.append(max(0.0, person["free"].get(week, 0.0) - taken))
    if own["weekly"] is None:
        return sum(left) >= float(own["hours"]) - EPSILON
    enough = [hours for hours in left if hours >= own["weekly"] - EPSILON]
    return len(enough) >= int(own["wanted"])


def _travel_misfit(sheet: Sheet, talent: str, key: str, others: list[str]) -> list[str]:
    pair = sheet.pairs.get((key, talent))
    if pair is None or pair["visits"] == 0:
        return []
    year = sheet.needs[key]["from"].year
    limits = sheet.talents[talent]["years"].get(str(year))
    if limits is None:
        return [f"{key}：没有 {year} 年的出行余量"]
    same_year = [
        sheet.pairs[other, talent]
        for other in others
        if sheet.needs[other]["from"].year == year and (other, talent) in sheet.pairs
    ]
    reasons: list[str] = []
    road = pair["road"] + sum(one["road"] for one in same_year)
    if limits["travel"] is not None and road > limits["travel"] + EPSILON:
        reasons.append(f"{key}：{year} 年出行小时不够")
    trips = pair["visits"] + sum(one["visits"] for one in same_year if one["counted"])
    if pair["far"] and trips > limits["trips"] + EPSILON:
        reasons.append(f"{key}：{year} 年远程出行次数超限")
    return reasons


def _blocks(sheet: Sheet, need: str, talent: str) -> bool:
    """The need gains, and the talent can take it on beside all that he does not rank below it."""
    now = sheet.served.get(need)
    if now == talent:
        return False
    if now is not None and not sheet.pairs[need, now]["a"] < sheet.pairs[need, talent]["a"] - EPSILON:
        return False
    rank = sheet.rank(need, talent)
    above = [other for other in sheet.of_talent(talent) if sheet.rank(other, talent) >= rank - EPSILON]
    return not _misfits(sheet, talent, [*above, need])


def _compare(document: Json, verdict: Verdict, blocking: set[tuple[str, str]]) -> None:
    named = {(get(one, "need", str), get(one, "talent", str)) for one in get(document, "blocking", list)}
    for need, talent in sorted(blocking - named):
        verdict.refuse("blocking-missing", f"{need} 与 {talent[:8]}：是阻断对而未列出")
    for need, talent in sorted(named - blocking):
        verdict.refuse("blocking-extra", f"{need} 与 {talent[:8]}：不是阻断对却列出")
    if get(document, "stable", bool) == bool(blocking):
        verdict.refuse("stable", "稳定与否写得不对")


def _check_totals(document: Json, sheet: Sheet, verdict: Verdict) -> None:
    floor = float(get(document, "hours_floor", *Number))
    if not 0 <= floor < 1:
        raise BadShapeError("“hours_floor”应在 0 到 1 之间")
    value = hours = 0.0
    for need, talent in sheet.served.items():
        own = float(sheet.needs[need]["hours"])
        score = float(sheet.pairs[need, talent]["score"])
        hours += own
        value += own * round(max(0.0, score - floor) / (1 - floor), 9)
    if not same(float(get(document, "hours", *Number)), hours):
        verdict.refuse("hours", f"合计小时写作 {document['hours']}，算得 {hours}")
    if not same(float(get(document, "value", *Number)), value, 1e-7):
        verdict.refuse("value", f"合计价值写作 {document['value']}，算得 {value:.9f}")
