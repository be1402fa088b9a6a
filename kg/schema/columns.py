"""Short constructors for the columns that many tables share; they keep the declarations readable as a table."""

from typing import Any, Final

from kg.schema.column_types import Column, ColumnType, Visibility
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES

ORGANISATIONS: Final = ("enterprises", "schools")
SCOPE_PUBLIC: Final = "公开"
SCOPE_OFFICERS: Final = "仅经办"


def column(key: str, zh: str, en: str, kind: ColumnType, **more: Any) -> Column:
    """Return a column; `more` are the remaining fields of `Column`."""
    return Column(key=key, zh=zh, en=en, type=kind, **more)


def text(key: str, zh: str, en: str, **more: Any) -> Column:
    """A free text."""
    return column(key, zh, en, ColumnType.TEXT, **more)


def name(zh: str, en: str = "Name", **more: Any) -> Column:
    """The required name of a node."""
    return column("name", zh, en, ColumnType.NAME, **{"required": True, "searchable": True, **more})


def code(key: str, zh: str, en: str, **more: Any) -> Column:
    """An opaque code, kept as text."""
    return column(key, zh, en, ColumnType.CODE, **more)


def credit_code() -> Column:
    """The unified social credit code that identifies an organisation (GB 32100)."""
    return column(
        "credit_code",
        "统一社会信用代码",
        "Unified social credit code",
        ColumnType.USCC,
        required=True,
        searchable=True,
    )


def organisation(key: str, zh: str, en: str, **more: Any) -> Column:
    """A reference to an enterprise or a school, by credit code or full name."""
    return column(key, zh, en, ColumnType.USCC, **{"refers_to": ORGANISATIONS, **more})


def district(key: str = "district", zh: str = "区划代码", en: str = "District", **more: Any) -> Column:
    """A reference to a district (GB/T 2260, six digits)."""
    return column(key, zh, en, ColumnType.DISTRICT_CODE, **{"refers_to": ("districts",), **more})


def occupation(key: str = "occupation", zh: str = "职业代码", en: str = "Occupation", **more: Any) -> Column:
    """A reference to an occupation: `code` (newest edition) or `code@edition`."""
    return column(key, zh, en, ColumnType.OCCUPATION_CODE, **{"refers_to": ("occupations",), **more})


def occupation_list(zh: str, en: str, **more: Any) -> Column:
    """References to several occupations."""
    return column("occupations", zh, en, ColumnType.CODE_LIST, **{"refers_to": ("occupations",), **more})


def count(key: str, zh: str, en: str, **more: Any) -> Column:
    """A whole number of people or places, 0 or more."""
    return column(key, zh, en, ColumnType.INTEGER, **{"minimum": 0, "unit": ("人", "名", "个"), **more})


def number(key: str, zh: str, en: str, **more: Any) -> Column:
    """A number, 0 or more unless told otherwise."""
    return column(key, zh, en, ColumnType.NUMBER, **{"minimum": 0, **more})


def hours(key: str, zh: str, en: str, **more: Any) -> Column:
    """Hours, 0 or more."""
    return number(key, zh, en, unit=("小时",), **more)


def share(key: str, zh: str, en: str, **more: Any) -> Column:
    """A share of one, 0..1."""
    return column(key, zh, en, ColumnType.SHARE, minimum=0, maximum=1, **more)


def year(key: str, zh: str, en: str, **more: Any) -> Column:
    """A calendar year."""
    return column(key, zh, en, ColumnType.YEAR, **more)


def date(key: str, zh: str, en: str, **more: Any) -> Column:
    """A day."""
    return column(key, zh, en, ColumnType.DATE, **more)


def date_from(key: str = "valid_from", zh: str = "起", en: str = "From", **more: Any) -> Column:
    """First day of a period; a month means its first day."""
    return column(key, zh, en, ColumnType.DATE_FROM, **more)


def date_to(key: str = "valid_to", zh: str = "止", en: str = "To", **more: Any) -> Column:
    """Last day of a period, included; a month means its last day; empty is open."""
    return column(key, zh, en, ColumnType.DATE_TO, **more)


def level(key: str, zh: str, en: str, **more: Any) -> Column:
    """A national skill level by its Chinese name."""
    return column(key, zh, en, ColumnType.LEVEL, **more)


def choice(key: str, zh: str, en: str, choices: str, **more: Any) -> Column:
    """One of a closed list of Chinese words, written with `/` between them."""
    return column(key, zh, en, ColumnType.CHOICE, choices=tuple(choices.split("/")), **more)


def yes_no(key: str, zh: str, en: str, **more: Any) -> Column:
    """Yes or no."""
    return column(key, zh, en, ColumnType.YES_NO, **more)


def items(key: str, zh: str, en: str, **more: Any) -> Column:
    """A list of texts."""
    return column(key, zh, en, ColumnType.LIST, **more)


def tags(key: str, zh: str, en: str, **more: Any) -> Column:
    """A list of topics; each meets the skill of that name where there is one."""
    return column(key, zh, en, ColumnType.LIST, refers_to=("skills",), **more)


def skill_list(key: str, zh: str, en: str, **more: Any) -> Column:
    """Skills with proficiency 1..5."""
    return column(key, zh, en, ColumnType.SKILL_LIST, refers_to=("skills",), **more)


def skill_demand(key: str, zh: str, en: str, **more: Any) -> Column:
    """Skills with wanted proficiency 1..5 and weight."""
    return column(key, zh, en, ColumnType.SKILL_DEMAND, refers_to=("skills",), **more)


def cooperation_mode(**more: Any) -> Column:
    """One mode of school-enterprise cooperation."""
    return column("mode", "合作方式", "Mode", ColumnType.MODE, modes=COOPERATION_MODES, **more)


def engagement_mode(**more: Any) -> Column:
    """One mode of flexible engagement."""
    return column("mode", "服务方式", "Mode", ColumnType.MODE, modes=ENGAGEMENT_MODES, **more)


def scope() -> Column:
    """Publication scope of a row; absent means public (scoring A7)."""
    return choice("scope", "公开范围", "Publication scope", f"{SCOPE_PUBLIC}/{SCOPE_OFFICERS}")


def person() -> tuple[Column, Column]:
    """The person a row belongs to: the source's own number, or the sealed ID number instead."""
    return (
        code(
            "person_id",
            "人才编号",
            "Person",
            required=True,
            refers_to=("talents",),
            hard=True,
            visibility=Visibility.OFFICER,
        ),
        column("id_number", "证件号码", "ID number", ColumnType.ID_NUMBER, sealed=True),
    )


def sealed(key: str, zh: str, en: str, kind: ColumnType = ColumnType.TEXT, **more: Any) -> Column:
    """A personal or protected column (§)."""
    return column(key, zh, en, kind, sealed=True, **more)
