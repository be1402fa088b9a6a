"""Serves a graph of the test's own from a thread of the test, and signs a browser in."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext

from api.accounts import Accounts
from api.deps import COOKIE
from api.main import create_app
from kg.bootstrap import Graph
from kg.model.viewers import Role
from tests.browser.running import PATIENCE
from tests.waiting import HANG, until


@contextmanager
def served(graph: Graph) -> Iterator[str]:
    """Serve the graph on a free port; yields its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(graph), log_level="error"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive(), "the service")
    assert thread.is_alive(), "the service did not start"
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=HANG)
        listening.close()


def signed_in(
    browser: Browser, graph: Graph, address: str, role: Role = Role.OFFICER, **more: Any
) -> BrowserContext:
    """Return a browser context of a fresh user of that role."""
    accounts = Accounts(graph.ledger, graph.clock)
    name = f"{role.value}-{len(accounts.users())}"
    accounts.add(name, role, None)
    session = accounts.enter(accounts.link(name, direct=True))
    given = {"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN", **more}
    context = browser.new_context(base_url=address, **given)
    context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    context.set_default_timeout(PATIENCE)
    return context
