"""`serve` and `demo`."""

import argparse
import atexit
import errno
import json
import os
import signal
import socket
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, NoReturn

from api.accounts import Accounts
from api.after_import import COMMAND_MOST, compare_new
from api.commands.parsing import SIZES, port, positive, verb
from api.commands.plain_text import answer_text
from api.commands.reviews import compared_text
from api.pages.parts.labels import ROLE_LABELS
from api.temporary import private_temporary_files
from kg.bootstrap import Graph, open_graph
from kg.config import Settings, read_settings
from kg.errors import RefusedError
from kg.model.viewers import CLI_VIEWER, Role
from loaders.pipeline import load
from loaders.synthetic_city import Headline, headline, sources, write_city

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.commands.parsing import Parsers

_DEMO: Final = "demo"
_SHOWN: Final = 5
_STORE_FILES: Final = (
    "jiangtu.db",
    "jiangtu.db-wal",
    "jiangtu.db-shm",
    "jiangtu.ledger.db",
    "jiangtu.ledger.db-wal",
    "jiangtu.ledger.db-shm",
)


def app_from_environment() -> "FastAPI":
    """Return the application of the environment's settings: what each worker process runs."""
    settings = read_settings(os.environ, Path.cwd())
    app, at_exit = _ready_app(open_graph(settings)), ExitStack()
    at_exit.enter_context(private_temporary_files(settings))
    atexit.register(at_exit.close)
    return app


def _ready_app(graph: Graph) -> "FastAPI":
    """Return the application over a graph whose indexes are made: no visitor waits for them.

    Were the search index made beside the first questions, each of these would take twice as long and more.
    """
    from api.collecting import collect_between_answers
    from api.main import create_app

    app = create_app(graph)
    collect_between_answers(app)
    graph.service.warm()
    return app


def serve(settings: Settings, args: argparse.Namespace) -> int:
    """Run the service until it is stopped; the web framework is imported here, other verbs do not wait for it."""
    import uvicorn

    _demand_free_port(args.host, args.port)
    graph = open_graph(settings)
    if args.workers == 1:
        _run(graph, args.host, args.port)
        return 0
    graph.close()
    os.environ["JIANGTU_DATA"] = str(settings.data)
    print(f"匠图已启动：{_address(args.host, args.port)}（{args.workers} 个进程）", flush=True)
    uvicorn.run(
        "api.commands.serving:app_from_environment", factory=True, host=args.host, port=args.port,
        workers=args.workers, log_level=settings.log, access_log=False, server_header=False,
    )  # fmt: skip
    return 0


def _run(graph: Graph, host: str, port: int) -> None:
    import uvicorn

    app = _ready_app(graph)
    print(f"匠图已启动：{_address(host, port)}（Ctrl+C 停止）", flush=True)
    with graph, private_temporary_files(graph.settings):
        signal.signal(signal.SIGTERM, _leave)
        uvicorn.run(
            app, host=host, port=port, log_level=graph.settings.log, access_log=False, server_header=False
        )


def _leave(*_: object) -> NoReturn:
    """End as asked for: uvicorn stops first, then raises the signal again, and what is open is closed on the way out."""
    raise SystemExit(0)


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://{shown}:{port}"


def _no_address(host: str) -> RefusedError:
    text = f"{host} 不是本机的地址：请用 --host 写本机的地址，例如 127.0.0.1 或 0.0.0.0"
    return RefusedError(text, code="bad-host", host=host)


def _demand_free_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror as error:
            raise _no_address(host) from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise _no_address(host) from error
            other = port + 1 if port < 65535 else 8000
            raise RefusedError(
                f"端口 {port} 不能使用（已被占用或没有权限）：请用 --port 换一个，例如 --port {other}",
                code="port-in-use",
                port=port,
            ) from error


# -- demo ---------------------------------------------------------------------------------------------------


def demo(environment: dict[str, str], args: argparse.Namespace) -> int:
    """Make a synthetic city, load it through the loaders, print both answers, serve."""
    started = time.perf_counter()
    settings = read_settings(environment, Path.cwd())
    if "JIANGTU_DATA" not in environment:
        settings = settings.model_copy(update={"data": Path("data") / _DEMO})
    if not args.no_serve:
        _demand_free_port(args.host, args.port)
    graph = _loaded(settings, args)
    shown = headline(args.size, args.seed)
    answers = _ask(graph, shown)
    if args.json:
        print(json.dumps(answers, ensure_ascii=False))
    else:
        _print(graph, answers, shown, time.perf_counter() - started)
    if args.no_serve:
        graph.close()
        return 0
    _print_links(graph, shown, _address(args.host, args.port))
    _run(graph, args.host, args.port)
    return 0


def _loaded(settings: Settings, args: argparse.Namespace) -> Graph:
    """Return the graph of the wanted city, made and loaded unless it is there already."""
    graph = open_graph(settings)
    day = graph.clock().date()
    wanted = {"size": args.size, "seed": args.seed, "day": day.isoformat()}
    batches = graph.store.batches()
    if any(not batch.synthetic for batch in batches):
        graph.close()
        raise RefusedError(f"{settings.data} 里有真实数据，演示不会动它：请用 JIANGTU_DATA 指定另一个文件夹")
    if batches and graph.ledger.get(_DEMO, "city") == wanted:
        return graph
    if batches:
        graph.close()
        for name in _STORE_FILES:
            (settings.data / name).unlink(missing_ok=True)
        graph = open_graph(settings)
    _load_city(graph, args.size, args.seed, day, quiet=args.json)
    graph.ledger.put(_DEMO, "city", wanted)
    return graph


def _load_city(graph: Graph, size: str, seed: int, day: date, *, quiet: bool) -> None:
    with private_temporary_files(graph.settings), TemporaryDirectory() as home:
        folder = Path(home)
        write_city(folder, size=size, seed=seed, day=day)
        for source in (folder / name for name in sources(size)):
            report = load(
                [source], store=graph.store, sealer=graph.sealer, schema=graph.schema, source=source.name,
                actor=CLI_VIEWER.name, clock=graph.clock, synthetic=True,
            )  # fmt: skip
            totals: dict[str, int] = report.to_json()["totals"]  # type: ignore[assignment]  # the shape of files.md §1
            if not quiet:
                print(
                    f"装入合成数据“{source.name}”：读入 {totals['read']:,} 行，新增 {totals['inserted']:,}，拒收 {totals['rejected']:,}",
                    flush=True,
                )
    found = compare_new(graph, CLI_VIEWER, most=COMMAND_MOST)
    if not quiet:
        print(found["message"] if "message" in found else compared_text(found), flush=True)


def _ask(graph: Graph, shown: Headline) -> dict[str, Any]:
    partners = {"anchor": {"kind": "enterprise", "key": shown.enterprise}, "mode": shown.mode}
    return {
        "talents": graph.service.recommend_talents({"need": shown.need}, viewer=CLI_VIEWER, k=_SHOWN),
        "partners": graph.service.recommend_partners(partners, viewer=CLI_VIEWER, k=_SHOWN),
    }


def _print(graph: Graph, answers: dict[str, Any], shown: Headline, seconds: float) -> None:
    name = graph.service.world().organisations.name(shown.enterprise)
    print("\n演示 · 合成数据：人员、单位均为虚构\n")
    print(f"【问一】柔性需求 {shown.need}：哪些人才不换单位就能来帮忙？")
    print(answer_text(answers["talents"]))
    print(f"\n【问二】{name}：本学年岗位实习，与哪些院校合作？")
    print(answer_text(answers["partners"]))
    print(f"\n从启动到答案 {seconds:.1f} 秒", flush=True)


def _print_links(graph: Graph, shown: Headline, address: str) -> None:
    """Print one one-time sign-in link per role."""
    accounts = Accounts(graph.ledger, graph.clock)
    school = next(
        code for code, o in sorted(graph.service.world().organisations.by_code.items()) if o.kind == "school"
    )
    roles = {
        Role.OFFICER: None,
        Role.ENTERPRISE: shown.enterprise,
        Role.SCHOOL: school,
        Role.PLANNER: None,
        Role.ADMINISTRATOR: None,
    }
    who = "，".join(f"{role.value} {ROLE_LABELS[role]}" for role in roles)
    print(f"\n一次性登录链接（15 分钟内有效；{who}）：")
    for role, org in roles.items():
        name = f"demo-{role.value}"
        if graph.ledger.get("users", name) is None:
            accounts.add(name, role, org)
        token = accounts.link(name, direct=True)
        print(f"  {role.value:<14}{address}/sign-in/{token}", flush=True)


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    demo_verb = verb(
        verbs, "demo", "装入合成城市，回答两个问题并启动服务 / load a synthetic city, answer, serve"
    )
    demo_verb.add_argument("--size", choices=SIZES, default="demo", help="规模 / size")
    demo_verb.add_argument("--seed", type=int, default=1, help="随机种子 / seed")
    demo_verb.add_argument("--no-serve", action="store_true", help="只打印答案，不启动服务 / do not serve")
    _add_address(demo_verb)
    demo_verb.set_defaults(run=lambda args: demo(dict(os.environ), args))
    serve_verb = verb(verbs, "serve", "启动服务 / run the service", json=False)
    _add_address(serve_verb)
    serve_verb.add_argument("--workers", type=positive, default=1, help="进程数 / processes")
    serve_verb.set_defaults(run=lambda args: serve(read_settings(os.environ, Path.cwd()), args))


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="监听地址 / address")
    parser.add_argument("--port", type=port, default=8000, help="端口 / port")
