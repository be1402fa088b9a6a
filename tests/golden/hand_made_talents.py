"""Cases of query B: what one edit of the one talent, the one need or the rows around them must change."""

from typing import Any, Final

from tests.golden.hand_made import (
    ABROAD,
    FAR,
    HOST,
    MIDDLE,
    NEAR,
    OLD,
    OLD_NEAR,
    OTHER,
    PARENT,
    SISTER,
    TRADE,
    UNLISTED,
    Case,
    Edit,
    control,
    first,
    none,
    row,
)


def case(name: str, *edits: Edit, fate: str = "listed", unknown: str = "", **factors: Any) -> Case:
    """A case with the factors that change."""
    return Case(name, edits, fate, tuple(unknown.split()), factors)


def need(**cells: Any) -> Edit:
    """Change the need."""
    return first("flex_needs", **cells)


def talent(**cells: Any) -> Edit:
    """Change the talent."""
    return first("talents", **cells)


def paper(**cells: Any) -> Edit:
    """Change the certificate."""
    return first("certificates", **cells)


def skill(**cells: Any) -> Edit:
    """Change the skill held."""
    return first("talent_skills", **cells)


def barred(**cells: Any) -> Edit:
    """Add a restriction."""
    return row("restrictions", **{"kind": "竞业", "valid_from": "2026-01-01", **cells})


def service(number: int = 1, **cells: Any) -> Edit:
    """Add a service: signed, at another firm, in the weeks of the need."""
    signed = {"host": OTHER, "mode": "teach", "hours_per_week": 1, "trips": 0, "status": "已签"}
    days = {"valid_from": "2027-04-05", "valid_to": "2027-05-02"}
    return row("engagements", engagement_id=f"E{number}", **{**signed, **days, **cells})


def past(**cells: Any) -> Edit:
    """Add a finished service of the year."""
    return service(**{"status": "完成", "valid_from": "2027-01-01", "valid_to": "2027-02-01", **cells})


RETIRED = talent(work_status="退休")
EMPLOYED = talent(work_status="在职", employer=SISTER)
MASTER = need(min_level="技师")
FOREIGN = (skill(skill="无关"), paper(occupation=FAR))
HOUR_AWAY = row("travel_times", from_district="370703", to_district="370702", hours=1)
AWAY = (talent(district="370703"), HOUR_AWAY)

TALENT_CASES: Final = (
    case("unedited"),
    case("B1 consent ends today", first("consents", valid_to="2027-03-15")),
    case("B1 consent ended yesterday", first("consents", valid_to="2027-03-14"), fate="B1"),
    case("B1 revoked today", first("consents", revoked="2027-03-15"), fate="B1"),
    case("B1 revoked tomorrow", first("consents", revoked="2027-03-16")),
    case("B1 kind of host", first("consents", recipients=["企业"])),
    case("B1 other kind", first("consents", recipients=["院校"]), fate="B1"),
    case("B1 code of host", first("consents", recipients=[HOST])),
    case("B1 objects", talent(objects=True), fate="B1"),
    case("B0 irrelevant", *FOREIGN, none("achievements"), fate="B0"),
    case(
        "B0 nothing known",
        none("talent_skills", "certificates", "achievements"),
        fate="verify",
        unknown="B0",
        skill=None,
        trade=None,
        evidence=0,
    ),
    case(
        "B0 one main skill covered",
        none("achievements"),
        paper(occupation=FAR),
        need(skills=["甲技=3", *(f"子技{n}=3" for n in range(6))]),
        skill=1 / 7,
        trade=0,
        evidence=0,
    ),
    case("B2 level", MASTER),
    case("B2 level too low", need(min_level="高级技师"), fate="B2"),
    case("B2 same group", MASTER, paper(occupation=NEAR), trade=0.7),
    case("B2 other group", MASTER, paper(occupation=MIDDLE), fate="B2"),
    case(
        "B2 declared only",
        MASTER,
        none("certificates"),
        talent(level="技师"),
        fate="verify",
        unknown="B2",
        trade=None,
        level=None,
    ),
    case("B2 expired and undeclared", MASTER, paper(expires="2027-03-14"), fate="B2"),
    case(
        "B2 a low certificate outweighs words", MASTER, paper(level="高级工"), talent(level="技师"), fate="B2"
    ),
    case("B3 own host", RETIRED, talent(employer=HOST), fate="B3"),
    case("B3 employer absent", talent(work_status="在职"), fate="verify", unknown="B3"),
    case("B3 sisters", EMPLOYED, control(PARENT, SISTER, share=0.5), control(PARENT, HOST), fate="B3"),
    case("B3 minority", EMPLOYED, control(PARENT, SISTER, share=0.49), control(PARENT, HOST)),
    case("B3 down and then up", EMPLOYED, control(SISTER, PARENT), control(HOST, PARENT)),
    case("B3 ended", EMPLOYED, control(HOST, SISTER, valid_to="2027-03-14")),
    case(
        "B3 four links",
        EMPLOYED,
        row("enterprises", credit_code=ABROAD, name="链", district="370702"),
        *(control(one, other) for one, other in ((PARENT, SISTER), (PARENT, OTHER))),
        *(control(one, other) for one, other in ((OTHER, ABROAD), (ABROAD, HOST))),
    ),
    case("B3 retired", RETIRED, talent(employer=SISTER), control(HOST, SISTER)),
    case("B4 home refuses", EMPLOYED, talent(home_consent="不同意"), fate="B4"),
    case("B4 home refuses a retired master", RETIRED, talent(home_consent="不同意")),
    case("B4 no common mode", talent(modes=["consult=0", "project"]), fate="B4"),
    Case("B4 no modes told", (talent(modes=None),), "verify", ("B4",), {"mode": None}, "consult"),
    case("B4 rehire of another", talent(modes=["rehire"]), need(modes=["rehire"]), fate="B4"),
    case("B5 bare", barred(), fate="B5"),
    case("B5 before the window", barred(valid_to="2027-04-04")),
    case("B5 on the first day", barred(valid_to="2027-04-05"), fate="B5"),
    case("B5 host and trade", barred(org=HOST, occupation=NEAR), fate="B5"),
    case("B5 trade elsewhere", barred(occupation=TRADE, district="370703")),
    case(
        "B5 need without trade",
        barred(occupation=FAR),
        need(occupations=None),
        fate="verify",
        unknown="B5",
        trade=None,
    ),
    case("B5 secrecy", barred(kind="保密", org=HOST), fate="verify", unknown="B5"),
    case("B5 bare secrecy", barred(kind="保密")),
    case("B6 just enough", talent(weekly_hours=5), slack=0),
    case("B6 too little", talent(weekly_hours=4.9), fate="B6"),
    case("B6 not told", talent(weekly_hours=None), fate="verify", unknown="B6", slack=None),
    case("B6 three days of a week", talent(available_from="2027-04-09"), slack=0.5),
    case("B6 four days of a week", talent(available_from="2027-04-08")),
    case(
        "B6 hours of a service absent", service(hours_per_week=None), fate="verify", unknown="B6", slack=None
    ),
    case("B6 failing stays failing", talent(weekly_hours=4), service(hours_per_week=None), fate="B6"),
    case(
        "B6 nine tenths of four weeks are four",
        need(total_hours=None, hours_per_week=5),
        service(hours_per_week=6, valid_to="2027-04-05"),
        fate="B6",
    ),
    case(
        "B6 three weeks wanted",
        need(total_hours=None, hours_per_week=5, weeks=3),
        service(hours_per_week=6, valid_to="2027-04-05"),
        productive=15 / 17,
    ),
    case(
        "no week has four days: the earlier of equals",
        need(valid_from="2027-04-09", valid_to="2027-04-14"),
        talent(weekly_hours=20),
        service(hours_per_week=20, valid_from="2027-04-12", valid_to="2027-04-14"),
        slack=0,
    ),
    case("B7 just enough", talent(travel_hours=2)),
    case("B7 too far", talent(travel_hours=1.9), fate="B7"),
    case("B7 trips of the year", talent(travel_hours=3.9), past(host=HOST, trips=2), fate="B7"),
    case("B7 trips absent", talent(travel_hours=4), past(host=HOST, trips=None), fate="verify", unknown="B7"),
    case("B7 a host that no table lists", talent(travel_hours=2), past(host=ABROAD, trips=9)),
    case("B7 three visits an hour away", *AWAY, need(visits=3), productive=20 / 26),
    case("B7 four visits an hour away", *AWAY, need(visits=4), fate="B7"),
    case("B7 four visits nearby", need(visits=4), productive=20 / 24),
    case("B7 way unknown", talent(district="370704"), fate="verify", unknown="B7", productive=None),
    case("B8 two services", service(1), service(2), slack=(32 - 20) / 20),
    case("B8 three services", service(1), service(2), service(3), fate="B8"),
    case("B8 this very need", service(need_id="N1"), fate="B8"),
    case("B9 equal", talent(pay_floor=150, pay_wish=None), pay=1),
    case("B9 below", talent(pay_floor=151), fate="B9"),
    case("B9 floor masked", talent(pay_floor="*"), fate="verify", unknown="B9", pay=None),
    case("B9 floor masked, nothing offered", talent(pay_floor="*"), need(pay_max=None), pay=None),
    case("B9 offer masked, no floor", talent(pay_floor=None, pay_wish=None), need(pay_max="*"), pay=None),
    case("pay without a highest", need(pay_max=None, pay_min=120), pay=0.2),
    case("skill only stated", skill(basis="自述"), skill=0.8),
    case("skill of level 1 beside the trade", skill(level=1), skill=0.6),
    case("skill two relations away", skill(skill="丙技"), none("certificates"), skill=0.4, trade=None),
    case("skill three relations away", skill(skill="丁技"), none("certificates"), skill=0, trade=None),
    case("skill that no table lists", skill(skill="ＰＬＣ编程"), need(skills=["plc编程=3"])),
    case("skill none, trade near", none("talent_skills"), paper(occupation=NEAR), skill=0.42, trade=0.7),
    case("trade through the crosswalk", paper(occupation=OLD)),
    case("trade through the crosswalk, best target", paper(occupation=OLD_NEAR), trade=0.7),
    case("trade without crosswalk", paper(occupation=OLD), none("occupation_crosswalk"), trade=None),
    case("trade with a fifth part", paper(occupation=f"{TRADE}-07")),
    case("trade that no table lists", paper(occupation=UNLISTED), need(occupations=[UNLISTED])),
    case("evidence undated", first("achievements", date=None, tags=["标一", "标二"]), evidence=0.125),
    case("evidence of tomorrow", first("achievements", date="2027-03-16"), evidence=0),
    case("honours add up", row("honours", name="二", level="省", year=2027), honour=0.75),
    case("honour of next year", first("honours", year=2028), honour=0),
    case("reputation", past(valid_to="2027-03-15", outcome="成功"), reputation=3 / 5),
    case(
        "little is known",
        need(tags=None, skills=None),
        talent(pay_floor=None, interests=None),
        fate="low",
        skill=None,
        evidence=None,
        topic=None,
        pay=None,
    ),
)
