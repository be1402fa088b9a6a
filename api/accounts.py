"""Accounts, one-time links, sessions and tokens; secrets are stored hashed and shown once."""

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kg.errors import BusyError, InvalidInputError, NotFoundError, RefusedError, UnauthenticatedError
from kg.model.viewers import Role, Viewer
from kg.ports import Ledger
from loaders.checks import fold_uscc, parse_uscc

LINK_MINUTES: Final = 15
CHECKS_AT_ONCE: Final = 4
"""Passwords checked at one time: each takes a core for a while, and other questions must go on being answered."""
SESSION_HOURS: Final = 12
LOCK_FAILURES: Final = 5
LOCK_MINUTES: Final = 15
MAX_TOKEN_DAYS: Final = 3650
PASSWORD_MIN: Final = 10
PASSWORD_MAX: Final = 200

Record = dict[str, Any]
DIGEST_SHOWN: Final = 12
_STRANGER: Final[Mapping[str, Any]] = {"failures": 0, "locked_until": None}
_MOST_STRANGERS: Final = 10_000
_LOCKED: Final = f"连续输错 {LOCK_FAILURES} 次，请 {LOCK_MINUTES} 分钟后再试"
_BAD_CREDENTIALS: Final = "用户名或密码不对，请重试；忘记密码请向管理员要一个新链接"
_LINK_OVER: Final = "这个链接已经用过或过期，请向管理员要一个新的"


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """Return a hash that no password has: looking it up takes as long for a name that does not exist."""
    return _hasher().hash(secrets.token_urlsafe(32))


class Accounts:
    """Who may sign in. Everything is kept in the ledger; nothing secret is kept plain."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._checking = threading.BoundedSemaphore(CHECKS_AT_ONCE)
        self._hasher = _hasher()
        self._nobody = _nobodys_hash()
        self._strangers: dict[str, Mapping[str, Any]] = {}

    # -- users ----------------------------------------------------------------------------------------------

    def add(self, name: str, role: Role, org: str | None) -> str:
        """Create a user and return his one-time link token (15 minutes); names are unique."""
        if not 1 <= len(name) <= 100 or name != name.strip() or not name.isprintable():
            raise InvalidInputError("用户名应为 1 到 100 个字，前后没有空格", field="name", value=name)
        if role is Role.PUBLIC:
            raise InvalidInputError("公众无需账号", field="role", value=role)
        if (org is not None) != (role in {Role.ENTERPRISE, Role.SCHOOL}):
            raise InvalidInputError(
                "企业和院校账号要用 --org 写明统一社会信用代码，其他角色不要写", field="org", value=org
            )
        if org is not None:
            org = _checked_org(org)
        record = {
            "role": role.value,
            "org": org,
            "password": None,
            "disabled": False,
            "failures": 0,
            "locked_until": None,
        }
        if not self._ledger.put("users", name, record, fresh=True):
            raise RefusedError(f"用户“{name}”已经存在，请换一个名字", name=name)
        return self.link(name)

    def users(self) -> list[Record]:
        """Return all users without their secrets."""
        shown = ("role", "org", "disabled")
        return [
            {"name": name, **{key: user[key] for key in shown}} for name, user in self._ledger.items("users")
        ]

    def disable(self, name: str) -> None:
        """Disable a user; his sessions, tokens and links end with the next request."""
        self._change(name, lambda user: {**user, "disabled": True})

    def link(self, name: str, *, direct: bool = False) -> str:
        """Return a fresh one-time link token of a user, good for 15 minutes; `direct` signs in without a password."""
        self._enabled(name)
        token = secrets.token_urlsafe(32)
        until = self._clock() + timedelta(minutes=LINK_MINUTES)
        self._ledger.put(
            "links", _digest(token), {"user": name, "until": until.isoformat(), "direct": direct}
        )
        return token

    def redeem(self, token: str, password: str) -> str:
        """Use a one-time link to set the password and return the user's name; sessions that are open end.

        A link that signs in without a password sets none.
        """
        link, key = self._open_link(token)
        name, hashed = str(link["user"]), self._hash(password)
        if link["direct"] or not self._ledger.put("links", key, None, expect=link):
            raise UnauthenticatedError(_LINK_OVER, code="link-expired")
        self._change(name, lambda user: {**user, "password": hashed, "failures": 0, "locked_until": None})
        self._forget("sessions", name)
        self._forget("links", name)
        return name

    def enter(self, token: str) -> str:
        """Use a one-time link that signs in without a password (demo only); return a session token."""
        link, key = self._open_link(token)
        if not link["direct"] or not self._ledger.put("links", key, None, expect=link):
            raise UnauthenticatedError(_LINK_OVER, code="link-expired")
        return self._session(str(link["user"]))

    def is_direct(self, token: str) -> bool:
        """True when the link signs in without a password. Raises UnauthenticatedError for one that is over."""
        return bool(self._open_link(token)[0]["direct"])

    def _forget(self, collection: str, name: str) -> None:
        for key, record in self._ledger.items(collection):
            if record["user"] == name or self._past(record["until"]):
                self._ledger.put(collection, key, None)

    def _open_link(self, token: str) -> tuple[Mapping[str, Any], str]:
        key = _digest(token)
        link = self._ledger.get("links", key)
        user = None if link is None else self._ledger.get("users", str(link["user"]))
        if link is None or self._past(link["until"]) or user is None or user["disabled"]:
            raise UnauthenticatedError(_LINK_OVER, code="link-expired")
        return link, key

    # -- signing in -----------------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str) -> str:
        """Return a session token for the right password; five failures lock the account for 15 minutes."""
        if not self._checking.acquire(blocking=False):
            raise BusyError("同时登录的人太多，请过几秒再试", retry_after=2)
        try:
            return self._check_in(name, password)
        finally:
            self._checking.release()

    def _check_in(self, name: str, password: str) -> str:
        user = self._ledger.get("users", name)
        if self._locked(self._strangers.get(name, _STRANGER) if user is None else user):
            raise UnauthenticatedError(_LOCKED, code="locked")
        if not self._verify(user, password):
            if user is None:
                self._failed_stranger(name)
            else:
                self._change(name, self._failed)
            raise UnauthenticatedError(_BAD_CREDENTIALS, code="bad-credentials")
        if not self._change(name, self._succeeded):
            raise UnauthenticatedError(_LOCKED, code="locked")
        return self._session(name)

    def _locked(self, user: Mapping[str, Any]) -> bool:
        return user["locked_until"] is not None and not self._past(user["locked_until"])

    def _failed(self, user: Mapping[str, Any]) -> Mapping[str, Any]:
        """Count a wrong password; who tries many at once is locked out all the same."""
        if self._locked(user):
            return user
        failures = int(user["failures"]) + 1
        if failures < LOCK_FAILURES:
            return {**user, "failures": failures, "locked_until": None}
        until = self._clock() + timedelta(minutes=LOCK_MINUTES)
        return {**user, "failures": 0, "locked_until": until.isoformat()}

    def _failed_stranger(self, name: str) -> None:
        """Count for a name that nobody has, too: whoever tries names must not learn from a lock which ones exist."""
        found = self._failed(self._strangers.pop(name, _STRANGER))
        while len(self._strangers) >= _MOST_STRANGERS:
            self._strangers.pop(next(iter(self._strangers), ""), None)
        self._strangers[name] = found

    def _succeeded(self, user: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return None if self._locked(user) else {**user, "failures": 0, "locked_until": None}

    def sign_out(self, session: str) -> None:
        """End a session."""
        self._ledger.put("sessions", _digest(session), None)

    def viewer_of_session(self, session: str) -> Viewer | None:
        """Return who a session belongs to; None when it is unknown or over."""
        return self._viewer("sessions", session)

    # -- tokens ---------------------------------------------------------------------------------------------

    def create_token(self, name: str, days: int) -> str:
        """Return a bearer token of a user, shown once."""
        if not 1 <= days <= MAX_TOKEN_DAYS:
            raise InvalidInputError(f"天数应在 1 到 {MAX_TOKEN_DAYS} 之间", field="days", value=days)
        self._enabled(name)
        token = f"jt_{secrets.token_urlsafe(32)}"
        until = self._clock() + timedelta(days=days)
        self._ledger.put("tokens", _digest(token), {"user": name, "until": until.isoformat()})
        return token

    def revoke_token(self, token: str) -> None:
        """Revoke a token: the token itself, or the first digits of its digest (at least as many as `tokens` shows)."""
        wanted = _digest(token) if token.startswith("jt_") else token
        found = [key for key, _ in self._ledger.items("tokens") if key.startswith(wanted)]
        if len(wanted) < DIGEST_SHOWN or len(found) != 1:
            raise NotFoundError("没有这个令牌，可能已经撤销；可用令牌的编号见 jiangtu token list")
        self._ledger.put("tokens", found[0], None)

    def tokens(self) -> list[Record]:
        """Return all tokens by the first digits of their digest, which is enough to revoke one."""
        return [
            {"id": key[:DIGEST_SHOWN], "user": record["user"], "until": record["until"]}
            for key, record in self._ledger.items("tokens")
        ]

    def viewer_of_token(self, token: str) -> Viewer:
        """Return who a bearer token belongs to; UnauthenticatedError when it is unknown, expired or revoked."""
        viewer = self._viewer("tokens", token)
        if viewer is None:
            raise UnauthenticatedError("令牌无效、过期或已撤销，请向管理员要一个新的")
        return viewer

    # -- inside ---------------------------------------------------------------------------------------------

    def _viewer(self, collection: str, token: str) -> Viewer | None:
        record = self._ledger.get(collection, _digest(token))
        if record is None or self._past(record["until"]):
            return None
        user = self._ledger.get("users", str(record["user"]))
        if user is None or user["disabled"]:
            return None
        return Viewer(
            name=str(record["user"]), roles=frozenset({Role(str(user["role"]))}), org=_text(user["org"])
        )

    def _session(self, name: str) -> str:
        token = secrets.token_urlsafe(32)
        until = self._clock() + timedelta(hours=SESSION_HOURS)
        self._ledger.put("sessions", _digest(token), {"user": name, "until": until.isoformat()})
        return token

    def _user(self, name: str) -> Mapping[str, Any]:
        user = self._ledger.get("users", name)
        if user is None:
            raise NotFoundError(f"没有用户“{name}”，请检查名字（jiangtu user list）")
        return user

    def _hash(self, password: str) -> str:
        if len(password) < PASSWORD_MIN or len(password) > PASSWORD_MAX:
            raise InvalidInputError(f"密码应为 {PASSWORD_MIN} 到 {PASSWORD_MAX} 个字", field="password")
        return self._hasher.hash(password)

    def _verify(self, user: Mapping[str, Any] | None, password: str) -> bool:
        """True for the right password; takes as long for users that cannot sign in."""
        usable = user is not None and user["password"] is not None and not user["disabled"]
        stored = str(user["password"]) if user is not None and usable else self._nobody
        try:
            return self._hasher.verify(stored, password) and usable
        except (VerificationError, InvalidHashError):
            return False

    def _enabled(self, name: str) -> None:
        if self._user(name)["disabled"]:
            raise RefusedError(f"用户“{name}”已停用，请另建账号", name=name)

    def _change(self, name: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]) -> bool:
        """Change a user whatever others change at the same time; False when `change` gives None."""
        while True:
            user = self._user(name)
            changed = change(user)
            if changed is None:
                return False
            if changed == user or self._ledger.put("users", name, changed, expect=user):
                return True

    def _past(self, moment: object) -> bool:
        return datetime.fromisoformat(str(moment)) < self._clock()


def _checked_org(text: str) -> str:
    parsed = parse_uscc(text)
    if parsed.reject is not None:
        code, reason = parsed.reject
        raise InvalidInputError(f"{text} {reason}", field="org", value=text, code=code)
    return fold_uscc(text)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
