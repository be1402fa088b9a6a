"""Every page is found from an index, every decision by its title."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _targets(page: Path) -> set[Path]:
    """Return the files of the project that a page links to."""
    links = (link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8")))
    return {(page.parent / link).resolve() for link in links if link and "://" not in link}


def test_every_page_is_in_an_index() -> None:
    docs = ROOT / "docs"
    listed = _targets(docs / "README.md") | _targets(docs / "adr" / "README.md")
    pages = {path for path in docs.glob("**/*.md") if path.name != "README.md"}
    assert sorted(str(path.relative_to(docs)) for path in pages - listed) == []


def test_a_decision_is_listed_by_its_title() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs/adr").glob("0*.md")):
        title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert f"[{title}]({page.name})" in index
