"""Prepares what is told of who is who: bars of evidence in plain words, two records line by line, why rows are one person."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]
HALF: Final = 90
"""Half the width of the drawing of a weight, in pixels."""
_MOST_BITS: Final = 18.0
_WORDS: Final = (
    (8.0, "强力支持", "强力反对"),
    (4.0, "明显支持", "明显反对"),
    (1.5, "支持", "反对"),
    (0.0, "略微支持", "略微反对"),
)
"""From how many bits (doublings of the odds) evidence is called so: 8 bits are 256 to 1."""


def bars(weights: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Return each weight as a bar that leaves the middle, strongest first: to the right what speaks for one person."""
    ordered = sorted(weights, key=lambda one: (-abs(one["bits"]), one["field"]))
    return [_bar(weight["label"], weight["bits"]) for weight in ordered]


def _bar(label: str, bits: float) -> Json:
    width = round(HALF * min(abs(bits), _MOST_BITS) / _MOST_BITS, 1)
    speaks_for = bits >= 0
    words = next(words for least, *words in _WORDS if abs(bits) >= least)
    return {
        "label": label,
        "bits": f"{bits:+.1f}",
        "words": words[0 if speaks_for else 1],
        "for": speaks_for,
        "x": HALF if speaks_for else HALF - width,
        "width": width,
    }


def compared_rows(sides: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Return what is known of both sides line by line; lines that neither side fills are left out."""
    found = []
    for left, right in zip(sides[0]["facts"], sides[1]["facts"], strict=True):
        if left["text"] or right["text"]:
            same = left["text"] == right["text"]
            found.append({"label": left["label"], "texts": (left["text"], right["text"]), "same": same})
    return found


def joined(page: Mapping[str, Any]) -> Json | None:
    """Return why the rows of a person are one, for the page of the person; None where there is nothing to tell."""
    told = page.get("joined")
    if told is None:
        return None
    return {**told, "joins": [{**one, "bars": bars(one["weights"])} for one in told["joins"]]}
