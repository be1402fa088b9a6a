"""The rules page: every number of the policy with its basis, in the words officers read."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from fractions import Fraction

from kg.model.rules import Policy
from kg.vocab.reasons import FACTOR_LABELS, FILTER_LABELS, FILTER_ORDER, NOTICE

_TITLES = {
    "common": "共同规则",
    "query_a": "校企合作",
    "query_b": "柔性人才",
    "advice": "怎样能更好",
    "plans": "市场方案",
    "team": "联合攻关",
    "linkage": "身份与名称核对",
}


def rules_page(policy: Policy) -> dict[str, object]:
    """Return the policy as sections of rows `{key, value, basis}`, and the labels of filters and factors."""
    return {
        "id": policy.policy_id,
        "hash": policy.hash,
        "effective_from": policy.effective_from.isoformat(),
        "sections": [
            {"key": key, "title": title, "rows": _rows(policy, key, getattr(policy, key))}
            for key, title in _TITLES.items()
        ],
        "factors": {side: dict(labels) for side, labels in FACTOR_LABELS.items()},
        "filters": {
            question: [{"code": code, "label": FILTER_LABELS[code]} for code in codes]
            for question, codes in FILTER_ORDER.items()
        },
        "notice": NOTICE,
    }


def _rows(policy: Policy, section: str, rules: object) -> list[dict[str, object]]:
    return [
        {
            "key": field.name,
            "value": _plain(getattr(rules, field.name)),
            "basis": policy.basis.get(f"{section}.{field.name}", ""),
        }
        for field in fields(rules)  # type: ignore[arg-type]  # each section is a dataclass
    ]


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Fraction):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
