"""An evidence graph as one HTML file that opens by double-click, asks no network and runs nothing but its own library.

pyvis keeps the nodes, the edges and the drawing library; the page around them is ours: its own template escapes
nothing, loads a style sheet from elsewhere, and shows a title with a link in it as HTML.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kg.errors import RefusedError
from kg.schema.column_types import Family
from visualizations.layout import placed
from visualizations.picture import Picture, in_chinese
from visualizations.theme import FAMILY_COLOURS

MOST_NODES: Final = 300
_TEMPLATES: Final = Path(__file__).parent / "templates"
_LIBRARY: Final = "lib/vis-9.1.2/vis-network.min.js"
_STYLE: Final = "lib/vis-9.1.2/vis-network.css"
_SHAPES: Final = {"talent": "dot", "school": "square", "firm": "diamond", "common": "triangle"}


def offline_page(picture: Picture, reasons: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return the page; `reasons` are label and text of a table under the picture.

    RefusedError without the extra `explore`, and for more nodes than such a file shows well.
    """
    if len(picture.nodes) > MOST_NODES:
        raise RefusedError(
            f"离线网页最多 {MOST_NODES} 个节点，请先筛选，或导出 GraphML", code="too-many-nodes"
        )
    network, library, style = _network(picture)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("offline.html").render(
        picture=picture,
        say=picture.stamp.say,
        language="zh-CN" if picture.stamp.say is in_chinese else "en",
        names=picture.names(),
        reasons=reasons,
        moment=picture.stamp.at.isoformat(timespec="minutes"),
        nodes=network.nodes,
        edges=network.edges,
        options={**json.loads(network.options.to_json()), **_OPTIONS},
        library=library,
        library_style=style,
    )
    return page.encode("utf-8", "replace")


_OPTIONS: Final[dict[str, Any]] = {
    "physics": {"enabled": False},
    "interaction": {"hover": True, "keyboard": False, "navigationButtons": False},
    "nodes": {"font": {"multi": False, "size": 14}},
    "edges": {"smooth": False, "font": {"multi": False, "size": 11}},
}


def _network(picture: Picture) -> tuple[Any, Markup, Markup]:
    """Return pyvis' network with positions given and physics off, and its library as text safe inside its elements."""
    try:
        import pyvis  # type: ignore[import-untyped]  # an extra without types
        from pyvis.network import Network  # type: ignore[import-untyped]  # an extra without types
    except ImportError as error:
        text = "没有安装离线网页所需的组件：请用 pip install 'jiangtu[explore]' 安装，或导出 SVG、GraphML"
        raise RefusedError(text, code="missing-extra") from error
    network = Network(height="560px", directed=True, cdn_resources="in_line")
    places = placed(picture)
    for node in picture.nodes:
        x, y = places[node.ref]
        network.add_node(
            node.ref,
            label=node.name or node.key,
            title=f"{node.kind_label} {node.name}\n{node.key}",
            x=x,
            y=y,
            physics=False,
            shape=_SHAPES[node.family],
            size=16,
            color=FAMILY_COLOURS[Family(node.family)][0],
        )
    for edge in picture.edges:
        if edge.source in places and edge.target in places:
            network.add_edge(
                edge.source, edge.target, label=edge.label, title=f"{edge.label} · {edge.registers}", dashes=edge.inferred,
                color="#1a56b0" if edge.evidence else "#7f8da0", width=2 if edge.evidence else 1,
            )  # fmt: skip
    network.toggle_physics(status=False)
    folder = Path(str(pyvis.__file__)).parent / "templates"
    return network, _inside("script", folder / _LIBRARY), _inside("style", folder / _STYLE)


def _inside(element: str, path: Path) -> Markup:
    """Return a file of the installed package as it may stand inside an element: nothing in it ends the element."""
    text = path.read_text(encoding="utf-8")
    if f"</{element}" in text.casefold():
        raise RefusedError(
            "离线网页的组件与预期不符，请按 constraints.txt 重新安装 pyvis", code="missing-extra"
        )
    return Markup(text)  # noqa: S704 - a file of an installed package, checked above; no data of ours
