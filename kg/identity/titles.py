"""Which occupation a title of a trade means: official names, aliases, common trade titles, and parts of names."""

import csv
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from kg.index.lookups import edition_order
from kg.model.graph import Value
from kg.text import fold

EDITION_OF_TITLES: Final = "2022"
"""Edition of the national classification in which `trade_titles.csv` gives its codes."""
_BRACKETS: Final = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_OFFERS: Final = re.compile(
    r"五险一?金?|社保|双休|单休|包吃包住|包吃住|包吃|包住|年终奖|高薪|急聘|急招|诚聘|招聘|月薪\S*|底薪\S*|\d+[kK元]?\S*"
)
_SIGNS: Final = re.compile(r"[+,，。.|/、;；:：\-—_\s]+")
_GRADES: Final = re.compile(
    r"^(?:初级|中级|高级|资深|熟练|专业)|(?:学徒|助理|主管|组长|班长|师傅|人员|技工|大工|中工|小工|普工|工程师|技术员)$"
)
_WHOLE_NAME, _PART_OF_NAME, _TEXT = 0.5, 0.2, 0.25
_FULL: Final = 1.5
_SINGLE: Final = 0.5


class Guess(NamedTuple):
    """One occupation that a title may mean: its key, name and how sure (0..1, 1 = the very name or a known title)."""

    key: str
    name: str
    score: float


class TitleIndex:
    """Finds occupations by title. `names` gives each occupation's names by key, the official one first.

    `texts` are definitions where a classification brings them; they only tell apart what the names leave open.
    """

    def __init__(self, names: Mapping[str, Sequence[str]], texts: Mapping[str, str] | None = None) -> None:
        keys = sorted(names)
        self._labels = {key: names[key][0] for key in keys}
        self._names = {key: list(dict.fromkeys(filter(None, map(cleaned, names[key])))) for key in keys}
        self._entries = [(name, key) for key in keys for name in self._names[key]]
        self._exact: dict[str, dict[str, None]] = {}
        for key in keys:
            for name in names[key]:
                self._exact.setdefault(fold(name), {})[key] = None
        self._official = {fold(names[key][0]): key for key in reversed(keys)}
        self._grams = [_grams(name) for name, _ in self._entries]
        self._weight = _weights(self._grams)
        self._unknown = math.log(1 + len(self._grams))
        self._norm = [_norm(grams, self._weight) for grams in self._grams]
        self._places: dict[str, list[tuple[int, float]]] = {}
        for place, grams in enumerate(self._grams):
            for gram, times in grams.items():
                self._places.setdefault(gram, []).append((place, times))
        self._text_weight, self._text_places = _text_index(texts or {})

    def guesses(self, title: str, limit: int) -> list[Guess]:
        """Return the likeliest occupations, best first; equal scores by key. Empty for a title without letters."""
        wanted = cleaned(title)
        known = self._known(title, wanted)
        scores = self._by_names(wanted)
        for key, share in self._by_texts(wanted).items():
            scores[key] = scores.get(key, 0.0) + _TEXT * share
        found = [
            Guess(key, self._labels[key], round(min(score / _FULL, 0.99), 4)) for key, score in scores.items()
        ]
        found = [guess for guess in found if guess.key not in known]
        sure = [Guess(key, self._labels[key], 1.0 if len(known) == 1 else 0.75) for key in known]
        return sorted(sure + found, key=lambda one: (-one.score, one.key))[:limit]

    def name_of(self, key: str) -> str:
        """Return the official name of an occupation, "" for one that is not here."""
        return self._labels.get(key, "")

    def names_of(self, key: str) -> Sequence[str]:
        """Return all names of an occupation, cleaned."""
        return self._names.get(key, ())

    def _known(self, title: str, wanted: str) -> list[str]:
        """Return the occupations that bear the title as a name: official names before others."""
        for text in (fold(title), wanted):
            if text in self._official:
                return [self._official[text]]
            if text in self._exact:
                return list(self._exact[text])
        return []

    def _by_names(self, wanted: str) -> dict[str, float]:
        grams = _grams(wanted)
        norm = math.sqrt(
            sum((times * self._weight.get(gram, self._unknown)) ** 2 for gram, times in grams.items())
        )
        products: dict[int, float] = {}
        for gram, times in grams.items():
            for place, other in self._places.get(gram, ()):
                products[place] = products.get(place, 0.0) + times * other * self._weight[gram] ** 2
        best: dict[str, float] = {}
        for place, product in products.items():
            name, key = self._entries[place]
            score = product / (norm * self._norm[place])
            if name in wanted:
                score += _WHOLE_NAME * min(len(name), 4) / 4
            elif len(wanted) > 1 and wanted in name:
                score += _PART_OF_NAME
            best[key] = max(best.get(key, 0.0), score)
        return best

    def _by_texts(self, wanted: str) -> dict[str, float]:
        grams = [gram for gram in _grams(wanted) if len(gram) > 1]
        total = sum(self._text_weight.get(gram, self._unknown) for gram in grams)
        found: dict[str, float] = {}
        for gram in grams:
            for key in self._text_places.get(gram, ()):
                found[key] = found.get(key, 0.0) + self._text_weight[gram] / total
        return found


def cleaned(title: str) -> str:
    """Return a title without what is not the trade: employer before 招聘, brackets, offers, signs, grades."""
    text = unicodedata.normalize("NFKC", title)
    before, called, after = text.rpartition("招聘")
    text = _BRACKETS.sub("", after if called and after.strip() else before if called else text)
    text = _SIGNS.sub(" ", _OFFERS.sub(" ", text)).strip()
    bare = _GRADES.sub("", text.replace(" ", ""))
    return (bare if len(bare) > 1 else text.replace(" ", "")).casefold()


def index_of(
    occupations: Iterable[Mapping[str, Value]], crosswalk: Iterable[Mapping[str, Value]]
) -> TitleIndex:
    """Return the index of occupations (values of their rows), each code in its newest edition, with the trade titles.

    Trade titles are given for one edition; codes of other editions get theirs through the crosswalk, where it leads
    to exactly one.
    """
    newest: dict[str, str] = {}
    names: dict[str, dict[str, None]] = {}
    for values in occupations:
        code, edition = str(values["code"]), str(values.get("edition") or "")
        if edition_order(edition) >= edition_order(newest.get(code, "")):
            newest[code] = edition
            names.setdefault(code, {}).update(dict.fromkeys(_names(values)))
    for code, titles in _titles_here(newest, crosswalk).items():
        names[code].update(dict.fromkeys(titles))
    return TitleIndex({code: list(found) for code, found in names.items() if found})


def _titles_here(newest: Mapping[str, str], crosswalk: Iterable[Mapping[str, Value]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    crossed: dict[str, set[str]] = {}
    for values in crosswalk:
        ends = [(str(values[f"{end}_code"]), str(values[f"{end}_edition"])) for end in ("from", "to")]
        for (code, edition), (other, _) in (ends, ends[::-1]):
            if edition == EDITION_OF_TITLES:
                crossed.setdefault(code, set()).add(other)
    for code, titles in trade_titles().items():
        own = newest.get(code) in {EDITION_OF_TITLES, ""}
        here = {code} if own else crossed.get(code, set()) & newest.keys()
        for other in sorted(here) if len(here) == 1 else ():
            found.setdefault(other, []).extend(titles)
    return found


def _names(values: Mapping[str, Value]) -> list[str]:
    name, aliases = values.get("name"), values.get("aliases")
    return [*([name] if isinstance(name, str) else []), *(aliases if isinstance(aliases, tuple) else ())]


@cache
def trade_titles() -> Mapping[str, Sequence[str]]:
    """Return the common titles that ship with the product, by code of the edition `EDITION_OF_TITLES`."""
    text = files("kg.identity").joinpath("trade_titles.csv").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for line in csv.DictReader(text.splitlines()):
        found.setdefault(line["code"], []).append(line["title"])
    return found


def _grams(text: str) -> dict[str, float]:
    """Return the pairs of characters of a text, each counted, and its single characters at half the weight."""
    found: dict[str, float] = {}
    for place in range(len(text) - 1):
        pair = text[place : place + 2]
        found[pair] = found.get(pair, 0.0) + 1.0
    for letter in text:
        found[letter] = found.get(letter, 0.0) + _SINGLE
    return found


def _weights(grams: Sequence[Mapping[str, float]]) -> dict[str, float]:
    times = Counter(gram for one in grams for gram in one)
    return {gram: math.log(1 + len(grams) / count) for gram, count in times.items()}


def _norm(grams: Mapping[str, float], weight: Mapping[str, float]) -> float:
    return math.sqrt(sum((times * weight[gram]) ** 2 for gram, times in sorted(grams.items()))) or 1.0


def _text_index(texts: Mapping[str, str]) -> tuple[dict[str, float], dict[str, list[str]]]:
    grams = {key: {gram for gram in _grams(texts[key]) if len(gram) > 1} for key in sorted(texts)}
    count = Counter(gram for one in grams.values() for gram in one)
    places: dict[str, list[str]] = {}
    for key, one in grams.items():
        for gram in one:
            places.setdefault(gram, []).append(key)
    return {gram: math.log(1 + len(grams) / times) for gram, times in count.items()}, places
