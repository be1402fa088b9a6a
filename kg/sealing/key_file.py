"""The key file: 32 random bytes as one line of text, readable by its owner only, written once and never changed."""

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from kg.errors import SettingsError, WrongKeyError

KEY_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_or_create_key(path: Path, *, create: bool) -> bytes:
    """Return the key at `path`; with `create`, write a new one when there is none.

    Raises SettingsError (missing, unreadable, open to others) or WrongKeyError (not a key).
    """
    try:
        if create and not path.exists():
            _create(path)
        return _read(path)
    except FileNotFoundError:
        raise SettingsError(
            f"找不到密钥文件 {path}；请放回原来的密钥文件，新建数据目录时由程序自动生成。", path=str(path)
        ) from None
    except OSError as error:
        raise SettingsError(
            f"无法读写密钥文件 {path}（{error.strerror}）；请检查目录权限和磁盘空间。", path=str(path)
        ) from error


def _create(path: Path) -> None:
    """Write a whole key beside the target and link it in place: of two processes one wins, none sees half a file."""
    text = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(handle, text)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.link(draft, path)
        _sync_folder(path.parent)
    except FileExistsError:
        pass  # another process was first; its key is the key
    finally:
        draft.unlink()


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> bytes:
    with path.open("rb") as handle:
        mode = os.fstat(handle.fileno()).st_mode
        if os.name == "posix" and mode & _OTHERS:
            raise SettingsError(
                f"密钥文件 {path} 的权限是 {stat.S_IMODE(mode):o}，其他用户也能读写；请执行 chmod 600 {path}。",
                path=str(path),
            )
        text = handle.read(4096)
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise WrongKeyError(
            f"{path} 不是有效的密钥文件（应为 {KEY_BYTES} 字节密钥的一行文字）；请放回原来的密钥文件。",
            path=str(path),
        )
    return key
