"""GraphML and GEXF for other graph programs, written by networkx."""

from io import BytesIO
from typing import TYPE_CHECKING

from kg.schema.column_types import Family
from visualizations.layout import placed
from visualizations.picture import Picture
from visualizations.theme import FAMILY_COLOURS

if TYPE_CHECKING:
    import networkx as nx


def graphml(picture: Picture) -> bytes:
    """Return the picture as GraphML; what the export carries stands on the graph itself."""
    import networkx as nx

    buffer = BytesIO()
    nx.write_graphml_xml(_filled(picture, positions=True), buffer, encoding="utf-8")
    return buffer.getvalue()


def gexf(picture: Picture) -> bytes:
    """Return the picture as GEXF 1.2 with positions and colours."""
    import networkx as nx

    graph = _filled(picture, positions=False)
    for node in picture.nodes:
        red, green, blue = _rgb(FAMILY_COLOURS[Family(node.family)][0])
        x, y = graph.graph["_placed"][node.ref]
        graph.nodes[node.ref]["viz"] = {
            "color": {"r": red, "g": green, "b": blue, "a": 1.0},
            "position": {"x": x, "y": y, "z": 0.0},
        }
    del graph.graph["_placed"]
    graph.graph["name"] = picture.stamp.sentence
    buffer = BytesIO()
    nx.write_gexf(graph, buffer, encoding="utf-8")
    return buffer.getvalue()


def _filled(picture: Picture, *, positions: bool) -> "nx.MultiDiGraph[str]":
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    places = placed(picture)
    if positions:
        graph.graph.update(dict(picture.stamp.lines()))
    else:
        graph.graph["_placed"] = places
    for node in picture.nodes:
        spot = {"x": places[node.ref][0], "y": places[node.ref][1]} if positions else {}
        graph.add_node(
            node.ref,
            label=node.name,
            kind=node.kind,
            kind_label=node.kind_label,
            subtitle=node.subtitle,
            hidden=node.hidden,
            **spot,
        )
    for edge in picture.edges:
        if edge.source in graph and edge.target in graph:
            graph.add_edge(
                edge.source,
                edge.target,
                key=edge.id,
                label=edge.label,
                relation=edge.relation,
                confidence=edge.confidence,
                basis=edge.basis,
                registers=edge.registers,
                valid_from=edge.valid_from,
                valid_to=edge.valid_to,
                evidence=edge.evidence,
            )
    return graph


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
