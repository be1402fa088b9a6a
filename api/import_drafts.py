"""Files that wait for somebody to say what their headers mean: kept sealed, for a day, for whoever sent them."""

import base64
import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, BinaryIO, Final

from api.uploads import keep_uploads
from kg.bootstrap import Graph
from kg.errors import InvalidInputError, NotFoundError, RefusedError
from kg.model.graph import RowId
from kg.model.viewers import Viewer
from loaders.proposals import ColumnSketch
from loaders.sketches import SheetSketch, sketch_files

_KEPT_SECONDS: Final = 24 * 3600
_OPEN_SECONDS: Final = 600
_CHUNK: Final = 4 * 1024 * 1024
_ID: Final = "map-"
_SKETCH: Final = "sketch"
MOST_DRAFTS: Final = 5
"""Drafts that one user may leave lying; a further one takes the place of the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An upload before its columns are known: who sent it as which source, how it is to be loaded, what is in it."""

    id: str
    by: str
    source: str
    full: bool
    dry_run: bool
    confirm_retire: int | None
    names: tuple[str, ...]
    sheets: tuple[SheetSketch, ...]


class Drafts:
    """The drafts of a service, in files of their own below the data folder."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._folder = graph.settings.data / "drafts"
        self._forget_old()

    def keep(
        self,
        files: Sequence[tuple[str, IO[bytes]]],
        *,
        viewer: Viewer,
        source: str,
        full: bool,
        dry_run: bool,
        confirm_retire: int | None = None,
    ) -> str:
        """Keep the files and return the id of the draft; raises as an import does when no header can be found."""
        if not files:
            raise InvalidInputError("请先选择文件，再提交", field="files")
        self._forget_old()
        self._forget_surplus(viewer)
        number = f"{_of(viewer)}{secrets.token_hex(8)}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory() as plain:
            upload = keep_uploads(Path(plain) / "files", files, None)
            sheets = sketch_files(upload.paths, schema=self._graph.schema)
            draft = Draft(
                id=number, by=viewer.name, source=source, full=full, dry_run=dry_run,
                confirm_retire=confirm_retire, names=tuple(path.name for path in upload.paths), sheets=tuple(sheets),
            )  # fmt: skip
            self._seal_all(draft, upload.paths)
        return number

    def open(self, number: str, *, viewer: Viewer) -> Draft:
        """Return a draft of this viewer; NotFoundError for one of somebody else, too old, or never there."""
        path = self._folder / number / _SKETCH
        known = number.startswith(_ID) and number.removeprefix(_ID).isalnum() and path.is_file()
        if not known or self._is_old(path.parent):
            raise NotFoundError("这份待对应的文件已不在（保留一天），请重新上传")
        told: Mapping[str, Any] = json.loads(self._read(path.read_bytes(), number, _SKETCH))
        if told["by"] != viewer.name:
            raise NotFoundError("这份待对应的文件已不在（保留一天），请重新上传")
        sheets = tuple(_sheet_of(sheet) for sheet in told["sheets"])
        return Draft(**{**told, "names": tuple(told["names"]), "sheets": sheets})

    @contextmanager
    def files_of(self, draft: Draft) -> Iterator[list[tuple[str, BinaryIO]]]:
        """Give the files of a draft, in plain while the block lasts, and forget the draft after it."""
        turn = self._folder / f"{draft.id}.open"
        try:
            turn.mkdir(mode=0o700)
        except FileExistsError as error:
            raise RefusedError("这次导入还没有结束，请稍后再试", code="still-running") from error
        try:
            with TemporaryDirectory() as plain, ExitStack() as stack:
                found: list[tuple[str, BinaryIO]] = []
                for place, name in enumerate(draft.names):
                    path = Path(plain) / str(place)
                    self._unseal_file(draft.id, place, path)
                    found.append((name, stack.enter_context(path.open("rb"))))
                yield found
        finally:
            shutil.rmtree(turn, ignore_errors=True)
        self.forget(draft)

    def forget(self, draft: Draft) -> None:
        """Remove a draft with its files."""
        shutil.rmtree(self._folder / draft.id, ignore_errors=True)

    def _seal_all(self, draft: Draft, paths: Sequence[Path]) -> None:
        folder = self._folder / draft.id
        folder.mkdir(mode=0o700)
        try:
            for place, path in enumerate(paths):
                self._seal_file(draft.id, place, path)
            self._write(folder / _SKETCH, draft.id, _SKETCH, json.dumps(asdict(draft), ensure_ascii=False))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _seal_file(self, number: str, place: int, path: Path) -> None:
        folder = self._folder / number / str(place)
        folder.mkdir(mode=0o700)
        with path.open("rb") as content:
            part = 0
            while chunk := content.read(_CHUNK):
                self._write(
                    folder / f"{part:06}", number, f"{place}/{part}", base64.b64encode(chunk).decode()
                )
                part += 1

    def _unseal_file(self, number: str, place: int, target: Path) -> None:
        with target.open("wb") as plain:
            for part, path in enumerate(sorted((self._folder / number / str(place)).iterdir())):
                plain.write(base64.b64decode(self._read(path.read_bytes(), number, f"{place}/{part}")))

    def _write(self, path: Path, number: str, part: str, text: str) -> None:
        path.write_bytes(self._graph.sealer.seal({"text": text}, RowId("drafts", number, part)))

    def _read(self, data: bytes, number: str, part: str) -> str:
        return str(self._graph.sealer.unseal(data, RowId("drafts", number, part))["text"])

    def _forget_old(self) -> None:
        """Remove drafts older than a day, and the turn at one that a killed process has left."""
        for path in sorted(self._folder.glob("*")):
            if self._is_old(path):
                shutil.rmtree(path, ignore_errors=True)

    def _forget_surplus(self, viewer: Viewer) -> None:
        """Make room for one more draft of this user."""
        found = [path for path in self._folder.glob(f"{_of(viewer)}*") if path.suffix != ".open"]
        kept = sorted((_made(path), path) for path in found if not path.with_suffix(".open").exists())
        for _, path in kept[: max(0, len(kept) - MOST_DRAFTS + 1)]:
            shutil.rmtree(path, ignore_errors=True)

    def _is_old(self, path: Path) -> bool:
        limit = _OPEN_SECONDS if path.suffix == ".open" else _KEPT_SECONDS
        try:
            return time.time() - path.stat().st_mtime > limit
        except FileNotFoundError:
            return True


def _of(viewer: Viewer) -> str:
    """Return how the ids of a user's drafts begin; what follows is chance, so that nobody guesses one."""
    return f"{_ID}{hashlib.sha256(viewer.name.encode()).hexdigest()[:12]}"


def _made(path: Path) -> int:
    """Return when a draft was made (nanoseconds), 0 for one that is gone meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _sheet_of(told: Mapping[str, Any]) -> SheetSketch:
    columns = tuple(
        ColumnSketch(**{**column, "samples": tuple(column["samples"])}) for column in told["columns"]
    )
    return SheetSketch(
        file=told["file"], sheet=told["sheet"], header_rows=tuple(told["header_rows"]), columns=columns,
        table=told["table"], fixed=told["fixed"],
    )  # fmt: skip
