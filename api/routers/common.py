"""What all JSON routers share: how answers are sent and documented."""

from typing import Any, Final

import orjson
from fastapi.responses import JSONResponse

Answer = dict[str, Any]
PROBLEM: Final[Answer] = {
    "description": "拒绝：RFC 9457 问题文档",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PROBLEMS: Final[dict[int | str, Answer]] = dict.fromkeys(
    (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503), PROBLEM
)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Documented: Final = None
"""Answers are JSON-ready already: documented by a model, not validated again on the way out."""


class Told(JSONResponse):
    """An answer that is JSON-ready already; the framework's own encoder would walk it twice more, value by value."""

    def render(self, content: Any) -> bytes:
        """Return the bytes of the answer."""
        return orjson.dumps(content)


def text_answer(media_type: str, description: str) -> Answer:
    """Return the documentation of an answer that is a text."""
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def file_answer(*media_types: str) -> Answer:
    """Return the documentation of an answer that is a file of one of these types."""
    schema = {"type": "string", "format": "binary"}
    return {"description": "文件", "content": {media_type: {"schema": schema} for media_type in media_types}}
