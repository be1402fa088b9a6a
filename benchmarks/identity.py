"""How well persons and organisations are told apart: three made registers with known truth, real short names of firms.

    .venv/bin/python benchmarks/identity.py [FOLDER] [--seeds 11 12 13]

Persons: the registers of `identity_made.py` (its docstring describes them), compared and joined as after an import, with
the thresholds of the default policy. Told are precision, recall and F1 over pairs of records that are one person,
counting only what is joined without asking anybody; false merges (persons too many in a group) per 10,000 records; how
many questions are left, and how many of the pairs missed a person would find by answering them. Rows with equal ID numbers
are one person before that, as the loaders make them.

Organisations: FOLDER (default ../shared/data) holds `enterprise_alias_dev/short_to_full_300.csv` and
`enterprises_a_share/companies.csv`. Each short name is looked up among all full names; then 1,000 full names (seeded) as
registers write them: another legal form, a branch, without the place, one character misread.
"""

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from random import Random

from benchmarks.identity_made import records
from kg.identity.clusters import Groups, group
from kg.identity.comparing import compare
from kg.identity.organisation_names import NameIndex
from kg.identity.person_records import PersonRecord
from kg.policy.policy_file import load_policy

DATA = Path(__file__).parents[2] / "shared" / "data"
SAMPLE = 1_000
MISREAD = {"海": "诲", "精": "情", "机": "杌", "工": "士", "大": "太", "天": "夭", "人": "入", "未": "末", "日": "曰", "土": "士", "金": "全"}  # fmt: skip


def joined_by_number(found: Sequence[PersonRecord]) -> list[PersonRecord]:
    """Return the records with one talent key for each valid ID number, as the loaders give them."""
    first: dict[str, str] = {}
    return [replace(one, person=first.setdefault(one.card, one.person)) if one.card else one for one in found]


def pairs_of(groups: dict[int, list[int]]) -> set[tuple[int, int]]:
    """Return the pairs of records that share a group."""
    return {pair for members in groups.values() for pair in combinations(sorted(members), 2)}


def grouped(groups: Groups, count: int) -> dict[int, list[int]]:
    """Return the members of every group."""
    found: dict[int, list[int]] = defaultdict(list)
    for place in range(count):
        found[groups.find(place)].append(place)
    return found


def persons(seed: int) -> None:
    """Print the figures of one made population."""
    rules = load_policy().linkage
    made, truth = records(seed)
    people = joined_by_number(made)
    start = time.perf_counter()
    found = compare(people, from_probability=min(rules.ask_from, rules.merge_from))
    groups = group(people, found, from_probability=rules.merge_from)
    took = time.perf_counter() - start
    by_person: dict[int, list[int]] = defaultdict(list)
    for place, person in enumerate(truth):
        by_person[person].append(place)
    wanted, members = pairs_of(by_person), grouped(groups, len(people))
    said = pairs_of(members)
    right = len(said & wanted)
    precision, recall = right / len(said), right / len(wanted)
    false = sum(len({truth[place] for place in one}) - 1 for one in members.values())
    asked = {
        tuple(sorted((groups.find(pair.left), groups.find(pair.right))))
        for pair in found
        if pair.probability >= rules.ask_from and groups.find(pair.left) != groups.find(pair.right)
    }
    for pair in sorted(found, key=lambda pair: -pair.probability):
        if pair.probability >= rules.ask_from and truth[pair.left] == truth[pair.right]:
            groups.join(pair.left, pair.right)
    after = len(pairs_of(grouped(groups, len(people))) & wanted) / len(wanted)
    print(
        f"seed {seed}: {len(people):,} records, {len(wanted):,} true pairs: precision {precision:.4f}, recall {recall:.4f}, "
        f"F1 {2 * precision * recall / (precision + recall):.4f}; false merges {false} = "
        f"{false / len(people) * 10_000:.2f} per 10,000 records; {len(asked)} questions, recall once answered {after:.4f}; "
        f"{took:.1f} s"
    )


def rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def told(index: NameIndex, label: str, cases: Sequence[tuple[str, str]]) -> None:
    """Print how often the organisation meant is the first candidate and among five, and the time of a look-up."""
    start = time.perf_counter()
    found = [([one.key for one in index.candidates(text, 5)], key) for text, key in cases]
    took = (time.perf_counter() - start) / len(cases)
    first = sum(keys[:1] == [key] for keys, key in found) / len(cases)
    five = sum(key in keys for keys, key in found) / len(cases)
    print(f"{label} ({len(cases):,}): top-1 {first:.3f}, top-5 {five:.3f}, {took * 1000:.1f} ms a name")


def misread(name: str, random: Random) -> str:
    """Return a name with one character read as one that looks like it, or as a blot."""
    places = [place for place, letter in enumerate(name) if letter in MISREAD] or [
        random.randrange(len(name))
    ]
    place = random.choice(places)
    return name[:place] + MISREAD.get(name[place], "口") + name[place + 1 :]


def organisations(folder: Path) -> None:
    """Print the figures of short names and of other ways of writing."""
    known = rows(folder / "enterprise_alias_dev" / "short_to_full_300.csv")
    full = {row["full_name"] for row in known}
    full |= {row["full_name"] for row in rows(folder / "enterprises_a_share" / "companies.csv")}
    index = NameIndex({name: [name] for name in sorted(full)})
    print(f"{len(full):,} full names of enterprises")
    told(index, "short -> full", [(row["short_name"], row["full_name"]) for row in known])
    random = Random(1)
    sample = random.sample(sorted(full), SAMPLE)
    ways: dict[str, Callable[[str], str]] = {
        "another legal form": lambda name: name.replace("股份有限公司", "有限责任公司"),
        "a branch": lambda name: f"{name}第{random.choice('一二三四')}分公司",
        "without form and place": lambda name: name.replace("股份有限公司", "").replace("有限公司", "")[2:],
        "one character misread": lambda name: misread(name, random),
    }
    for label, way in ways.items():
        told(index, label, [(way(name), name) for name in sample])


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=DATA)
    parser.add_argument("--seeds", nargs="+", type=int, default=[11, 12, 13])
    args = parser.parse_args()
    for seed in args.seeds:
        persons(seed)
    organisations(args.folder)


if __name__ == "__main__":
    main()
