"""The key file and what is made with it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kg.errors import SettingsError, WrongKeyError
from kg.model.graph import RowId, Value
from kg.sealing.key_file import read_or_create_key
from kg.sealing.sealer import Sealer

ROW = RowId("人才库", "talents", "p1")
VALUES: dict[str, Value] = {
    "name": "测试甲",
    "phone": "*",
    "age": 40,
    "share": 0.5,
    "retired": True,
    "note": None,
    "tags": ("甲", "乙"),
}


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(bytes(range(32)))


def test_a_new_key_file_is_private_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    first = Sealer.open(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text(encoding="ascii").strip()) == 44
    assert Sealer.open(path, create=False).fingerprint == first.fingerprint
    assert Sealer.open(path, create=True).fingerprint == first.fingerprint
    assert [entry.name for entry in tmp_path.iterdir()] == ["k.key"]


def test_many_starters_share_one_key(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_create_key(path, create=True), range(32)))
    assert len(keys) == 1


def test_a_missing_key_file_is_refused_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="找不到密钥文件"):
        Sealer.open(tmp_path / "none.key", create=False)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        Sealer.open(tmp_path / "none" / "k.key", create=True)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "k.key"
    Sealer.open(path, create=True)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        Sealer.open(path, create=False)


@pytest.mark.parametrize("content", [b"", b"short", b"A" * 40 + b"==", b"\xff" * 44, b"A" * 88])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "k.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(WrongKeyError, match="不是有效的密钥文件"):
        Sealer.open(path, create=False)


def test_sealed_values_come_back_and_differ_each_time(sealer: Sealer) -> None:
    first, second = sealer.seal(VALUES, ROW), sealer.seal(VALUES, ROW)
    assert first != second
    assert "测试甲".encode() not in first
    assert sealer.unseal(first, ROW) == VALUES


def test_another_key_another_row_or_changed_bytes_do_not_open(sealer: Sealer) -> None:
    data = sealer.seal(VALUES, ROW)
    with pytest.raises(WrongKeyError):
        Sealer(b"\x01" * 32).unseal(data, ROW)
    with pytest.raises(WrongKeyError):
        sealer.unseal(data, ROW._replace(key="p2"))
    for position in (0, 1, 20, len(data) - 1):
        changed = bytearray(data)
        changed[position] ^= 1
        with pytest.raises(WrongKeyError):
            sealer.unseal(bytes(changed), ROW)
    for length in (0, 5, 13):
        with pytest.raises(WrongKeyError):
            sealer.unseal(data[:length], ROW)


def test_a_mark_tells_content_not_order(sealer: Sealer) -> None:
    turned = dict(reversed(VALUES.items()))
    assert sealer.mark(VALUES) == sealer.mark(turned) == sealer.mark({**VALUES, "other": None})
    assert sealer.mark(VALUES) != sealer.mark({**VALUES, "age": 41})
    assert sealer.mark(VALUES) != Sealer(b"\x01" * 32).mark(VALUES)
    assert sealer.mark({}) == sealer.mark({"note": None}) == ""


def test_tokens_keep_parts_apart(sealer: Sealer) -> None:
    assert sealer.token("ab", "c") != sealer.token("a", "bc")
    assert sealer.token("a") != sealer.token("a", "")
    assert sealer.talent_key("s", "1") == sealer.talent_key("s", "1") != sealer.talent_key("1", "s")
    assert len(sealer.talent_key("s", "1")) == 32


def test_an_identity_card_needs_no_type(sealer: Sealer) -> None:
    number = "11010119900101001x"
    same = {sealer.id_token(kind, number) for kind in (None, "身份证", "居民身份证")}
    assert same == {sealer.id_token(None, number.upper())}
    assert sealer.id_token("护照", number) not in same


def test_tie_keys_are_full_digests_over_both_parts(sealer: Sealer) -> None:
    assert len(sealer.tie_key("q", "e")) == 64
    assert sealer.tie_key("q", "e") != sealer.tie_key("q", "f") != sealer.tie_key("r", "f")


def test_a_sealer_shows_only_its_fingerprint(sealer: Sealer) -> None:
    assert repr(sealer) == f"Sealer(fingerprint='{sealer.fingerprint}')"
    assert len(sealer.fingerprint) == 16


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(WrongKeyError):
        Sealer(b"short")
