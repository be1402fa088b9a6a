"""Settings: read once, at the edge, from `JIANGTU_*` and `jiangtu.toml`; unknown names are refused."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from kg.errors import SettingsError

PREFIX: Final = "JIANGTU_"
FILE_NAME: Final = "jiangtu.toml"


class Settings(BaseModel, frozen=True, extra="forbid"):
    """Every setting of the service (`docs/reference/settings.md`)."""

    data: Path = Field(Path("data"), description="数据文件夹")
    store: str = Field(
        "sqlite:jiangtu.db",
        description="存储：sqlite:文件名（相对于数据文件夹），neo4j://主机:7687（加密用 neo4j+s、bolt+s；单台也可用 bolt），或 memory:（只供试用，关闭即失）",
    )
    neo4j_user: str = Field("neo4j", description="Neo4j 用户名")
    neo4j_password_file: Path | None = Field(
        None, description="写有 Neo4j 密码的文件；用 neo4j:// 存储时必填"
    )
    neo4j_database: str = Field("neo4j", description="Neo4j 数据库名；社区版只有 neo4j")
    policy: Path | None = Field(None, description="策略文件；不填用随产品的默认策略")
    key_file: Path | None = Field(
        None, description="密钥文件；不填为数据文件夹里的 jiangtu.key，首次启动时生成"
    )
    history_days: int | None = Field(
        None, ge=1, description="变更日志保留多少天（1 或更大的整数），供命令 prune 使用；不填则一直保留"
    )
    public_url: str | None = Field(None, description="对外网址，用于一次性登录链接")
    log: str = Field("info", description="日志级别：debug、info、warning、error")

    @property
    def key_path(self) -> Path:
        """Where the key file is."""
        return self.key_file or self.data / "jiangtu.key"


def read_settings(environment: Mapping[str, str], folder: Path, **overrides: object) -> Settings:
    """Return the settings of the environment over `jiangtu.toml` in `folder`; `overrides` win over both.

    Raises SettingsError for unknown names, values of the wrong type and an unreadable file.
    """
    known = set(Settings.model_fields)
    found: dict[str, object] = {}
    path = folder / FILE_NAME
    if path.exists():
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"读不了设置文件 {path}：请检查 TOML 写法并存为 UTF-8") from error
        spelt = {key: _name(key) if key.startswith(PREFIX) else key for key in told}
        _refuse_unknown(spelt, {name: name for name in known}, f"{path} ")
        twice = [name for name, times in Counter(spelt.values()).items() if times > 1]
        if twice:
            raise SettingsError(f"{path} 里的设置 {twice[0]} 写了两次，请删去一处", name=twice[0])
        found.update({name: told[key] for key, name in spelt.items()})
    named = {key: _name(key) for key in environment if key.startswith(PREFIX)}
    _refuse_unknown(named, {name: f"{PREFIX}{name.upper()}" for name in known}, "环境变量")
    found.update({name: environment[key] for key, name in named.items() if environment[key]})
    found.update({key: value for key, value in overrides.items() if value is not None})
    try:
        settings = Settings.model_validate(found)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        meant = Settings.model_fields[name].description
        raise SettingsError(
            f"设置 {name} 的值 {found[name]!r} 不对（{meant}）。请参照 docs/reference/settings.md 改正",
            name=name,
        ) from error
    _demand_address(settings.public_url)
    if settings.log not in {"debug", "info", "warning", "error"}:
        raise SettingsError(
            f"{PREFIX}LOG 应为 debug、info、warning、error 之一，现为 {settings.log!r}", name="log"
        )
    return settings


def _demand_address(url: str | None) -> None:
    """Refuse a public address that links could not begin with."""
    parts = None if url is None else urlsplit(url)
    if parts is not None and not (parts.scheme in {"http", "https"} and parts.hostname):
        text = f"{PREFIX}PUBLIC_URL 应以 http:// 或 https:// 开头并写明主机，现为 {url!r}"
        raise SettingsError(text, name="public_url")


def _name(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower()


def _refuse_unknown(named: Mapping[str, str], known: Mapping[str, str], where: str) -> None:
    """Refuse a name (shown as it was written) that is none of `known`; those are told as they would be written there."""
    for shown, name in sorted(named.items()):
        if name not in known:
            allowed = "、".join(known[one] for one in sorted(known))
            raise SettingsError(f"{where}里的设置 {shown} 不认识，请改正或删去；可用：{allowed}", name=shown)
