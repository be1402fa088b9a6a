"""What the pages need from the rest of the program: the questions, who asks, sign-in, imports. Nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from fastapi import Request, Response

from api.import_drafts import Draft, Drafts
from api.import_mappings import Mappings
from kg.model.viewers import Viewer
from kg.schema import SCHEMA, Schema
from kg.service import Service
from visualizations.district_map import DistrictMap

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of the import form: the name that its owner gave it (hostile), and its bytes as a stream."""

    name: str
    stream: BinaryIO


class ImportFiles(Protocol):
    """Starts a batch and returns its id; raises ForbiddenError, InvalidInputError, RefusedError."""

    def __call__(
        self,
        files: Sequence[UploadedFile],
        *,
        source: str,
        dry_run: bool,
        full: bool,
        confirm_retire: int | None = None,
        viewer: Viewer,
    ) -> str: ...


class ImportReport(Protocol):
    """Returns the report of `files.md` §1, or `{"id", "status": "running"}`; raises NotFoundError."""

    def __call__(self, batch: str, *, viewer: Viewer) -> Json: ...


class ImportBatch(Protocol):
    """Returns the batch of an import, or of a batch itself; raises NotFoundError, RefusedError."""

    def __call__(self, batch: str, *, viewer: Viewer) -> str: ...


class ImportDraft(Protocol):
    """Starts the import of a draft whose columns are known by now and returns its id."""

    def __call__(self, draft: Draft, *, viewer: Viewer) -> str: ...


class ExpectSource(Protocol):
    """Sets after how many days a source is overdue; raises NotFoundError, InvalidInputError."""

    def __call__(self, source: str, days: int | None, *, viewer: Viewer) -> None: ...


class ExportAnswer(Protocol):
    """Returns the answer to "talents" or "partners" as docx, html or xlsx, after noting it in the audit trail.

    `say` tells a text in English, None leaves the file Chinese.
    """

    def __call__(
        self,
        question: str,
        asked: Mapping[str, Any],
        form: str,
        *,
        viewer: Viewer,
        say: Callable[[str], str] | None = None,
        **when: Any,
    ) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDependencies:
    """What the pages need of the service and of the web application.

    `viewer_of` returns the public viewer when nobody is signed in. `csrf_of` returns a token for the forms of a
    page, also before sign-in; `check_csrf` raises ForbiddenError if the token of a form is not the one handed out.
    `sign_in` sets the session cookie on the response, or raises UnauthenticatedError. One-time links: a direct one
    signs in (`enter_link`, demo only), any other sets a password (`redeem_link`, returns the user's name); both raise
    UnauthenticatedError (used, expired, unknown), the second also InvalidInputError (password too short). `districts`
    returns the map that the bureau supplies, None without one, and raises SettingsError for one that is wrong. `now`
    is the time that watermarks show, in the time zone of the clock. `schema` gives the kinds.
    """

    service: Service
    viewer_of: Callable[[Request], Viewer]
    csrf_of: Callable[[Request], str]
    check_csrf: Callable[[Request, str], None]
    sign_in: Callable[[Request, Response, str, str], None]
    sign_out: Callable[[Request, Response], None]
    link_is_direct: Callable[[str], bool]
    enter_link: Callable[[Response, str], None]
    redeem_link: Callable[[str, str], str]
    synthetic: Callable[[], bool]
    import_files: ImportFiles
    import_report: ImportReport
    import_comparison: Callable[[str], Json]
    import_batch: ImportBatch
    import_draft: ImportDraft
    import_progress: Callable[[str], Json]
    drafts: Drafts
    mappings: Mappings
    sources: Callable[[Viewer], Json]
    expect_source: ExpectSource
    export_answer: ExportAnswer
    districts: Callable[[], DistrictMap | None]
    now: Callable[[], datetime]
    schema: Schema = SCHEMA
