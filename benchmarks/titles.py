"""How often the title of a trade finds its occupation: top-1 and top-5 on titles whose codes a reader has checked.

    .venv/bin/python benchmarks/titles.py [FOLDER]

FOLDER holds `csco2022/csco2022_clean.csv` and `title_to_csco_dev/verified_trades_dev.csv` (default ../shared/data). Every
part of the method is shown alone and together; test titles that come down to a curated title (招聘木工 to 木工) are
counted, and the figures are told once more without those: they cannot be owed to a title that was looked up.

Where the extra `semantic` is installed (script/semantic), each line comes again with the guesses below the threshold in
the order that the queue shows then, for several weights of the meaning.
"""

import csv
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kg.identity.title_meaning import Meaning, TitlesByMeaning, installed_meaning
from kg.identity.titles import Guess, TitleIndex, cleaned, trade_titles

DATA = Path(__file__).parents[2] / "shared" / "data"
FROM, MARGIN = 0.8, 0.05
WEIGHTS = (0.1, 0.3, 0.5, 1.0, 2.0)


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


def with_titles(
    names: Mapping[str, Sequence[str]], titles: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the names with the curated titles of those occupations."""
    return {code: [*own, *titles.get(code, ())] for code, own in names.items()}


def sure(found: Sequence[Guess]) -> bool:
    """Return whether the default thresholds would read the title as its best guess without asking."""
    second = found[1].score if len(found) > 1 else 0.0
    return bool(found) and found[0].score >= FROM and found[0].score - second >= MARGIN


def measure(index: TitleIndex | TitlesByMeaning, cases: Sequence[tuple[str, str]]) -> str:
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
    curated, meaning = trade_titles(), installed_meaning()
    if meaning is None:
        print("the extra semantic is not installed: without meaning")
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
        if meaning is not None:
            weigh_meaning(index, meaning, checked)


def weigh_meaning(index: TitleIndex, meaning: Meaning, cases: Sequence[tuple[str, str]]) -> None:
    """Print what meaning adds where no name is sure, for several weights of it."""
    for weight in WEIGHTS:
        asked = TitlesByMeaning(index, meaning, sure=FROM - MARGIN, weight=weight)
        print(f"    meaning x {weight}: {measure(asked, cases)}")


if __name__ == "__main__":
    main()
