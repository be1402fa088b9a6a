"""The list of fixed talents, as data: who answers the headline need, who must be asked first, who cannot and why."""

from typing import Final, NamedTuple

_REPAIR: Final = "6-20-03-01"
_FITTER: Final = "6-31-01-02"


class Member(NamedTuple):
    """One fixed talent; `skills` are levels of the headline's skills, `works` (tags shared, years ago).

    `past` are successes and failures of earlier services; `interests` counts tags of the headline.
    """

    edge: str = ""
    trade: str = _REPAIR
    level: str = "技师"
    status: str = "在职"
    firm: int | None = 4
    district: str = "990101"
    skills: tuple[int, ...] = (4, 4, 3, 4, 2)
    basis: str | None = "核实"
    works: tuple[tuple[int, int], ...] = ((3, 2),)
    past: tuple[int, int] = (1, 0)
    honour: str | None = None
    modes: tuple[str, ...] = ("consult", "weekend=0.8")
    hours: int = 9
    floor: int = 110
    wish: int = 230
    travel: int | None = 40
    interests: int = 3


# fmt: off
MEMBERS: Final[tuple[Member, ...]] = (
    # The answers: a retired master first, then a falling row of others.
    Member("retired", _FITTER, "高级技师", "退休", None, "990102", (5, 5, 4, 4, 2), "核实", ((5, 1), (4, 2), (3, 5)), (5, 0), "省", ("consult", "rehire"), 10, 120, 240, 60, 3),
    Member("", _REPAIR, "高级技师", "在职", 3, "990105", (4, 4, 4, 4, 3), "核实", ((4, 1), (3, 3)), (3, 0), "市", ("consult=0.9", "project=0.8"), 10, 120, 220, 60, 3),
    Member("", _REPAIR, "技师", "自由职业", None, "990103", (4, 4, 3, 3, 2), "证书", ((4, 2),), (2, 0), None, ("project", "consult=0.9"), 10, 110, 230, None, 3),
    Member("", _FITTER, "技师", "在职", 4, "990102", (3, 4, 3, 3, 0), "核实", ((3, 2), (2, 4)), (2, 1), "市", ("weekend",), 9, 100, 230, 40, 3),
    Member("consent_this_host", _REPAIR, "技师", "在职", 5, "990102", (4, 3, 3, 4, 2), "自述", ((3, 3),), (1, 0), None, ("weekend", "consult=0.7"), 9, 110, 200, 40, 2),
    Member("consent_last_day", _REPAIR, "高级技师", "退休", None, "990104", (4, 4, 3, 4, 0), "自述", ((2, 6),), (0, 0), "县", ("rehire", "consult=0.8"), 12, 130, 200, 50, 2),
    Member("appointment_only", _REPAIR, "高级工", "在职", 4, "990105", (3, 3, 3, 3, 2), "证书", ((2, 2),), (1, 1), None, ("consult=0.8", "project=0.6"), 8, 100, 190, 40, 2),
    Member("old_edition", _REPAIR, "技师", "在职", 3, "990101", (3, 3, 2, 0, 2), None, ((2, 3),), (0, 0), None, ("project=0.8",), 8, 120, 210, 30, 2),
    Member("alias_skill", _FITTER, "技师", "在职", 6, "990121", (3, 2, 0, 0, 0), "自述", (), (1, 0), None, ("weekend=0.9",), 8, 110, 200, 40, 1),
    Member("pay_unknown", _FITTER, "技师", "待业", None, "990101", (), None, ((2, 4),), (0, 0), None, ("project=0.7", "short"), 20, 100, 160, None, 1),
    Member("one_short_week", _REPAIR, "技师", "自由职业", None, "990103", (3, 3, 0, 2, 0), None, ((1, 8),), (0, 1), None, ("consult=0.6",), 12, 120, 240, 30, 1),
    Member("secrecy_elsewhere", _FITTER, "技师", "在职", 6, "990181", (2, 2, 0, 0, 0), "自述", (), (0, 0), None, ("weekend=0.5",), 7, 130, 260, 60, 0),
    # Who has to be asked first.
    Member("hours_unknown", skills=(4, 4, 3, 3, 2), firm=3, works=((4, 2),)),
    Member("declared_only", firm=5, skills=(3, 3, 3, 3, 0)),
    Member("outside", firm=None, status="自由职业", works=((5, 3), (3, 1))),
    Member("no_road", firm=None, status="退休", district="990183", skills=(4, 3, 2, 2, 0)),
    Member("employer_unknown", firm=None),
    Member("secrecy_host", firm=3, past=(3, 0)),
    Member("modes_unknown", firm=4, works=()),
    # Who cannot: one rule each.
    Member("parent_host", firm=1, district="990104", works=((4, 1), (4, 2))),
    Member("holding", firm=2),
    Member("own_host", firm=0, district="990102"),
    Member("consent_expired"),
    Member("consent_revoked"),
    Member("consent_other_host"),
    Member("consent_schools"),
    Member("consent_other_purpose"),
    Member("objects", works=((5, 1),)),
    Member("home_refusal"),
    Member("noncompete_host"),
    Member("noncompete_trade"),
    Member("noncompete_blank"),
    Member("noncompete_elsewhere", firm=3, hours=8, wish=260, works=((2, 5),)),
    Member("busy_week", hours=9),
    Member("available_ends", hours=12),
    Member("travel_cap", district="990181", travel=4, firm=6),
    Member("trips_used", district="990181", firm=6, modes=("consult",)),
    Member("three_signed", hours=20),
    Member("on_this_need", hours=16),
    Member("pay_high", floor=260, wish=320),
    Member("certificate_expired"),
    Member("low_level", level="高级工"),
    Member("rehire_in_service", modes=("rehire",)),
    Member("masked", firm=4),
    Member("ability_only", level="高级工"),
    Member("other_trade", trade="4-03-02-01", skills=(), works=(), interests=0),
)
# fmt: on
