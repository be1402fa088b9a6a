"""Gathers what the English catalogue must hold: runs and literals of templates, sentences and labels in Python."""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from jinja2 import Environment, nodes

from api.pages.english.catalogue import is_chinese
from api.pages.english.sources import Translator

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "api" / "pages" / "templates"
MOST_WAYS = 24
GRAMMAR = frozenset({
    "compile",
    "maketrans",
    "fullmatch",
    "match",
    "sub",
    "split",
    "strip",
    "removesuffix",
    "removeprefix",
})
FIELD = re.compile(r"\{(?:[a-z_]\w*)?(?::[^{}]*)?\}")
"""What `str.format` puts in."""


def has_words(text: str) -> bool:
    """True for a text with a Chinese character; marks alone are no words."""
    return any(is_chinese(char) and char.isalpha() for char in text)


def templates() -> list[Path]:
    """Return every template of the pages."""
    return sorted(TEMPLATES.glob("*.html"))


def runs(path: Path, translator: Translator) -> list[str]:
    """Return the Chinese runs of a template."""
    return translator.keys(path.read_text(encoding="utf-8"), path.name)


# -- literals in expressions of templates ---------------------------------------------------------------------


def literals(path: Path, environment: Environment) -> list[str]:
    """Return the Chinese literals of a template's expressions; a joined one is a sentence with gaps."""
    tree = environment.parse(path.read_text(encoding="utf-8"))
    compared = {id(one) for node in tree.find_all(nodes.Compare) for one in node.find_all(nodes.Const)}
    joined = list(tree.find_all(nodes.Concat))
    inner = {id(one) for node in joined for one in node.find_all(nodes.Const)}
    alone = [
        str(node.value)
        for node in tree.find_all(nodes.Const)
        if isinstance(node.value, str) and id(node) not in inner | compared
    ]
    return sorted({
        text for text in [*alone, *(way for node in joined for way in _ways(node))] if is_chinese(text)
    })


def _ways(node: nodes.Node) -> list[str]:
    """Return the texts that an expression can give, what is not a literal as a gap."""
    if isinstance(node, nodes.Const):
        return [str(node.value)]
    if isinstance(node, nodes.Concat):
        return ["".join(parts) for parts in product(*map(_ways, node.nodes))]
    if isinstance(node, nodes.CondExpr):
        return [*_ways(node.expr1), *(_ways(node.expr2) if node.expr2 else [""])]
    return ["{}"]


# -- sentences in Python --------------------------------------------------------------------------------------


def sentences(path: Path) -> list[str]:
    """Return the Chinese texts that a module can say, in its order, what is put in as a gap."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = set(_documentation(tree))
    found: dict[str, None] = {}
    for node in _outermost(tree, silent):
        found.update((way.strip(" "), None) for way in said(node) if has_words(way))
    return list(found)


def _documentation(tree: ast.Module) -> Iterator[int]:
    """Yield texts that stand for themselves: documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _outermost(tree: ast.AST, silent: set[int]) -> Iterator[ast.expr]:
    """Yield every expression that makes a text and is no part of a larger one."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Compare) or _is_grammar(child):
            continue
        if _is_text(child):
            if id(child) not in silent:
                assert isinstance(child, ast.expr)
                yield child
                yield from (one for inside in _gaps(child) for one in _outermost(inside, silent))
        else:
            yield from _outermost(child, silent)


def _is_grammar(node: ast.AST) -> bool:
    """True for what reads texts and says nothing: regular expressions and tables of characters."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GRAMMAR


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _gaps(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is put into a text and is not said by itself."""
    if isinstance(node, ast.BinOp):
        yield from _gaps(node.left)
        yield from _gaps(node.right)
    elif isinstance(node, ast.JoinedStr):
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                yield from _gaps(value.value)
    elif isinstance(node, ast.IfExp):
        yield from (node.test, *_gaps(node.body), *_gaps(node.orelse))
    elif not isinstance(node, ast.Constant):
        yield ast.Expression(node) if isinstance(node, ast.expr) else node


def said(node: ast.AST) -> Sequence[str]:
    """Return the texts that an expression can give; a gap where it puts something in."""
    if isinstance(node, ast.Constant):
        return [FIELD.sub("{}", str(node.value))]
    if isinstance(node, ast.IfExp):
        return [*said(node.body), *said(node.orelse)]
    if isinstance(node, ast.BinOp) and _is_text(node):
        return _joined([said(node.left), said(node.right)])
    if isinstance(node, ast.JoinedStr):
        return _joined([said(value) for value in node.values])
    if isinstance(node, ast.FormattedValue):
        return said(node.value)
    return ["{}"]


def _joined(parts: Sequence[Sequence[str]]) -> list[str]:
    ways = ["".join(way) for way in product(*parts)] if _number(parts) <= MOST_WAYS else []
    if not ways:
        raise ValueError(f"too many ways to say {parts!r}; say it in two sentences")
    return list(dict.fromkeys(ways))


def _number(parts: Sequence[Sequence[str]]) -> int:
    number = 1
    for part in parts:
        number *= len(part)
    return number
