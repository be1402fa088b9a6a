"""Every code block of every Markdown page runs, or is named here with the reason why it does not.

- `bash`: all commands of one page run in order in a folder of its own, with the demo city loaded (or an empty data
  folder, see EMPTY); a non-zero exit fails.
- `text` after a `bash` block: what that block printed on standard output; `…` stands for anything left out.
- `console`: lines with `$ ` are commands, the lines below are what they print; a wanted exit other than 0 is
  written as a last line `[exit 3]`.
- `python`: doctests. `json`, `yaml`, `toml`: must parse; a toml block with `[table]` sections is a mapping file and
  must be accepted by the loader, one without is `jiangtu.toml`; a first line `# NAME` saves it for the next blocks; a yaml block must change the default policy into one that is accepted.
"""

import doctest
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from sybil import Document, Example, Lexeme, Region
from sybil.parsers.markdown.codeblock import PythonCodeBlockParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

from kg.config import Settings
from kg.policy.policy_file import load_policy, parse_policy
from kg.schema import SCHEMA
from loaders.mapping import load_mapping
from tests.docs.conftest import shell_environment

ROOT = Path(__file__).resolve().parents[2]
SKIPPED_FOLDERS = {"node_modules", "data", "build", "dist", "screenshots"}
EMPTY = {
    "README.md": "it loads the city itself",
    "README.en.md": "it loads the city itself",
    "docs/tutorial/first-hour.md": "it loads the city itself",
}
"""Pages that start without any data, with the reason."""
NOT_RUN = {
    "script/demo": "sets up, loads and serves until it is stopped; tests/browser starts the demo",
    "script/test": "is what runs this test",
    "script/demo\nscript/test": "both of the above",
}
"""Bash blocks that are not executed, with the reason; their scripts must exist and be executable."""
PICTURES = {"ARCHITECTURE.md": 1}
"""Pages with blocks without a language, and how many: drawings in characters."""
TIMEOUT_SECONDS = 900


def markdown_pages() -> Iterator[str]:
    for path in sorted(ROOT.rglob("*.md")):
        parts = path.relative_to(ROOT).parts
        if not any(part.startswith(".") or part in SKIPPED_FOLDERS for part in parts):
            yield "/".join(parts)


class Shell:
    """Runs the blocks of one page in order, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._environment = folder, shell_environment(folder / "data")
        self.printed: str | None = None

    def run(self, script: str) -> tuple[int, str, str]:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self._folder, env=self._environment, capture_output=True, text=True,
            encoding="utf-8", timeout=TIMEOUT_SECONDS, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def bash(self, example: Example) -> str | None:
        """Run a block; what it prints is kept for a `text` block."""
        script = str(example.parsed).strip()
        if script in NOT_RUN:
            self.printed = None
            return _not_executable(script)
        code, self.printed, errors = self.run(script)
        return None if code == 0 else f"exit {code}\n{self.printed}{errors}"

    def text(self, example: Example) -> str | None:
        """Compare with what the block before printed."""
        if self.printed is None:
            return "a text block needs a bash block before it"
        return _difference(str(example.parsed), self.printed)

    def console(self, example: Example) -> str | None:
        """Run each command of a console block and compare what it prints."""
        for command, expected, wanted in _commands(str(example.parsed)):
            code, printed, errors = self.run(command)
            if code != wanted:
                return f"$ {command}\nexit {code}, wanted {wanted}\n{printed}{errors}"
            # a refusal speaks on standard error, an answer on standard output
            told = _difference(expected, printed if printed else errors)
            if told:
                return f"$ {command}\n{told}"
        return None


def _not_executable(script: str) -> str | None:
    for name in script.splitlines():
        if not os.access(ROOT / name, os.X_OK):
            return f"{name} is not an executable file"
    return None


def _commands(block: str) -> Iterator[tuple[str, str, int]]:
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        command, _, expected = part.partition("\n")
        exit_line = re.search(r"(?m)^\[exit (\d+)\]$\n?", expected)
        wanted = int(exit_line.group(1)) if exit_line else 0
        yield command, re.sub(r"(?m)^\[exit \d+\]$\n?", "", expected), wanted


def _difference(expected: str, printed: str) -> str | None:
    """Return nothing if the output fits; a line `…` stands for any lines, a `…` inside a line for any characters."""
    wanted = expected.strip("\n").splitlines()
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line.strip() == "…" else _escaped(line.rstrip()) + r"\n" for line in wanted
    )
    got = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    if re.fullmatch(pattern, got):
        return None
    return f"--- expected\n{expected}\n--- printed\n{printed}"


def _escaped(line: str) -> str:
    return re.escape(line).replace("…", r"[^\n]*?")


def _json(example: Example) -> None:
    json.loads(example.parsed)


def _yaml(example: Example) -> str | None:
    """Put the block's keys into the default policy: the result must be an accepted policy."""
    changed = yaml.safe_load(example.parsed)
    default = yaml.safe_load((ROOT / "kg/policy/default_policy.yaml").read_text(encoding="utf-8"))
    for key, value in changed.items():
        default[key] = {**default[key], **value} if isinstance(value, dict) else value
    policy = parse_policy(yaml.safe_dump(default, allow_unicode=True))
    return None if policy.hash != load_policy().hash else "the block changes nothing"


def _toml(folder: Path) -> Callable[[Example], None]:
    def read(example: Example) -> None:
        document = tomllib.loads(example.parsed)
        first, _, _ = str(example.parsed).partition("\n")
        path = folder / (first.removeprefix("# ") if first.startswith("# ") else "documented.toml")
        path.write_text(str(example.parsed), encoding="utf-8")
        if any(isinstance(value, dict) for value in document.values()):
            assert load_mapping(path, SCHEMA).columns
        else:
            Settings.model_validate(document)

    return read


class Blocks:
    """Sybil parser of all fenced blocks: each language has its evaluator, an unknown one fails."""

    def __init__(self, page: str, folder: Path) -> None:
        shell = Shell(folder)
        self._page, self._pictures = page, 0
        self._python = PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)
        self._evaluators: dict[str, Callable[[Example], str | None]] = {
            "bash": shell.bash, "text": shell.text, "console": shell.console, "json": _json, "yaml": _yaml,
            "toml": _toml(folder), "": self._picture,
        }  # fmt: skip

    def __call__(self, document: Document) -> Iterator[Region]:
        for region in FencedCodeBlockLexer(r"[^\n]*?[ \t]*")(document):
            language = str(region.lexemes["language"]).strip()
            if language != "python":
                source = region.lexemes["source"]
                assert isinstance(source, Lexeme)
                region.parsed = source
                region.evaluator = self._evaluators.get(language, _unknown)
                yield region
        yield from self._python(document)

    def _picture(self, _: Example) -> str | None:
        self._pictures += 1
        if self._pictures <= PICTURES.get(self._page, 0):
            return None
        return "a block without a language; name it, or count it in PICTURES"


def _needs_a_city(document: Document) -> bool:
    """True for a page with something that runs; the others, most of them decisions, only have blocks to parse or none."""
    return any(example.region.evaluator not in {_json, _yaml} for example in document.examples())


def _unknown(example: Example) -> str:
    return f"no way to check a block of language {example.region.lexemes['language']!r}"


@pytest.mark.slow
@pytest.mark.parametrize("page", list(markdown_pages()))
def test_every_block_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    document = Document.parse(str(ROOT / page), Blocks(page, tmp_path))
    if _needs_a_city(document):
        shutil.copytree(request.getfixturevalue("city"), tmp_path, dirs_exist_ok=True)
    if page in EMPTY:
        shutil.rmtree(tmp_path / "data")
    for example in document.examples():
        example.evaluate()


@pytest.mark.parametrize("script", sorted({name for block in NOT_RUN for name in block.splitlines()}))
def test_scripts_that_are_not_run_here_are_executable(script: str) -> None:
    assert _not_executable(script) is None


def test_pages_named_here_exist() -> None:
    pages = set(markdown_pages())
    assert set(EMPTY) | set(PICTURES) <= pages


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…\nd", "a\nd", True),
        ("a\n…", "a\nb\nc", True),
        ("…\nc", "a\nb\nc", True),
        ("x … z", "x y z", True),
        ("x … z", "x\nz", False),
        ("a\nb", "a\nc", False),
        ("a", "a\nb", False),
        ("1.5", "1x5", False),
    ],
)
def test_ellipsis(expected: str, printed: str, fits: bool) -> None:
    assert (_difference(expected, printed) is None) is fits


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in markdown_pages():
        text = re.sub(r"(?ms)^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (ROOT / page).parent.joinpath(target).exists():
                broken.append(f"{page}: {target}")
    assert not broken
