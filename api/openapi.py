"""Completes the OpenAPI document: the problem document, and how programs sign in."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.schemas.answers import Problem

_SECURITY: Final[dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "jiangtu token create USER --days N"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "jiangtu_session",
        "description": "页面登录；写操作另需 x-csrf-token",
    },
}


def complete(app: FastAPI) -> None:
    """Let the application answer /openapi.json with every shape it uses."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            parts = made.setdefault("components", {})
            shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            parts.setdefault("schemas", {}).update({**shape.pop("$defs", {}), "Problem": shape})
            parts["securitySchemes"] = _SECURITY
            made["security"] = [{"bearer": []}, {"session": []}, {}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way FastAPI documents
