"""Codes, identity numbers, certificates and references (`files.md` S22-S24, S26, S45)."""

from datetime import date

import pytest

from loaders.cells import parse_cell
from loaders.checks import id_check_character, parse_id_number, uscc_check_character
from loaders.sources.raw import RawValue, ScientificNumber
from tests.loaders.cells_seen import CSV, PLAIN, code_of, column_of, value_of, warnings_of

USCC = "enterprises.credit_code"
PHONE = "talents.phone"
DISTRICT = "talents.district"
OCCUPATION = "talents.occupation"
EMPLOYER = "talents.employer"
SOFT_CODE = "certificates.organ"
NUMBER = "certificates.number"
ZERO_REMAINDER = "91370785QEFLCR63F0"


def credit_code(number: int) -> str:
    first = f"91370785MA{number:07d}"
    return first + uscc_check_character(first)


def id_number(birth: str = "19900101", sequence: int = 1) -> str:
    first = f"370785{birth}{sequence:03d}"
    return first + id_check_character(first)


def test_s22_the_code_whose_remainder_is_zero() -> None:
    assert value_of(USCC, ZERO_REMAINDER) == ZERO_REMAINDER


@pytest.mark.parametrize("number", range(40))
def test_s22_a_right_code_and_every_wrong_check_character(number: int) -> None:
    code = credit_code(number)
    assert value_of(USCC, code) == code
    for character in "0123456789ABCDEFGHJKLMNPQRTUWXY".replace(code[-1], ""):
        assert code_of(USCC, code[:-1] + character) == "bad-check-digit"


@pytest.mark.parametrize(
    "raw",
    [
        f" {ZERO_REMAINDER} ",
        ZERO_REMAINDER.lower(),
        f"'{ZERO_REMAINDER}",
        "91370785 QEFLCR63F0",
        "９１３７０７８５ＱＥＦＬＣＲ６３Ｆ０",
    ],
)
def test_s22_is_folded(raw: str) -> None:
    assert value_of(USCC, raw) == ZERO_REMAINDER


@pytest.mark.parametrize(
    "raw",
    [
        "9137",
        ZERO_REMAINDER + "0",
        "91370785SEFLCR63F0",
        "9137O785QEFLCR63F0",
        "甲公司",
        "91A70785QEFLCR63F0",
        date(2026, 9, 1),
        True,
    ],
)
def test_s22_shape_and_alphabet(raw: RawValue) -> None:
    assert code_of(USCC, raw) == "bad-code"


def test_s22_a_misread_letter_is_proposed_and_never_applied() -> None:
    reject = parse_cell(column_of(USCC), ZERO_REMAINDER[:-1] + "O", PLAIN).reject
    assert reject is not None
    assert reject.code == "bad-code"
    assert ZERO_REMAINDER in reject.text


def test_s23_a_right_id_number() -> None:
    number = id_number()
    assert parse_id_number(number).value == number
    assert parse_id_number(f" {number[:6]} {number[6:]}").value == number


def test_s23_the_check_character_x() -> None:
    number = next(number for number in (id_number(sequence=n) for n in range(1, 99)) if number.endswith("X"))
    assert parse_id_number(number.lower()).value == number


def test_s23_fifteen_digits_are_the_same_person() -> None:
    number = id_number()
    assert parse_id_number(number[:6] + number[8:17]).value == number


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (id_number()[:-1] + ("0" if id_number()[-1] != "0" else "1"), "bad-check-digit"),
        (id_number("19900230"), "bad-code"),
        ("37078519900101", "bad-code"),
        ("370785900230001", "bad-code"),
        ("A12345678", "bad-code"),
        ("3707851990010100XX", "bad-code"),
    ],
)
def test_s23_wrong_id_numbers(raw: str, code: str) -> None:
    reject = parse_id_number(raw).reject
    assert reject is not None
    assert reject.code == code


@pytest.mark.parametrize("path", [PHONE, USCC, DISTRICT, "talents.id_number", NUMBER, "enterprises.chains"])
@pytest.mark.parametrize(
    "raw",
    [
        3.70785e17,
        1e15,
        370785199001010013,
        ScientificNumber(1.39e10),
        1.5,
        "3.70785E+17",
        "3.70785e17",
        "3E+17",
    ],
)
def test_s24_digits_lost(path: str, raw: RawValue) -> None:
    assert code_of(path, raw, CSV) == "digits-lost"


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        (DISTRICT, 370785.0, "370785"),
        (PHONE, 13900000000.0, "13900000000"),
        (PHONE, 139, "139"),
        ("talents.person_id", 999999999999999.0, "999999999999999"),
    ],
)
def test_s24_up_to_fifteen_digits_are_digits(path: str, raw: RawValue, expected: str) -> None:
    assert value_of(path, raw) == expected


@pytest.mark.parametrize("path", [PHONE, DISTRICT, USCC, OCCUPATION])
def test_s24_a_date_cell_is_no_code(path: str) -> None:
    assert code_of(path, date(2026, 9, 1)) == "bad-code"


def test_a_code_that_only_looks_a_little_like_a_number_is_kept() -> None:
    assert value_of("carriers.carrier_id", "1E5") == "1E5"
    assert value_of("talents.person_id", "No／1") == "No/1"


@pytest.mark.parametrize("raw", ["Y" + "1" * 21, "S" + "2" * 21, "AB" + "3" * 20, "4" * 16, "y" + "1" * 21])
def test_s26_known_schemes(raw: str) -> None:
    assert value_of(NUMBER, raw) == raw.upper()
    assert warnings_of(NUMBER, raw) == []


@pytest.mark.parametrize("raw", ["鲁1234", "1" * 17, "X" + "1" * 21])
def test_s26_unknown_schemes_are_kept(raw: str) -> None:
    assert value_of(NUMBER, raw) == raw
    assert warnings_of(NUMBER, raw) == ["unknown-certificate-scheme"]


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        (DISTRICT, "３７０７８５", "370785"),
        (OCCUPATION, "6-18-01-01", "6-18-01-01"),
        (OCCUPATION, "6-18-01", "6-18-01"),
        (OCCUPATION, "6-18-01-01-02", "6-18-01-01-02"),
        (OCCUPATION, "6-18-01-01@2022", "6-18-01-01@2022"),
        (OCCUPATION, "６－１８－０１－０１", "6-18-01-01"),
        (SOFT_CODE, " A1 ", "A1"),
        (EMPLOYER, ZERO_REMAINDER.lower(), ZERO_REMAINDER),
        (EMPLOYER, "甲　乙公司", "甲乙公司"),
        ("offerings.major", "0101@2022", "0101@2022"),
    ],
)
def test_s45_well_formed_references_are_kept(path: str, raw: str, expected: str) -> None:
    assert value_of(path, raw) == expected


@pytest.mark.parametrize(
    ("path", "raw", "code"),
    [
        (DISTRICT, "37078", "bad-code"),
        (DISTRICT, "某区", "bad-code"),
        (OCCUPATION, "6-18", "bad-code"),
        (OCCUPATION, "车工", "bad-code"),
        (OCCUPATION, "6-18-01-1", "bad-code"),
        (SOFT_CODE, "A1,A2", "bad-code"),
        (SOFT_CODE, "A1，A2", "bad-code"),
        (SOFT_CODE, "A|B", "bad-code"),
        (SOFT_CODE, "A/B", "bad-code"),
        (EMPLOYER, ZERO_REMAINDER[:-1] + "1", "bad-check-digit"),
        (EMPLOYER, "91370785SEFLCR63F0", "bad-code"),
        (EMPLOYER, "91370785", "bad-code"),
    ],
)
def test_s45_ill_formed_references(path: str, raw: str, code: str) -> None:
    assert code_of(path, raw) == code
