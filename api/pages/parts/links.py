"""Addresses inside the pages; every key and value is percent-encoded, so hostile names stay data."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

Params = Iterable[tuple[str, str]]


def node_href(node: Mapping[str, Any]) -> str:
    """Return the address of a node's page."""
    return f"/nodes/{quote(str(node['kind']), safe='')}/{quote(str(node['key']), safe='')}"


def explorer_href(node: Mapping[str, Any]) -> str:
    """Return the address of the explorer with this node in its first picture."""
    return with_params("/explorer", (), node=f"{node['kind']}:{node['key']}")


def edges_href(edges: Iterable[str], node: Mapping[str, Any]) -> str:
    """Return the address of the explorer that shows these cited edges; without script it shows the node they leave."""
    return with_params("/explorer", (), edges=",".join(edges), node=f"{node['kind']}:{node['key']}")


def with_params(path: str, params: Params, **changes: str | int | None) -> str:
    """Return an address with the given query; `changes` replace or (None) drop single values."""
    kept = [(name, value) for name, value in params if name not in changes]
    added = [(name, str(value)) for name, value in changes.items() if value is not None]
    query = urlencode([*kept, *added])
    return f"{path}?{query}" if query else path


def local_path(text: str | None) -> str:
    """Return `text` if it is an address inside this site, else the start page (no open redirect)."""
    clean = text or "/"
    inside = clean.startswith("/") and not clean.startswith(("//", "/\\"))
    return clean if inside and clean.isprintable() and "\\" not in clean else "/"
