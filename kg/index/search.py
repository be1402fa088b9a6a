"""Search by name, alias, code, pinyin and initials: a small index that lives in memory only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from pypinyin import Style, pinyin

from kg.model.graph import NodeRef
from kg.text import fold

SURNAME_READINGS: Final = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "尹": "yin", "乐": "yue", "翟": "zhai", "纪": "ji", "华": "hua", "覃": "qin", "缪": "miao",
    "员": "yun", "折": "she", "黑": "he", "种": "chong", "秘": "bi", "冼": "xian", "晁": "chao", "召": "shao",
}  # fmt: skip
_FIELD_ORDER: Final = ("name", "alias", "code", "pinyin", "initials")


@dataclass(frozen=True, slots=True)
class Entry:
    """One node that can be found. `aliases` and `codes` are further texts; `closed_aliases` only its owner may use."""

    node: NodeRef
    name: str
    subtitle: str
    codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    closed_aliases: bool = False
    person: bool = False
    owners: tuple[str, ...] = ()
    public: bool = True
    shown_name: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One found node with the field that matched and its text."""

    entry: Entry
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    entry: Entry
    names: tuple[tuple[str, str, str], ...]
    sounds: tuple[tuple[str, str], ...]


@lru_cache(maxsize=20_000)
def _reading(character: str) -> str:
    return str(pinyin(character, style=Style.NORMAL, errors="default")[0][0]).casefold()


def sounds_of(name: str, *, person: bool) -> tuple[str, str]:
    """Return (full pinyin, initials) of a name; a person's surname takes its surname reading."""
    readings = [_reading(character) for character in name if not character.isspace()]
    if person and name and name[0] in SURNAME_READINGS:
        readings[0] = SURNAME_READINGS[name[0]]
    return "".join(readings), "".join(reading[:1] for reading in readings)


class SearchIndex:
    """All entries, prepared once; `find` is a scan, exact and deterministic."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._prepared = tuple(self._prepare(entry) for entry in entries)

    @staticmethod
    def _prepare(entry: Entry) -> _Prepared:
        texts = [
            ("name", entry.name),
            *(("alias", a) for a in entry.aliases),
            *(("code", c) for c in entry.codes),
        ]
        full, initials = sounds_of(entry.name, person=entry.person)
        sounds = (("pinyin", full), ("initials", initials)) if full != fold(entry.name) else ()
        return _Prepared(entry, tuple((field, text, fold(text)) for field, text in texts), sounds)

    def find(self, query: str, *, kinds: frozenset[str] | None, sees: "Sees") -> Sequence[Hit]:
        """Return every visible hit, best first: exact, prefix, inside; name before alias, code, pinyin, initials."""
        wanted = fold(query).replace(" ", "")
        if not wanted:
            return ()
        found: list[tuple[tuple[int, int, int, str, str], Hit]] = []
        for prepared in self._prepared:
            entry = prepared.entry
            if (kinds is not None and entry.node.kind not in kinds) or not sees(entry):
                continue
            best = _best(prepared, wanted, aliases=not entry.closed_aliases or sees(entry, closed=True))
            if best is not None:
                place, field, text = best
                order = (place, _FIELD_ORDER.index(field), len(entry.name), entry.node.kind, entry.node.key)
                found.append((order, Hit(entry, field, text)))
        return [hit for _, hit in sorted(found, key=lambda item: item[0])]


class Sees(Protocol):
    """Whether the viewer may see an entry, or (closed) its closed aliases."""

    def __call__(self, entry: Entry, *, closed: bool = False) -> bool:
        """Return True when he may."""
        ...


def _best(prepared: _Prepared, wanted: str, *, aliases: bool) -> tuple[int, str, str] | None:
    best: tuple[int, str, str] | None = None
    for field, text, folded in prepared.names:
        if field == "alias" and not aliases:
            continue
        squeezed = folded.replace(" ", "")
        if wanted in squeezed:
            place = 0 if squeezed == wanted else 1 if squeezed.startswith(wanted) else 2
            if best is None or place < best[0]:
                best = (place, field, text)
    if best is None and wanted.isascii():
        for field, sound in prepared.sounds:
            if sound.startswith(wanted) or (field == "pinyin" and len(wanted) >= 4 and wanted in sound):
                return (3 if sound == wanted else 4), field, sound
    return best
