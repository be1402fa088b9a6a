"""What an exported picture of the graph holds: the nodes and edges that somebody saw, and who saw them, when, by which rules."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Json = Mapping[str, Any]
Say = Callable[[str], str]
"""Tells a text in the language of a file; what it does not know stays as it is."""
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
KINDS_OF_PERSONS: Final = frozenset({
    "talent", "certificate", "appointment", "achievement", "honour", "consent", "restriction", "engagement",
})  # fmt: skip


def printable(text: object) -> str:
    """Return a text without the characters that XML has no place for, and without those that turn the writing around."""
    return _UNPRINTABLE.sub("", str(text))


def in_chinese(text: str) -> str:
    """Tell a text as it is written."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every export carries: viewer, moment (with its zone), rules, state of the data, whether it is made up.

    `say` tells the words of the file, never what somebody has named.
    """

    viewer: str
    at: datetime
    policy: str
    policy_hash: str
    revision: int
    as_of: str
    synthetic: bool
    title: str
    say: Say = in_chinese

    def __post_init__(self) -> None:
        for name in ("viewer", "policy", "title"):
            object.__setattr__(self, name, printable(getattr(self, name)))

    def lines(self) -> list[tuple[str, str]]:
        """Return label and value of each part, in the order they are printed."""
        return self._lines(f"{self.policy} {self.policy_hash}")

    def _lines(self, policy: str) -> list[tuple[str, str]]:
        told = [
            ("标题", self.title),
            ("导出人", self.viewer),
            ("导出时间", self.at.isoformat(timespec="seconds")),
            ("策略", policy),
            ("数据修订", str(self.revision)),
            ("数据截至", self.as_of),
            ("说明", self.say("演示 · 合成数据" if self.synthetic else "仅限履行职责使用")),
            ("提示", self.say("辅助推荐，由人工决定")),
        ]
        return [(self.say(label), value) for label, value in told]

    @property
    def sentence(self) -> str:
        """The parts in one line, for a footer or a watermark."""
        lines = self._lines(f"{self.policy} {self.policy_hash[:12]}")
        return " · ".join(f"{label} {value}" for label, value in lines[1:])


@dataclass(frozen=True, slots=True)
class Node:
    """A drawn node; `family` is the side whose hue it has."""

    ref: str
    kind: str
    kind_label: str
    key: str
    name: str
    subtitle: str
    family: str
    glyph: str
    hidden: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn edge."""

    id: str
    source: str
    target: str
    relation: str
    label: str
    style: str
    inferred: bool
    confidence: float
    basis: str
    registers: str
    valid_from: str
    valid_to: str
    evidence: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and edges of one scene; `positions` (x, y in drawing units) where whoever drew it has placed them."""

    stamp: Stamp
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    positions: Mapping[str, tuple[float, float]]
    note: str

    @property
    def shows_people(self) -> bool:
        """True when the picture holds persons or their records."""
        return any(node.kind in KINDS_OF_PERSONS for node in self.nodes)

    def names(self) -> dict[str, str]:
        """Return the names by reference."""
        return {node.ref: node.name for node in self.nodes}


def picture_of(scene: Json, stamp: Stamp, positions: Mapping[str, Sequence[float]] | None = None) -> Picture:
    """Return the picture of a told scene in the language of its stamp; texts lose what no file format can hold."""
    kinds, relations, say = scene["kinds"], scene["relations"], stamp.say
    nodes = tuple(
        Node(
            ref=printable(one["ref"]),
            kind=one["kind"],
            kind_label=printable(say(kinds[one["kind"]]["label"])),
            key=printable(one["key"]),
            name=printable(one["name"]),
            subtitle=printable(" · ".join(map(say, str(one["subtitle"]).split(" · ")))),
            family=one["family"],
            glyph=kinds[one["kind"]]["glyph"],
            hidden=one["hidden_total"],
        )
        for one in scene["nodes"]
    )
    edges = tuple(_edge(one, relations, say) for one in scene["edges"])
    placed = {printable(ref): (float(place[0]), float(place[1])) for ref, place in (positions or {}).items()}
    return Picture(stamp, nodes, edges, placed, printable(say(scene.get("note", ""))))


def _edge(one: Json, relations: Json, say: Say) -> Edge:
    return Edge(
        id=one["id"],
        source=printable(one["source"]),
        target=printable(one["target"]),
        relation=one["relation"],
        label=printable(say(relations[one["relation"]]["label"])),
        style=one["style"],
        inferred=one["inferred"],
        confidence=one["confidence"],
        basis=printable(say(one["basis"])),
        registers=printable(say("、").join(one["registers"])),
        valid_from=one["valid_from"] or "",
        valid_to=one["valid_to"] or "",
        evidence=one["evidence"],
    )
