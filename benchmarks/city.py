"""The whole way of a city: files, load, index, service memory, and both questions over HTTP.

    python benchmarks/city.py [--size city] [--seed 1] [--questions 200] [--data FOLDER]

Every step runs as its own process through the command `jiangtu`, as users run it. Beside the load stands the time in
which plain `csv` + `sqlite3` put the same files into untyped tables in the same run: no checks, no references, no
provenance, no change log, no edges, no sealing. `--data` keeps the folder, and reuses a city that was
loaded there to the end before. Each question is asked three times: at first sight and again as it comes by default
(counterfactuals for the first item), and then with none.
"""

import argparse
import contextlib
import csv
import http.client
import json
import os
import platform
import re
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from loaders.synthetic_city import headline, sources

COMMAND = Path(sys.executable).with_name("jiangtu")
TURNS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("first sight", {}),
    ("again", {}),
    ("again, counterfactuals 0", {"counterfactuals": 0}),
)
"""How often every question is asked: as it comes by default (counterfactuals for the first item), and with none."""
INDEX = """
import os, resource, sys, time
from pathlib import Path
from kg.bootstrap import open_graph
from kg.config import Settings
from kg.index.generations import Generations
with open_graph(Settings(data=Path(sys.argv[1]))) as graph:
    for turn in range(3):
        for name, reopen in (("two processes", graph.reopen), ("one process", None)):
            generations = Generations(graph.store, graph.policy, graph.schema, reopen=reopen)
            start = time.perf_counter()
            generations.current()
            spent = time.perf_counter() - start
            print(f"index build {turn + 1}, {name}: {spent:.2f} s (load {os.getloadavg()[0]:.1f})")
    print(f"peak memory of that process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
"""


def main() -> None:
    """Run all steps and print a line for each figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="city")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    print(
        f"machine: {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    with contextlib.ExitStack() as stack:
        folder = options.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {**os.environ, "JIANGTU_DATA": str(folder / "data")}
        if not (folder / "loaded").exists():
            _fill(folder, options.size, options.seed, environment)
            (folder / "loaded").touch()
        print(f"store: {(folder / 'data' / 'jiangtu.db').stat().st_size / 2**20:.0f} MB")
        subprocess.run([sys.executable, "-c", INDEX, str(folder / "data")], check=True, env=environment)
        _serve(environment, options.size, options.seed, options.questions)


def _fill(folder: Path, size: str, seed: int, environment: Mapping[str, str]) -> None:
    files = folder / "files"
    _timed(
        "generate",
        ["generate", "--size", size, "--seed", str(seed), "--day", "2026-11-23", "-o", str(files)],
        environment,
    )
    total = sum(
        _timed(f"load {name}", ["load", str(files / name), "--source", name, "--json"], environment)
        for name in sources(size)
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    plain = _plain_load(files)
    print(f"load with validation and provenance: {total:.1f} s, peak memory {peak:.0f} MB")
    print(f"plain csv + sqlite3, nothing checked: {plain:.1f} s; ratio {total / plain:.1f}")


def _timed(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run([COMMAND, *arguments], check=False, env=environment, capture_output=True, text=True)
    spent = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{name} failed with {done.returncode}: {done.stderr[-500:]}")
    rows = json.loads(done.stdout)["totals"]["read"] if "--json" in arguments else 0
    print(f"{name}: {spent:.2f} s" + (f", {rows:,} rows, {rows / spent:,.0f} rows/s" if rows else ""))
    return spent


def _plain_load(files: Path) -> float:
    start = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(sqlite3.connect(Path(folder) / "plain.db")) as base,
    ):
        for number, path in enumerate(sorted(files.rglob("*.csv"))):
            with path.open(encoding="utf-8-sig", newline="") as handle:
                rows = csv.reader(handle)
                width = len(next(rows))
                base.execute(f"CREATE TABLE t{number} ({', '.join(f'c{i}' for i in range(width))})")
                base.executemany(f"INSERT INTO t{number} VALUES ({', '.join('?' * width)})", rows)
        base.commit()
    return time.perf_counter() - start


def _serve(environment: Mapping[str, str], size: str, seed: int, questions: int) -> None:
    name = f"benchmark-{time.time_ns()}"
    _run(["user", "add", name, "--role", "officer"], environment)
    token = json.loads(_run(["token", "create", name, "--days", "1", "--json"], environment))["token"]
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [COMMAND, "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        start = time.perf_counter()
        _wait(port)
        print(f"service ready after {time.perf_counter() - start:.1f} s, memory {_memory(server.pid):.0f} MB")
        for kind, bodies in _bodies(port, token, size, seed, questions).items():
            path = f"/api/v1/recommendations/{kind}"
            for label, more in TURNS:
                spent = [_ask(port, token, path, {**body, **more}) for body in bodies]
                _report(f"HTTP {kind}, {label}", spent)
        print(f"service memory afterwards: {_memory(server.pid):.0f} MB")
    finally:
        server.terminate()
        server.wait()


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    return subprocess.run(
        [COMMAND, *arguments], check=True, env=environment, capture_output=True, text=True
    ).stdout


def _wait(port: int) -> None:
    for _ in range(1200):
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the service did not get ready")


def _memory(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else float("nan")


def _bodies(port: int, token: str, size: str, seed: int, questions: int) -> dict[str, list[dict[str, Any]]]:
    """Return stored needs, and enterprises and schools in turn."""
    needs = list(_keys(port, token, "need", questions))
    firms = list(_keys(port, token, "enterprise", questions))
    schools = list(_keys(port, token, "school", 20))
    mode = headline(size, seed).mode
    anchors = [("enterprise", key) for key in firms] + [("school", key) for key in schools]
    return {
        "talents": [{"need": key} for key in needs],
        "partners": [{"anchor": {"kind": kind, "key": key}, "mode": mode} for kind, key in anchors],
    }


def _keys(port: int, token: str, kind: str, most: int) -> Iterator[str]:
    table = {"need": "flex_needs", "enterprise": "enterprises", "school": "schools"}[kind]
    key = "need_id" if kind == "need" else "credit_code"
    rows = json.loads(_get(port, token, f"/api/v1/exports/tables/{table}.json"))
    rows = rows[table] if isinstance(rows, dict) else rows
    for row in rows[:most]:
        yield row[key]


def _get(port: int, token: str, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    return connection.getresponse().read()


def _ask(port: int, token: str, path: str, body: Mapping[str, Any]) -> float:
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", path, body=json.dumps(body), headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} {body}: {answer.status} {content[:300]!r}")
    return (time.perf_counter() - start) * 1000


def _report(name: str, spent: Sequence[float]) -> None:
    ordered = sorted(spent)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{name}: p50 {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms, {len(ordered)} questions")


if __name__ == "__main__":
    main()
