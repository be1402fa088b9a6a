"""Which organisation a name means: short, branch, campus, misread. Offers candidates with a score; never decides."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.text import fold_name
from kg.vocab.characters import simplified

_LEGAL_FORMS: Final = re.compile(
    r"股份有限公司|有限责任公司|集团有限公司|集团公司|有限公司|总公司|分公司|公司|集团|控股|股份|总厂|总校|校区|分校"
)
_SIGNS: Final = re.compile(r"[()\[\]·.,\-*&'“”\"]")
_LIKE: Final = 0.99
"""The most that a name gets which is like another but not the same."""
_COVERAGE, _COSINE, _INSIDE, _IN_ORDER = 0.45, 0.20, 0.15, 0.20


class Candidate(NamedTuple):
    """One organisation that a name may mean: its key, its full name and how well it fits (0..1, 1 = the same name)."""

    key: str
    name: str
    score: float


class NameIndex:
    """Finds organisations by parts of their names: rare characters and pairs of characters count most."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        """Take the names of each organisation by key: the full name first, then short names and former ones."""
        self._entries = [(key, name, names[key][0]) for key in sorted(names) for name in names[key]]
        self._cores = [core(name) for _, name, _ in self._entries]
        grams = [frozenset(_grams(text)) for text in self._cores]
        count = Counter(gram for one in grams for gram in one)
        self._weight = {gram: math.log(1 + len(grams) / times) for gram, times in count.items()}
        self._unknown = math.log(1 + len(grams))
        self._norm = np.array([
            math.sqrt(sum(self._weight[gram] ** 2 for gram in sorted(one))) or 1.0 for one in grams
        ])
        places: dict[str, list[int]] = {}
        for place, one in enumerate(grams):
            for gram in one:
                places.setdefault(gram, []).append(place)
        self._places: dict[str, NDArray[np.int64]] = {gram: np.array(found) for gram, found in places.items()}

    def candidates(self, text: str, limit: int) -> list[Candidate]:
        """Return the best organisations for a name, one entry each, best first; equal scores by key."""
        wanted = core(text)
        grams = sorted(_grams(wanted))
        known = [gram for gram in grams if gram in self._weight]
        if not known:
            return []
        shared, squared = np.zeros(len(self._entries)), np.zeros(len(self._entries))
        for gram in known:
            shared[self._places[gram]] += self._weight[gram]
            squared[self._places[gram]] += self._weight[gram] ** 2
        weights = [self._weight.get(gram, self._unknown) for gram in grams]
        scores = _COVERAGE * shared / sum(weights)
        scores += _COSINE * squared / (math.sqrt(sum(weight**2 for weight in weights)) * self._norm)
        best: dict[str, Candidate] = {}
        for place in np.argsort(-scores, kind="stable")[: 50 * limit]:
            if shared[place] == 0:
                break
            key, name, full = self._entries[place]
            score = float(scores[place]) + _order_bonus(wanted, self._cores[place])
            score = 1.0 if fold_name(text) == fold_name(name) else min(score, _LIKE)
            if key not in best or score > best[key].score:
                best[key] = Candidate(key, full, round(score, 4))
        return sorted(best.values(), key=lambda one: (-one.score, one.key))[:limit]


def core(text: str) -> str:
    """Return a name without signs and legal forms, in simplified characters; never empty for a name that is not."""
    folded = simplified(_SIGNS.sub("", fold_name(text)))
    return _LEGAL_FORMS.sub("", folded) or folded


def _grams(text: str) -> Iterable[str]:
    return {*text, *(text[place : place + 2] for place in range(len(text) - 1))}


def _order_bonus(wanted: str, offered: str) -> float:
    """Return the bonus of a name that holds all of the other's characters in order, or in one piece."""
    short, long = sorted((wanted, offered), key=len)
    letters = iter(long)
    bonus = _IN_ORDER if all(letter in letters for letter in short) else 0.0
    return bonus + (_INSIDE if short in long else 0.0)
