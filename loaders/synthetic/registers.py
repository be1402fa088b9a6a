"""The second register: some people of the city under other numbers, told a little differently, and a few others."""

from typing import Final

from kg.model.graph import MASKED, Value
from loaders.synthetic.cast import cast_size, member
from loaders.synthetic.city import City
from loaders.synthetic.people import person

Row = dict[str, Value]
Bundle = dict[str, list[Row]]

MAIN: Final = "市人才库"
SECOND: Final = "行业协会"
SHARED_STEP: Final = 19
"""Every so many talents of the main register one is in the second register too (equal ID number)."""
FIRST_OBJECTION: Final = 3
"""The person of the second register who objects there and nowhere else: any register counts."""
SECOND_TABLES: Final = ("talents", "certificates", "talent_skills", "honours", "consents")


def main_bundle(city: City, number: int) -> Bundle:
    """Return the rows of the main register about the talent of that number."""
    return member(city, number) if number < cast_size() else person(city, number)


def second_count(city: City) -> int:
    """Return how many people the second register holds."""
    return city.size.talents // SHARED_STEP + city.size.talents // 100


def second_id(index: int) -> str:
    """Return the number of a person in the second register."""
    return f"HX{index + 1:05d}"


def second_bundle(city: City, index: int) -> Bundle:
    """Return the rows of the second register about its person of that index (0 …)."""
    shared = city.size.talents // SHARED_STEP
    number = index * SHARED_STEP if index < shared else city.size.talents + index - shared
    if number < city.size.talents:
        return _retold(city, index, main_bundle(city, number))
    return _under(index, person(city, number))


def _under(index: int, bundle: Bundle) -> Bundle:
    """Return the rows under the number of the second register; only the tables it keeps."""
    return {
        table: [{**row, "person_id": second_id(index)} for row in bundle[table]]
        for table in SECOND_TABLES
        if table in bundle
    }


def _retold(city: City, index: int, bundle: Bundle) -> Bundle:
    """Return the same person as another register tells him: some columns differ, blank or masked, few rows."""
    random = city.chance("second", index)
    found = _under(index, bundle)
    row = found["talents"][0]
    hours = row.get("weekly_hours")
    row["weekly_hours"] = hours + 2 if isinstance(hours, int) else 6
    row["phone"] = MASKED
    row["interests"] = ()
    row["travel_hours"] = 36
    if random.random() < 0.3:
        row["level"] = None
    common = index * SHARED_STEP >= cast_size()
    if common and (index == FIRST_OBJECTION or random.random() < 0.04):
        row["objects"] = True
    if common and row.get("work_status") == "在职" and random.random() < 0.08:
        row["home_consent"] = "不同意"
    if index % 2:
        found.pop("talent_skills", None)
    found["honours"] = [
        *found.get("honours", []),
        {
            "person_id": second_id(index),
            "name": "行业技术标兵（合成）",
            "level": "市",
            "year": city.day.year - 1,
        },
    ]
    if index % 3:
        found.pop("consents", None)
    return found
