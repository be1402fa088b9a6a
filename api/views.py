"""Saved views of the explorer: a name and the address part of a scene. Keys only, so rights are those of the reader."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from kg.errors import InvalidInputError, NotFoundError, RefusedError, UnauthenticatedError
from kg.model.viewers import Role, Viewer
from kg.ports import Ledger

COLLECTION: Final = "explorer-views"
MOST_VIEWS: Final = 200
_MARK: Final = "v1"
Json = dict[str, Any]


class Views:
    """Keeps views in the ledger: their owner lists, renames by saving anew and deletes; whoever has an id may open it."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock

    def mine(self, *, viewer: Viewer) -> list[Json]:
        """Return the viewer's own views by name; raises UnauthenticatedError for the public."""
        owner = _named(viewer)
        own = [(key, view) for key, view in self._ledger.items(COLLECTION) if view["owner"] == owner]
        return sorted((_told(key, view) for key, view in own), key=lambda view: (view["name"], view["id"]))

    def keep(self, name: str, scene: str, *, viewer: Viewer) -> Json:
        """Save a scene under a name, in place of the viewer's view of that name; raises InvalidInputError, RefusedError."""
        name = " ".join(name.split())
        if not name:
            raise InvalidInputError("请给视图起个名字", field="name", value=name)
        if not scene.startswith(_MARK):
            raise InvalidInputError("这不是图谱的场景，请从图谱页保存", field="scene", value=scene[:20])
        own = self.mine(viewer=viewer)
        same = next((view["id"] for view in own if view["name"] == name), None)
        if same is None and len(own) >= MOST_VIEWS:
            raise RefusedError(f"已有 {MOST_VIEWS} 个视图，请先删掉不用的")
        key = same or secrets.token_urlsafe(9)
        record = {"owner": _named(viewer), "name": name, "scene": scene, "at": self._clock().isoformat()}
        self._ledger.put(COLLECTION, key, record)
        return _told(key, record)

    def open(self, key: str, *, viewer: Viewer) -> Json:
        """Return a view by its id, one's own or a colleague's; raises NotFoundError, UnauthenticatedError."""
        _named(viewer)
        found = self._ledger.get(COLLECTION, key)
        if found is None:
            raise NotFoundError("没有这个视图，或它已被删除")
        return _told(key, found)

    def forget(self, key: str, *, viewer: Viewer) -> None:
        """Delete one's own view; raises NotFoundError for a colleague's as for none."""
        owner = _named(viewer)
        found = self._ledger.get(COLLECTION, key)
        if (
            found is None
            or found["owner"] != owner
            or not self._ledger.put(COLLECTION, key, None, expect=found)
        ):
            raise NotFoundError("没有这个视图，或它不是您保存的")


def _named(viewer: Viewer) -> str:
    if Role.PUBLIC in viewer.roles:
        raise UnauthenticatedError("请先登录，再保存或打开视图")
    return viewer.name


def _told(key: str, view: Mapping[str, object]) -> Json:
    return {"id": key, **{name: view[name] for name in ("name", "scene", "owner", "at")}}
