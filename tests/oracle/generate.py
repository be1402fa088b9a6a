"""Random small worlds that reach every edge of the rules, and random questions about them.

Every row is valid, and the hard references of a source are found in that source. With
``mask_defaults`` cells are masked whose absence means something (no limit, open end, any level):
the rules say less about those.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.oracle.draw import DISTRICTS, OTHER_MODES, SEATS, TODAY, Draw
from tests.oracle.generate_city import Tables, cooperation_tables, organisations, reference_tables
from tests.oracle.generate_people import Draft, needs_of, people
from tests.oracle.world import NATURAL_KEYS, Row, World, items, plain_key, text

SOURCES = ("人社局", "教育局", "工信局")
HARD: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "offerings": (("school", ("schools",)), ("major", ("majors",))),
    "demands": (("enterprise", ("enterprises",)),),
    "cooperations": (("school", ("schools",)), ("enterprise", ("enterprises",))),
    "flex_needs": (("host", ("enterprises", "schools")),),
    "engagements": (("host", ("enterprises", "schools")),),
    "majors": (("occupations", ("occupations",)),),
}
REQUIRED = {
    "enterprises": ("name", "district"),
    "schools": ("name", "type", "district"),
    "offerings": ("school", "major", "exit_level", "intake_year", "years", "students"),
    "demands": ("enterprise", "occupation", "count"),
    "cooperations": ("school", "enterprise", "mode", "valid_from"),
    "flex_needs": (
        "host",
        "title",
        "modes",
        "hours_per_week",
        "weeks",
        "total_hours",
        "valid_from",
        "valid_to",
    ),
    "ownerships": (),
    "talents": ("name", "district", "id_type", "id_number"),
    "talent_skills": (),
    "achievements": ("title", "kind", "tags"),
    "honours": (),
    "consents": ("revoked",),
    "restrictions": (),
    "engagements": ("host", "mode", "valid_from", "valid_to"),
    "certificates": ("kind", "occupation", "level", "issued"),
    "appointments": (),
}
NEVER_MASKED = ("valid_from", "valid_to", "scope", "available_from", "available_to", "pay_floor", "pay_wish",
                "travel_hours", "level", "class_min", "boarding", "modes", "aliases", "years", "expires",
                "licence_from", "licence_to", "pay_max", "visits", "district", "min_level", "objects",
                "home_consent", "date", "offering", "demand", "need_id", "share", "stat_year", "title",
                "occupations", "employer", "occupation")  # fmt: skip


def random_world(seed: int, *, mask_defaults: bool = False) -> World:
    """A small world; the same for the same seed."""
    draw = Draw(seed, mask_defaults=mask_defaults)
    city = reference_tables(draw) | organisations(draw)
    agreed = cooperation_tables(draw, city)
    hosts, needs = needs_of(draw, city)
    known = {name: city[name] for name in ("enterprises", "schools", "ownerships")}
    spread: Tables = {**known, **agreed, "flex_needs": needs}
    world: World = {name: {} for name in SOURCES[: draw.one((1, 2, 2, 3))]}
    for table, rows in city.items():
        if table not in spread:
            world[SOURCES[0]][table] = list(rows)
    for table, row in _rows(spread):
        _deliver(draw, world, table, row)
    for serial, draft in enumerate(people(draw, hosts, needs), start=1):
        _register(draw, world, draft, serial)
    _empty_tables(draw, world)
    for source in world:
        _close(draw, world, source, city)
    return world


def _rows(tables: Tables) -> Iterator[tuple[str, Row]]:
    for table, rows in tables.items():
        for row in rows:
            yield table, row


def _deliver(draw: Draw, world: World, table: str, row: Row) -> None:
    """Give a row to one source, sometimes to a second one that tells it a little differently."""
    names = list(world)
    first = names[0] if draw.chance(0.7) else draw.one(names)
    chosen = [first, *[name for name in names if name != first and draw.chance(0.2)]]
    for place, name in enumerate(sorted(chosen, key=names.index)):
        told = row if place == 0 else _vary(draw, table, row)
        world[name].setdefault(table, []).append(told)


def _register(draw: Draw, world: World, draft: Draft, serial: int) -> None:
    """Enter a person in one register, and sometimes in a second one under another number."""
    names = list(world)
    homes = [draw.one(names)]
    if draft.row.get("id_number") and draw.chance(0.35):
        homes += [name for name in names if name not in homes][:1]
    homes.sort(key=names.index)
    for place, name in enumerate(homes):
        row = draft.row if place == 0 else _vary(draw, "talents", draft.row)
        person = {"person_id": f"{'RJG'[names.index(name)]}{serial * 7 % 101:03d}"}
        world[name].setdefault("talents", []).append({**person, **row})
    if draft.row.get("id_number") and draw.chance(0.08):
        _register_again(draw, world[homes[0]], draft, serial)
    for table, told in _rows(draft.tables):
        holders = [draw.one(homes)] if draw.chance(0.8) else homes
        for place, name in enumerate(holders):
            row = _plain(told if place == 0 else _vary(draw, table, told))
            person = {"person_id": f"{'RJG'[names.index(name)]}{serial * 7 % 101:03d}"}
            world[name].setdefault(table, []).append({**person, **row})


def _register_again(draw: Draw, tables: dict[str, list[Row]], draft: Draft, serial: int) -> None:
    """The same person a second time in one register, with little told but an achievement."""
    same = {name: draft.row.get(name) for name in ("name", "id_type", "id_number", "district")}
    again = {"person_id": f"Q{serial:03d}"}
    tables["talents"].append({**again, **same})
    work = {"achievement_id": draw.key("Y"), "title": "另一业绩", "kind": "创新", "tags": ["质量", "焊接"]}
    tables.setdefault("achievements", []).append({**again, **work, "date": draw.day(-900, -1)})


def _plain(row: Row) -> Row:
    return {column: list(value) if isinstance(value, tuple) else value for column, value in row.items()}


def _vary(draw: Draw, table: str, row: Row) -> Row:
    """The same row as another register tells it: cells missing, masked, or with other numbers."""
    fixed = {*NATURAL_KEYS.get(table, ("number",)), *REQUIRED[table], "recipients"}
    varied: dict[str, object] = {}
    for column, value in row.items():
        chance = draw.random.random()
        if column in fixed or value is None or chance < 0.6:
            varied[column] = value
        elif chance < 0.8:
            varied[column] = None
        elif chance < 0.88 and column not in NEVER_MASKED:
            varied[column] = "*"
        else:
            varied[column] = _other(draw, column, value)
    return varied


def _other(draw: Draw, column: str, value: object) -> object:
    if column in {"staff", "same_post", "pay", "weekly_hours", "pay_floor", "travel_hours"}:
        return draw.one((10, 20, 50)) if isinstance(value, int) else value
    if column == "level" and value in (1, 2, 3, 4, 5):
        return draw.count(1, 5)
    if column == "work_status":
        return draw.one(("在职", "退休"))
    if column == "home_consent":
        return "不同意"
    return draw.chance(0.5) if column == "objects" else value


def _empty_tables(draw: Draw, world: World) -> None:
    """Sometimes nobody has delivered achievements or honours; sometimes a source has none to tell."""
    for table in ("achievements", "honours"):
        nobody = draw.chance(0.2)
        for tables in world.values():
            if nobody:
                tables.pop(table, None)
            elif draw.chance(0.4):
                tables.setdefault(table, [])


def _close(draw: Draw, world: World, source: str, city: Tables) -> None:
    """Add to a source the rows that its own rows refer to with a hard reference."""
    tables = world[source]
    missing = True
    while missing:
        missing = False
        for table, references in HARD.items():
            for row in list(tables.get(table, [])):
                for column, targets in references:
                    for code in _codes(row, column):
                        missing = _fetch(draw, tables, city, targets, code) or missing


def _codes(row: Row, column: str) -> list[str]:
    told = items(row, column) or [text(row, column) or ""]
    return [code.partition("=")[0].partition("@")[0] for code in told if code]


def _fetch(
    draw: Draw, tables: dict[str, list[Row]], city: Tables, targets: tuple[str, ...], code: str
) -> bool:
    """Copy every row of this code that the source does not have; whether one was copied."""
    added = False
    for target in targets:
        have = {plain_key(target, row) for row in tables.get(target, [])}
        for row in city[target]:
            if code in (row.get("code"), row.get("credit_code")) and plain_key(target, row) not in have:
                known = target in {"enterprises", "schools"}
                tables.setdefault(target, []).append(_vary(draw, target, row) if known else row)
                added = True
    return added


def random_questions(world: World, seed: int) -> list[dict[str, Any]]:
    """Questions for one world: ``{"kind": "talents" or "partners", **arguments of the answer}``."""
    draw = Draw(seed + 1_000_003, mask_defaults=False)
    found = [_talent_question(draw, row) for row in _table(world, "flex_needs")]
    found += [_partner_question(draw, world, mode) for mode in (*SEATS, *OTHER_MODES[:2])]
    return found


def _table(world: World, table: str) -> list[Row]:
    rows: dict[object, Row] = {}
    for tables in world.values():
        for row in tables.get(table, []):
            rows.setdefault(plain_key(table, row), row)
    return list(rows.values())


def _as_of(draw: Draw) -> date:
    return draw.one((
        TODAY,
        TODAY,
        date(2026, 8, 31),
        date(2026, 9, 1),
        TODAY + timedelta(days=draw.count(-60, 60)),
    ))


def _talent_question(draw: Draw, row: Row) -> dict[str, Any]:
    need: object = row["need_id"]
    if draw.chance(0.25):
        need = {column: value for column, value in row.items() if column != "need_id" and value is not None}
    return {"kind": "talents", "need": need, "as_of": _as_of(draw), "k": draw.one((1, 3, 20, 200))}


def _partner_question(draw: Draw, world: World, mode: str) -> dict[str, Any]:
    enterprises = [("enterprise", str(row["credit_code"])) for row in _table(world, "enterprises")]
    schools = [("school", str(row["credit_code"])) for row in _table(world, "schools")]
    districts = [("district", code) for code in DISTRICTS]
    return {
        "kind": "partners",
        "anchor": draw.one(draw.one((enterprises, schools, districts))),
        "mode": mode,
        "as_of": _as_of(draw),
        "year": draw.one((None, None, None, 2026, 2026, 2025, 2027)),
        "occupations": draw.one((None, None, None, [draw.occupation()])),
        "radius_hours": draw.one((None, None, None, 0.5, 1.5)),
        "k": draw.one((1, 2, 20, 200)),
        "order": draw.one((None, None, "value", "seats", "score")) if mode in SEATS else None,
    }
