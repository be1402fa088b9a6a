"""Kill -9 while 200 imports come in over HTTP, and while the command loads: acknowledged means kept, a batch is whole."""

import http.client
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.accounts import Accounts
from kg.bootstrap import open_graph
from kg.config import Settings
from kg.model.viewers import Role
from tests.ports import free_port
from tests.waiting import HANG, until

IMPORTS, ROWS, KILLS, OUTSTANDING = 200, 3, 4, 3
pytestmark = pytest.mark.slow
COMMAND = Path(sys.executable).with_name("jiangtu")


class Server:
    """The real service as a process of its own."""

    def __init__(self, data: Path, port: int, token: str) -> None:
        self.port, self._token = port, token
        self._process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port)],
            env={"JIANGTU_DATA": str(data), "JIANGTU_LOG": "error", "PATH": "/usr/bin:/bin"},
            cwd=data.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        until(self._answers, "the service")

    def _answers(self) -> bool:
        assert self._process.poll() is None, "the service does not start"
        try:
            return self.ask("GET", "/ready")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG)
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "multipart/form-data; boundary=edge"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except http.client.HTTPException as error:
            raise ConnectionError from error
        finally:
            connection.close()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=HANG)


class Stream:
    """Sends imports one after another with a few outstanding, and remembers what it was told."""

    def __init__(self) -> None:
        self.sent, self.running, self.ended = 0, dict[str, int](), dict[int, str]()

    def step(self, server: Server) -> None:
        if self.sent < IMPORTS and len(self.running) < OUTSTANDING:
            status, answer = server.ask("POST", "/api/v1/imports", _body(self.sent))
            assert status == 202
            self.running[answer["id"]] = self.sent
            self.sent += 1
        for number in list(self.running):
            status, answer = server.ask("GET", f"/api/v1/imports/{number}")
            assert status == 200
            if answer["status"] != "running":
                self.ended[self.running.pop(number)] = answer["status"]

    @property
    def over(self) -> bool:
        return self.sent == IMPORTS and not self.running


def _codes(place: int) -> list[str]:
    return [f"L{place:03}-{row}" for row in range(ROWS)]


def _body(place: int) -> bytes:
    rows = "".join(f"{code},合成链 {code}\n" for code in _codes(place))
    part = 'Content-Disposition: form-data; name="files"; filename="chains.csv"\r\nContent-Type: text/csv'
    return f"--edge\r\n{part}\r\n\r\nchain_id,name\n{rows}\r\n--edge--\r\n".encode()


def _stored(server: Server) -> set[str]:
    status, rows = server.ask("GET", "/api/v1/exports/tables/chains.json")
    assert status == 200
    return {row["chain_id"] for row in rows}


@contextmanager
def _started(data: Path, port: int, token: str) -> Iterator[Server]:
    server = Server(data, port, token)
    try:
        server.wait()
        yield server
    finally:
        server.kill()


def _prepare(data: Path) -> tuple[int, str]:
    with open_graph(Settings(data=data)) as graph:
        accounts = Accounts(graph.ledger, graph.clock)
        accounts.add("officer", Role.OFFICER, None)
        token = accounts.create_token("officer", 1)
    return free_port(), token


def _check(stream: Stream, server: Server) -> None:
    """Every import that was taken in has ended; done ones are whole, refused ones have left nothing."""
    stored = _stored(server)
    for place in range(stream.sent):
        if place in stream.ended:
            present = stored & set(_codes(place))
            done = stream.ended[place] == "done"
            assert len(present) == (ROWS if done else 0), (place, stream.ended[place], present)
    unknown = stored - {code for place in range(IMPORTS) for code in _codes(place)}
    assert not unknown
    for place in range(IMPORTS):
        assert len(stored & set(_codes(place))) in {0, ROWS}


def test_what_was_acknowledged_survives_kills(tmp_path: Path) -> None:
    data, chance, stream = tmp_path / "data", random.Random(5), Stream()
    port, token = _prepare(data)
    for _ in range(KILLS):
        with _started(data, port, token) as server:
            _settle(stream, server)
            until = time.monotonic() + chance.uniform(0.3, 1.5)
            while time.monotonic() < until and not stream.over:
                stream.step(server)
    with _started(data, port, token) as server:
        _settle(stream, server)
        while not stream.over:
            stream.step(server)
        _check(stream, server)
    assert len(stream.ended) == IMPORTS
    assert sum(status == "done" for status in stream.ended.values()) >= IMPORTS - KILLS * OUTSTANDING
    assert not list((data / "incoming").glob("imp-*"))


def _settle(stream: Stream, server: Server) -> None:
    """After a restart nothing is running any more: what was interrupted says so."""
    for number, place in list(stream.running.items()):
        status, answer = server.ask("GET", f"/api/v1/imports/{number}")
        assert status == 200
        assert answer["status"] in {"done", "refused"}
        stream.ended[place] = answer["status"]
        del stream.running[number]
    _check(stream, server)


def test_the_command_that_is_killed_leaves_all_or_nothing(tmp_path: Path) -> None:
    rows, chance = 20_000, random.Random(3)
    path = tmp_path / "chains.csv"
    text = "".join(f"L{n:06},合成链 {n}\n" for n in range(rows))
    path.write_text(f"chain_id,name\n{text}", encoding="utf-8")
    settings = Settings(data=tmp_path / "data")
    environment = {"JIANGTU_DATA": str(settings.data), "PATH": "/usr/bin:/bin"}
    seen = set()
    for _ in range(4):
        child = subprocess.Popen([COMMAND, "load", path], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
        assert child.stderr is not None
        child.stderr.readline()
        time.sleep(chance.uniform(0, 1.2))
        child.kill()
        child.wait(timeout=HANG)
        child.stderr.close()
        with open_graph(settings) as graph:
            count = sum(1 for _ in graph.store.rows(table="chains"))
            assert (count, graph.store.revision()) in {(0, 0), (rows, 1)}
            seen.add(count)
    done = subprocess.run([COMMAND, "load", path, "--json"], env=environment, cwd=tmp_path, capture_output=True, check=True)  # fmt: skip
    assert json.loads(done.stdout)["totals"]["read"] == rows
    with open_graph(settings) as graph:
        assert sum(1 for _ in graph.store.rows(table="chains")) == rows
    assert seen <= {0, rows}
