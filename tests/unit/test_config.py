"""Settings: read once, unknown names refused, every bad value told."""

from pathlib import Path

import pytest

from kg.config import Settings, read_settings
from kg.errors import SettingsError


def _refused(environment: dict[str, str], folder: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(environment, folder)
    assert refused.value.code == "bad-setting"
    return refused.value.message


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    settings = read_settings({"PATH": "/bin", "OTHER_JIANGTU_X": "1"}, tmp_path)
    assert settings == Settings()
    assert (settings.data, settings.store) == (Path("data"), "sqlite:jiangtu.db")
    assert settings.key_path == Path("data/jiangtu.key")


def test_every_setting_can_be_set_and_is_described(tmp_path: Path) -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        value = {"log": "debug", "history_days": "30", "public_url": "https://talent.example.cn"}.get(
            name, "some/where"
        )
        settings = read_settings({f"JIANGTU_{name.upper()}": value}, tmp_path)
        assert str(getattr(settings, name)) == value


def test_the_environment_wins_over_the_file_and_overrides_win_over_both(tmp_path: Path) -> None:
    (tmp_path / "jiangtu.toml").write_text('data = "a"\nlog = "error"\n', encoding="utf-8")
    assert read_settings({}, tmp_path).data == Path("a")
    settings = read_settings({"JIANGTU_DATA": "b"}, tmp_path)
    assert (settings.data, settings.log) == (Path("b"), "error")
    assert read_settings({"JIANGTU_DATA": "b"}, tmp_path, data=Path("c")).data == Path("c")


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    assert read_settings({"JIANGTU_DATA": ""}, tmp_path).data == Path("data")


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    told = _refused({"JIANGTU_DATEN": "x"}, tmp_path)
    assert "JIANGTU_DATEN" in told
    assert "JIANGTU_DATA" in told
    (tmp_path / "jiangtu.toml").write_text('daten = "x"\n', encoding="utf-8")
    assert "daten" in _refused({}, tmp_path)


def test_an_unknown_name_is_refused_even_when_empty(tmp_path: Path) -> None:
    assert "JIANGTU_DATEN" in _refused({"JIANGTU_DATEN": ""}, tmp_path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("data = 5", "data"),
        ("log = true", "log"),
        ('[data]\nx = "y"', "data"),
        ("public_url = []", "public_url"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "jiangtu.toml").write_text(text, encoding="utf-8")
    told = _refused({}, tmp_path)
    assert name in told
    assert "docs/reference/settings.md" in told


def test_a_value_out_of_range_is_told_with_what_is_meant(tmp_path: Path) -> None:
    told = _refused({"JIANGTU_HISTORY_DAYS": "0"}, tmp_path)
    assert "history_days 的值 '0' 不对" in told
    assert "1 或更大的整数" in told


def test_one_setting_in_both_spellings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jiangtu.toml").write_text('JIANGTU_LOG = "error"\nlog = "info"\n', encoding="utf-8")
    assert "log 写了两次" in _refused({}, tmp_path)


@pytest.mark.parametrize("content", [b"data = ", b"\xff\xfe", b'data = "a"\ndata = "b"'])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "jiangtu.toml").write_bytes(content)
    assert "jiangtu.toml" in _refused({}, tmp_path)


def test_an_unknown_log_level_is_refused(tmp_path: Path) -> None:
    assert "JIANGTU_LOG" in _refused({"JIANGTU_LOG": "loud"}, tmp_path)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().log = "debug"  # type: ignore[misc]  # that is the point


def test_the_file_takes_a_setting_under_either_spelling_and_names_its_own(tmp_path: Path) -> None:
    path = tmp_path / "jiangtu.toml"
    path.write_text('JIANGTU_DATA = "a"\nlog = "error"\n', encoding="utf-8")
    settings = read_settings({}, tmp_path)
    assert (settings.data, settings.log) == (Path("a"), "error")
    path.write_text('daten = "x"\n', encoding="utf-8")
    told = _refused({}, tmp_path)
    assert told.endswith("可用：" + "、".join(sorted(Settings.model_fields)))
    path.write_text('JIANGTU_DATEN = "x"\n', encoding="utf-8")
    assert "JIANGTU_DATEN" in _refused({}, tmp_path)


@pytest.mark.parametrize("url", ["foo", "talent.example.cn", "https://", "ftp://x", "javascript:alert(1)"])
def test_a_public_address_that_links_could_not_begin_with_is_refused(tmp_path: Path, url: str) -> None:
    assert "JIANGTU_PUBLIC_URL" in _refused({"JIANGTU_PUBLIC_URL": url}, tmp_path)
