"""What the verbs share: the parser that refuses in Chinese, the graph that a command runs on, checked numbers."""

import argparse
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from api.temporary import private_temporary_files
from kg.bootstrap import Graph, open_graph
from kg.config import read_settings
from kg.errors import InvalidInputError

if TYPE_CHECKING:
    Parsers: TypeAlias = argparse._SubParsersAction["Parser"]

SIZES: Final = ("demo", "county", "city", "province")
"""The sizes of the synthetic city."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the words of a command in one Chinese sentence (exit 2)."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise InvalidInputError(f"{_usage_sentence(message)}；用法见 {self.prog} --help", field="command")


_USAGE: Final = (
    (r"the following arguments are required: (.+)", r"还要写明 \1"),
    (r"argument (.+): invalid int value: (.+)", r"\1 应是整数，现为 \2"),
    (r"argument (.+): invalid float value: (.+)", r"\1 应是数字，现为 \2"),
    (r"argument (.+): expected (?:one|at least one) argument", r"\1 后面要写值"),
    (r"argument (.+): not allowed with argument (.+)", r"\1 不能与 \2 同用"),
    (r"argument (.+): ignored explicit argument (.+)", r"\1 后面不能写值 \2"),
    (r"argument (.+?): (.+)", r"\1：\2"),
    (r"unrecognized arguments: (.+)", r"不认识 \1，请删去或改正"),
    (r"ambiguous option: (.+) could match (.+)", r"\1 不唯一，可以是 \2"),
)


_QUOTE: Final = "'"
_CHOICE: Final = re.compile(r"argument (.+): invalid choice: (.+) \(choose from (.+)\)")


def _usage_sentence(message: str) -> str:
    choice = _CHOICE.fullmatch(message)
    if choice:
        name, word, known = choice.groups()
        return f"{name} 没有 {word}，可用：{'、'.join(one.strip(_QUOTE) for one in known.split(', '))}"
    for pattern, sentence in _USAGE:
        found = re.fullmatch(pattern, message)
        if found:
            return found.expand(sentence)
    return message


def with_graph(command: Callable[[Graph, argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Return the command as a verb runs it: with the settings read and the graph open."""

    def run(args: argparse.Namespace) -> int:
        settings = read_settings(os.environ, Path.cwd())
        with open_graph(settings) as graph, private_temporary_files(settings):
            return command(graph, args)

    return run


def verb(verbs: "Parsers", name: str, text: str, *, json: bool = True) -> argparse.ArgumentParser:
    """Return the parser of a new verb; with `json`, it takes `--json`."""
    parser = verbs.add_parser(name, help=text, description=text)
    if json:
        parser.add_argument("--json", action="store_true", help="只输出 JSON / print JSON only")
    return parser


def positive(text: str) -> int:
    """Return a whole number of at least 1."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError("应为 1 或更大的整数")
    return value


def add_mode(parser: argparse.ArgumentParser, modes: Mapping[str, str]) -> None:
    """Add `--mode`, which takes the key of a mode or its label."""
    keys = {label: key for key, label in modes.items()}
    parser.add_argument(
        "--mode",
        required=True,
        type=lambda text: keys.get(text, text),
        choices=tuple(modes),
        metavar="M",
        help="、".join(f"{key} {label}" for key, label in modes.items()),
    )


def whole(text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"应为整数，现为 {text!r}") from error


def port(text: str) -> int:
    """Return the number of a port."""
    value = whole(text)
    if not 0 < value < 65536:
        raise argparse.ArgumentTypeError("端口应在 1 到 65535 之间")
    return value
