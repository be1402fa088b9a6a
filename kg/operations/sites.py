"""The place of a store, as the operations need it: how to open it, and its files where it has some."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from kg.errors import StoreError
from kg.ports import GraphStore, Ledger
from kg.sealing.sealer import Sealer

Clock = Callable[[], datetime]
Opened = tuple[GraphStore, Ledger]

MAPPINGS: Final = "mappings"
"""The folder of mapping files below the data folder."""
UNFINISHED: Final = "unfinished"
OPERATIONS: Final = "operations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong in a store: a stable `code`, in how many places, some of them, and what to do."""

    code: str
    text: str
    advice: str
    total: int = 1
    where: tuple[str, ...] = ()

    def json(self) -> dict[str, object]:
        """Return it as it is printed."""
        return {
            "code": self.code,
            "text": self.text,
            "total": self.total,
            "where": list(self.where),
            "advice": self.advice,
        }


class Files(Protocol):
    """The files of an embedded store (`kg.store.sqlite.operations.files`)."""

    @property
    def path(self) -> Path:
        """Where the graph is."""
        ...

    def copy(self, folder: Path) -> None:
        """Write a consistent copy into `folder` while others write."""
        ...

    def counts(self, folder: Path) -> Mapping[str, int]:
        """Return how much a copy holds: at least `batches`, which is its revision."""
        ...

    def migrate(self, *, clock: Clock, before: Callable[[], None]) -> list[int]:
        """Bring the store to the format of this program; return the formats reached."""
        ...

    def seal_copy(self, folder: Path) -> None:
        """Check a copy and bring it onto the disk."""
        ...

    def is_empty(self) -> bool:
        """Return whether nothing was ever written."""
        ...

    def check(self) -> Sequence[Mapping[str, Any]]:
        """Return what SQLite and the tables say is wrong, as the fields of findings; code `damaged`: unreadable."""
        ...

    def land(self, folder: Path, *, replace: bool) -> None:
        """Put a sealed copy in the place of the store, whole or not at all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A store that operations work on.

    `open` opens it in place with a clock; `files` are its files when it is embedded, else None; `open_copy` opens an
    embedded store in a folder, made when there is none. `work` is a file name beside which there is room for copies;
    `mappings` is the folder of the mapping files, None where a site has none.
    """

    address: str
    sealer: Sealer
    work: Path
    clock: Clock
    open: Callable[[Clock], Opened]
    open_copy: Callable[[Path, Clock], Opened]
    files: Files | None = None
    mappings: Path | None = None

    @property
    def key_fingerprint(self) -> str:
        """What tells the key of the store from others, and gives nothing away."""
        return self.sealer.fingerprint


def refuse_unfinished(ledger: Ledger) -> None:
    """Raise StoreError `unfinished` while a restore into this store was begun and not ended: half of it is missing."""
    begun = ledger.get(OPERATIONS, UNFINISHED)
    if begun is not None:
        raise StoreError(
            f"这个存储正在恢复（到修订 {begun.get('revision')}），还没有完成；请再执行一次同样的恢复命令，它会接着做完。",
            code="unfinished",
            revision=begun.get("revision"),
        )
