"""Pictures and reports full of hostile text, as files could have brought it."""

from datetime import UTC, datetime
from typing import Any, Final

from visualizations.picture import Picture, Stamp, picture_of

HOSTILE: Final = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)", "]]>", "-->", "<!--", "{{ 7*7 }}", "{% for x in y %}", "</title><b>", "</style><b>", "javascript:alert(1)",
    "<a href=//evil.example>点</a>", "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "=HYPERLINK(\"http://evil.example\")",
    "\x00空\x01字\x0b节\x1f", "\ufffe\uffff", "\ud800孤", "\u202e反向\u2066\u2069", "&amp;&lt;&#60;", "𠮷😀", "a" * 3000, "", " ", "'=1", "；，。",
    "%3Cscript%3E", "\\u003cscript\\u003e", "`${alert(1)}`", "<base href=//evil.example>", "<meta http-equiv=refresh content=0>",
)  # fmt: skip
LEADS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def stamp(text: str = "试", *, title: str | None = None) -> Stamp:
    return Stamp(
        viewer=text or "无名",
        at=datetime(2026, 11, 23, 16, 0, tzinfo=UTC),
        policy="default-2026a",
        policy_hash="a9d2c4c17258f48a1efcb74007e3a0d0",
        revision=7,
        as_of="2026-11-23",
        synthetic=True,
        title=text if title is None else title,
    )


def scene(text: str) -> dict[str, Any]:
    """Return a told scene in which every text that a file could have brought is `text`."""
    node = {"kind": "enterprise", "family": "firm", "name": text, "subtitle": text, "hidden_total": 3}
    edge = {
        "relation": "flex_needs.host", "style": "structure", "inferred": False, "confidence": 0.8, "basis": text, "registers": [text],
        "valid_from": None, "valid_to": "2027-01-03", "evidence": True,
    }  # fmt: skip
    keys = [f"{number}{text}" for number in range(3)]
    refs = [f"enterprise:{key}" for key in keys]
    return {
        "nodes": [{**node, "ref": ref, "key": key} for ref, key in zip(refs, keys, strict=True)],
        "edges": [
            {**edge, "id": "0" * 20, "source": refs[0], "target": refs[1]},
            {**edge, "id": "1" * 20, "source": refs[0], "target": refs[1], "inferred": True},
        ],
        "kinds": {"enterprise": {"label": "企业", "glyph": "企"}},
        "relations": {"flex_needs.host": {"label": text}},
        "note": text,
        "revision": 7,
        "as_of": "2026-11-23",
    }


def picture(text: str) -> Picture:
    return picture_of(scene(text), stamp(text))


def crowd(texts: list[str]) -> Picture:
    """Return one picture with a node for every text, each joined to the next."""
    told = scene("甲")
    (node, *_), (edge, *_) = told["nodes"], told["edges"]
    refs = [f"enterprise:{number}{text}" for number, text in enumerate(texts)]
    told["nodes"] = [
        {**node, "ref": ref, "key": ref.partition(":")[2], "name": text, "subtitle": text}
        for ref, text in zip(refs, texts, strict=True)
    ]
    told["edges"] = [
        {**edge, "id": f"{number:020x}", "source": near, "target": far, "basis": text, "registers": [text]}
        for number, (near, far, text) in enumerate(zip(refs, refs[1:], texts, strict=False))
    ]
    return picture_of(told, stamp(texts[0]))
