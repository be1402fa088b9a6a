"""Accounts, one-time links, sessions and tokens; secrets are stored hashed and shown once."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kg.errors import InvalidInputError, NotFoundError, RefusedError, UnauthenticatedError
from kg.model.viewers import Role, Viewer
from kg.ports import Ledger

LINK_MINUTES: Final = 15
SESSION_HOURS: Final = 12
LOCK_FAILURES: Final = 5
LOCK_MINUTES: Final = 15
MAX_TOKEN_DAYS: Final = 3650
PASSWORD_MIN: Final = 10

Record = dict[str, Any]
_LINK_OVER: Final = "这个链接已经用过或过期，请向管理员要一个新的"


class Accounts:
    """Who may sign in. Everything is kept in the ledger; nothing secret is kept plain."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

    # -- users ----------------------------------------------------------------------------------------------

    def add(self, name: str, role: Role, org: str | None) -> str:
        """Create a user and return his one-time link token (15 minutes); names are unique."""
        if not name.strip() or len(name) > 100:
            raise InvalidInputError("用户名应为 1 到 100 个字", field="name", value=name)
        if role is Role.PUBLIC:
            raise InvalidInputError("公众无需账号", field="role", value=role)
        if (org is not None) != (role in {Role.ENTERPRISE, Role.SCHOOL}):
            raise InvalidInputError(
                "企业和院校账号要用 --org 写明统一社会信用代码，其他角色不要写", field="org", value=org
            )
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
        """Disable a user; his sessions and tokens end with the next request."""
        user = self._user(name)
        self._ledger.put("users", name, {**user, "disabled": True})

    def link(self, name: str, *, direct: bool = False) -> str:
        """Return a fresh one-time link token of a user, good for 15 minutes; `direct` signs in without a password."""
        self._user(name)
        token = secrets.token_urlsafe(32)
        until = self._clock() + timedelta(minutes=LINK_MINUTES)
        self._ledger.put(
            "links", _digest(token), {"user": name, "until": until.isoformat(), "direct": direct}
        )
        return token

    def redeem(self, token: str, password: str) -> str:
        """Use a one-time link to set the password; return the user's name."""
        link, key = self._open_link(token)
        name = str(link["user"])
        changed = {**self._user(name), "password": self._hash(password), "failures": 0, "locked_until": None}
        if not self._ledger.put("links", key, None, expect=link):
            raise UnauthenticatedError(_LINK_OVER, code="link-expired")
        self._ledger.put("users", name, changed)
        return name

    def enter(self, token: str) -> str:
        """Use a one-time link that signs in without a password (demo only); return a session token."""
        link, key = self._open_link(token)
        if not link["direct"] or not self._ledger.put("links", key, None, expect=link):
            raise UnauthenticatedError(_LINK_OVER, code="link-expired")
        return self._session(str(link["user"]))

    def is_direct(self, token: str) -> bool:
        """True when the link signs in without a password."""
        link = self._ledger.get("links", _digest(token))
        return link is not None and bool(link["direct"])

    def _open_link(self, token: str) -> tuple[Mapping[str, Any], str]:
        key = _digest(token)
        link = self._ledger.get("links", key)
        if link is None or self._past(link["until"]):
            raise UnauthenticatedError(_LINK_OVER, code="link-expired")
        return link, key

    # -- signing in -----------------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str) -> str:
        """Return a session token for the right password; five failures lock the account for 15 minutes."""
        user = self._ledger.get("users", name)
        if user is not None and user["locked_until"] is not None and not self._past(user["locked_until"]):
            raise UnauthenticatedError(
                f"连续输错 {LOCK_FAILURES} 次，请 {LOCK_MINUTES} 分钟后再试", code="locked"
            )
        if user is None or user["password"] is None or user["disabled"] or not self._verify(user, password):
            self._count_failure(name, user)
            raise UnauthenticatedError(
                "用户名或密码不对，请重试；忘记密码请向管理员要一个新链接", code="bad-credentials"
            )
        if user["failures"]:
            self._ledger.put("users", name, {**user, "failures": 0, "locked_until": None})
        return self._session(name)

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
        self._user(name)
        token = f"jt_{secrets.token_urlsafe(32)}"
        until = self._clock() + timedelta(days=days)
        self._ledger.put("tokens", _digest(token), {"user": name, "until": until.isoformat()})
        return token

    def revoke_token(self, token: str) -> None:
        """Revoke a token (the token itself or the first digits of its digest are both accepted)."""
        key = _digest(token) if token.startswith("jt_") else token
        if self._ledger.get("tokens", key) is None:
            raise NotFoundError("没有这个令牌，可能已经撤销")
        self._ledger.put("tokens", key, None)

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
        if len(password) < PASSWORD_MIN or len(password) > 200:
            raise InvalidInputError(f"密码至少 {PASSWORD_MIN} 个字", field="password")
        return self._hasher.hash(password)

    def _verify(self, user: Mapping[str, Any], password: str) -> bool:
        try:
            return self._hasher.verify(str(user["password"]), password)
        except (VerificationError, InvalidHashError):
            return False

    def _count_failure(self, name: str, user: Mapping[str, Any] | None) -> None:
        if user is None:
            self._hasher.hash("as slow as a real check")
            return
        failures = int(user["failures"]) + 1
        locked = None
        if failures >= LOCK_FAILURES:
            failures, locked = 0, (self._clock() + timedelta(minutes=LOCK_MINUTES)).isoformat()
        self._ledger.put("users", name, {**user, "failures": failures, "locked_until": locked})

    def _past(self, moment: object) -> bool:
        return datetime.fromisoformat(str(moment)) < self._clock()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
