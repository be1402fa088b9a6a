"""匠图: a knowledge graph of skilled talents, technician colleges, enterprises and industries.

`open_graph(Settings(data=folder))` gives a `Graph`; its `service` answers every question. The names below are all
that other programs should rely on; they are loaded when first asked for, so that importing a room costs only itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.bootstrap import Graph as Graph
    from kg.bootstrap import open_graph as open_graph
    from kg.config import Settings as Settings
    from kg.config import read_settings as read_settings
    from kg.errors import KgError as KgError
    from kg.model.graph import NodeRef as NodeRef
    from kg.model.viewers import Role as Role
    from kg.model.viewers import Viewer as Viewer

_HOMES = {
    "Graph": "kg.bootstrap",
    "KgError": "kg.errors",
    "NodeRef": "kg.model.graph",
    "Role": "kg.model.viewers",
    "Settings": "kg.config",
    "Viewer": "kg.model.viewers",
    "open_graph": "kg.bootstrap",
    "read_settings": "kg.config",
}
__all__ = ["Graph", "KgError", "NodeRef", "Role", "Settings", "Viewer", "open_graph", "read_settings"]


def __getattr__(name: str) -> object:
    """Return a public name from the room it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
