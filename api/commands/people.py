"""`user add/list/disable/link`, `token create/list/revoke`."""

import argparse
import json

from api.accounts import LINK_MINUTES, Accounts
from api.commands.plain_text import table_text
from kg.bootstrap import Graph
from kg.model.viewers import CLI_VIEWER, Role


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
