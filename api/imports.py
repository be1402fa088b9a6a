"""Imports over HTTP: files are taken in, loaded one batch after another, and the report is kept."""

import base64
import os
import secrets
import shutil
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, Final

from kg.bootstrap import Graph
from kg.errors import InvalidInputError, KgError, NotFoundError
from kg.model.graph import RowId
from kg.model.viewers import Viewer
from loaders.pipeline import load

COLLECTION: Final = "imports"
_INTERRUPTED: Final = "导入中途服务停止，这一批没有装入，请重新上传"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """The form fields of an upload (`files.md` §1)."""

    source: str = "default"
    full: bool = False
    dry_run: bool = False
    confirm_retire: int | None = None


class Imports:
    """Takes uploads in and loads them one after another in the background."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._folder = graph.settings.data / "incoming"
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")
        self._closing = threading.Event()
        self._forget_interrupted()

    def accept(
        self,
        files: Sequence[tuple[str, IO[bytes]]],
        request: ImportRequest,
        *,
        viewer: Viewer,
        mapping: IO[bytes] | None = None,
    ) -> str:
        """Take the files in and return the id of the import; loading goes on in the background."""
        if not files:
            raise InvalidInputError("请至少选择一个文件", field="files")
        number = f"imp-{secrets.token_hex(8)}"
        folder = self._folder / number
        folder.mkdir(parents=True, mode=0o700)
        paths = [_keep(folder / str(place), name, content) for place, (name, content) in enumerate(files)]
        mapped = None if mapping is None else _keep(folder / "mapping", "mapping.toml", mapping)
        self._put(number, {"status": "running", "pid": os.getpid(), "by": viewer.name})
        self._pool.submit(self._run, number, paths, mapped, request, viewer)
        return number

    def report(self, number: str) -> Mapping[str, Any]:
        """Return `{"id", "status": "running"}` or the load report with its id."""
        record = self._graph.ledger.get(COLLECTION, number)
        if record is None:
            raise NotFoundError("没有这次导入，请检查编号")
        if record["status"] == "running":
            return {"id": number, "status": "running"}
        report = record["report"]
        assert isinstance(report, Mapping)
        return {"id": number, **report}

    def errors_workbook(self, number: str) -> bytes:
        """Return the errors workbook of an import that rejected rows."""
        self.report(number)
        path = self._errors_path(number)
        if not path.exists():
            raise NotFoundError("这次导入没有被拒收的行，因此没有错误表")
        plain = self._graph.sealer.unseal(path.read_bytes(), _errors_row(number))
        return base64.b64decode(str(plain["xlsx"]))

    def close(self) -> None:
        """Let the running import finish and take no further ones."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(
        self, number: str, paths: list[Path], mapped: Path | None, request: ImportRequest, viewer: Viewer
    ) -> None:
        folder = self._folder / number
        try:
            report = self._load(number, paths, mapped, request, viewer)
        except Exception as error:  # the report must say so, whatever it was; nothing was published
            code = error.code if isinstance(error, KgError) else "damaged-file"
            message = (
                error.message if isinstance(error, KgError) else "文件处理出错，这一批没有装入，请检查文件"
            )
            report = _refused(request, code, message)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._put(number, {"status": report["status"], "by": viewer.name, "report": report})
        self._graph.audit.record(
            viewer.name,
            "import",
            number,
            {"batch": report["batch"], "status": report["status"], "source": request.source},
        )

    def _load(
        self, number: str, paths: list[Path], mapped: Path | None, request: ImportRequest, viewer: Viewer
    ) -> dict[str, Any]:
        graph = self._graph
        errors_to = paths[0].parent / "errors.xlsx"
        report = load(
            paths,
            store=graph.store,
            sealer=graph.sealer,
            schema=graph.schema,
            source=request.source,
            actor=viewer.name,
            clock=graph.clock,
            mapping=mapped,
            dry_run=request.dry_run,
            full=request.full,
            confirm_retire=request.confirm_retire,
            errors_to=errors_to,
        )
        if errors_to.exists():
            content = base64.b64encode(errors_to.read_bytes()).decode()
            path = self._errors_path(number)
            path.parent.mkdir(exist_ok=True, mode=0o700)
            path.write_bytes(graph.sealer.seal({"xlsx": content}, _errors_row(number)))
        return dict(report.to_json())

    def _put(self, number: str, record: Mapping[str, Any]) -> None:
        self._graph.ledger.put(COLLECTION, number, record)

    def _errors_path(self, number: str) -> Path:
        return self._graph.settings.data / "imports" / f"{number}.errors.sealed"

    def _forget_interrupted(self) -> None:
        """Say of imports whose process is gone that they were not loaded, and remove what they left behind."""
        for number, record in self._graph.ledger.items(COLLECTION):
            if record["status"] == "running" and not _alive(int(str(record["pid"]))):
                report = _refused(ImportRequest(), "damaged-file", _INTERRUPTED)
                self._put(number, {"status": "refused", "by": record["by"], "report": report})
                shutil.rmtree(self._folder / number, ignore_errors=True)


def _keep(folder: Path, name: str, content: IO[bytes]) -> Path:
    """Write an upload under its own base name; a name is never trusted as a path."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    base = PurePosixPath(PureWindowsPath(name).name).name
    safe = "".join(character for character in base if character.isprintable() and character not in '<>:"|?*')
    path = folder / (safe.lstrip(".")[-120:] or "上传文件")
    with path.open("wb") as target:
        shutil.copyfileobj(content, target)
    return path


def _errors_row(number: str) -> RowId:
    return RowId("imports", "errors", number)


def _refused(request: ImportRequest, code: str, message: str) -> dict[str, Any]:
    zeros = dict.fromkeys(("read", "inserted", "updated", "unchanged", "rejected", "retired"), 0)
    finding = dict.fromkeys(("sheet", "table", "row", "column", "header", "cell", "value"))
    return {
        "schema": "jiangtu.load/1",
        "batch": None,
        "source": request.source,
        "status": "refused",
        "dry_run": request.dry_run,
        "full": request.full,
        "revision": None,
        "changed": False,
        "files": [],
        "tables": {},
        "totals": zeros,
        "rejects": [],
        "rejects_total": 0,
        "rejects_truncated": False,
        "warnings": [],
        "errors": [{"file": None, **finding, "code": code, "message": message}],
        "error_file": None,
    }


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
