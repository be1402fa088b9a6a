"""Sign-in: links, passwords, lock-out, sessions, tokens, forged requests."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.accounts import LOCK_FAILURES, PASSWORD_MIN, Accounts
from api.deps import COOKIE
from api.main import create_app
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.errors import BusyError, InvalidInputError, NotFoundError, RefusedError, UnauthenticatedError
from kg.model.viewers import Role
from tests.api.world import OWN

PASSWORD = "合成口令 12345"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **more: int) -> None:
        self.now += timedelta(**more)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def graph(tmp_path: Path, clock: Clock) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path / "data"), clock=clock) as opened:
        yield opened


@pytest.fixture
def accounts(graph: Graph) -> Accounts:
    return Accounts(graph.ledger, graph.clock)


@pytest.fixture
def client(graph: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(graph), follow_redirects=False) as opened:
        yield opened


def _with_password(accounts: Accounts, name: str = "li") -> None:
    accounts.redeem(accounts.add(name, Role.OFFICER, None), PASSWORD)


def _ledger_bytes(graph: Graph) -> bytes:
    return b"".join(path.read_bytes() for path in graph.settings.data.glob("jiangtu.ledger.db*"))


def _csrf(client: TestClient, path: str = "/sign-in") -> str:
    found = CSRF.search(client.get(path).text)
    assert found is not None
    return found.group(1)


# -- links and passwords ------------------------------------------------------------------------------------


def test_a_link_sets_a_password_once(accounts: Accounts) -> None:
    link = accounts.add("li", Role.OFFICER, None)
    assert accounts.redeem(link, PASSWORD) == "li"
    assert accounts.sign_in("li", PASSWORD)
    with pytest.raises(UnauthenticatedError, match="用过或过期"):
        accounts.redeem(link, "another 12345")
    assert accounts.sign_in("li", PASSWORD)


def test_a_link_lasts_fifteen_minutes(accounts: Accounts, clock: Clock) -> None:
    link = accounts.add("li", Role.OFFICER, None)
    clock.turn(minutes=15)
    late = accounts.add("wang", Role.OFFICER, None)
    assert accounts.redeem(link, PASSWORD) == "li"
    clock.turn(minutes=15, seconds=1)
    with pytest.raises(UnauthenticatedError):
        accounts.redeem(late, PASSWORD)


def test_two_at_once_cannot_both_use_a_link(accounts: Accounts) -> None:
    link, done = accounts.add("li", Role.OFFICER, None), []

    def use(password: str) -> None:
        try:
            accounts.redeem(link, password)
            done.append(password)
        except UnauthenticatedError:
            pass

    threads = [threading.Thread(target=use, args=(f"password {n:04}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert accounts.sign_in("li", done[0])


@pytest.mark.parametrize("password", ["", "short", "x" * (PASSWORD_MIN - 1), "x" * 201])
def test_passwords_have_a_length(accounts: Accounts, password: str) -> None:
    link = accounts.add("li", Role.OFFICER, None)
    with pytest.raises(InvalidInputError, match=str(PASSWORD_MIN)):
        accounts.redeem(link, password)
    assert accounts.redeem(link, PASSWORD) == "li"


def test_nothing_secret_is_stored_plain(accounts: Accounts, graph: Graph) -> None:
    link = accounts.add("li", Role.OFFICER, None)
    accounts.redeem(link, PASSWORD)
    session, token = accounts.sign_in("li", PASSWORD), accounts.create_token("li", 3)
    stored = _ledger_bytes(graph)
    for secret in (link, PASSWORD, session, token):
        assert secret.encode() not in stored
    assert b"$argon2id$" in stored


def test_a_new_password_ends_open_sessions_and_links(accounts: Accounts) -> None:
    _with_password(accounts)
    session, first, second = accounts.sign_in("li", PASSWORD), accounts.link("li"), accounts.link("li")
    accounts.redeem(first, "another 12345")
    assert accounts.viewer_of_session(session) is None
    with pytest.raises(UnauthenticatedError):
        accounts.redeem(second, PASSWORD)


def test_a_direct_link_enters_once_and_sets_no_password(accounts: Accounts) -> None:
    _with_password(accounts)
    link = accounts.link("li", direct=True)
    with pytest.raises(UnauthenticatedError):
        accounts.redeem(link, "another 12345")
    assert accounts.viewer_of_session(accounts.enter(link)) is not None
    with pytest.raises(UnauthenticatedError):
        accounts.enter(link)
    with pytest.raises(UnauthenticatedError):
        accounts.enter(accounts.link("li"))


# -- locking ------------------------------------------------------------------------------------------------


def test_five_failures_lock_for_fifteen_minutes(accounts: Accounts, clock: Clock) -> None:
    _with_password(accounts)
    for _ in range(LOCK_FAILURES):
        with pytest.raises(UnauthenticatedError) as refused:
            accounts.sign_in("li", "wrong password")
        assert refused.value.code == "bad-credentials"
    with pytest.raises(UnauthenticatedError, match="15 分钟") as locked:
        accounts.sign_in("li", PASSWORD)
    assert locked.value.code == "locked"
    clock.turn(minutes=15, seconds=1)
    assert accounts.sign_in("li", PASSWORD)


def test_a_success_starts_the_count_anew(accounts: Accounts) -> None:
    _with_password(accounts)
    for _ in range(2):
        for _ in range(LOCK_FAILURES - 1):
            with pytest.raises(UnauthenticatedError):
                accounts.sign_in("li", "wrong password")
        assert accounts.sign_in("li", PASSWORD)


def test_many_guesses_at_once_lock_all_the_same(accounts: Accounts) -> None:
    _with_password(accounts)

    def guess() -> None:
        turned_away = True
        while turned_away:
            with pytest.raises((UnauthenticatedError, BusyError)) as refused:
                accounts.sign_in("li", "wrong password")
            turned_away = isinstance(refused.value, BusyError)

    threads = [threading.Thread(target=guess) for _ in range(LOCK_FAILURES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(UnauthenticatedError) as locked:
        accounts.sign_in("li", PASSWORD)
    assert locked.value.code == "locked"


def test_unknown_users_are_told_like_wrong_passwords(accounts: Accounts) -> None:
    _with_password(accounts)
    accounts.add("new", Role.OFFICER, None)
    told = set()
    for name in ("li", "new", "nobody"):
        with pytest.raises(UnauthenticatedError) as refused:
            accounts.sign_in(name, "wrong password")
        told.add((refused.value.code, refused.value.message))
    assert len(told) == 1


# -- users --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role", "org"),
    [
        ("", Role.OFFICER, None),
        (" li", Role.OFFICER, None),
        ("li\n", Role.OFFICER, None),
        ("x" * 101, Role.OFFICER, None),
        ("li", Role.PUBLIC, None),
        ("li", Role.ENTERPRISE, None),
        ("li", Role.OFFICER, OWN),
        ("li", Role.ENTERPRISE, OWN[:-1] + ("0" if OWN[-1] != "0" else "1")),
        ("li", Role.SCHOOL, "某单位"),
    ],
)
def test_bad_users_are_refused(accounts: Accounts, name: str, role: Role, org: str | None) -> None:
    with pytest.raises(InvalidInputError):
        accounts.add(name, role, org)
    assert accounts.users() == []


def test_a_name_is_used_once(accounts: Accounts) -> None:
    accounts.add("li", Role.OFFICER, None)
    with pytest.raises(RefusedError, match="已经存在"):
        accounts.add("li", Role.PLANNER, None)
    assert [user["role"] for user in accounts.users()] == ["officer"]


def test_the_credit_code_is_folded(accounts: Accounts) -> None:
    accounts.add("firm", Role.ENTERPRISE, f" {OWN.lower()}")
    assert accounts.users()[0]["org"] == OWN


# -- tokens -------------------------------------------------------------------------------------------------


def test_a_token_expires_and_can_be_revoked(accounts: Accounts, clock: Clock) -> None:
    _with_password(accounts)
    one, two, three = (accounts.create_token("li", 2) for _ in range(3))
    assert accounts.viewer_of_token(one).name == "li"
    accounts.revoke_token(one)
    listed = accounts.tokens()
    assert len(listed) == 2
    assert not any(two in str(item) or three in str(item) for item in listed)
    accounts.revoke_token(listed[0]["id"])
    assert len(accounts.tokens()) == 1
    clock.turn(days=2, seconds=1)
    for token in (one, two, three):
        with pytest.raises(UnauthenticatedError):
            accounts.viewer_of_token(token)


@pytest.mark.parametrize("given", ["", "jt_unknown", "0", "ff", "0" * 64])
def test_an_unknown_token_is_not_revoked(accounts: Accounts, given: str) -> None:
    _with_password(accounts)
    accounts.create_token("li", 2)
    with pytest.raises(NotFoundError):
        accounts.revoke_token(given)
    assert len(accounts.tokens()) == 1


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_tokens_have_an_end(accounts: Accounts, days: int) -> None:
    _with_password(accounts)
    with pytest.raises(InvalidInputError):
        accounts.create_token("li", days)


def test_a_disabled_user_is_out_at_the_next_request(client: TestClient, accounts: Accounts) -> None:
    _with_password(accounts)
    token, session = accounts.create_token("li", 2), accounts.sign_in("li", PASSWORD)
    link = accounts.link("li")
    bearer = {"Authorization": f"Bearer {token}"}
    client.cookies.set(COOKIE, session)
    assert client.get("/api/v1/me", headers=bearer).json()["name"] == "li"
    assert client.get("/api/v1/me").json()["name"] == "li"
    accounts.disable("li")
    assert client.get("/api/v1/me", headers=bearer).status_code == 401
    assert client.get("/api/v1/me").json()["name"] == "public"
    with pytest.raises(UnauthenticatedError):
        accounts.redeem(link, "another 12345")
    with pytest.raises(UnauthenticatedError):
        accounts.sign_in("li", PASSWORD)
    for refused in (lambda: accounts.create_token("li", 2), lambda: accounts.link("li")):
        with pytest.raises(RefusedError):
            refused()


# -- over HTTP ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "x", "Bearer jt_é", "bearer\tx"]
)
def test_a_bad_authorization_is_told(client: TestClient, header: str) -> None:
    answer = client.get("/api/v1/me", headers={"Authorization": header.encode()})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthenticated"


def test_signing_in_on_the_page(client: TestClient, accounts: Accounts) -> None:
    _with_password(accounts)
    form = {"name": "li", "password": PASSWORD, "csrf": _csrf(client)}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/api/v1/me").json()["name"] == "li"
    assert client.post("/sign-out", data={"csrf": _csrf(client, "/me")}).status_code == 303
    assert client.get("/api/v1/me").json()["name"] == "public"


def test_the_cookie_is_secure_behind_https(tmp_path: Path, clock: Clock) -> None:
    settings = Settings(data=tmp_path / "other", public_url="https://jiangtu.invalid")
    with open_graph(settings, clock=clock) as graph, TestClient(create_app(graph)) as client:
        link = Accounts(graph.ledger, graph.clock)
        link.add("li", Role.OFFICER, None)
        path = f"/sign-in/{link.link('li', direct=True)}"
        answer = client.post(path, data={"csrf": _csrf(client, path)}, follow_redirects=False)
        assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_forms_need_their_mark(client: TestClient, accounts: Accounts, token: str | None) -> None:
    _with_password(accounts)
    form = {"name": "li", "password": PASSWORD} | ({} if token is None else {"csrf": token})
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_another_sites_form_is_refused(client: TestClient, accounts: Accounts) -> None:
    _with_password(accounts)
    form = {"name": "li", "password": PASSWORD, "csrf": _csrf(client)}
    answer = client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_json_by_cookie_needs_the_mark_too(client: TestClient, accounts: Accounts) -> None:
    _with_password(accounts)
    client.cookies.set(COOKIE, accounts.sign_in("li", PASSWORD))
    body, path = {"need": "none"}, "/api/v1/recommendations/talents"
    for headers in ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": "é".encode()}):
        answer = client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    right = {"X-CSRF-Token": _csrf(client, "/me")}
    assert client.post(path, json=body, headers=right).json()["code"] == "not-found"
    other = {"Authorization": f"Bearer {accounts.create_token('li', 1)}"}
    assert client.post(path, json=body, headers=other).json()["code"] == "not-found"


def test_the_mark_of_one_session_does_not_fit_another(client: TestClient, accounts: Accounts) -> None:
    _with_password(accounts)
    client.cookies.set(COOKIE, accounts.sign_in("li", PASSWORD))
    mark = _csrf(client, "/me")
    client.cookies.set(COOKIE, accounts.sign_in("li", PASSWORD))
    answer = client.post(
        "/api/v1/recommendations/talents", json={"need": "x"}, headers={"X-CSRF-Token": mark}
    )
    assert answer.status_code == 403


def test_sign_in_never_leads_to_another_site(client: TestClient, accounts: Accounts) -> None:
    _with_password(accounts)
    for target in ("https://example.invalid/", "//example.invalid", "/\\example.invalid", "javascript:x"):
        form = {"name": "li", "password": PASSWORD, "next": target, "csrf": _csrf(client)}
        client.cookies.clear()
        answer = client.post("/sign-in", data=form)
        assert answer.headers["location"].startswith("/")
        assert "example" not in answer.headers["location"]
        client.cookies.clear()
