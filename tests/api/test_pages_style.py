"""The style sheet: small, readable by old Chromium kernels, and with enough contrast in every look."""

import re
from pathlib import Path

import pytest

from api.pages.frame.rendering import STATIC
from visualizations.explorer_files import FOLDER

SHEET = (STATIC / "jiangtu.css").read_text(encoding="utf-8")
DESK = (STATIC / "desk.css").read_text(encoding="utf-8")
TEMPLATES = sorted((Path(STATIC).parent / "templates").glob("*.html"))
EXPLORER = (FOLDER / "explorer.css").read_text(encoding="utf-8")
PLAIN = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", SHEET + DESK, flags=re.DOTALL)
NEWER_THAN_87 = (
    ":has(", ":is(", ":where(", ":user-valid", "@container", "@layer", "@scope", "@property ", "@supports",
    "color-mix(", "oklch(", "oklab(", "lab(", "lch(", "hwb(", "light-dark(", "dvh", "svh", "lvh", "dvw", "cqw", "cqi",
    "accent-color", "aspect-ratio", "text-decoration-thickness", "text-wrap", "scrollbar-gutter", "inert", "subgrid",
    "content-visibility: hidden", "backdrop-filter", "translate:", "rotate:", "scale:", "@starting-style",
    "forced-colors", "overflow:clip", "overflow: clip", "field-sizing", "animation-timeline", "anchor(",
)  # fmt: skip
TEXT = ("ink", "ink2", "ink3", "accent", "accent2", "talent", "school", "firm", "common", "ok", "warn", "bad")
GROUNDS = ("bg", "surface", "surface2")
TINTS = ("talent", "school", "firm", "common", "ok", "warn", "bad")
SELECTORS = {
    "light": (":root",),
    "dark": (":root", "[data-theme=dark]"),
    "contrast": (":root", "[data-contrast=high]"),
    "contrast dark": (
        ":root",
        "[data-theme=dark]",
        "[data-contrast=high]",
        "[data-contrast=high][data-theme=dark]",
    ),
}


def _tokens(look: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for selector in SELECTORS[look]:
        block = re.search(rf"^{re.escape(selector)}\{{(.*?)\}}", SHEET, re.MULTILINE)
        assert block is not None, selector
        found |= dict(re.findall(r"--([\w]+):(#[0-9a-fA-F]{3,6})\b", block.group(1)))
    return found


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two colours."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_known_ratios() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#1a56b0", "#ffffff") == pytest.approx(7.0, abs=0.01)


@pytest.mark.parametrize("look", SELECTORS)
def test_text_is_readable_on_every_ground(look: str) -> None:
    tokens = _tokens(look)
    for text in TEXT:
        for ground in GROUNDS:
            assert contrast(tokens[text], tokens[ground]) >= 4.5, (look, text, ground)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_words_are_readable_on_their_own_tint(look: str) -> None:
    tokens = _tokens(look)
    for name in TINTS:
        assert contrast(tokens[name], tokens[f"{name}soft"]) >= 4.5, (look, name)
    for text in ("ink", "ink2", "ink3", "accent2"):
        assert contrast(tokens[text], tokens["accentsoft"]) >= 4.5, (look, text)


@pytest.mark.parametrize("look", SELECTORS)
def test_edges_focus_and_buttons_are_seen(look: str) -> None:
    tokens = _tokens(look)
    for ground in ("bg", "surface"):
        assert contrast(tokens["edge"], tokens[ground]) >= 3, (look, ground)
        assert contrast(tokens["focus"], tokens[ground]) >= 3, (look, ground)
    assert contrast(tokens["onaccent"], tokens["accent"]) >= 4.5, look
    for text in ("barink", "barmuted"):
        assert contrast(tokens[text], tokens["bar"]) >= 4.5, (look, text)


def test_the_sheet_is_small() -> None:
    assert len(SHEET.encode("utf-8")) <= 30_000
    assert len(DESK.encode("utf-8")) <= 10_000


@pytest.mark.parametrize("feature", NEWER_THAN_87)
def test_no_feature_newer_than_chromium_87(feature: str) -> None:
    assert feature not in PLAIN
    assert feature not in EXPLORER


def test_no_nesting_and_balanced_braces() -> None:
    depth, inside_media = 0, False
    for token in re.findall(r"@media[^{]*\{|\{|\}", PLAIN):
        if token == "}":
            depth -= 1
            inside_media = inside_media and depth > 0
        else:
            inside_media = inside_media or token.startswith("@media")
            depth += 1
        assert 0 <= depth <= (2 if inside_media else 1)
    assert depth == 0


def test_only_own_addresses_in_the_sheet() -> None:
    assert set(re.findall(r"url\(([^)]*)\)", PLAIN)) <= {"#hx", "#hb"}
    assert "@import" not in PLAIN


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_and_no_inline_style(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    if template.name == "explorer.html":
        text, scripts = re.subn(r'<script type="module" src="\{\{ base \}\}/main\.js"></script>', "", text)
        assert scripts == 1
    if template.name == "import_report.html":
        own = r'<script type="module" src="/static/import_progress\.js\?v=\{\{ style_version \}\}"></script>'
        text, scripts = re.subn(own, "", text)
        assert scripts == 1
    if template.name == "base.html":
        text, scripts = re.subn(
            r'<script src="/static/desk\.js\?v=\{\{ style_version \}\}" defer></script>', "", text
        )
        assert scripts == 1
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|\|\s*safe\b|autoescape", text)
    assert not re.search(r"(?:src|href)=\"https?:", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_classes_of_templates_exist(template: Path) -> None:
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", PLAIN + EXPLORER))
    free = {"n", "w", "ct", "r", "err", "sm"}
    text = template.read_text(encoding="utf-8")
    plain = re.findall(r'class="([\w\s-]+)"', text)
    used = {name for classes in plain for name in classes.split()}
    assert used - known - free == set()
