"""Cases of query A: what one edit of the one cohort, the one post or the rows around them must change."""

from typing import Any, Final

from tests.golden.hand_made import (
    DEMAND,
    FAR,
    HOST,
    MIDDLE,
    NEAR,
    OFFERING,
    OLD,
    OTHER,
    OTHER_SCHOOL,
    SCHOOL,
    TRADE,
    UNLISTED,
    Case,
    Edit,
    first,
    none,
    row,
)


def case(
    name: str, *edits: Edit, fate: str = "listed", unknown: str = "", mode: str = "", **factors: Any
) -> Case:
    """A case with the factors that change."""
    return Case(name, edits, fate, tuple(unknown.split()), factors, mode)


def cohort(**cells: Any) -> Edit:
    """Change the cohort."""
    return first("offerings", **cells)


def post(**cells: Any) -> Edit:
    """Change the post."""
    return first("demands", **cells)


def firm(**cells: Any) -> Edit:
    """Change the enterprise."""
    return first("enterprises", **cells)


def school(**cells: Any) -> Edit:
    """Change the school."""
    return first("schools", **cells)


def trades(*weighted: str) -> Edit:
    """Change the occupations of the major."""
    return first("majors", occupations=list(weighted))


def signed(**cells: Any) -> Edit:
    """Add an agreement: three seats of another school on the post, in the school year."""
    told = {"cooperation_id": "C1", "school": OTHER_SCHOOL, "enterprise": HOST, "mode": "internship"}
    days = {"valid_from": "2026-09-01", "valid_to": "2027-08-31", "status": "已签"}
    return row("cooperations", **{**told, "demand": DEMAND, "seats": 3, **days, **cells})


def ended(number: int, outcome: str, **cells: Any) -> Edit:
    """Add an ended agreement."""
    days = {"valid_from": "2025-01-01", "valid_to": "2027-03-15", "status": "完成", "outcome": outcome}
    return signed(**{"cooperation_id": f"C{number}", "demand": None, "seats": None, **days, **cells})


def second(**cells: Any) -> Edit:
    """Add a post of the enterprise that the cohort does not fit."""
    told = {"demand_id": "D2", "enterprise": HOST, "title": "二", "occupation": FAR, "count": 5}
    return row("demands", **{**told, "same_post": 50, "modes": ["base"], **cells})


def organ(**cells: Any) -> Edit:
    """Add an assessment organ of the school's name."""
    told = {"organ_code": "G9", "name": "甲学院", "occupations": [TRADE], "max_level": "技师"}
    return row("organs", **{**told, **cells})


NO_SEATS: Final[dict[str, Any]] = {"fill": 1, "volume": 1}
THREE_YEARS_AGO = 0.5 ** (1095 / 365.25 / 3)
SAMPLE_OF_2025 = 20 * 0.5 ** (439 / 365.25 / 3)

PARTNER_CASES: Final = (
    case("unedited"),
    case("A1 status", firm(status="异常"), fate="A1"),
    case("A1 status absent", firm(status=None), fate="verify", unknown="A1"),
    case("A1 licence ends today", school(licence_to="2027-03-15")),
    case("A1 licence ended", school(licence_to="2027-03-14"), fate="A1"),
    case("A1 licence absent", school(licence_from=None), fate="verify", unknown="A1"),
    case("A2 not approved", cohort(approved="未批准"), fate="A2"),
    case("A2 approval absent", cohort(approved=None), fate="verify", unknown="A2"),
    case("A2 two and a half years last three", cohort(intake_year=2024, years=2.5)),
    case("A2 two years are over", cohort(intake_year=2024, years=2), fate="A2"),
    case("A3 weights are not read", trades(f"{MIDDLE}=0.5"), major=0.2),
    case("A3 no fit", trades(FAR), fate="A3"),
    case("A3 through the crosswalk", trades(OLD), major=1),
    case(
        "A3 unknown",
        post(occupation=UNLISTED),
        fate="verify",
        unknown="A3",
        major=None,
        volume=0,
        post=(0.5 + 1 + 1) / 3,
    ),
    case("A4 other mode", post(modes=["order_class"]), fate="A4"),
    case("A4 ends on the first day of the year", post(valid_to="2026-09-01")),
    case("A4 ended before the year", post(valid_to="2026-08-31"), fate="A4"),
    case("A4 first-year interns", cohort(intake_year=2026), fate="A4"),
    case("A4 first-year order class", cohort(intake_year=2026), mode="order_class"),
    case("A4 assessment without organ", mode="assessment", fate="A4"),
    case("A4 assessment", organ(), mode="assessment", **NO_SEATS),
    case("A4 assessment under an alias", organ(name="甲院"), mode="assessment", **NO_SEATS),
    case("A4 assessment of another trade", organ(occupations=[NEAR]), mode="assessment", fate="A4"),
    case(
        "A4 assessment up to no told level",
        organ(max_level=None),
        mode="assessment",
        fate="verify",
        unknown="A4",
        **NO_SEATS,
    ),
    case("A5 nine on the staff", firm(staff=9), fate="A5"),
    case("A5 nineteen on the staff", firm(staff=19), fill=0.1),
    case("A5 staff absent", firm(staff=None), fate="verify", unknown="A5", fill=None),
    case("A5 a known part decides", firm(staff=5), post(same_post=None), fate="A5"),
    case("A5 interns", post(interns=19), fill=0.1),
    case("A5 interns masked", post(interns="*"), fate="verify", unknown="A5", fill=None),
    case("A5 interns of another kind", firm(staff=200), second(interns=15), fill=0.5),
    case("A5 a kind outside the year", second(occupation=TRADE, interns=18, valid_to="2026-01-01")),
    case(
        "A5 seats on a post outside the year",
        second(occupation=TRADE, valid_to="2026-01-01"),
        signed(demand="D2", seats=15),
        fill=0.5,
    ),
    case("A5 seats on no post", signed(demand=None, seats=15), fill=0.5),
    case(
        "A5 fails only by seats on no post",
        signed(demand=None, seats=20),
        fate="verify",
        unknown="A5",
        fill=0,
    ),
    case("A5 fails for the staff too", signed(demand=None, seats=30), fate="A5"),
    case("A5 seats absent", signed(demand=None, seats=None), fate="verify", unknown="A5", fill=None),
    case("A6 all committed", cohort(committed=40), fate="A6"),
    case("A6 all places taken", signed(seats=10), fate="A6"),
    case(
        "A6 seats of the cohort absent",
        signed(enterprise=OTHER, school=SCHOOL, offering=OFFERING, demand=None, seats=None),
        fate="verify",
        unknown="A6",
        fill=None,
    ),
    case("an internship without end ends with its year", signed(valid_from="2025-09-01", valid_to=None)),
    case("A8 a class", cohort(class_min=10), mode="order_class"),
    case("A8 too small", cohort(class_min=11), mode="order_class", fate="A8"),
    case("A8 is of order classes", cohort(class_min=11)),
    case("major best of weight and fit", trades(f"{TRADE}=0.5", NEAR), major=0.7),
    case("skill near", cohort(skills=["乙技=5"]), skill=0.8),
    case("skill not told", cohort(skills=None), skill=None),
    case("level one short", post(level="技师"), level=0.5),
    case(
        "outcome",
        cohort(sample=20, stat_year=2025, certificate_rate=0.9, employment_rate=0.7),
        outcome=(SAMPLE_OF_2025 * 0.8 + 2) / (SAMPLE_OF_2025 + 4),
    ),
    case("travel boarding", post(boarding=True), travel=1),
    case("travel unknown", school(district="370704"), travel=None),
    case("post above the median", post(pay=9000), post=(1 + 0.5 + 1 + 1) / 4),
    case(
        "post in the district's wages",
        row("wages", occupation=TRADE, district="370702", median=10000),
        post=(0.5 + 0.5 + 1 + 1) / 4,
    ),
    case("industry not served", first("major_groups", chains=["L2"]), industry=0.6),
    case("industry no priority", firm(chains=["L2"]), industry=0.3),
    case("industry priority over", first("chains", priority_to="2027-03-14"), industry=0.3),
    case("volume of two posts", second(occupation=MIDDLE), volume=15 / 40),
    case("volume of a post that does not fit", second()),
    case("history", ended(1, "成功", school=SCHOOL), ended(2, "未达", status="终止"), history=4 / 7),
    case(
        "history by the first day",
        ended(1, "成功", valid_from="2024-03-15", valid_to=None),
        history=(THREE_YEARS_AGO + 2) / (THREE_YEARS_AGO + 4),
    ),
    case("post without wages", none("wages"), post=(0.5 + 1 + 1) / 3),
)
