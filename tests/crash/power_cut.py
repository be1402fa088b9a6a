"""Images of the disk after a power cut: what SQLite wrote and synced is recorded, unsynced writes are dropped or torn.

`record` puts a shim between SQLite and its own file system layer (a VFS whose files tell every write, truncation,
sync and deletion before they happen), in the SQLite library that Python itself uses. `image` then makes the files as a
disk might hold them when the power went at any event: everything synced is there; of what was written since, each
512-byte sector is there or not, by chance.
"""

import _sqlite3
import ctypes
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

SECTOR: Final = 512
_POINTER = ctypes.c_void_p
_METHODS: Final = 19
_VFS_CALLS: Final = 16


class Event(NamedTuple):
    """One thing that happened to a file, or what the writer acknowledged (`kind` "ack")."""

    kind: str
    name: str
    offset: int = 0
    data: bytes = b""


class _IoMethods(ctypes.Structure):
    _fields_ = (("version", ctypes.c_int), ("calls", _POINTER * (_METHODS - 1)))


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_IoMethods)),)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("size", ctypes.c_int),
        ("longest", ctypes.c_int),
        ("next", _POINTER),
        ("name", ctypes.c_char_p),
        ("data", _POINTER),
        ("calls", _POINTER * _VFS_CALLS),
    )


_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int)
# The name stays a bare address: SQLite keeps it as long as the file is open and reads on behind its end.
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, _POINTER, ctypes.c_int, _POINTER)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_char_p, ctypes.c_int)
_PLACES: Final = {"write": 2, "truncate": 3, "sync": 4}


def lacking() -> str:
    """Return why nothing can be recorded here, "" when it can: the SQLite inside Python must be reachable."""
    try:
        library = ctypes.CDLL(_sqlite3.__file__)
        return "" if library.sqlite3_vfs_find and library.sqlite3_vfs_register else "no SQLite"
    except (AttributeError, OSError) as error:
        return f"the SQLite library of this Python hides its functions ({error})"


class Recorder:
    """The shim, registered as the default VFS of this process for good; `events` is what happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._names: dict[int, str] = {}
        self._kept: list[Any] = []
        self._tables: dict[int, Any] = {}
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        original = library.sqlite3_vfs_find(None).contents
        shim = _Vfs.from_buffer_copy(original)
        shim.name, shim.next = b"recorder", None
        self._open, self._delete = _OPEN(original.calls[0]), _DELETE(original.calls[1])
        opened, deleted = _OPEN(self._opened), _DELETE(self._deleted)
        shim.calls[0] = ctypes.cast(opened, _POINTER).value
        shim.calls[1] = ctypes.cast(deleted, _POINTER).value
        self._kept += [shim, opened, deleted, library]
        assert library.sqlite3_vfs_register(ctypes.byref(shim), 1) == 0

    def acknowledge(self, name: str) -> None:
        """Note that the writer was told that this is stored."""
        self.events.append(Event("ack", name))

    def save(self, path: Path) -> None:
        """Write the events down."""
        path.write_bytes(pickle.dumps(self.events))

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        done = int(self._open(vfs, name, file, flags, out))
        if done == 0 and name is not None:
            self._names[file] = Path(ctypes.string_at(name).decode()).name
            held = _File.from_address(file)
            held.methods = ctypes.pointer(self._patched(held.methods))
        return done

    def _deleted(self, vfs: int, name: bytes, sync: int) -> int:
        self.events.append(Event("delete", Path(name.decode()).name))
        return int(self._delete(vfs, name, sync))

    def _patched(self, methods: Any) -> _IoMethods:
        """Return a copy of the table of calls of a file whose writing calls are told first."""
        address = ctypes.addressof(methods.contents)
        if address not in self._tables:
            table = _IoMethods.from_buffer_copy(methods.contents)
            for kind, made in (
                ("write", _WRITE(self._written(_WRITE(table.calls[_PLACES["write"]])))),
                ("truncate", _TRUNCATE(self._truncated(_TRUNCATE(table.calls[_PLACES["truncate"]])))),
                ("sync", _SYNC(self._synced(_SYNC(table.calls[_PLACES["sync"]])))),
            ):
                table.calls[_PLACES[kind]] = ctypes.cast(made, _POINTER).value
                self._kept.append(made)
            self._tables[address] = table
        found: _IoMethods = self._tables[address]
        return found

    def _written(self, call: Any) -> Callable[[int, int, int, int], int]:
        def write(file: int, data: int, size: int, offset: int) -> int:
            self.events.append(Event("write", self._names[file], offset, ctypes.string_at(data, size)))
            return int(call(file, data, size, offset))

        return write

    def _truncated(self, call: Any) -> Callable[[int, int], int]:
        def truncate(file: int, size: int) -> int:
            self.events.append(Event("truncate", self._names[file], size))
            return int(call(file, size))

        return truncate

    def _synced(self, call: Any) -> Callable[[int, int], int]:
        def sync(file: int, flags: int) -> int:
            done = int(call(file, flags))
            self.events.append(Event("sync", self._names[file]))
            return done

        return sync


def image(events: list[Event], cut: int, chance: random.Random, folder: Path) -> set[str]:
    """Write into `folder` the files as the disk may hold them when the power goes after `cut` events.

    Return what was acknowledged until then.
    """
    files: dict[str, bytearray] = {}
    waiting: dict[str, list[Event]] = {}
    for event in events[:cut]:
        if event.kind in {"write", "truncate"}:
            files.setdefault(event.name, bytearray())
            waiting.setdefault(event.name, []).append(event)
        elif event.kind == "sync":
            for earlier in waiting.pop(event.name, ()):
                _apply(files[event.name], earlier, None)
        elif event.kind == "delete":
            files.pop(event.name, None)
            waiting.pop(event.name, None)
    for name, unsynced in waiting.items():
        for event in unsynced:
            _apply(files[name], event, chance)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {event.name for event in events[:cut] if event.kind == "ack"}


def _apply(data: bytearray, event: Event, chance: random.Random | None) -> None:
    """Do what the event says; with `chance` each sector of it arrives or not, half of the time all or nothing."""
    if event.kind == "truncate":
        if chance is None or chance.random() < 0.5:
            del data[event.offset :]
        return
    whole = None if chance is None or chance.random() < 0.5 else chance
    if chance is not None and whole is None and chance.random() < 0.5:
        return
    for start in range(0, len(event.data), SECTOR):
        if whole is not None and whole.random() < 0.5:
            continue
        part = event.data[start : start + SECTOR]
        place = event.offset + start
        data.extend(bytes(max(0, place + len(part) - len(data))))
        data[place : place + len(part)] = part


def load(path: Path) -> list[Event]:
    """Return the events that `Recorder.save` wrote."""
    found: list[Event] = pickle.loads(path.read_bytes())
    return found
