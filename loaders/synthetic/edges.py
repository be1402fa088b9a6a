"""What makes a fixed talent an edge of the rules: each function changes the rows of one person in place."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from kg.model.graph import MASKED, Value
from loaders.synthetic.city import City
from loaders.synthetic.needs import headline_window, need_id
from loaders.synthetic.people import person_id

Row = dict[str, Value]
Bundle = dict[str, list[Row]]


class Case(NamedTuple):
    """One fixed talent under change: the city, the talent's number, the rows."""

    city: City
    number: int
    bundle: Bundle

    @property
    def talent(self) -> Row:
        """The row of the talents table."""
        return self.bundle["talents"][0]


Edge = Callable[[Case], None]


def _nothing(case: Case) -> None:
    """The line of data already says it all."""


def _talent(**values: Value) -> Edge:
    def change(case: Case) -> None:
        case.talent.update(values)

    return change


def _consent(recipients: Callable[[City], tuple[str, ...]] | None = None, *, end: int | None = None,
             revoked: int | None = None, purpose: str = "柔性推荐") -> Edge:  # fmt: skip
    """Return an edge of consent; `end` and `revoked` in days after the day of the city."""

    def change(case: Case) -> None:
        row = case.bundle["consents"][0]
        row["purpose"] = purpose
        if recipients:
            row["recipients"] = recipients(case.city)
        if end is not None:
            row["valid_to"] = case.city.ahead(end)
        if revoked is not None:
            row["revoked"] = case.city.ahead(revoked)

    return change


def _restriction(kind: str, firm: int | None = None, occupation: str | None = None) -> Edge:
    def change(case: Case) -> None:
        row: Row = {"person_id": person_id(case.number), "kind": kind, "occupation": occupation}
        row |= {"valid_from": case.city.ago(200), "valid_to": case.city.ahead(500)}
        row["org"] = None if firm is None else case.city.firms[firm].code
        case.bundle["restrictions"] = [row]

    return change


def _signed(number: int, turn: int, host: str, start: date, end: date, **more: Value) -> Row:
    """Return a signed service; its number cannot meet those of past ones."""
    return {
        "engagement_id": f"FW{number + 1:06d}{turn + 6}",
        "person_id": person_id(number),
        "host": host,
        "mode": "weekend",
        "hours_per_week": 2,
        "valid_from": start.isoformat(),
        "valid_to": end.isoformat(),
        "trips": 0,
        "status": "已签",
        **more,
    }


def _add_signed(bundle: Bundle, *rows: Row) -> None:
    bundle["engagements"] = [*bundle.get("engagements", []), *rows]


def _busy_week(case: Case) -> None:
    """Hours fit in total, but one week of the window is taken by another service."""
    start = headline_window(case.city)[0] + timedelta(days=21)
    _add_signed(
        case.bundle,
        _signed(case.number, 0, case.city.firms[3].code, start, start + timedelta(days=6), hours_per_week=8),
    )


def _one_short_week(case: Case) -> None:
    """A small service runs beside the window and leaves hours enough."""
    start, end = headline_window(case.city)
    _add_signed(case.bundle, _signed(case.number, 0, case.city.firms[5].code, start, end, hours_per_week=3))


def _available_ends(case: Case) -> None:
    case.talent["available_to"] = (headline_window(case.city)[0] + timedelta(days=16)).isoformat()


def _trips_used(case: Case) -> None:
    """Two of the three visits of the year are spent, the need asks for two more."""
    year = headline_window(case.city)[0].year
    first = date(year, 1, 5)
    row = _signed(
        case.number, 0, case.city.firms[4].code, first, first + timedelta(days=20), mode="consult", trips=2
    )
    if first + timedelta(days=20) < case.city.day:
        row |= {"status": "完成", "outcome": "成功"}
    _add_signed(case.bundle, row)


def _three_signed(case: Case) -> None:
    start, end = headline_window(case.city)
    rows = [_signed(case.number, turn, case.city.firms[turn + 3].code, start, end) for turn in range(3)]
    _add_signed(case.bundle, *rows)


def _on_this_need(case: Case) -> None:
    start, end = headline_window(case.city)
    row = _signed(
        case.number,
        0,
        case.city.firms[0].code,
        start,
        end,
        mode="consult",
        hours_per_week=6,
        need_id=need_id(0),
    )
    _add_signed(case.bundle, row)


def _certificate(**values: Value) -> Edge:
    def change(case: Case) -> None:
        case.bundle["certificates"][0].update(values)

    return change


def _certificate_expired(case: Case) -> None:
    case.bundle["certificates"][0]["expires"] = case.city.ago(1)


def _declared_only(case: Case) -> None:
    del case.bundle["certificates"]


def _ability_only(case: Case) -> None:
    """A special-ability certificate has no level: the declared one is below what is asked."""
    row = case.bundle["certificates"][0]
    row.update({"kind": "专项职业能力证书", "level": None, "number": None, "organ": None})


def _appointment_only(case: Case) -> None:
    """The certificate is one level short; the post held makes up for it."""
    case.bundle["appointments"] = [
        {
            "person_id": person_id(case.number),
            "employer": case.city.firms[4].code,
            "occupation": "6-20-03-01",
            "level": "技师",
            "valid_from": case.city.ago(500),
            "valid_to": case.city.ahead(700),
        }
    ]


def _alias_skill(case: Case) -> None:
    case.bundle["talent_skills"][0]["skill"] = "主轴振动分析"


def _masked(case: Case) -> None:
    case.talent.update({"phone": MASKED, "pay_wish": MASKED, "weekly_hours": MASKED, "district": MASKED})


def _other_trade(case: Case) -> None:
    case.talent["interests"] = ("标准化",)


EDGES: Final[Mapping[str, Edge]] = {
    "retired": _nothing,
    "parent_host": _nothing,
    "holding": _nothing,
    "own_host": _nothing,
    "employer_unknown": _nothing,
    "no_road": _nothing,
    "travel_cap": _nothing,
    "low_level": _nothing,
    "pay_high": _nothing,
    "rehire_in_service": _nothing,
    "consent_this_host": _consent(lambda city: (city.firms[0].code,)),
    "consent_other_host": _consent(lambda city: (city.firms[3].code,)),
    "consent_schools": _consent(lambda _: ("院校",)),
    "consent_last_day": _consent(end=0),
    "consent_expired": _consent(end=-1),
    "consent_revoked": _consent(revoked=-1),
    "consent_other_purpose": _consent(lambda _: ("任意",), purpose="图谱展示"),
    "objects": _talent(objects=True),
    "home_refusal": _talent(home_consent="不同意"),
    "hours_unknown": _talent(weekly_hours=None),
    "pay_unknown": _talent(pay_floor=None, pay_wish=None),
    "modes_unknown": _talent(modes=()),
    "outside": _talent(district="999901"),
    "noncompete_host": _restriction("竞业", firm=0),
    "noncompete_trade": _restriction("竞业", occupation="6-20-03-01"),
    "noncompete_blank": _restriction("竞业"),
    "noncompete_elsewhere": _restriction("竞业", firm=5, occupation="6-20-03-01"),
    "secrecy_host": _restriction("保密", firm=0),
    "secrecy_elsewhere": _restriction("保密"),
    "busy_week": _busy_week,
    "one_short_week": _one_short_week,
    "available_ends": _available_ends,
    "trips_used": _trips_used,
    "three_signed": _three_signed,
    "on_this_need": _on_this_need,
    "certificate_expired": _certificate_expired,
    "declared_only": _declared_only,
    "ability_only": _ability_only,
    "appointment_only": _appointment_only,
    "old_edition": _certificate(occupation="6-20-03-01@2015"),
    "alias_skill": _alias_skill,
    "masked": _masked,
    "other_trade": _other_trade,
}
"""The edges by name; `retired` stands for the case from life that any filter on age would lose."""
