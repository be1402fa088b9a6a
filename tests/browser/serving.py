"""Serves a graph of the test's own from a thread of the test, and signs a browser in."""

import socket
import threading
import time
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


@contextmanager
def served(graph: Graph) -> Iterator[str]:
    """Serve the graph on a free port; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(create_app(graph), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        if time.monotonic() > until or not thread.is_alive():
            raise RuntimeError("the service did not start")
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


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
    context.set_default_timeout(10_000)
    return context
