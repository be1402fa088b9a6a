"""Takes the source of a template apart into tags, statements and runs of text, and puts English into the runs.

A run is what stands between two tags or statements, its outputs as gaps: `共 {{ n|count }} 项` is the key `共 {} 项`.
Values of attributes that people read or hear are runs too. An output inside a run is translated when it is written;
everything else (addresses, values of fields, names) is left exactly as it is, so a form sends what it always sent.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from api.pages.english.catalogue import Catalogue, filled, gaps, is_chinese, restored

READABLE: Final = frozenset({"placeholder", "title", "aria-label", "aria-description", "alt", "label"})
_UNMARKED: Final = frozenset({"title", "option", "text", "tspan"})
"""Elements that may hold nothing but text: Chinese in them is not marked."""
_VERBATIM: Final = frozenset({"script", "style", "textarea", "glyph"})
_GLYPH: Final = re.compile(r"""\sclass=["']gl["']""")
"""The character drawn in the mark of a kind is a drawing."""
_JINJA: Final = re.compile(
    r"""(?P<out>\{\{(?:"[^"]*"|'[^']*'|(?!\}\}).)*\}\})"""
    r"""|(?P<statement>\{%(?:"[^"]*"|'[^']*'|(?!%\}).)*%\}|\{\#.*?\#\})""",
    re.DOTALL,
)
_TITLE: Final = re.compile(r"\{%-?\s*block title\b")
_END_BLOCK: Final = re.compile(r"\{%-?\s*endblock\b")
_TAG: Final = re.compile(r"<(?=[a-zA-Z/!])")
_TAG_NAME: Final = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_ATTRIBUTE: Final = re.compile(r"([\w:-]+)=$")
_PLAIN: Final = re.compile(r"\{\{-?\s*[\w.\[\]'\"]+(?:\|short)?\s*-?\}\}")
"""An output of a name or a sentence: numbers go through a filter, drawings come from a call."""
_DATA: Final = re.compile(r"\w+(?:\.\w+)*\.(?:sheet|file|header|source)\b|revealed\.(?:name|phone)\b")
"""Outputs of names that files give themselves or people bear, which may be words of the catalogue by chance."""
_BLANK: Final = " \t\r\n"


@dataclass(slots=True)
class Run:
    """A run of text with its outputs."""

    text: str = ""
    outputs: list[str] = field(default_factory=list)

    def parts(self) -> tuple[str, str, str]:
        """Return the blanks before, the key, and the blanks behind."""
        body = self.text.strip(_BLANK)
        start = self.text.find(body) if body else len(self.text)
        return self.text[:start], body, self.text[start + len(body) :]


class Translator:
    """Puts English into sources of templates."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def source(self, source: str, template: str) -> str:
        """Return the source with English runs; a run that the catalogue does not hold stays Chinese."""
        return _Walk(template, self._catalogue).through(source)

    def keys(self, source: str, template: str) -> list[str]:
        """Return every Chinese run of a source: what the catalogue must hold."""
        walk = _Walk(template, self._catalogue)
        walk.through(source)
        return walk.keys


class _Walk:
    """One walk through one source."""

    def __init__(self, template: str, catalogue: Catalogue) -> None:
        self._template, self._catalogue = template, catalogue
        self._done: list[str] = []
        self._run = Run()
        self._tag = ""
        self._quote = ""
        self._attribute = ""
        self._element = ""
        self._in_title = False
        self._option: int | None = None
        self.keys: list[str] = []

    def through(self, source: str) -> str:
        at = 0
        for found in _JINJA.finditer(source):
            self._plain(source[at : found.start()])
            if found["out"]:
                self._output(found[0])
            else:
                self._statement(found[0])
            at = found.end()
        self._plain(source[at:])
        self._flush()
        return "".join(self._done)

    # -- what stands in the source --------------------------------------------------------------------------

    def _statement(self, text: str) -> None:
        if self._tag and not self._quote:
            self._tag += text
        self._flush()
        self._done.append(text)
        if _TITLE.match(text):
            self._in_title = True
        elif _END_BLOCK.match(text):
            self._in_title = False

    def _output(self, text: str) -> None:
        if self._tag and not self._quote:
            self._tag += text
            self._done.append(text)
            return
        self._run.text += "{}"
        self._run.outputs.append(text)

    def _plain(self, text: str) -> None:
        at = 0
        while at < len(text):
            if self._quote:
                at = self._in_value(text, at)
            elif self._tag:
                at = self._in_tag(text, at)
            else:
                at = self._in_text(text, at)

    def _in_text(self, text: str, at: int) -> int:
        found = _TAG.search(text, at)
        self._run.text += _without_gaps(text[at : found.start() if found else len(text)])
        if found is None:
            return len(text)
        self._flush()
        self._tag = "<"
        self._done.append("<")
        return found.end()

    def _in_tag(self, text: str, at: int) -> int:
        for place in range(at, len(text)):
            if text[place] in "\"'>":
                break
        else:
            place = len(text)
        piece = text[at:place]
        self._tag += piece
        self._done.append(piece)
        if place == len(text):
            return place
        mark = text[place]
        if mark == ">":
            self._close_tag()
        else:
            self._quote = mark
            found = _ATTRIBUTE.search(self._tag)
            self._attribute = found[1].lower() if found else ""
            self._tag += mark
            self._done.append(mark)
        return place + 1

    def _in_value(self, text: str, at: int) -> int:
        end = text.find(self._quote, at)
        piece = text[at : end if end >= 0 else len(text)]
        self._run.text += _without_gaps(piece)
        self._tag += piece
        if end < 0:
            return len(text)
        self._flush()
        self._done.append(self._quote)
        self._tag += self._quote
        self._quote = ""
        return end + 1

    def _close_tag(self) -> None:
        found = _TAG_NAME.match(self._tag)
        if found:
            self._element = "" if found[1] else "glyph" if _GLYPH.search(self._tag) else found[2].lower()
            if self._element == "option" and not re.search(r"\svalue=", self._tag):
                self._option = len(self._done)
        self._done.append(">")
        self._tag = ""

    # -- what becomes of it ---------------------------------------------------------------------------------

    def _flush(self) -> None:
        run, self._run = self._run, Run()
        if not run.text:
            return
        if self._option is not None and not self._tag:
            _, key, _ = run.parts()
            self._done[self._option] = f' value="{restored(key, run.outputs)}">'
            self._option = None
        verbatim = self._element in _VERBATIM if not self._tag else self._attribute not in READABLE
        self._done.append(restored(run.text, run.outputs) if verbatim else self._translated(run))

    def _translated(self, run: Run) -> str:
        before, key, behind = run.parts()
        english = key
        if is_chinese(key):
            self.keys.append(key)
            found = self._catalogue.entry(key, self._template)
            english = key if found is None else found
        if self._quote == "'":
            english = english.replace("'", "’")
        attributes = '="' in run.text  # a macro that writes attributes
        marked = not (self._tag or self._in_title or attributes or self._element in _UNMARKED)
        outputs = [self._said(output, marked=marked) for output in run.outputs]
        body = filled(english, outputs, _choice)
        if marked and is_chinese(key) and any(map(_may_be_name, run.outputs)):
            body = f"<bdi>{body}</bdi>"
        return f"{before}{body}{behind}"

    def _said(self, output: str, *, marked: bool) -> str:
        """Return an output that is translated when it is written; what a file calls itself is only marked."""
        opened, closed = ("{{-" if output[2] == "-" else "{{"), ("-}}" if output[-3] == "-" else "}}")
        expression = output[len(opened) : -len(closed)].strip()
        if _DATA.match(expression):
            return f"{opened} ({expression})|{'as_chinese' if marked else 'string'} {closed}"
        return (
            f"{opened} ({expression})|{'english_text' if marked else 'english'}('{self._template}') {closed}"
        )


def _may_be_name(output: str) -> bool:
    """True for an output that may be marked as Chinese: then its sentence is kept together, as one item of its row."""
    return _PLAIN.fullmatch(output) is not None


def _choice(output: str, one: str, many: str) -> str:
    """Return an expression that chooses the word when the page is written."""
    expression = output.removeprefix("{{").removesuffix("}}").strip("- ")
    return f"{{{{ '{one}' if ({expression})|string == '1' else '{many}' }}}}"


def _without_gaps(text: str) -> str:
    """Return a text as it stands; braces of its own would be taken for outputs."""
    if gaps(text):
        raise ValueError(f"braces without an output in a template: {text!r}")
    return text
