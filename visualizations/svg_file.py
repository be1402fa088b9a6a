"""A still picture as SVG: marks of the theme, labels, legend, stamp; no script, no reference to anything outside."""

from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from kg.schema.column_types import Family
from visualizations.layout import placed
from visualizations.picture import Edge, Node, Picture, Say
from visualizations.theme import FAMILY_COLOURS, FAMILY_LABELS, Outline

_MARGIN: Final = 70
_FOOT: Final = 74
_LABEL: Final = 12
_NARROWEST: Final = 640
_DASHES: Final[Mapping[str, str]] = {"class": "2 4", "ability": "", "service": "", "structure": ""}
_FONT: Final = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"


def svg(picture: Picture, outlines: Mapping[str, tuple[Outline, bool]]) -> bytes:
    """Return the drawing; `outlines` gives the shape of each kind, and whether it is an actor (drawn solid)."""
    places = placed(picture)
    left = min((x for x, _ in places.values()), default=0) - _MARGIN
    top = min((y for _, y in places.values()), default=0) - _MARGIN
    width = max(max((x for x, _ in places.values()), default=0) + _MARGIN - left, _NARROWEST)
    height = max((y for _, y in places.values()), default=0) + _MARGIN - top
    parts = [
        _opening(left, top, width, height + _FOOT),
        f"<title>{escape(picture.stamp.title)}</title>",
        f"<desc>{escape(picture.stamp.sentence)}</desc>",
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height + _FOOT:.1f}" fill="#ffffff"/>',
        *(_edge(edge, places) for edge in picture.edges if edge.source in places and edge.target in places),
        *(
            _node(node, places[node.ref], outlines.get(node.kind), picture.stamp.say)
            for node in picture.nodes
        ),
        *_foot(picture, left, top + height),
        "</svg>",
    ]
    return "\n".join(parts).encode("utf-8", "replace")


def _opening(left: float, top: float, width: float, height: float) -> str:
    box = f'viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="{_FONT}" font-size="{_LABEL}">'


def _edge(edge: Edge, places: Mapping[str, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
    colour, width = ("#1a56b0", 2.4) if edge.evidence else ("#7f8da0", 1.2)
    dash = "5 3" if edge.inferred else _DASHES.get(edge.style, "")
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    line = f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="{width}" fill="none"{dashed}>'
    return f"{line}<title>{escape(edge.label)}</title></path>"


def _node(node: Node, place: tuple[float, float], look: tuple[Outline, bool] | None, say: Say) -> str:
    hue, tint = FAMILY_COLOURS[Family(node.family)]
    outline, solid = look or (Outline("M-14 -14H14V14H-14z"), False)
    fill, ink = (hue, "#ffffff") if solid else (tint, hue)
    inner = f'<path d="{outline.inner}" fill="none" stroke="{hue}"/>' if outline.inner else ""
    unseen = say(f"，另有 {node.hidden} 个邻居未显示") if node.hidden else ""
    said = f"{node.kind_label} {node.name}{unseen}"
    return (
        f'<g transform="translate({place[0]:.1f},{place[1]:.1f})" role="img" aria-label={quoteattr(said)}>'
        f'<path d="{outline.path}" fill="{fill}" stroke="{hue}" stroke-width="1.5"/>{inner}'
        f'<text y="{outline.baseline}" text-anchor="middle" fill="{ink}" font-weight="600">{escape(node.glyph)}</text>'
        f'<text y="31" text-anchor="middle" fill="#16202d">{escape(_short(node.name))}</text></g>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 16 else f"{name[:15]}…"


def _foot(picture: Picture, left: float, top: float) -> Iterable[str]:
    used = [family for family in Family if any(node.family == family.value for node in picture.nodes)]
    for number, family in enumerate(used):
        x = left + 14 + number * 90
        yield f'<rect x="{x:.1f}" y="{top + 8:.1f}" width="12" height="12" fill="{FAMILY_COLOURS[family][0]}"/>'
        yield f'<text x="{x + 18:.1f}" y="{top + 18:.1f}" fill="#42516a">{escape(picture.stamp.say(FAMILY_LABELS[family]))}</text>'
    parts = picture.stamp.sentence.split(" · ")
    for row, part in enumerate((parts[:3], parts[3:])):
        text = " · ".join(part)
        yield f'<text x="{left + 14:.1f}" y="{top + 42 + 18 * row:.1f}" fill="#42516a">{escape(text)}</text>'
