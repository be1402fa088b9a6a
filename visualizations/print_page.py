"""A report as one self-contained page to be printed: no script, no request, every text escaped."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader

from visualizations.reports import Report

_TEMPLATES: Final = Path(__file__).parent / "templates"


def print_page(report: Report) -> bytes:
    """Return the page."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"), autoescape=True)
    page = environment.get_template("report.html").render(
        report=report, blocks=report.blocks, moment=report.stamp.at.isoformat(timespec="minutes")
    )
    return page.encode("utf-8", "replace")
