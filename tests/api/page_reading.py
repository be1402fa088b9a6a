"""Reads a page as an assistive program would: elements, labels, headings, links."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "col", "hr", "img"})


@dataclass
class Element:
    """One element with its attributes and the text below it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    parents: tuple[str, ...] = ()


@dataclass
class Reader(HTMLParser):
    """Parses a page; a tag closed in the wrong order is an error."""

    elements: list[Element] = field(default_factory=list)
    stack: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute: {names}"
        parents = tuple(element.tag for element in self.stack)
        element = Element(tag, {name: value or "" for name, value in attrs}, parents=parents)
        self.elements.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> without a start"
        assert self.stack[-1].tag == tag, f"</{tag}> closes <{self.stack[-1].tag}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        for element in self.stack:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements of that tag with those attributes."""
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element.attributes.get(k) == v for k, v in attributes.items())
        ]

    def skeleton(self) -> Counter[tuple[str, tuple[str, ...]]]:
        """Return how often each tag with each set of attribute names occurs."""
        return Counter((element.tag, tuple(sorted(element.attributes))) for element in self.elements)


def read(text: str) -> Reader:
    """Parse a whole page."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.stack, [element.tag for element in reader.stack]
    return reader


def complaints(text: str) -> list[str]:
    """Return what a page does wrong: headings, labels, captions, landmarks, ids, inline style or script."""
    page = read(text)
    found = []
    if len(page.all("h1")) != 1:
        found.append(f"{len(page.all('h1'))} h1")
    for tag in ("main", "header", "footer", "title"):
        if len([e for e in page.all(tag) if "svg" not in e.parents]) != 1:
            found.append(f"not one {tag}")
    if not page.all("a", href="#main") or not page.all("main", id="main"):
        found.append("no skip link")
    if page.all("html")[0].attributes.get("lang") != "zh-CN":
        found.append("no language")
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    found += [f"id {name} twice" for name, number in Counter(ids).items() if number > 1]
    labelled = {element.attributes.get("for") for element in page.all("label")}
    for element in page.elements:
        attributes = element.attributes
        if element.tag in {"input", "select", "textarea"} and attributes.get("type") != "hidden":
            named = (
                attributes.get("id") in labelled or "label" in element.parents or "aria-label" in attributes
            )
            found += [] if named else [f"no label: {attributes}"]
        own = element.tag == "script" and re.fullmatch(r"/static/[\w./?=-]+", attributes.get("src", ""))
        banned = {"script", "style", "iframe", "object", "embed"}
        if (element.tag in banned and not (own and not element.text.strip())) or "style" in attributes:
            found.append(f"inline: <{element.tag}> {attributes}")
        found += [f"handler {name}" for name in attributes if name.startswith("on")]
        if element.tag == "svg" and not ("aria-hidden" in attributes or attributes.get("role") == "img"):
            found.append(f"a drawing without a name: {attributes}")
        if attributes.get("class", "").split()[:1] == ["scroll"] and attributes.get("tabindex") != "0":
            found.append("a scrolling table that takes no focus")
    found += ["a table without a caption"] * (len(page.all("table")) - len(page.all("caption")))
    found += [
        f"an empty link {e.attributes}"
        for e in page.all("a")
        if not e.text.strip() and "aria-label" not in e.attributes
    ]
    found += ["an empty button" for e in page.all("button") if not e.text.strip()]
    for reference in ("aria-describedby", "aria-labelledby"):
        wanted = [e.attributes[reference] for e in page.elements if reference in e.attributes]
        found += [f"{reference} points nowhere: {name}" for name in wanted if name not in ids]
    targets = [e.attributes["href"] for e in page.all("a") if e.attributes.get("href", "").startswith("#")]
    found += [f"anchor {target} points nowhere" for target in targets if target[1:] not in ids]
    return found
