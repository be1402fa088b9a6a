"""Renders templates inside the common frame: top bar, switches, footer, watermark. Escaping is always on."""

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages.dependencies import Json, PageDependencies
from api.pages.english import Catalogue, catalogue_of, english_environment, labels_of
from api.pages.frame import notices
from api.pages.frame.compiled import compiled
from api.pages.frame.look import COOKIE, SWITCHES, Look
from api.pages.parts import figures, links
from api.pages.parts.labels import ROLE_LABELS, SECTIONS
from kg.errors import KgError
from kg.identity.joins import likely
from kg.model.viewers import Role, Viewer
from kg.policy.rights import may_load, may_recommend, sees_all
from kg.vocab.reasons import NOTICE
from visualizations.theme import VIEW_BOX, mark_classes, mark_of, outline_of

HERE: Final = Path(__file__).parents[1]
STATIC: Final = HERE / "static"
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Pages:
    """The frame around every page; one instance per router."""

    def __init__(self, deps: PageDependencies) -> None:
        self.deps = deps
        self.paths: set[str] = set()
        self._env = Environment(
            loader=FileSystemLoader(HERE / "templates", encoding="utf-8"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=compiled(),
        )
        for function in (
            figures.four, figures.two, figures.count, figures.hours, figures.percent,
            figures.day, figures.plain, figures.circled, figures.short, figures.without, likely,
        ):  # fmt: skip
            self._env.filters[function.__name__] = function
        self._env.globals |= {
            "node_href": links.node_href,
            "explorer_href": links.explorer_href,
            "edges_href": links.edges_href,
            "mark": self._mark,
            "notice": NOTICE,
        }

    @cached_property
    def style_version(self) -> str:
        """Return a short digest of the style sheets and the script: their address changes exactly when they do."""
        names = ("jiangtu.css", "desk.css", "desk.js", "import_progress.js")
        texts = b"".join((STATIC / name).read_bytes() for name in names)
        return hashlib.blake2b(texts, digest_size=6).hexdigest()

    def render(self, request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Return a whole page; `context` goes to the template, the frame is added."""
        look = Look.of(request.cookies.get(COOKIE))
        frame = self._frame(request, self.deps.viewer_of(request), look)
        env = self._english if look.english else self._env
        text = env.get_template(template).render(**frame, **context)
        answer = HTMLResponse(text, status_code=status, headers=SECURITY_HEADERS)
        if notices.COOKIE in request.cookies:
            answer.delete_cookie(notices.COOKIE)
        return answer

    @cached_property
    def _english(self) -> Environment:
        """The same templates in English; made when the first reader asks for it."""
        return english_environment(self._env, self._catalogue)

    @cached_property
    def _catalogue(self) -> Catalogue:
        return catalogue_of(self.deps.schema)

    def say(self, request: Request) -> Callable[[str], str] | None:
        """Return what tells a text in English where the reader wants that, for files that are taken along."""
        return self.english if Look.of(request.cookies.get(COOKIE)).english else None

    def english(self, text: str) -> str:
        """Return a text in English; what the catalogue does not hold stays as it is."""
        return self._catalogue.english(text)

    def words(self, request: Request) -> Json:
        """Return what a script needs to say labels and closed values in English; nothing where the page is Chinese."""
        if not Look.of(request.cookies.get(COOKIE)).english:
            return {}
        return {"words": labels_of(self.deps.schema, self._catalogue)}

    def _frame(self, request: Request, viewer: Viewer, look: Look) -> Json:
        get = request.method == "GET"
        return {
            "viewer": viewer,
            "signed_in": Role.PUBLIC not in viewer.roles,
            "role_labels": [ROLE_LABELS[role] for role in Role if role in viewer.roles],
            "look": look.attributes(),
            "in_english": look.english,
            "switches": [(key, label, getattr(look, key)) for key, label in SWITCHES.items()],
            "sections": self._sections(viewer),
            "csrf": self.deps.csrf_of(request),
            "here": f"{request.url.path}{'?' + request.url.query if request.url.query else ''}"
            if get
            else "/",
            "path": request.url.path,
            "style_version": self.style_version,
            "asks": may_recommend(viewer),
            "now": self.deps.now().strftime("%Y-%m-%d %H:%M"),
            "done": notices.found(request, self.deps.service, viewer)
            if notices.COOKIE in request.cookies
            else None,
            **self._state(viewer),
        }

    def _state(self, viewer: Viewer) -> Json:
        """Return what the footer says; an unusable store must not take the error page down with it."""
        try:
            policy = self.deps.service.policy(viewer=viewer)
            return {
                "policy_line": f"{policy['id']} · {str(policy['hash'])[:8]}",
                "revision": self.deps.service.revision(),
                "synthetic": self.deps.synthetic(),
            }
        except KgError:
            return {"policy_line": "", "revision": None, "synthetic": False}

    def _sections(self, viewer: Viewer) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the top bar for this viewer; a group of one is a plain link."""
        loads = may_load(viewer)
        asks, plans = may_recommend(viewer), viewer.has(Role.OFFICER, Role.PLANNER)
        allowed = {
            "/talents": asks, "/partners": asks, "/teams": asks, "/board": asks, "/plans": plans, "/planning": plans,
            "/shown": plans, "/imports": loads, "/imports/history": loads, "/reviews": sees_all(viewer), "/check": loads,
        }  # fmt: skip
        found = []
        for group, entries in SECTIONS:
            kept = [
                (path, label) for path, label in entries if path in self.paths and allowed.get(path, True)
            ]
            if kept:
                found.append((group if len(kept) > 1 else "", kept))
        return found

    def _mark(self, kind: str) -> Json:
        table = self.deps.schema.by_kind.get(kind)
        if table is None:
            return {
                "classes": "common l2",
                "path": "M-14 -14H14V14H-14z",
                "inner": "",
                "glyph": "?",
                "y": 5.2,
                "box": VIEW_BOX,
            }
        mark = mark_of(table)
        outline = outline_of(mark)
        return {
            "classes": mark_classes(mark),
            "path": outline.path,
            "inner": outline.inner,
            "glyph": mark.glyph,
            "y": outline.baseline,
            "box": VIEW_BOX,
        }
