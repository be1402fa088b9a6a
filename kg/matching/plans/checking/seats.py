"""Checks a plan of seats by going through every pair, one by one, from the certificate's own figures."""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from kg.matching.plans.checking.coalition import Offer, TooManyError, greatest_together
from kg.matching.plans.checking.verdict import BadShapeError, Json, Verdict, get, same, whole

EPSILON: Final = 1e-9
_NAMES: Final = ("cohort", "post", "bound", "a", "b", "score")


@dataclass(slots=True)
class Sheet:
    """The certificate's figures: quantities by number, pairs by place, seats by place."""

    cohorts: list[str]
    supply: list[int]
    least: list[int]
    posts: list[str]
    kind: list[int]
    open: list[int]
    owner: list[int]
    kind_cap: list[int]
    firms: list[str]
    firm_cap: list[int]
    pairs: list[tuple[int, int, int, float, float, float]]
    seats: dict[int, int] = field(default_factory=dict)
    place: dict[tuple[int, int], int] = field(default_factory=dict)

    def firm(self, post: int) -> int:
        """Return the enterprise of a post."""
        return self.owner[self.kind[post]]


def check_seats(document: Json) -> Verdict:
    """Return what does not hold in the certificate of a plan of seats. Raises BadShapeError if it is none."""
    verdict = Verdict()
    sheet = read_sheet(document)
    _check_pairs(document, sheet, verdict)
    _check_digest(document, sheet, verdict)
    _read_allocation(document, sheet, verdict)
    _check_totals(document, sheet, verdict)
    found = _Loads(sheet)
    _check_caps(sheet, found, verdict)
    closed = _closed(sheet, found)
    gains = [_firm_gains(sheet, found, place) for place in range(len(sheet.pairs))]
    blocking = [
        place
        for place, gain in enumerate(gains)
        if gain and sheet.pairs[place][0] not in closed and _cohort_gains(sheet, found, place)
    ]
    coalitions = _coalitions(sheet, closed, gains)
    _compare(document, sheet, verdict, blocking, closed, coalitions)
    _compare_moves(document, sheet, found, set(blocking), verdict)
    verdict.facts = {
        "pairs": len(sheet.pairs),
        "seats": sum(sheet.seats.values()),
        "blocking": len(blocking),
        "closed": len(closed),
        "coalitions": sum(seats > 0 for seats in coalitions.values()),
        "stable": verdict.holds and document["stable"],
    }
    return verdict


def read_sheet(document: Json) -> Sheet:
    """Return the figures; BadShapeError names what is missing."""
    cohorts, posts, kinds, firms = (
        get(document, key, list) for key in ("cohorts", "posts", "kinds", "enterprises")
    )
    columns = get(document, "pairs", dict)
    values = [get(columns, name, list) for name in _NAMES]
    if len({len(column) for column in values}) != 1:
        raise BadShapeError("“pairs”各列长短不一")
    sheet = Sheet(
        cohorts=[get(one, "id", str) for one in cohorts],
        supply=[whole(one, "supply") for one in cohorts],
        least=[whole(one, "class_min") for one in cohorts],
        posts=[get(one, "id", str) for one in posts],
        kind=[_below(one, "kind", len(kinds)) for one in posts],
        open=[whole(one, "open") for one in posts],
        owner=[_below(one, "enterprise", len(firms)) for one in kinds],
        kind_cap=[whole(one, "cap") for one in kinds],
        firms=[get(one, "id", str) for one in firms],
        firm_cap=[whole(one, "cap") for one in firms],
        pairs=[_pair(row, len(cohorts), len(posts)) for row in zip(*values, strict=True)],
    )
    sheet.place = {(pair[0], pair[1]): place for place, pair in enumerate(sheet.pairs)}
    if len(sheet.place) != len(sheet.pairs):
        raise BadShapeError("“pairs”里有重复的配对")
    return sheet


def _below(document: Any, key: str, limit: int) -> int:
    value = whole(document, key)
    if value >= limit:
        raise BadShapeError(f"“{key}”指向不存在的一行")
    return value


def _pair(row: Iterable[Any], cohorts: int, posts: int) -> tuple[int, int, int, float, float, float]:
    cohort, post, bound, *values = row
    numbers = (cohort, post, bound)
    if any(isinstance(one, bool) or not isinstance(one, int) or one < 0 for one in numbers):
        raise BadShapeError("“pairs”里的序号应是整数")
    if cohort >= cohorts or post >= posts:
        raise BadShapeError("“pairs”指向不存在的班级或岗位")
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in values):
        raise BadShapeError("“pairs”里的 a、b、score 应是数")
    a, b, score = (float(one) for one in values)
    return cohort, post, bound, a, b, score


def _check_pairs(document: Json, sheet: Sheet, verdict: Verdict) -> None:
    """Values lie in 0..1, the score is their harmonic mean, and the bound is the smallest of the quantities."""
    if get(document, "indifference", float, int) != EPSILON:
        verdict.refuse("indifference", "无差异的界限应是 1e-9")
    for cohort, post, bound, a, b, score in sheet.pairs:
        name = f"{sheet.cohorts[cohort]} → {sheet.posts[post]}"
        if not (0 <= a <= 1 + EPSILON and 0 <= b <= 1 + EPSILON):
            verdict.refuse("value-range", f"{name}：a、b 应在 0 到 1 之间")
        elif not same(score, 2 * a * b / (a + b) if a > 0 and b > 0 else 0.0):
            verdict.refuse("score", f"{name}：得分不是 a、b 的调和平均")
        kind = sheet.kind[post]
        caps = (
            sheet.supply[cohort],
            sheet.open[post],
            sheet.kind_cap[kind],
            sheet.firm_cap[sheet.owner[kind]],
        )
        if bound != min(caps):
            verdict.refuse("bound", f"{name}：上限写作 {bound}，应为 {min(caps)}")


def _check_digest(document: Json, sheet: Sheet, verdict: Verdict) -> None:
    rankings = get(document, "rankings", dict)
    digest = get(rankings, "digest", str)
    if not get(rankings, "complete", bool):
        verdict.notes.append("证书只含可能起作用的配对：排名摘要要有数据库在手才能核对")
        return
    if whole(rankings, "pairs") != len(sheet.pairs):
        verdict.refuse("pairs-count", f"写作 {rankings['pairs']} 对，实有 {len(sheet.pairs)} 对")
    if digest_of(sheet) != digest:
        verdict.refuse("digest", "两侧排名的摘要不符：名额、上限或偏好被改动过")


def digest_of(sheet: Sheet) -> str:
    """Return the digest of quantities and rankings, worked out from their definition."""
    found = hashlib.sha256()
    for number, name in enumerate(sheet.cohorts):
        found.update(f"c\t{name}\t{sheet.supply[number]}\t{sheet.least[number]}\n".encode())
    for number, name in enumerate(sheet.posts):
        found.update(f"p\t{name}\t{sheet.kind[number]}\t{sheet.open[number]}\n".encode())
    for number, cap in enumerate(sheet.kind_cap):
        found.update(f"k\t{sheet.owner[number]}\t{cap}\n".encode())
    for number, name in enumerate(sheet.firms):
        found.update(f"e\t{name}\t{sheet.firm_cap[number]}\n".encode())
    school = sorted((cohort, -round(b * 1e12), post) for cohort, post, _, _, b, _ in sheet.pairs)
    for cohort, value, post in school:
        found.update(struct.pack("<IIq", cohort, post, -value))
    enterprise = sorted(
        (sheet.firm(post), -round(a * 1e12), cohort, post) for cohort, post, _, a, _, _ in sheet.pairs
    )
    for firm, value, cohort, post in enterprise:
        found.update(struct.pack("<IIIq", firm, cohort, post, -value))
    return found.hexdigest()


def _read_allocation(document: Json, sheet: Sheet, verdict: Verdict) -> None:
    cohorts = {name: number for number, name in enumerate(sheet.cohorts)}
    posts = {name: number for number, name in enumerate(sheet.posts)}
    for entry in get(document, "allocation", list):
        names = get(entry, "offering", str), get(entry, "demand", str)
        place = sheet.place.get((cohorts.get(names[0], -1), posts.get(names[1], -1)))
        seats = get(entry, "seats", int, float)
        if place is None:
            verdict.refuse("unknown-pair", f"{names[0]} → {names[1]}：不在通过全部条件的配对里")
        elif seats != int(seats) or seats <= 0:
            verdict.refuse("seats-not-whole", f"{names[0]} → {names[1]}：席位应是大于 0 的整数，现为 {seats}")
        elif place in sheet.seats:
            verdict.refuse("repeated-pair", f"{names[0]} → {names[1]}：列了两次")
        else:
            sheet.seats[place] = int(seats)
            _check_told(entry, sheet.pairs[place], f"{names[0]} → {names[1]}", verdict)


def _check_told(
    entry: Json, pair: tuple[int, int, int, float, float, float], name: str, verdict: Verdict
) -> None:
    for key, value in zip(("a", "b", "score"), pair[3:], strict=True):
        if not same(float(get(entry, key, int, float)), value):
            verdict.refuse("told-value", f"{name}：安排表里的 {key} 与配对的不同")


def _check_totals(document: Json, sheet: Sheet, verdict: Verdict) -> None:
    floor = float(get(document, "surplus_floor", int, float))
    if not 0 <= floor < 1:
        raise BadShapeError("“surplus_floor”应在 0 到 1 之间")
    gains = [round(max(0.0, pair[5] - floor) / (1 - floor), 9) for pair in sheet.pairs]
    value = sum(gains[place] * seats for place, seats in sheet.seats.items())
    if not same(float(get(document, "value", int, float)), value, 1e-7):
        verdict.refuse("value", f"合计价值写作 {document['value']}，算得 {value:.9f}")
    total = sum(sheet.seats.values())
    if get(document, "seats", int) != total:
        verdict.refuse("seats", f"合计席位写作 {document['seats']}，算得 {total}")


class _Loads:
    """How full everything is, and the least that is held in each set and by each cohort."""

    def __init__(self, sheet: Sheet) -> None:
        self.cohort = [0] * len(sheet.cohorts)
        self.post = [0] * len(sheet.posts)
        self.kind = [0] * len(sheet.kind_cap)
        self.firm = [0] * len(sheet.firms)
        self.least_b: dict[int, float] = {}
        self.least_a: dict[tuple[str, int], float] = {}
        for place, seats in sheet.seats.items():
            cohort, post, _, a, b, _ = sheet.pairs[place]
            kind = sheet.kind[post]
            firm = sheet.owner[kind]
            self.cohort[cohort] += seats
            self.post[post] += seats
            self.kind[kind] += seats
            self.firm[firm] += seats
            self.least_b[cohort] = min(b, self.least_b.get(cohort, b))
            for key in (("post", post), ("kind", kind), ("firm", firm)):
                self.least_a[key] = min(a, self.least_a.get(key, a))


def _check_caps(sheet: Sheet, found: _Loads, verdict: Verdict) -> None:
    for place, seats in sheet.seats.items():
        cohort, post, bound = sheet.pairs[place][:3]
        if seats > bound:
            text = f"{sheet.cohorts[cohort]} → {sheet.posts[post]}：{seats} 席，上限 {bound}"
            verdict.refuse("over-bound", text)
    checks = (
        ("over-supply", "班级", sheet.cohorts, found.cohort, sheet.supply),
        ("over-post", "岗位", sheet.posts, found.post, sheet.open),
        ("over-kind", "同岗", [f"{sheet.firms[one]} 第 {n} 类" for n, one in enumerate(sheet.owner)], found.kind,
         sheet.kind_cap),
        ("over-enterprise", "企业", sheet.firms, found.firm, sheet.firm_cap),
    )  # fmt: skip
    for code, word, names, taken, caps in checks:
        for name, load, cap in zip(names, taken, caps, strict=True):
            if load > cap:
                verdict.refuse(code, f"{word} {name}：安排 {load} 席，至多 {cap}")
    for name, load, least in zip(sheet.cohorts, found.cohort, sheet.least, strict=True):
        if 0 < load < least:
            verdict.refuse("below-class-min", f"班级 {name}：安排 {load} 人，开班至少 {least}")


def _closed(sheet: Sheet, found: _Loads) -> set[int]:
    paired = {pair[0] for pair in sheet.pairs}
    return {number for number in paired if sheet.least[number] > 0 and found.cohort[number] == 0}


def _firm_gains(sheet: Sheet, found: _Loads, place: int) -> bool:
    """The pair has room, and no set around the post is full or the innermost full one holds a smaller a."""
    _, post, bound, a, _, _ = sheet.pairs[place]
    if sheet.seats.get(place, 0) >= bound:
        return False
    kind = sheet.kind[post]
    firm = sheet.owner[kind]
    if found.post[post] >= sheet.open[post]:
        innermost = ("post", post)
    elif found.kind[kind] >= sheet.kind_cap[kind]:
        innermost = ("kind", kind)
    elif found.firm[firm] >= sheet.firm_cap[firm]:
        innermost = ("firm", firm)
    else:
        return True
    return found.least_a.get(innermost, float("inf")) < a - EPSILON


def _cohort_gains(sheet: Sheet, found: _Loads, place: int) -> bool:
    cohort, b = sheet.pairs[place][0], sheet.pairs[place][4]
    if found.cohort[cohort] < sheet.supply[cohort]:
        return True
    return cohort in found.least_b and found.least_b[cohort] < b - EPSILON


def _coalitions(sheet: Sheet, closed: set[int], gains: list[bool]) -> dict[int, int]:
    """Return closed cohort -> seats for each that could reach its least number together; 0 where it is open."""
    offers: dict[int, dict[int, list[Offer]]] = {}
    for place, (cohort, post, bound, a, _, _) in enumerate(sheet.pairs):
        if cohort in closed and gains[place]:
            offers.setdefault(cohort, {}).setdefault(sheet.firm(post), []).append(Offer(post, a, bound))
    held: dict[int, list[Offer]] = {}
    for place, seats in sheet.seats.items():
        post, a = sheet.pairs[place][1], sheet.pairs[place][3]
        held.setdefault(sheet.firm(post), []).append(Offer(post, a, seats))
    result: dict[int, int] = {}
    for cohort, by_firm in sorted(offers.items()):
        hope = sum(min(sheet.firm_cap[firm], sum(one.number for one in own)) for firm, own in by_firm.items())
        if min(hope, sheet.supply[cohort]) < sheet.least[cohort]:
            continue
        try:
            total = sum(
                greatest_together(
                    own, held.get(firm, []), sheet.open, sheet.kind, sheet.kind_cap, sheet.firm_cap[firm]
                )
                for firm, own in by_firm.items()
            )
        except TooManyError:
            result[cohort] = 0
            continue
        if min(total, sheet.supply[cohort]) >= sheet.least[cohort]:
            result[cohort] = min(total, sheet.supply[cohort])
    return result


def _compare(
    document: Json,
    sheet: Sheet,
    verdict: Verdict,
    blocking: list[int],
    closed: set[int],
    coalitions: dict[int, int],
) -> None:
    """Compare what the certificate says about stability with what was found."""
    named = {(get(one, "offering", str), get(one, "demand", str)) for one in get(document, "blocking", list)}
    there = {(sheet.cohorts[sheet.pairs[one][0]], sheet.posts[sheet.pairs[one][1]]) for one in blocking}
    for code, word, pairs in (("blocking-missing", "是阻断对而未列出", there - named), ("blocking-extra", "不是阻断对却列出", named - there)):  # fmt: skip
        for offering, demand in sorted(pairs):
            verdict.refuse(code, f"{offering} → {demand}：{word}")
    if set(get(document, "closed", list)) != {sheet.cohorts[one] for one in closed}:
        verdict.refuse("closed", "列出的未开班级与安排不符")
    told = {get(one, "offering", str) for one in get(document, "coalitions", list)}
    unsure = {sheet.cohorts[one] for one, seats in coalitions.items() if not seats}
    sure = {sheet.cohorts[one] for one, seats in coalitions.items() if seats}
    if unsure:
        verdict.notes.append(f"{len(unsure)} 个未开班级的组合太多，没有逐一试完")
    if told - unsure != sure:
        verdict.refuse("coalitions", "未开班级中可以联合起来的，与列出的不符")
    stable = not blocking and not sure and not (told & unsure)
    if get(document, "stable", bool) != stable:
        verdict.refuse(
            "stable",
            f"写作{'稳定' if document['stable'] else '不稳定'}，查得{'稳定' if stable else '不稳定'}",
        )


def _compare_moves(document: Json, sheet: Sheet, found: _Loads, blocking: set[int], verdict: Verdict) -> None:
    """Moves to negotiate: inside one enterprise a cohort would rather sit elsewhere, and only its own seat is in the way."""
    there: set[tuple[str, str, str]] = set()
    by_cohort: dict[int, list[int]] = {}
    for place in sheet.seats:
        by_cohort.setdefault(sheet.pairs[place][0], []).append(place)
    for place, (cohort, post, bound, _, b, _) in enumerate(sheet.pairs):
        if place in blocking or sheet.seats.get(place, 0) >= bound or found.post[post] >= sheet.open[post]:
            continue
        kind, firm = sheet.kind[post], sheet.firm(post)
        kind_full = found.kind[kind] >= sheet.kind_cap[kind]
        if not kind_full and found.firm[firm] < sheet.firm_cap[firm]:
            continue
        for own in by_cohort.get(cohort, []):
            other = sheet.pairs[own][1]
            frees = (
                other != post and sheet.firm(other) == firm and (not kind_full or sheet.kind[other] == kind)
            )
            if frees and sheet.pairs[own][4] < b - EPSILON:
                there.add((sheet.cohorts[cohort], sheet.posts[other], sheet.posts[post]))
    told = {
        (get(one, "offering", str), get(one, "from", str), get(one, "to", str))
        for one in get(document, "negotiable", list)
    }
    if told != there:
        verdict.refuse("negotiable", f"可协商调岗写作 {len(told)} 项，查得 {len(there)} 项")
