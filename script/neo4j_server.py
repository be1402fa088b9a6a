"""A real Neo4j Community server on this machine, without Docker: jars by Maven, one home folder, loopback only.

Standard library only, so that it runs before anything is installed. Tests use it through `tests/neo4j_running.py`.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".cache" / "neo4j"
LONG_TERM, CALENDAR = "5.26.25", "2026.09.0"
STATE: Final = "jiangtu-server.json"
START_SECONDS: Final = 120.0
POM: Final = """<project><modelVersion>4.0.0</modelVersion>
<groupId>jiangtu</groupId><artifactId>neo4j-home</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{0}</version></dependency>
<dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{0}</version></dependency>
</dependencies></project>
"""
OPENED: Final = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
SETTINGS: Final = """server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=true
server.memory.heap.max_size={heap}m
server.memory.pagecache.size={cache}m
dbms.usage_report.enabled=false
client.allow_telemetry=false
server.bolt.telemetry.enabled=false
db.transaction.timeout=120s
db.tx_log.preallocate={preallocate}
dbms.security.allow_csv_import_from_file_urls=false
internal.server.bolt.thread_pool_shutdown_wait_time=0s
"""
# Hardly any data and thousands of questions: statements are planned once, not again for each size of a list or graph.
BRIEF: Final = """dbms.cypher.min_replan_interval=1h
dbms.cypher.statistics_divergence_threshold=1.0
internal.cypher.use_parameter_size=false
"""
_POLICY: Final = "dbms.ssl.policy.bolt"
ENCRYPTED: Final = f"server.bolt.tls_level=REQUIRED\n{_POLICY}.enabled=true\n{_POLICY}.client_auth=NONE\n"
ONLY_CALENDAR: Final = "server.fleet_discovery.enabled=false\ndbms.fleet_manager.enabled=false\n"

_children: dict[int, "subprocess.Popen[bytes]"] = {}


class ServerError(Exception):
    """The server cannot be had; the message says in Chinese and English what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: process, port and the file with the password of user `neo4j`."""

    pid: int
    port: int
    version: str
    home: Path

    @property
    def password_file(self) -> Path:
        """The file with the password of user `neo4j`, mode 600."""
        return self.home / "password"

    @property
    def address(self) -> str:
        """What `JIANGTU_STORE` takes."""
        return f"{'neo4j+ssc' if encrypted(self.home) else 'neo4j'}://127.0.0.1:{self.port}"


def encrypted(home: Path) -> bool:
    """Return whether there is a certificate in `certificates/bolt` (private.key, public.crt): then the server demands TLS."""
    return (home / "certificates" / "bolt" / "public.crt").exists()


def full_version(name: str) -> str:
    """Return the exact version: `calendar` is the newest calendar release that was tried."""
    return CALENDAR if name == "calendar" else name


def fitting_java(version: str) -> str | None:
    """Return a Java program that this server version runs on, None without one."""
    wanted = {17, 21} if version.startswith("5.") else {21, 25}
    named = [Path(os.environ["JAVA_HOME"], "bin", "java")] if os.environ.get("JAVA_HOME") else []
    known = sorted(Path("/usr/lib/jvm").glob("*/bin/java")) if Path("/usr/lib/jvm").is_dir() else []
    found = [str(path) for path in (*named, *known) if path.is_file()]
    for program in (*found, shutil.which("java")):
        if program and _java_version(program) in wanted:
            return program
    return None


def _java_version(program: str) -> int:
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else 0


def jars(version: str) -> Path | None:
    """Return the folder of the jars of this version, None when they were not fetched yet."""
    folder = CACHE / version / "lib"
    return folder if (CACHE / version / "complete").exists() else None


def install(version: str) -> None:
    """Fetch Java (5.26 only), Maven and the jars where they are missing; ServerError says what is missing."""
    if fitting_java(version) is None and version.startswith("5."):
        _apt("openjdk-17-jre-headless")
    if fitting_java(version) is None:
        need = "17 或 21 / 17 or 21" if version.startswith("5.") else "21 或 25 / 21 or 25"
        raise ServerError(
            f"没有 Neo4j {version} 需要的 Java（{need}）；请安装，或用 JAVA_HOME 指定。No fitting Java was found: install one."
        )
    if jars(version) is not None:
        return
    if subprocess.run([ROOT / "script" / "maven"], stdout=sys.stderr, check=False).returncode:
        raise ServerError(
            "没有 Maven，取不到 Neo4j 的程序包；请安装 maven。No Maven: install the package maven."
        )
    _fetch(version)


def _fetch(version: str) -> None:
    folder = CACHE / version
    shutil.rmtree(folder / "lib", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_text(POM.format(version), encoding="utf-8")
    print(f"取 Neo4j {version} 的程序包 / fetching Neo4j {version} …", file=sys.stderr)
    done = subprocess.run(
        [
            "mvn", "-q", "-B", "-f", str(folder / "pom.xml"), "dependency:copy-dependencies",
            "-DincludeScope=runtime", f"-DoutputDirectory={folder / 'lib'}",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ServerError(
            f"Maven 取不到 Neo4j {version}；请检查网络与 Maven 设置。Maven could not fetch it: {done.stdout[-400:]}"
        )
    (folder / "complete").touch()


def _apt(package: str) -> None:
    """Install a Debian package when we are root on Debian; otherwise do nothing, the caller says what is missing."""
    if os.geteuid() or shutil.which("apt-get") is None:
        return
    print(f"安装 {package} / installing {package} …", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", package)):
        subprocess.run(["apt-get", *command], env=environment, stdout=sys.stderr, check=False)


def start(
    version: str, home: Path, *, port: int = 0, heap: int = 256, cache: int = 32, owner: int = 0, brief: bool = False
) -> Running:  # fmt: skip
    """Start a server in `home` (made when new) and return it when it answers; one that runs there already is kept.

    `port` 0 takes a free one, `heap` and `cache` are MB. With `owner`, a process id, the server ends with that
    process, however it ends. `brief` is for a server of some minutes: it costs half the processor time and little disk.
    """
    running = status(home)
    if running is not None:
        return running
    java, folder = fitting_java(version), jars(version)
    if java is None or folder is None:
        raise ServerError(
            f"Neo4j {version} 还没有装好；请先运行 script/neo4j install。Run script/neo4j install first."
        )
    port = port or free_port()
    _prepare(home, version, port, heap, cache, brief=brief)
    command = _command(java, folder, version, home, heap)
    command[1:1] = ["-XX:TieredStopAtLevel=1"] if brief else []  # compiled at once rather than well
    if owner:
        command = [sys.executable, __file__, "guard", str(owner), *command]
    with (home / "console.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, start_new_session=True
        )
    _children[process.pid] = process
    running = Running(process.pid, port, version, home)
    (home / STATE).write_text(
        json.dumps({"pid": process.pid, "port": port, "version": version}), encoding="utf-8"
    )
    deadline = time.monotonic() + START_SECONDS
    while not _answers(running):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(home)
            said = (home / "console.log").read_text(encoding="utf-8", errors="replace")[-600:]
            raise ServerError(
                f"Neo4j {version} 没有启动成功，见 {home}/console.log。It did not start: {said}"
            )
        time.sleep(0.1)
    return running


def _prepare(home: Path, version: str, port: int, heap: int, cache: int, *, brief: bool) -> None:
    """Write configuration and, before the first start, the password; a full disk tears logs without room of their own."""
    for name in ("conf", "data/dbms", "plugins", "import", "logs", "run"):
        (home / name).mkdir(parents=True, exist_ok=True)
    settings = SETTINGS.format(port=port, heap=heap, cache=cache, preallocate=str(not brief).lower())
    settings += BRIEF if brief else ""
    settings += ("" if version.startswith("5.") else ONLY_CALENDAR) + (ENCRYPTED if encrypted(home) else "")
    (home / "conf" / "neo4j.conf").write_text(settings, encoding="utf-8")
    if not (home / "password").exists():
        password = secrets.token_urlsafe(24)
        _secret(home / "password", password + "\n")
        salt = secrets.token_bytes(32)
        digest = salt + password.encode()
        for _ in range(1024):
            digest = hashlib.sha256(digest).digest()
        _secret(home / "data/dbms/auth.ini", f"neo4j:SHA-256,{digest.hex()},{salt.hex()},1024:\n")


def _secret(path: Path, text: str) -> None:
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as handle:
        handle.write(text)


def _command(java: str, folder: Path, version: str, home: Path, heap: int) -> list[str]:
    calendar = not version.startswith("5.")
    main = "org.neo4j.server.Neo4jCommunity" if calendar else "org.neo4j.server.CommunityEntryPoint"
    newer = ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
    return [
        java,
        "-Xms64m",
        f"-Xmx{heap}m",
        "-XX:+UseSerialGC",
        *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENED),
        *(newer if _java_version(java) >= 24 else ()),
        "-Dio.netty.tryReflectionSetAccessible=true",
        "-Dfile.encoding=UTF-8",
        "-cp",
        f"{home}/plugins/*:{home}/conf/*:{folder}/*",
        main,
        f"--home-dir={home}",
        f"--config-dir={home / 'conf'}",
        "--console-mode",
    ]


def _answers(running: Running) -> bool:
    """Return whether the server speaks Bolt (with TLS: takes connections), and, where the driver is installed, answers."""
    try:
        with socket.create_connection(("127.0.0.1", running.port), timeout=2) as connection:
            connection.settimeout(5)
            connection.sendall(bytes.fromhex("6060b01700000405000000040000000000000000"))
            if not encrypted(running.home) and len(connection.recv(4)) != 4:
                return False
    except OSError:
        return False
    try:
        from neo4j import GraphDatabase, exceptions  # optional: the script itself needs no package
    except ImportError:
        return True
    password = running.password_file.read_text(encoding="utf-8").strip()
    with GraphDatabase.driver(running.address, auth=("neo4j", password)) as driver:
        try:
            with driver.session(database="neo4j") as session:
                return session.run("RETURN 1").single() is not None
        except (exceptions.Neo4jError, exceptions.DriverError):
            return False


def status(home: Path) -> Running | None:
    """Return the server that runs in `home`, None when none does."""
    try:
        known = json.loads((home / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    running = Running(known["pid"], known["port"], known["version"], home)
    return running if _is_ours(running) else None


def _is_ours(running: Running) -> bool:
    """Return whether that process lives and is the server of this home: process ids are used again."""
    child = _children.get(running.pid)
    if child is not None and child.poll() is not None:
        return False
    try:
        said = Path(f"/proc/{running.pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        try:
            os.kill(running.pid, 0)
        except OSError:
            return False
        return not Path("/proc/self").exists()
    return f"--home-dir={running.home}" in said


def stop(home: Path, *, how: signal.Signals = signal.SIGTERM, seconds: float = 20.0) -> bool:
    """End the server of `home`, the hard way after `seconds`; return whether one ran."""
    running = status(home)
    if running is None:
        return False
    with contextlib.suppress(OSError):
        os.killpg(running.pid, how)
    deadline = time.monotonic() + seconds
    while _is_ours(running):
        if time.monotonic() > deadline:
            with contextlib.suppress(OSError):
                os.killpg(running.pid, signal.SIGKILL)
        time.sleep(0.05)
    (home / STATE).unlink(missing_ok=True)
    return True


def guard(owner: int, command: Sequence[str]) -> int:
    """Run a command that ends with the process `owner`: nothing is left when tests are killed."""
    process = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while process.poll() is None:
        if not _lives(owner):
            process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
    return process.returncode


def _lives(pid: int) -> bool:
    """Return whether a process is there and has not ended; True where there is no /proc to tell."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return not Path("/proc/self").exists()
    return said.rpartition(")")[2].split()[0] not in {"Z", "X"}


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run one verb of the command line."""
    if sys.argv[1:2] == ["guard"]:
        return guard(int(sys.argv[2]), sys.argv[3:])
    parser = argparse.ArgumentParser(prog="script/neo4j", description=__doc__)
    parser.add_argument("verb", choices=("install", "start", "stop", "status"))
    parser.add_argument("--version", default=LONG_TERM, help="5.26.25, calendar, or an exact version")
    parser.add_argument("--home", type=Path, help="data and password of the server (data/neo4j)")
    parser.add_argument("--port", type=int, default=0, help="Bolt port; a free one by default")
    parser.add_argument("--heap", type=int, default=512, help="MB")
    parser.add_argument("--cache", type=int, default=256, help="MB of the page cache")
    parser.add_argument("--owner", type=int, default=0, help="end with this process")
    options = parser.parse_args()
    home = (options.home or ROOT / "data" / "neo4j").absolute()
    version = full_version(options.version)
    try:
        for line in _verb(options, version, home):
            print(line)
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if options.verb != "status" or status(home) else 1


def _verb(asked: argparse.Namespace, version: str, home: Path) -> Iterator[str]:
    if asked.verb == "install":
        install(version)
    elif asked.verb == "start":
        install(version)
        running = start(version, home, port=asked.port, heap=asked.heap, cache=asked.cache, owner=asked.owner)
        yield f"Neo4j {running.version}，进程 {running.pid}，已可使用 / is ready:"
        yield f"export JIANGTU_STORE={running.address} JIANGTU_NEO4J_PASSWORD_FILE={running.password_file}"
    elif asked.verb == "stop":
        yield "已停止 / stopped" if stop(home) else "没有在运行 / not running"
    elif known := status(home):
        yield f"{known.address} Neo4j {known.version}，进程 {known.pid}"
    else:
        yield "没有在运行 / not running"


if __name__ == "__main__":
    sys.exit(main())
