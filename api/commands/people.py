"""`user add/list/disable/link`, `token create/list/revoke`."""

import argparse
import json
from typing import TYPE_CHECKING

from api.accounts import LINK_MINUTES, Accounts
from api.commands.parsing import verb, with_graph
from api.commands.plain_text import table_text
from kg.bootstrap import Graph
from kg.model.viewers import CLI_VIEWER, Role

if TYPE_CHECKING:
    from api.commands.parsing import Parsers


def user(graph: Graph, args: argparse.Namespace) -> int:
    """Add, list or disable users, or give one a fresh link."""
    accounts = Accounts(graph.ledger, graph.clock)
    if args.action == "add":
        token = accounts.add(args.name, Role(args.role), args.org)
        _record(graph, "user-add", args.name, role=args.role, org=args.org)
        _print_link(graph, args, token)
    elif args.action == "link":
        token = accounts.link(args.name)
        _record(graph, "user-link", args.name)
        _print_link(graph, args, token)
    elif args.action == "disable":
        accounts.disable(args.name)
        _record(graph, "user-disable", args.name)
        print(
            json.dumps({"name": args.name, "disabled": True}, ensure_ascii=False)
            if args.json
            else f"已停用 {args.name}"
        )
    else:
        users = accounts.users()
        rows = [(u["name"], u["role"], u["org"] or "", "已停用" if u["disabled"] else "") for u in users]
        print(json.dumps({"items": users}, ensure_ascii=False) if args.json else table_text(rows))
    return 0


def token(graph: Graph, args: argparse.Namespace) -> int:
    """Create, list or revoke bearer tokens."""
    accounts = Accounts(graph.ledger, graph.clock)
    if args.action == "create":
        made = accounts.create_token(args.user, args.days)
        _record(graph, "token-create", args.user, days=args.days)
        print(
            json.dumps({"token": made, "days": args.days})
            if args.json
            else f"{made}\n令牌只显示这一次，请妥善保存"
        )
    elif args.action == "list":
        listed = accounts.tokens()
        rows = [(one["id"], one["user"], one["until"]) for one in listed]
        print(json.dumps({"items": listed}, ensure_ascii=False) if args.json else table_text(rows))
    else:
        accounts.revoke_token(args.token)
        _record(graph, "token-revoke", "token")
        print(json.dumps({"revoked": True}) if args.json else "已撤销")
    return 0


def _print_link(graph: Graph, args: argparse.Namespace, token: str) -> None:
    link = f"{_address(graph)}/sign-in/{token}"
    user = next(one for one in Accounts(graph.ledger, graph.clock).users() if one["name"] == args.name)
    shown = {"name": args.name, "role": user["role"], "link": link, "minutes": LINK_MINUTES}
    print(
        json.dumps(shown, ensure_ascii=False)
        if args.json
        else f"一次性链接（{LINK_MINUTES} 分钟内有效，用来设置密码）：\n{link}"
    )


def _record(graph: Graph, action: str, subject: str, **detail: object) -> None:
    graph.audit.record(CLI_VIEWER.name, action, subject, {k: v for k, v in detail.items() if v is not None})


def _address(graph: Graph) -> str:
    return (graph.settings.public_url or "http://127.0.0.1:8000").rstrip("/")


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    user_verb = verbs.add_parser("user", help="账号 / accounts")
    actions = user_verb.add_subparsers(metavar="add|list|disable|link", required=True)
    add = verb(actions, "add", "新增账号，打印一次性链接 / add a user")
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "--role", required=True, choices=[role.value for role in Role if role is not Role.PUBLIC]
    )
    add.add_argument("--org", metavar="CREDIT_CODE", help="企业或院校的统一社会信用代码")
    disable = verb(actions, "disable", "停用账号 / disable a user")
    disable.add_argument("name", metavar="NAME")
    listed = verb(actions, "list", "列出账号 / list users")
    linked = verb(actions, "link", "再给一个一次性链接，用来重设密码 / a fresh one-time link")
    linked.add_argument("name", metavar="NAME")
    token_verb = verbs.add_parser("token", help="程序用的令牌 / tokens for programs")
    token_actions = token_verb.add_subparsers(metavar="create|list|revoke", required=True)
    create = verb(token_actions, "create", "新建令牌，只显示一次 / create, shown once")
    create.add_argument("user", metavar="USER")
    create.add_argument("--days", type=int, required=True)
    revoke = verb(token_actions, "revoke", "撤销令牌 / revoke")
    revoke.add_argument("token", metavar="TOKEN", help="令牌，或 token list 里的编号 / token or its id")
    tokens = verb(token_actions, "list", "列出令牌的编号 / list tokens by id")
    for parser, action, command in (
        (add, "add", user), (disable, "disable", user), (listed, "list", user),
        (linked, "link", user), (create, "create", token), (revoke, "revoke", token),
        (tokens, "list", token),
    ):  # fmt: skip
        parser.set_defaults(run=with_graph(command), action=action)
