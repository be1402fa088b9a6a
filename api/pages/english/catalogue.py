"""The catalogue: Chinese texts and sentences with gaps, each with its English; looked up, never guessed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_CHINESE: Final = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
_WORD: Final = re.compile(r"[\u4e00-\u9fff]")
_WORDS: Final = re.compile(r"[\u4e00-\u9fff]{2}")
_NUMBERED: Final = re.compile(r"(.+) ([-−+]?[\d.,:/-]+(?: ?%)?)", re.ASCII)
_BRACKETED: Final = re.compile(r"([^（）]+)（([^（）]+)）")
_GAP: Final = re.compile(r"\{([n=*]?|\d)\}")
_NUMBER: Final = re.compile(r"[-−+]?[\d.,:/-]+(?: ?%)?|—|＊", re.ASCII)
_SENTENCES: Final = re.compile(r"(；| · |。|　| — | → )")
_ITEMS: Final = re.compile(r"(、)")
_CLAUSES: Final = re.compile(r"(，)")
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
_TOKEN: Final = re.compile(rf"{_GAP.pattern}|\[([^|\[\]]*)\|([^|\[\]]*)\]")
Choice = Callable[[str, str, str], str]
_LONGEST: Final = 1200
_DEPTH: Final = 5
_KEPT: Final = 8192


def is_chinese(text: str) -> bool:
    """True for a text with a Chinese character or a full-width mark."""
    return _CHINESE.search(text) is not None


def plain_key(chinese: str) -> str:
    """Return a key as a template has it: all gaps alike."""
    return _GAP.sub("{}", chinese)


def gaps(text: str) -> list[str]:
    """Return the gaps of a sentence in its order: "" or "*" any text, "n" a number, "=" a text that is cited, a digit the place of a gap in Chinese."""
    return _GAP.findall(text)


def restored(text: str, values: Sequence[str]) -> str:
    """Put values back into the gaps they came from."""
    following = iter(values)
    return _GAP.sub(lambda _: next(following), text)


def one_or_many(value: str, one: str, many: str) -> str:
    """Return the word for so many."""
    return one if value == "1" else many


def filled(english: str, values: Sequence[str], choice: Choice = one_or_many) -> str:
    """Put values into an English sentence, by number where its gaps are numbered, else in order.

    A word in two forms, `{n} [person|persons]`, follows the value before it.
    """
    following, last = iter(values), ""

    def put(found: re.Match[str]) -> str:
        nonlocal last
        if found[1] is None:
            return choice(last, found[2], found[3])
        last = values[int(found[1])] if found[1].isdigit() else next(following)
        return last

    return _TOKEN.sub(put, english)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A Chinese sentence with gaps. Matching is one walk from left to right, so no text makes it slow."""

    pieces: tuple[str, ...]
    kinds: tuple[str, ...]
    english: str

    @classmethod
    def of(cls, chinese: str, english: str) -> "Pattern | None":
        """Take a key of the catalogue apart; None for one that says too little to be looked for.

        A gap takes any text where two Chinese characters stand side by side, or where the key says of a gap what it
        takes. Else all gaps take numbers only, for the key could be found in a name by chance.
        """
        kinds = tuple(gaps(chinese))
        if not kinds or not _WORD.search(chinese):
            return None
        if not any(kinds) and not _WORDS.search(chinese):
            kinds = ("n",) * len(kinds)
        return cls(tuple(_GAP.split(chinese)[::2]), kinds, english)

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
        fits = all(_fits(kind, value) for kind, value in zip(self.kinds, found, strict=True))
        return found if fits and (all(found) or not self._bare) else None

    @property
    def _bare(self) -> bool:
        """True for a sentence of nothing but Chinese characters: it could be found in a name, with nothing in a gap."""
        return all(map(str.isalpha, filter(None, self.pieces)))


def _fits(kind: str, value: str) -> bool:
    """True for a text that may stand in a gap; blanks at an end show that a sentence was cut in the wrong place."""
    return value == value.strip(" ") and (kind != "n" or _NUMBER.fullmatch(value) is not None)


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
            pattern = Pattern.of(chinese, english)
            if pattern is not None:
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
        told = self._said(text, template, _DEPTH)
        return text if told is None else told

    def _said(self, text: str, template: str, depth: int, *, within: bool = False) -> str | None:
        """Return the English of a whole text, None where the catalogue knows nothing of it; blanks around it stay.

        `within` a sentence that the catalogue knows, a list may hold items that stay Chinese.
        """
        body = text.strip(" ")
        if body != text:
            told = self._said(body, template, depth, within=within)
            start = text.find(body)
            return None if told is None else f"{text[:start]}{told}{text[start + len(body) :]}"
        exact = self.entry(text, template)
        if exact is not None:
            return exact
        if depth == 0:
            return None
        return (
            self._in_pattern(text, template, depth - 1)
            or self._labelled(text, template, depth - 1)
            or self._in_parts(text, template, depth - 1, within=within)
        )

    def _in_pattern(self, text: str, template: str, depth: int) -> str | None:
        for pattern in self._fitting(text):
            values = pattern.values(text)
            if values is not None and not self._labels(values[0], template):
                gaps_told = [
                    value if kind == "=" else self._inner(value, template, depth)
                    for kind, value in zip(pattern.kinds, values, strict=True)
                ]
                return filled(pattern.english, gaps_told)
        return None

    def _labels(self, first: str, template: str) -> bool:
        """True where the first gap would swallow a label, as in `查：甲至乙行程`."""
        head, colon, rest = first.partition("：")
        return bool(colon and rest) and self.entry(head, template) is not None

    def _labelled(self, text: str, template: str, depth: int) -> str | None:
        """Translate a label with its number behind it, with what stands in brackets or follows a colon, or with others.

        Records without a name are called by such labels, as `岗位实习 C1`.
        """
        head, _, rest = text.partition("：")
        numbered, bracketed = _NUMBERED.fullmatch(text), _BRACKETED.fullmatch(text)
        for name, value, form in (
            (numbered[1], numbered[2], "{} {}") if numbered else ("", "", ""),
            (bracketed[1], bracketed[2], "{} ({})") if bracketed else ("", "", ""),
            (head, rest, "{}: {}"),
        ):
            coded = form == "{} ({})" and value.isascii()
            label = (
                self._said(name, template, depth)
                if coded
                else self.entry(name, template)
                if name and value
                else None
            )
            if label is not None:
                return form.format(label, self._inner(value, template, depth))
        words = [self.entry(word, template) if is_chinese(word) else word for word in text.split(" ")]
        known = [word for word in words if word is not None]
        return " ".join(known) if len(words) == len(known) > 1 else None

    def _inner(self, text: str, template: str, depth: int) -> str:
        told = self._said(text, template, depth, within=True) if is_chinese(text) else None
        return text if told is None else told

    def _fitting(self, text: str) -> list[Pattern]:
        """Return the patterns whose sign stands in the text, the heaviest first."""
        signs = {*text, *map("".join, pairwise(text))}
        found = (pattern for sign in signs for pattern in self._patterns.get(sign, ()))
        return sorted(found, key=lambda pattern: (-pattern.weight, pattern.pieces))

    def _in_parts(self, text: str, template: str, depth: int, *, within: bool) -> str | None:
        """Translate the sentences of a text one by one, or else the items of a list.

        A list by itself is translated whole or not at all, for it may be a name with commas; within a sentence that
        the catalogue knows, some items may stay.
        """
        for splitter, partly in ((_SENTENCES, True), (_ITEMS, within), (_CLAUSES, within)):
            parts = splitter.split(text)
            if len(parts) > 1:
                return self._each(parts, template, depth, partly=partly, within=within)
        return None

    def _each(
        self, parts: Sequence[str], template: str, depth: int, *, partly: bool, within: bool
    ) -> str | None:
        """Translate every other part; `partly` when a Chinese one may stay among English ones."""
        told = [
            self._said(part, template, depth, within=within) if is_chinese(part) else part
            for part in parts[::2]
        ]
        known = [new is not None for part, new in zip(parts[::2], told, strict=True) if is_chinese(part)]
        if not any(known) or not (partly or all(known)):
            return None
        words = [part if new is None else new for part, new in zip(parts[::2], told, strict=True)]
        joined = zip(words, [*(_MARKS[mark] for mark in parts[1::2]), ""], strict=True)
        return "".join(f"{word}{mark}" for word, mark in joined).rstrip(" ")
