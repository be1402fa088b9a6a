"""What follows an import by itself: the new persons and names are compared with those that are there."""

import logging
import time
from typing import Any, Final

from kg.bootstrap import Graph
from kg.errors import KgError, StoreBusyError
from kg.model.viewers import Viewer

SERVICE_MOST: Final = 200_000
"""With more persons in the store the first comparison of all is left to a quiet hour (`jiangtu reviews --find`)."""
COMMAND_MOST: Final = 20_000
"""The same for the command line, which makes people wait for it."""
_ATTEMPTS: Final = 3
_BROKEN: Final = "身份核对出错，数据已装入；请执行 jiangtu reviews --find 再试，仍不行请联系管理员"
COMPARISON_RUNNING: Final = {"status": "running"}
COMPARISON_INTERRUPTED: Final = {
    "status": "failed",
    "code": "interrupted",
    "message": "身份核对因服务停止而中断，数据已装入；请执行 jiangtu reviews --find",
}
"""What is told of a comparison whose process ended before it did."""
_LOG: Final = logging.getLogger("jiangtu")


def compare_new(graph: Graph, viewer: Viewer, *, most: int) -> dict[str, Any]:
    """Compare what has come in since the last comparison; return what was found, or why nothing was.

    `status` is done, skipped (more than `most` persons) or failed with the code and sentence of the refusal: the
    import stands either way.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return {"status": "done", **graph.service.find_new_identities(viewer=viewer, most=most)}
        except StoreBusyError as error:
            time.sleep(0.2 * (attempt + 1))
            failed = error
        except KgError as error:
            return _failed(error)
        except Exception as error:  # its text may quote what was compared
            _LOG.error("comparison after an import failed: %s", type(error).__name__)
            return {"status": "failed", "code": "internal", "message": _BROKEN}
    return _failed(failed)


def _failed(error: KgError) -> dict[str, Any]:
    status = "skipped" if error.code == "too-many-persons" else "failed"
    return {"status": status, "code": error.code, "message": error.message}
