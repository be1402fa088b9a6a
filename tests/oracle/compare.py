"""Compare the product's answer (contract §4, officer) with the oracle's, number by number."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

Answer: TypeAlias = Mapping[str, Any]
Key: TypeAlias = tuple[object, ...]

EPSILON = 1e-9
LIST_NUMBERS = ("score", "coverage")
SEAT_NUMBERS = ("value", "seats")
ENTRY_NUMBERS = ("seats", "score", "surplus", "supply", "open")
LEGAL_NUMBERS = ("staff_cap", "post_cap", "used_staff", "used_post", "legal")
FACTOR_FIELDS = ("weight", "value", "known", "contribution")
MOST_LINES = 40


def assert_same(product_answer: Answer, oracle_answer: Answer) -> None:
    """Fail with a readable list of differences unless both answers tell the same numbers.

    Items are matched by person or partner against the oracle's complete list, so any order inside
    a tie is accepted as long as ``tie_key`` ascends there. Where a district answer leaves items out
    by an order that only the secret key decides (``uncertain``), ranks and lists are not compared.
    """
    found = differences(product_answer, oracle_answer)
    if found:
        more = f"\n… and {len(found) - MOST_LINES} more" if len(found) > MOST_LINES else ""
        raise AssertionError(
            "product (left) and oracle (right) differ:\n" + "\n".join(found[:MOST_LINES]) + more
        )


def differences(product: Answer, oracle: Answer) -> list[str]:
    """Every difference, one line each."""
    found = _pool(product["pool"], oracle["pool"])
    for name in ("items", "to_verify"):
        found += _lists(name, product[name], oracle[name], oracle[f"all_{name}"], oracle)
    return found


def _pool(left: Answer, right: Answer) -> list[str]:
    found = [
        f"pool.{name}: {left.get(name)} != {right[name]}"
        for name in ("considered", "listed", "to_verify")
        if left.get(name) != right[name]
    ]
    ours, theirs = dict(left.get("failed") or {}), dict(right["failed"])
    codes = sorted({*ours, *theirs})
    return found + [
        f"pool.failed.{code}: {ours.get(code, 0)} != {theirs.get(code, 0)}"
        for code in codes
        if ours.get(code, 0) != theirs.get(code, 0)
    ]


def _lists(
    name: str, items: Sequence[Answer], expected: Sequence[Answer], every: Sequence[Answer], oracle: Answer
) -> list[str]:
    by_key = {_oracle_key(item): item for item in every}
    keys = [_product_key(item, oracle) for item in items]
    unsure = bool(oracle.get("uncertain"))
    found = []
    if len(items) != len(expected) and not unsure:
        found.append(f"{name}: {len(items)} items != {len(expected)}")
    if len(set(keys)) != len(keys):
        found.append(f"{name}: an entity is listed twice: {keys}")
    matched = []
    for place, (key, item) in enumerate(zip(keys, items, strict=True)):
        where = f"{name}[{place}] {_short(key)}"
        other = by_key.get(key)
        if other is None:
            if not unsure:
                found.append(f"{where}: not in the oracle's list")
            continue
        matched.append((where, item, other))
        found += _item(where, item, other, ranks=not unsure)
    if unsure:
        return found
    groups = [item["tie_group"] for item in expected]
    if [other["tie_group"] for _, _, other in matched] != groups:
        found.append(
            f"{name}: order {[_short(key) for key in keys]} != {[_short(_oracle_key(i)) for i in expected]}"
        )
    return found + _ties(matched)


def _ties(matched: Sequence[tuple[str, Answer, Answer]]) -> list[str]:
    """Inside a tie group tie_key ascends."""
    found = []
    for (_, before, first), (where, after, second) in pairwise(matched):
        keys = (str(before.get("tie_key")), str(after.get("tie_key")))
        if first["tie_group"] == second["tie_group"] and ("None" in keys or keys[0] >= keys[1]):
            found.append(f"{where}: tie keys do not ascend: {keys}")
    return found


def _product_key(item: Answer, oracle: Answer) -> Key:
    sources = item["node"].get("sources")
    if sources is not None:
        return tuple(sorted((entry["source"], entry["person_id"]) for entry in sources))
    node = item["node"]
    return node["kind"], node["key"], oracle["enterprise_of"].get(item["pair"]["demand"])


def _oracle_key(item: Answer) -> Key:
    return tuple(item["person"]) if "person" in item else (*item["node"], item["enterprise"])


def _short(key: Key) -> str:
    return " ".join(str(part) for part in dict.fromkeys(key) if part is not None)


def _item(where: str, left: Answer, right: Answer, *, ranks: bool) -> list[str]:
    found = []
    for name in LIST_NUMBERS:
        if right.get(name) is not None and not _near(left.get(name), right[name]):
            found.append(f"{where} {name}: {left.get(name)} != {right[name]}")
    for name in SEAT_NUMBERS:
        if right.get(name) is not None and not _near(left.get(name) or 0, right[name]):
            found.append(f"{where} {name}: {left.get(name)} != {right[name]}")
    for name in ("band", "mode", "pair", *(("rank", "tied") if ranks else ())):
        if name in right and left.get(name) != right[name]:
            found.append(f"{where} {name}: {left.get(name)} != {right[name]}")
    for end, (ours, theirs) in enumerate(zip(left["interval"], right["interval"], strict=True)):
        if not _near(ours, theirs):
            found.append(f"{where} interval[{end}]: {ours} != {theirs}")
    found += _by_code(f"{where} filter", left["filters"], right["filters"], ("status",))
    for side, numbers in right["sides"].items():
        found += _side(f"{where} {side}", left["sides"][side], numbers)
    return found + _allocation(where, left.get("allocation") or [], right.get("allocation") or [])


def _side(where: str, left: Answer, right: Answer) -> list[str]:
    found = [
        f"{where}.{name}: {left[name]} != {right[name]}"
        for name in ("score", "coverage")
        if not _near(left[name], right[name])
    ]
    return found + _by_code(where, left["factors"], right["factors"], FACTOR_FIELDS)


def _by_code(where: str, left: Sequence[Answer], right: Sequence[Answer], fields: Sequence[str]) -> list[str]:
    ours = {entry["code"]: entry for entry in left}
    found = []
    for entry in right:
        code = entry["code"]
        if code not in ours:
            if entry.get("status") != "pass" or code != "A8":
                found.append(f"{where}.{code}: missing")
            continue
        for name in fields:
            if not _near(ours[code].get(name), entry[name]):
                found.append(f"{where}.{code}.{name}: {ours[code].get(name)} != {entry[name]}")
    return found


def _allocation(where: str, left: Sequence[Answer], right: Sequence[Answer]) -> list[str]:
    ours = {(entry["offering"], entry["demand"]): entry for entry in left if entry["seats"]}
    theirs = {(entry["offering"], entry["demand"]): entry for entry in right}
    found = [f"{where} allocation: {sorted(ours)} != {sorted(theirs)}"] if set(ours) != set(theirs) else []
    for key in sorted(set(ours) & set(theirs), key=str):
        pairs = [(name, ours[key], theirs[key]) for name in ENTRY_NUMBERS]
        pairs += [(name, ours[key]["legal"], theirs[key]["legal"]) for name in LEGAL_NUMBERS]
        found += [
            f"{where} allocation {_short(key)} {name}: {a.get(name)} != {b.get(name)}"
            for name, a, b in pairs
            if not _near(a.get(name), b.get(name))
        ]
    return found


def _near(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left == right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= EPSILON
    return left == right
