"""The catalogue: Chinese texts and sentences with gaps, each with its English; looked up, never guessed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_CHINESE: Final = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
_WORDS: Final = re.compile(r"[\u4e00-\u9fff]")
_GAP: Final = re.compile(r"\{(n?|\d)\}")
_NUMBER: Final = re.compile(r"[-−+]?[\d.,:/-]+(?: ?%)?|—|＊", re.ASCII)
_SENTENCES: Final = re.compile(r"(；| · |。|　| — | → )")
_ITEMS: Final = re.compile(r"(、|，)")
_MARKS: Final[Mapping[str, str]] = {
    "；": "; ",
    " · ": " · ",
    "。": ". ",
    "、": ", ",
    "，": ", ",
    "　": " ",
    " — ": " — ",
    " → ": " → ",
}
_LONGEST: Final = 1200
_DEPTH: Final = 4
_KEPT: Final = 8192


def is_chinese(text: str) -> bool:
    """True for a text with a Chinese character or a full-width mark."""
    return _CHINESE.search(text) is not None


def plain_key(chinese: str) -> str:
    """Return a key as a template has it: all gaps alike."""
    return _GAP.sub("{}", chinese)


def gaps(text: str) -> list[str]:
    """Return the gaps of a sentence in its order: "" any text, "n" a number, a digit the place of a gap in Chinese."""
    return _GAP.findall(text)


def filled(english: str, values: Sequence[str]) -> str:
    """Put values into an English sentence, by number where its gaps are numbered, else in order."""
    following = iter(range(len(values)))
    return _GAP.sub(lambda gap: values[int(gap[1]) if gap[1].isdigit() else next(following)], english)


def is_sentence(chinese: str) -> bool:
    """True for a key that may be looked for in what Python says: with gaps, and with words enough not to be chance."""
    kinds = set(gaps(chinese))
    return bool(kinds) and len(_WORDS.findall(chinese)) >= (1 if kinds == {"n"} else 2)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A Chinese sentence with gaps. Matching is one walk from left to right, so no text makes it slow."""

    pieces: tuple[str, ...]
    kinds: tuple[str, ...]
    english: str

    @classmethod
    def of(cls, chinese: str, english: str) -> "Pattern":
        """Take a key of the catalogue apart."""
        return cls(tuple(_GAP.split(chinese)[::2]), tuple(gaps(chinese)), english)

    @property
    def weight(self) -> int:
        """How much of the sentence is said by the pattern itself; the heaviest that fits speaks."""
        return sum(map(len, self.pieces))

    @property
    def sign(self) -> str:
        """The beginning of the longest piece, by which a text finds the patterns that can fit it."""
        longest = max(self.pieces, key=lambda piece: (len(piece), piece))
        return longest[:2]

    def values(self, text: str) -> list[str] | None:
        """Return what stands in the gaps, or None where the text is another sentence."""
        first, last = self.pieces[0], self.pieces[-1]
        if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
            return None
        at, end, found = len(first), len(text) - len(last), list[str]()
        for piece in self.pieces[1:-1]:
            place = text.find(piece, at, end)
            if place < 0:
                return None
            found.append(text[at:place])
            at = place + len(piece)
        found.append(text[at:end])
        fits = all(
            kind != "n" or _NUMBER.fullmatch(value) for kind, value in zip(self.kinds, found, strict=True)
        )
        return found if fits else None


def _with_clauses(words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield every entry; one that continues a sentence (`，到场 {} 次`) is a clause by itself too."""
    for chinese, english in words.items():
        yield chinese, english
        if chinese[:1] in _MARKS and english[:2].strip() in (",", ";", "."):
            yield chinese[1:], english[1:].lstrip()


class Catalogue:
    """Every English word of the pages. `own` holds what a single template says otherwise than all others."""

    def __init__(self, words: Mapping[str, str], own: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.words = {plain_key(chinese): english for chinese, english in _with_clauses(words)}
        self.words |= {plain_key(chinese): english for chinese, english in words.items()}
        self.own = {name: dict(table) for name, table in (own or {}).items()}
        self._patterns: dict[str, list[Pattern]] = {}
        for chinese, english in _with_clauses(words):
            if is_sentence(chinese):
                pattern = Pattern.of(chinese, english)
                self._patterns.setdefault(pattern.sign, []).append(pattern)
        self._remembered = lru_cache(maxsize=_KEPT)(self._translated)

    def entry(self, chinese: str, template: str = "") -> str | None:
        """Return the English of a key as it stands in the catalogue."""
        return self.own.get(template, {}).get(chinese, self.words.get(chinese))

    def english(self, text: str, template: str = "") -> str:
        """Return a text in English; what the catalogue does not hold stays as it is."""
        if not is_chinese(text) or len(text) > _LONGEST:
            return text
        return self._remembered(text, template)

    def _translated(self, text: str, template: str) -> str:
        return self._said(text, template, _DEPTH) or text

    def _said(self, text: str, template: str, depth: int) -> str | None:
        """Return the English of a whole text, None where the catalogue knows nothing of it; blanks around it stay."""
        body = text.strip(" ")
        if body != text:
            told = self._said(body, template, depth)
            start = text.find(body)
            return None if told is None else f"{text[:start]}{told}{text[start + len(body) :]}"
        exact = self.entry(text, template)
        if exact is not None:
            return exact
        if depth == 0:
            return None
        for pattern in self._fitting(text):
            values = pattern.values(text)
            if values is not None:
                return filled(pattern.english, [self._inner(value, template, depth - 1) for value in values])
        return self._in_parts(text, template, depth - 1)

    def _inner(self, text: str, template: str, depth: int) -> str:
        return (self._said(text, template, depth) or text) if is_chinese(text) else text

    def _fitting(self, text: str) -> list[Pattern]:
        """Return the patterns whose sign stands in the text, the heaviest first."""
        signs = {*text, *map("".join, pairwise(text))}
        found = (pattern for sign in signs for pattern in self._patterns.get(sign, ()))
        return sorted(found, key=lambda pattern: (-pattern.weight, pattern.pieces))

    def _in_parts(self, text: str, template: str, depth: int) -> str | None:
        """Translate the sentences of a text one by one, or else all items of a list."""
        for splitter, partly in ((_SENTENCES, True), (_ITEMS, False)):
            parts = splitter.split(text)
            if len(parts) > 1:
                return self._each(parts, template, depth, partly=partly)
        return None

    def _each(self, parts: Sequence[str], template: str, depth: int, *, partly: bool) -> str | None:
        """Translate every other part; `partly` when a Chinese one may stay among English ones."""
        told = [self._said(part, template, depth) if is_chinese(part) else part for part in parts[::2]]
        known = [new is not None for part, new in zip(parts[::2], told, strict=True) if is_chinese(part)]
        if not any(known) or not (partly or all(known)):
            return None
        words = [part if new is None else new for part, new in zip(parts[::2], told, strict=True)]
        joined = zip(words, [*(_MARKS[mark] for mark in parts[1::2]), ""], strict=True)
        return "".join(f"{word}{mark}" for word, mark in joined).rstrip(" ")
