"""Search by name, alias, code, pinyin and initials: a small index that lives in memory only.

All texts stand one behind the other in one array of characters; a question is a few passes of numpy over it, so that
one letter, which a tenth of everything contains, costs as little as a whole name, and totals stay exact.
"""

from array import array
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kg.index.sounds import readings_of
from kg.model.graph import NodeRef
from kg.text import fold
from kg.vocab.characters import ONE_FORM

FIELDS: Final = ("name", "alias", "code", "pinyin", "initials")
_NAME, _ALIAS, _CODE, _PINYIN, _INITIALS = range(len(FIELDS))
_EXACT, _PREFIX, _INSIDE, _SOUND_EXACT, _SOUND_PREFIX = range(5)
_SHORTEST_INSIDE: Final = 4
"""So many letters of pinyin are also looked for in the middle of a name."""
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Entry:
    """One node that can be found. `aliases` and `codes` are further texts; `closed_aliases` only its owner may use.

    `about` is not searched: whoever shows the node makes its subtitle of it.

    Everybody may see an entry that is `open`; one that is `ownable` also those whose organisation is in `owners`.
    """

    node: NodeRef
    name: str
    about: str = ""
    codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    closed_aliases: bool = False
    person: bool = False
    owners: tuple[str, ...] = ()
    open: bool = True
    ownable: bool = False
    shown_name: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One found node with the field that matched and its text; the smallest `order` is the best hit."""

    entry: Entry
    field: str
    text: str
    order: tuple[int, int, int, NodeRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What somebody may find: everything, or what is open or owned by `org`."""

    everything: bool = False
    org: str | None = None


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts one behind the other, entry by entry; `shown` is None where they are shown as they are compared."""

    characters: NDArray[np.unsignedinteger[Any]]
    starts: NDArray[np.int32]
    lengths: NDArray[np.int32]
    entries: NDArray[np.int32]
    fields: NDArray[np.int8]
    closed: Mask
    shown: tuple[str, ...] | None

    @classmethod
    def of(cls, texts: Iterable[tuple[int, int, str, str, bool]], *, as_compared: bool = False) -> "_Texts":
        """Build from (entry, field, text as shown, text as compared, closed), reading them once."""
        entries, lengths, fields, closed = array("i"), array("i"), array("b"), array("b")
        shown: list[str] = []
        joined = StringIO()
        for entry, field, text, compared, own in texts:
            entries.append(entry)
            fields.append(field)
            closed.append(own)
            lengths.append(len(compared))
            if not as_compared:
                shown.append(text)
            joined.write(compared)
        sizes = np.array(lengths, np.int32)
        codes = _codes(joined.getvalue()) if as_compared else _one_form(_codes(joined.getvalue()))
        return cls(
            codes.astype(np.min_scalar_type(codes.max(initial=0))),
            (np.cumsum(sizes) - sizes).astype(np.int32),
            sizes,
            np.array(entries, np.int32),
            np.array(fields, np.int8),
            np.array(closed, np.bool_),
            None if as_compared else tuple(shown),
        )

    def __len__(self) -> int:
        return len(self.lengths)

    def text(self, number: int) -> str:
        """Return a text as it is shown."""
        if self.shown is not None:
            return self.shown[number]
        first = int(self.starts[number])
        return "".join(map(chr, self.characters[first : first + int(self.lengths[number])].tolist()))

    def places(self, wanted: str) -> tuple[Ints, Ints]:
        """Return where the text occurs, in order: the texts (by number), and how far inside each."""
        letters = (_codes(wanted) if self.shown is None else _one_form(_codes(wanted))).tolist()
        last = len(self.characters) - len(letters)
        if last < 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        found = np.flatnonzero(self.characters[: last + 1] == letters[0])
        for step, letter in enumerate(letters[1:], start=1):
            found = found[self.characters[found + step] == letter]
        texts = np.searchsorted(self.starts, found, side="right") - 1
        inside = found - self.starts[texts]
        whole = inside + len(letters) <= self.lengths[texts]
        return texts[whole], inside[whole]


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _one_form(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return them with simplified characters for traditional ones, and one dot for all dots (S31)."""
    forms = _forms()
    return np.where(codes < len(forms), forms[np.minimum(codes, len(forms) - 1)], codes)


@cache
def _forms() -> NDArray[np.uint32]:
    """The form in which each character up to the last that has another one is compared."""
    forms = np.arange(max(ONE_FORM) + 1, dtype=np.uint32)
    forms[list(ONE_FORM)] = [ord(form) for form in ONE_FORM.values()]
    return forms


class SearchIndex:
    """All entries, prepared once; `find` is exact and deterministic."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._names = _Texts.of(
            text for place, entry in enumerate(self._entries) for text in _names(place, entry)
        )
        self._sounds = _Texts.of(
            (text for place, entry in enumerate(self._entries) for text in _sounds(place, entry)),
            as_compared=True,
        )
        kinds = sorted({entry.node.kind for entry in self._entries})
        self._kinds = {kind: number for number, kind in enumerate(kinds)}
        count = len(self._entries)
        self._kind_of = np.fromiter(
            (self._kinds[entry.node.kind] for entry in self._entries), np.int16, count
        )
        self._open = np.fromiter((entry.open for entry in self._entries), np.bool_, count)
        numbers: dict[NodeRef, int] = {}
        self._node_of = np.fromiter(
            (numbers.setdefault(entry.node, len(numbers)) for entry in self._entries), np.int64, count
        )
        ordered = sorted(
            range(count), key=lambda place: (len(self._entries[place].name), self._entries[place].node)
        )
        self._rank = np.empty(count, np.int64)
        self._rank[ordered] = np.arange(count)
        self._owned: dict[str, list[int]] = {}
        for place, entry in enumerate(self._entries):
            for owner in entry.owners if entry.ownable or entry.closed_aliases else ():
                self._owned.setdefault(owner, []).append(place)

    def __len__(self) -> int:
        return len(self._entries)

    def places_of(self, nodes: Set[NodeRef]) -> Mask:
        """Return which entries are of these nodes."""
        return np.fromiter((entry.node in nodes for entry in self._entries), np.bool_, len(self._entries))

    def counts(self, lens: Lens, without: Mask | None = None) -> dict[str, int]:
        """Return how many nodes of each kind can be found."""
        seen = self._visible(lens)
        if without is not None:
            seen &= ~without
        _, first = np.unique(self._node_of, return_index=True)
        kept = first[seen[first]]
        totals = np.bincount(self._kind_of[kept], minlength=len(self._kinds))
        return {kind: int(totals[number]) for kind, number in self._kinds.items()}

    def find(
        self,
        query: str,
        *,
        kinds: frozenset[str] | None,
        lens: Lens,
        limit: int,
        without: Mask | None = None,
    ) -> tuple[Sequence[Hit], int]:
        """Return the best visible hits, one a node, and how many nodes there are; entries `without` do not count.

        Best first: exact, prefix, inside, sound; then name before alias, code, pinyin, initials; then shorter names.
        """
        wanted = _squeezed(query)
        if not wanted or not self._entries:
            return (), 0
        seen = self._visible(lens)
        if without is not None:
            seen &= ~without
        if kinds is not None:
            seen &= np.isin(self._kind_of, [self._kinds[kind] for kind in kinds if kind in self._kinds])
        entries, places, texts = self._named(wanted, seen, lens)
        if wanted.isascii():
            heard = self._heard(wanted, seen, entries)
            entries, places, texts = (
                np.concatenate(pair) for pair in zip((entries, places, texts), heard, strict=True)
            )
        return self._best(entries, places, texts, limit)

    def _visible(self, lens: Lens) -> Mask:
        if lens.everything:
            return np.ones(len(self._entries), np.bool_)
        seen = self._open.copy()
        own = [place for place in self._owned.get(lens.org or "", ()) if self._entries[place].ownable]
        seen[own] = True
        return seen

    def _named(self, wanted: str, seen: Mask, lens: Lens) -> tuple[Ints, Ints, Ints]:
        """Return entry, place (exact, prefix, inside) and text of the best match of names, aliases and codes."""
        texts, inside = self._names.places(wanted)
        keep = seen[self._names.entries[texts]]
        if not lens.everything:
            own = np.zeros(len(self._entries), np.bool_)
            own[self._owned.get(lens.org or "", [])] = True
            keep &= ~self._names.closed[texts] | own[self._names.entries[texts]]
        texts, inside = texts[keep], inside[keep]
        exact = (inside == 0) & (self._names.lengths[texts] == len(wanted))
        places = np.where(exact, _EXACT, np.where(inside == 0, _PREFIX, _INSIDE))
        return _first(self._names, texts, places)

    def _heard(self, wanted: str, seen: Mask, named: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the same of sounds, for entries that no text has found."""
        seen = seen.copy()
        seen[named] = False
        texts, inside = self._sounds.places(wanted)
        middle = (self._sounds.fields[texts] == _PINYIN) & (len(wanted) >= _SHORTEST_INSIDE)
        keep = seen[self._sounds.entries[texts]] & ((inside == 0) | middle)
        texts, inside = texts[keep], inside[keep]
        whole = (inside == 0) & (self._sounds.lengths[texts] == len(wanted))
        entries, places, found = _first(self._sounds, texts, np.where(whole, _SOUND_EXACT, _SOUND_PREFIX))
        return entries, places, found + len(self._names)

    def _best(self, entries: Ints, places: Ints, texts: Ints, limit: int) -> tuple[list[Hit], int]:
        names = len(self._names)
        sounds = texts >= names
        fields = np.empty(len(texts), np.int64)
        fields[~sounds] = self._names.fields[texts[~sounds]]
        fields[sounds] = self._sounds.fields[texts[sounds] - names]
        order = (places * len(FIELDS) + fields) * len(self._entries) + self._rank[entries]
        nodes = self._node_of[entries]
        total = len(np.unique(nodes))
        spare = limit + len(nodes) - total
        if len(order) > spare > 0:
            nearest = np.argpartition(order, spare - 1)[:spare]
            order, entries, texts, nodes = order[nearest], entries[nearest], texts[nearest], nodes[nearest]
        hits: dict[int, Hit] = {}
        for place in np.argsort(order).tolist():
            first = int(order[place]) // (len(self._entries) * len(FIELDS))
            hits.setdefault(int(nodes[place]), self._hit(int(entries[place]), int(texts[place]), first))
            if len(hits) == limit:
                break
        return list(hits.values()), total

    def _hit(self, entry: int, text: int, first: int) -> Hit:
        named = text < len(self._names)
        texts, number = (self._names, text) if named else (self._sounds, text - len(self._names))
        found, field = self._entries[entry], int(texts.fields[number])
        order = (first, field, len(found.name), found.node)
        return Hit(found, FIELDS[field], texts.text(number), order)


def _first(texts: _Texts, found: Ints, places: Ints) -> tuple[Ints, Ints, Ints]:
    """Return for each entry its best place and the first text that has it; `found` is in order of entries."""
    entries = texts.entries[found].astype(np.int64)
    if not len(entries):
        return entries, places, found
    firsts = np.flatnonzero(np.concatenate([np.ones(1, np.bool_), entries[1:] != entries[:-1]]))
    best = np.minimum.reduceat(places * (len(texts) + 1) + found, firsts)
    return entries[firsts], best // (len(texts) + 1), best % (len(texts) + 1)


def _names(place: int, entry: Entry) -> Iterable[tuple[int, int, str, str, bool]]:
    yield place, _NAME, entry.name, _squeezed(entry.name), False
    for alias in entry.aliases:
        yield place, _ALIAS, alias, _squeezed(alias), entry.closed_aliases
    for code in entry.codes:
        yield place, _CODE, code, _squeezed(code), False


def _sounds(place: int, entry: Entry) -> Iterable[tuple[int, int, str, str, bool]]:
    readings = readings_of(entry.name, person=entry.person)
    if readings[0][0] == fold(entry.name):
        return
    for field, part in ((_PINYIN, 0), (_INITIALS, 1)):
        for sound in dict.fromkeys(reading[part] for reading in readings):
            yield place, field, sound, sound, False


def _squeezed(text: str) -> str:
    return fold(text).replace(" ", "")
