"""Imports over HTTP: files are taken in, loaded one batch after another, and the report is kept."""

import base64
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from api.after_import import COMPARISON_INTERRUPTED, COMPARISON_RUNNING, SERVICE_MOST, compare_new
from api.import_progress import ProgressKeeper, progress_of
from api.sources import note_delivery
from api.uploads import Upload, born, is_running, keep_uploads
from kg.bootstrap import Graph
from kg.errors import InvalidInputError, KgError, NotFoundError, RefusedError, StoreBusyError, trail
from kg.model.graph import Batch, RowId
from kg.model.viewers import Viewer
from kg.operations.working import sweep
from kg.policy.rights import demand_loader, sees_all
from loaders.pipeline import load
from loaders.saved_mappings import mapping_path

COLLECTION: Final = "imports"
_INTERRUPTED: Final = "导入中途服务停止，这一批没有装入，请重新上传"
_BROKEN: Final = "文件处理出错，这一批没有装入，请检查文件；仍不行请联系管理员查看日志"
_ATTEMPTS: Final = 3
_ERRORS, _CHANGES = "errors", "changes"
_LONGEST_SOURCE: Final = 100
_LOG: Final = logging.getLogger("jiangtu")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """The form fields of an upload (`files.md` §1)."""

    source: str = "default"
    full: bool = False
    dry_run: bool = False
    confirm_retire: int | None = None

    def __post_init__(self) -> None:
        fits = self.source == self.source.strip() and 0 < len(self.source) <= _LONGEST_SOURCE
        if not fits or not self.source.isprintable():
            text = f"来源名称应为 1 到 {_LONGEST_SOURCE} 个字，前后没有空格"
            raise InvalidInputError(text, field="source", value=self.source)
        if self.confirm_retire is not None and self.confirm_retire < 0:
            raise InvalidInputError("确认退出的行数不能小于 0", field="confirm_retire")


class Imports:
    """Takes uploads in and loads them one after another in the background."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._folder = graph.settings.data / "incoming"
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="import")
        self._forget_interrupted()

    def accept(
        self,
        files: Sequence[tuple[str, IO[bytes]]],
        request: ImportRequest,
        *,
        viewer: Viewer,
        mapping: IO[bytes] | None = None,
    ) -> str:
        """Take the files in and return the id of the import; loading goes on in the background.

        Raises InvalidInputError without a file, UnsupportedTypeError for a file that is never read.
        """
        if not files:
            raise InvalidInputError("请至少选择一个文件", field="files")
        number = f"imp-{secrets.token_hex(8)}"
        record = {**_made_here(), "status": "running", "by": viewer.name,
                  "source": request.source, "since": self._graph.store.revision()}  # fmt: skip
        self._put(number, record)  # before the first byte is on disk: whatever is left behind has a record
        try:
            upload = keep_uploads(self._folder / number, files, mapping)
            self._put(number, {**record, "digests": list(upload.digests)})
        except BaseException:
            shutil.rmtree(self._folder / number, ignore_errors=True)
            self._graph.ledger.put(COLLECTION, number, None)
            raise
        self._pool.submit(self._run, number, upload, request, viewer)
        return number

    def batch_of(self, batch: str, *, viewer: Viewer) -> str:
        """Return the batch of an import, or the id itself where it is no import.

        Raises RefusedError `still-running`, or `nothing-to-undo` for an import that stored nothing.
        """
        demand_loader(viewer)
        record = self._graph.ledger.get(COLLECTION, batch)
        if record is None:
            return batch
        report = self.report(batch)
        if report["status"] == "running":
            raise RefusedError("这次导入还没有结束，请稍后再试", code="still-running")
        if report["batch"] is None:
            raise RefusedError("这次导入没有存入任何数据，没有可以撤销的", code="nothing-to-undo")
        return str(report["batch"])

    def report(self, number: str, *, viewer: Viewer | None = None) -> Mapping[str, Any]:
        """Return `{"id", "status": "running"}` or the load report with its id, that of a batch too.

        Of a dry run, officers are told the rows that would change; others only how many.
        """
        record = self._graph.ledger.get(COLLECTION, number)
        if record is None:
            return self._report_of_batch(number)
        if record["status"] == "running":
            return {"id": number, "status": "running"}
        report = record["report"]
        assert isinstance(report, Mapping)
        return {"id": number, **report, **self._changes(number, viewer)}

    def _changes(self, number: str, viewer: Viewer | None) -> dict[str, Any]:
        path = self._sealed_path(number, _CHANGES)
        if not path.exists():
            return {}
        plain = self._graph.sealer.unseal(path.read_bytes(), _sealed_row(number, _CHANGES))
        told = json.loads(str(plain["json"]))
        return {"changes": told if viewer is not None and sees_all(viewer) else {**told, "items": []}}

    def comparison(self, number: str) -> dict[str, Any]:
        """Return what the comparison of persons and names after an import found, by `status`.

        `none` where nothing was stored or a command loaded it, `running` until it is there, `done` with the counts,
        `skipped` or `failed` with the reason. Raises NotFoundError for an import that does not exist.
        """
        self.report(number)
        record = self._graph.ledger.get(COLLECTION, number) or {}
        told = record.get("comparison", {"status": "none"})
        assert isinstance(told, Mapping)
        return {"id": number, **told}

    def progress(self, number: str) -> dict[str, Any]:
        """Return phase, table, rows and total of an import that is loading, else nothing."""
        return progress_of(self._graph.ledger, COLLECTION, number)

    def _report_of_batch(self, name: str) -> Mapping[str, Any]:
        """Return the report of a batch that files were loaded as, also by the command line."""
        found = (batch for batch in self._graph.store.batches() if batch.id == name)
        report = next((batch.report for batch in found), None)
        if report is None or "status" not in report:
            raise NotFoundError("没有这次导入，请检查编号")
        return {**report, "id": name}

    def errors_workbook(self, number: str) -> bytes:
        """Return the errors workbook of an import that rejected rows."""
        self.report(number)
        path = self._sealed_path(number, _ERRORS)
        if not path.exists():
            raise NotFoundError("这次导入没有被拒收的行，因此没有错误表")
        plain = self._graph.sealer.unseal(path.read_bytes(), _sealed_row(number, _ERRORS))
        return base64.b64decode(str(plain["xlsx"]))

    def close(self) -> None:
        """Let the running import finish and take no further ones; those that wait are reported refused."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for number, record in self._graph.ledger.items(COLLECTION):
            if record["status"] == "running" and record["pid"] == os.getpid():
                self._settle(number, record)

    def _run(self, number: str, upload: Upload, request: ImportRequest, viewer: Viewer) -> None:
        try:
            report = self._load(number, upload, request, viewer)
        except Exception as error:  # the report must say so, whatever it was; nothing was published
            _LOG.error("import %s failed: %s", number, trail(error))
            code = error.code if isinstance(error, KgError) else "damaged-file"
            message = error.message if isinstance(error, KgError) else _BROKEN
            report = _refused(request, code, message)
        finally:
            shutil.rmtree(self._folder / number, ignore_errors=True)
        detail = {"batch": report["batch"], "status": report["status"], "source": request.source}
        self._graph.audit.record(viewer.name, "import", number, detail)
        note_delivery(self._graph, report)
        record = {**_made_here(), "status": report["status"], "by": viewer.name, "report": report}
        if not report["changed"]:
            self._put(number, record)
            return
        self._put(number, {**record, "comparison": COMPARISON_RUNNING})
        self._put(number, {**record, "comparison": compare_new(self._graph, viewer, most=SERVICE_MOST)})

    def _load(self, number: str, upload: Upload, request: ImportRequest, viewer: Viewer) -> dict[str, Any]:
        """Load the files; when a batch of somebody else came in between, start over."""
        for attempt in range(1, _ATTEMPTS):
            try:
                return self._load_once(number, upload, request, viewer)
            except (StoreBusyError, RefusedError):
                time.sleep(0.2 * attempt)
        return self._load_once(number, upload, request, viewer)

    def _load_once(
        self, number: str, upload: Upload, request: ImportRequest, viewer: Viewer
    ) -> dict[str, Any]:
        graph = self._graph
        sweep(graph.settings.data)
        errors_to = self._folder / number / "rejected.xlsx"
        saved = mapping_path(graph.settings.data, request.source)
        record = graph.ledger.get(COLLECTION, number) or {}
        report = load(
            upload.paths,
            store=graph.store,
            sealer=graph.sealer,
            schema=graph.schema,
            source=request.source,
            actor=viewer.name,
            clock=graph.clock,
            mapping=upload.mapping or (saved if saved.is_file() else None),
            dry_run=request.dry_run,
            full=request.full,
            linkage=graph.policy.linkage,
            confirm_retire=request.confirm_retire,
            errors_to=errors_to,
            progress=ProgressKeeper(lambda told: self._put(number, told), record, graph.schema),
        )
        document = dict(report.to_json())
        if "changes" in document:
            self._seal(number, _CHANGES, {"json": json.dumps(document.pop("changes"), ensure_ascii=False)})
        if errors_to.exists():
            content = base64.b64encode(errors_to.read_bytes()).decode()
            self._seal(number, _ERRORS, {"xlsx": content})
            document["error_file"] = f"/api/v1/imports/{number}/errors.xlsx"
        return document

    def _seal(self, number: str, part: str, content: Mapping[str, str]) -> None:
        path = self._sealed_path(number, part)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.write_bytes(self._graph.sealer.seal(content, _sealed_row(number, part)))

    def _put(self, number: str, record: Mapping[str, Any]) -> None:
        self._graph.ledger.put(COLLECTION, number, record)

    def _sealed_path(self, number: str, part: str) -> Path:
        return self._graph.settings.data / "imports" / f"{number}.{part}.sealed"

    def _forget_interrupted(self) -> None:
        """Settle the imports whose process is gone, and remove what they left behind."""
        for number, record in self._graph.ledger.items(COLLECTION):
            if record["status"] == "running":
                if _is_gone(record):
                    self._settle(number, record)
                continue
            shutil.rmtree(self._folder / number, ignore_errors=True)
            if record.get("comparison") == COMPARISON_RUNNING and _is_gone(record):
                self._put(number, {**record, "comparison": COMPARISON_INTERRUPTED})

    def _settle(self, number: str, record: Mapping[str, Any]) -> None:
        """Give an interrupted import its report: that of its batch if that was published in time, else refused."""
        shutil.rmtree(self._folder / number, ignore_errors=True)
        request = ImportRequest(source=str(record.get("source", "default")))
        batch = next((one for one in self._graph.store.batches() if _is_of(one, record)), None)
        report = _refused(request, "damaged-file", _INTERRUPTED) if batch is None else dict(batch.report)
        self._put(number, {"status": report["status"], "by": record["by"], "report": report})


def _made_here() -> dict[str, Any]:
    """Return what tells later whether the process that works on an import is still there."""
    return {"pid": os.getpid(), "born": born(os.getpid())}


def _is_gone(record: Mapping[str, Any]) -> bool:
    return not is_running(int(str(record["pid"])), str(record.get("born", "")))


def _is_of(batch: Batch, record: Mapping[str, Any]) -> bool:
    """True when the batch holds exactly the files of an interrupted import, and came after it began."""
    files = batch.report.get("files")
    digests = [one.get("sha256") for one in files] if isinstance(files, (list, tuple)) else None
    return (
        batch.revision > int(str(record.get("since", 0)))
        and (batch.source, batch.actor) == (record.get("source"), record["by"])
        and digests == list(record.get("digests", ()))
    )


def _sealed_row(number: str, part: str) -> RowId:
    return RowId("imports", part, number)


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
