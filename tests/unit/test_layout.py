"""The layout holds: names that clash with nobody, small files and functions, nothing of this machine in the text."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

import kg

ROOT = Path(__file__).parents[2]
PACKAGES = ("kg", "api", "loaders", "visualizations")
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_ADAPTER = 400, 50, 500
TEXTS = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".html", ".css", ".js", ".svg", ".json", ".csv", ""}
MACHINE = re.compile(
    "|".join([
        r"(?<![\w.])/wor" + r"k/", r"(?<![\w.])/roo" + r"t\b", r"file" + r"s\.pythonhosted", r"pypi" + r"\.org",
        r"registr" + r"y\.npmjs", r"--index-" + r"url", r"proxy" + r"\.golang",
    ])
)  # fmt: skip


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def _sources() -> list[Path]:
    return sorted(path for path in _tracked() if path.suffix == ".py")


def _modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def test_public_names_of_kg_are_pinned() -> None:
    assert kg.__all__ == [
        "Graph",
        "KgError",
        "NodeRef",
        "Role",
        "Settings",
        "Viewer",
        "open_graph",
        "read_settings",
    ]
    assert len(kg.__all__) <= 15
    for name in kg.__all__:
        assert getattr(kg, name).__name__ == name
    with pytest.raises(AttributeError, match="nonsense"):
        _ = kg.nonsense  # type: ignore[attr-defined]  # that is the point


def test_importing_kg_costs_nothing() -> None:
    code = "import kg, sys; print(sorted(name for name in sys.modules if name.startswith('kg.')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    """Every module loads in an empty folder, with a hostile environment, and leaves no file and no log handler."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in _modules()]
    names = [name.removesuffix(".__init__") for name in names]
    code = (
        "import importlib, logging, sys; sys.path.insert(0, sys.argv[1])\n"
        "for name in sys.argv[2:]: importlib.import_module(name)\n"
        "assert not logging.getLogger().handlers and not logging.getLogger('jiangtu').handlers"
    )
    environment = {"JIANGTU_NONSENSE": "1", "JIANGTU_DATA": "/dev/null/no", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code, str(ROOT), *names], cwd=tmp_path, env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_no_other_distribution_brings_our_packages() -> None:
    owners = packages_distributions()
    for package in PACKAGES:
        others = {name.casefold() for name in owners.get(package, [])} - {"jiangtu"}
        assert not others, (
            f"{others} also brings a package {package!r}: install 匠图 into an environment of its own"
        )


def test_the_wheel_holds_the_four_packages_and_no_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(wheel["packages"]) == sorted(PACKAGES)
    assert set(wheel) <= {"packages", "exclude"}
    assert all(left_out.startswith("/visualizations/explorer/") for left_out in wheel.get("exclude", ()))
    assert project["project"]["scripts"] == {"jiangtu": "api.cli:main"}
    assert (ROOT / "kg" / "py.typed").exists()
    (ours,) = [one for one in distributions() if one.metadata["Name"] == "jiangtu"]
    assert not [file for file in ours.files or () if file.parts[0] == "tests"]
    for package in PACKAGES:
        ours_alone = (path for path in (ROOT / package).rglob("*") if "node_modules" not in path.parts)
        assert not [path for path in ours_alone if "test" in path.name.split("_")[0]]


def test_no_module_is_named_like_another() -> None:
    third_party = set(packages_distributions()) - set(PACKAGES)
    for path in _modules():
        name = path.stem if path.stem != "__init__" else path.parent.name
        assert name not in sys.stdlib_module_names or path.stem == "__init__", path
        if path.parent.name in PACKAGES:
            assert path.stem not in third_party, path


def _length(function: ast.AST) -> int:
    """Return the lines of a function; a table of data written out in it counts one."""
    lines = set(range(function.lineno, (function.end_lineno or 0) + 1))  # type: ignore[attr-defined]  # a definition has a place
    for node in ast.walk(function):
        if isinstance(node, (ast.Dict, ast.List, ast.Tuple, ast.Set)) and node.end_lineno is not None:
            lines -= set(range(node.lineno + 1, node.end_lineno + 1))
    return len(lines)


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = _length(node)
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


@pytest.mark.parametrize("engine", ["sqlite", "neo4j"])
def test_an_adapter_of_the_graph_store_is_two_short_files(engine: str) -> None:
    """What implements the port: what it reads, what it writes; other files of the folder serve more than that."""
    files = [ROOT / "kg" / "store" / engine / name for name in ("store.py", "publishing.py")]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files) <= LONGEST_ADAPTER


def test_no_query_or_command_is_put_together() -> None:
    """What is executed is a literal: values are parameters (pyright checks the store, this checks all)."""
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"execute", "executemany", "executescript", "run", "Popen", "system"}:
                composed = isinstance(node.args[0], (ast.JoinedStr, ast.BinOp))
                assert not composed, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_imports_are_absolute_and_ignores_say_why() -> None:
    ignore = re.compile(r"#\s*type:\s*ignore(?!\[[\w, -]+\]\s+#\s*\S)")
    for path in _modules():
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
        assert not ignore.search(text), path


def test_no_text_names_this_machine() -> None:
    for path in _tracked():
        if path.suffix in TEXTS:
            found = MACHINE.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{path.relative_to(ROOT)}: {found.group() if found else ''}"


def test_no_data_and_no_keys_are_kept_in_the_repository() -> None:
    for path in _tracked():
        assert path.suffix not in {".db", ".key", ".pkl", ".sqlite", ".log"}, path
        assert path.stat().st_size < 2_000_000, path
