"""The certificate of a plan of seats: all that somebody needs who wants to check it without believing the solver."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from kg.matching.plans.market import INDIFFERENT, Bools, Ints, Market
from kg.matching.plans.stability import blocking, negotiable, standing_of

Json = dict[str, Any]
FORMAT: Final = "jiangtu-plan-certificate-1"
WHOLE_PAIRS: Final = 300_000
"""Up to so many pairs a certificate holds all of them; beyond, those that one side would rather have."""
_STEPS: Final = 1e12


def rankings_digest(market: Market) -> str:
    """Return SHA-256 (hex) over quantities and both sides' rankings in their canonical form.

    Text lines of cohorts, posts, kinds and enterprises in their order; then each cohort's pairs by falling b and
    each enterprise's by falling a, as little-endian numbers, values as whole steps of 1e-12.
    """
    found = hashlib.sha256()
    for line in _quantities(market):
        found.update(line.encode())
    a, b = (np.rint(value * _STEPS).astype(np.int64) for value in (market.a, market.b))
    enterprise = market.enterprise[market.post]
    found.update(_packed((market.cohort, market.post), b, np.lexsort((market.post, -b, market.cohort))))
    order = np.lexsort((market.post, market.cohort, -a, enterprise))
    found.update(_packed((enterprise, market.cohort, market.post), a, order))
    return found.hexdigest()


def _quantities(market: Market) -> list[str]:
    kinds = _kind_owners(market)
    return [
        *(
            f"c\t{name}\t{supply}\t{least}\n"
            for name, supply, least in zip(
                market.cohorts, market.supply.tolist(), market.class_min.tolist(), strict=True
            )
        ),
        *(
            f"p\t{name}\t{kind}\t{room}\n"
            for name, kind, room in zip(market.posts, market.kind.tolist(), market.open.tolist(), strict=True)
        ),
        *(f"k\t{owner}\t{cap}\n" for owner, cap in zip(kinds, market.kind_cap.tolist(), strict=True)),
        *(
            f"e\t{name}\t{cap}\n"
            for name, cap in zip(market.enterprises, market.enterprise_cap.tolist(), strict=True)
        ),
    ]


def _kind_owners(market: Market) -> list[int]:
    owners = np.zeros(len(market.kind_cap), dtype=np.int64)
    owners[market.kind] = market.enterprise
    return owners.tolist()


def _packed(columns: tuple[Ints, ...], value: Ints, order: Ints) -> bytes:
    fields = [(f"n{place}", "<u4") for place in range(len(columns))]
    packed = np.empty(len(order), dtype=[*fields, ("value", "<i8")])
    for (name, _), column in zip(fields, columns, strict=True):
        packed[name] = column[order]
    packed["value"] = value[order]
    return packed.tobytes()


def certificate_of(market: Market, seats: Ints, plan: Mapping[str, Any], *, most: int = WHOLE_PAIRS) -> Json:
    """Return the certificate of a plan as JSON: quantities, preferences, the plan's own statements.

    A market of more than `most` pairs is told by those that matter.
    """
    matter = np.arange(len(market)) if len(market) <= most else np.flatnonzero(_matters(market, seats))
    columns = {"cohort": market.cohort, "post": market.post, "bound": market.bound}
    values = {"a": market.a, "b": market.b, "score": market.score}
    stated = ("objective", "question", "as_of", "policy", "revision", "favours", "allocation", "closed",
              "coalitions", "blocking", "negotiable", "value", "seats", "stable")  # fmt: skip
    return {
        "format": FORMAT,
        "kind": "cooperation",
        **{key: plan[key] for key in stated},
        "indifference": INDIFFERENT,
        "surplus_floor": plan["surplus_floor"],
        "cohorts": _rows(id=market.cohorts, supply=market.supply, class_min=market.class_min),
        "posts": _rows(id=market.posts, kind=market.kind, open=market.open),
        "kinds": _rows(enterprise=np.array(_kind_owners(market)), cap=market.kind_cap),
        "enterprises": _rows(id=market.enterprises, cap=market.enterprise_cap),
        "pairs": {name: column[matter].tolist() for name, column in (columns | values).items()},
        "rankings": {
            "algorithm": "SHA-256",
            "digest": rankings_digest(market),
            "pairs": len(market),
            "complete": len(matter) == len(market),
        },
    }


def _matters(market: Market, seats: Ints) -> Bools:
    """Return the pairs with seats, of closed classes, of moves to negotiate, and those that one side would rather have.

    Both sides must gain where a pair blocks, so the side that would rather have fewer is enough.
    """
    found = standing_of(market, seats)
    held = seats > 0
    least = np.full(len(market.cohorts), np.inf)
    np.minimum.at(least, market.cohort[held], market.b[held])
    free = found.loads.cohort < market.supply
    wanted: Bools = free[market.cohort] | (market.b > least[market.cohort])
    fewer = wanted if np.count_nonzero(wanted) < np.count_nonzero(found.gains) else found.gains
    matter: Bools = held | fewer | found.closed[market.cohort]
    matter[[pair for _, pair in negotiable(found, blocking(found))]] = True
    return matter


def _rows(**columns: Any) -> list[Json]:
    """Return columns as a list of rows."""
    plain = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*plain, strict=True)]
