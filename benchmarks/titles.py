"""How often the title of a trade finds its occupation: top-1 and top-5 on titles whose codes a reader has checked.

    .venv/bin/python benchmarks/titles.py [FOLDER]

FOLDER holds `csco2022/csco2022_clean.csv` and `title_to_csco_dev/verified_trades_dev.csv` (default ../shared/data). Every
part of the method is shown alone and together; test titles that come down to a curated title (招聘木工 to 木工) are
counted, and the figures are told once more without those: they cannot be owed to a title that was looked up.

Last, whether meaning would help: vectors learnt from the definitions and tasks of the classification (latent semantic
analysis, nothing from outside) put the guesses that are below the threshold into another order.
"""

import csv
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from kg.identity.titles import Guess, TitleIndex, cleaned, trade_titles

DATA = Path(__file__).parents[2] / "shared" / "data"
FROM, MARGIN = 0.8, 0.05
DIMENSIONS, CANDIDATES = 200, 30


def rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def occupations(folder: Path, *, aliases: bool) -> dict[str, list[str]]:
    """Return the names of every occupation of the classification, with the other titles of the file or without."""
    found: dict[str, list[str]] = {}
    for row in rows(folder / "csco2022" / "csco2022_clean.csv"):
        if row["is_occupation"] == "1":
            names = found.setdefault(row["code"], [])
            names.append(row["name"])
            names += [one for one in row["aliases"].split("|") if one and aliases]
    return found


def explained(folder: Path) -> dict[str, str]:
    """Return definition and tasks of every occupation."""
    return {
        row["code"]: f"{row['definition']} {row['tasks']}"
        for row in rows(folder / "csco2022" / "csco2022_clean.csv")
        if row["is_occupation"] == "1"
    }


def with_titles(
    names: Mapping[str, Sequence[str]], titles: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the names with the curated titles of those occupations."""
    return {code: [*own, *titles.get(code, ())] for code, own in names.items()}


def sure(found: Sequence[Guess]) -> bool:
    """Return whether the default thresholds would read the title as its best guess without asking."""
    second = found[1].score if len(found) > 1 else 0.0
    return bool(found) and found[0].score >= FROM and found[0].score - second >= MARGIN


class Meaning:
    """How near a title is to the names, definition and tasks of an occupation, by vectors learnt from these texts."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        found = {code: _pairs(text) for code, text in sorted(texts.items())}
        times = Counter(pair for pairs in found.values() for pair in pairs)
        self._place = {pair: place for place, pair in enumerate(sorted(p for p in times if times[p] > 1))}
        self._rarity = np.array([math.log(len(found) / times[pair]) for pair in self._place])
        self._codes = {code: place for place, code in enumerate(found)}
        matrix = np.array([self._weighed(pairs) for pairs in found.values()])
        values, vectors = np.linalg.eigh(matrix @ matrix.T)
        strength, basis = np.sqrt(values[-DIMENSIONS:]), vectors[:, -DIMENSIONS:]
        self._turned = matrix.T @ basis / strength
        self._known = _unit(basis * strength)

    def nearness(self, title: str) -> dict[str, float]:
        """Return the cosine (-1..1) of a title with every occupation."""
        near = self._known @ _unit(self._weighed(_pairs(cleaned(title))) @ self._turned)
        return {code: float(near[place]) for code, place in self._codes.items()}

    def _weighed(self, pairs: Mapping[str, int]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        found = np.zeros(len(self._place))
        for pair, times in pairs.items():
            if pair in self._place:
                found[self._place[pair]] = 1 + math.log(times)
        return np.asarray(_unit(found * self._rarity))


class Reordered:
    """An index whose weak guesses (below `FROM - MARGIN`) are put in order by score and meaning together.

    A word that two occupations bear to the letter stays as it is: definitions cannot say which one was meant.
    """

    def __init__(self, index: TitleIndex, meaning: Meaning, weight: float) -> None:
        self._index, self._meaning, self._weight = index, meaning, weight

    def guesses(self, title: str, limit: int) -> list[Guess]:
        """Return the likeliest occupations, best first."""
        found = self._index.guesses(title, CANDIDATES)
        strong = sum(one.score >= FROM - MARGIN for one in found)
        near = self._meaning.nearness(title)
        weak = sorted(found[strong:], key=lambda one: (-one.score - self._weight * near[one.key], one.key))
        return [*found[:strong], *weak][:limit]


def _pairs(text: str) -> Counter[str]:
    return Counter("".join(pair) for pair in pairwise(text))


def _unit(
    array: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.asarray(array / np.maximum(np.linalg.norm(array, axis=-1, keepdims=True), 1e-12))


def measure(index: TitleIndex | Reordered, cases: Sequence[tuple[str, str]]) -> str:
    """Return the shares found at the first place and among five, and what the default thresholds would accept."""
    first = five = taken = wrong = 0
    for title, code in cases:
        found = index.guesses(title, 5)
        keys = [one.key for one in found]
        first += keys[:1] == [code]
        five += code in keys
        if sure(found):
            taken += 1
            wrong += keys[0] != code
    number = len(cases)
    return (
        f"top-1 {first / number:.3f}  top-5 {five / number:.3f}  "
        f"accepted {taken}/{number}, of these wrong {wrong}"
    )


def cases_of(found: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Return title and code of each case."""
    return [(row["title"], row["csco_code"]) for row in found]


def main() -> None:
    """Print the figures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    checked = cases_of(rows(folder / "title_to_csco_dev" / "verified_trades_dev.csv"))
    curated = trade_titles()
    known = {cleaned(title) for titles in curated.values() for title in titles}
    fresh = [(title, code) for title, code in checked if cleaned(title) not in known]
    print(f"{len(checked)} checked titles, {len(checked) - len(fresh)} of them come down to a curated title")
    print(f"{sum(map(len, curated.values()))} curated titles of {len(curated)} occupations")
    for label, names in (
        ("official names", occupations(folder, aliases=False)),
        ("+ titles of the classification file", occupations(folder, aliases=True)),
        ("+ curated titles only", with_titles(occupations(folder, aliases=False), curated)),
        ("+ both", with_titles(occupations(folder, aliases=True), curated)),
    ):
        began = time.perf_counter()
        index = TitleIndex(names)
        built = time.perf_counter() - began
        print(f"{label}: {measure(index, checked)}")
        print(f"    without the curated ones: {measure(index, fresh)}  (built in {built:.2f} s)")
    weigh_meaning(folder, names, checked)


def weigh_meaning(
    folder: Path, names: Mapping[str, Sequence[str]], checked: Sequence[tuple[str, str]]
) -> None:
    """Print what meaning adds where no name is sure, for several weights of it."""
    index = TitleIndex(names)
    weak = [case for case in checked if index.guesses(case[0], 1)[0].score < FROM - MARGIN]
    texts = {code: " ".join([*names[code], text]) for code, text in explained(folder).items()}
    meaning = Meaning(texts)
    for weight in (0.0, 0.02, 0.05, 0.1, 0.2):
        asked = Reordered(index, meaning, weight)
        print(
            f"meaning x {weight}: all {measure(asked, checked)}; the {len(weak)} weak {measure(asked, weak)}"
        )


if __name__ == "__main__":
    main()
