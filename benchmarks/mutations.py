"""Load files with something wrong in them: `python benchmarks/mutations.py [COUNT [SEED]]` (5,000 mutants).

Each is a golden file changed by chance: bytes, parts of archives, numbers, references. Printed: what came out, how
often, how many exceptions escaped, and the slowest load. The exit code is 1 when one escaped.
"""

import sys
import traceback
from collections import Counter
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.golden_files.mutants import SEED, mutants, run


def main(count: int, seed: int) -> int:
    """Run the mutants and print the account of them; return how many raised."""
    found: Counter[str] = Counter()
    escaped, slowest, started = 0, (0.0, 0), perf_counter()
    for number, name, content in mutants(count, seed):
        begun = perf_counter()
        try:
            document = run(name, content)
        except Exception:  # whatever escapes a load is what is counted here; the run goes on
            escaped += 1
            print(f"mutant {number} ({name}) escaped:\n{traceback.format_exc()}")
        else:
            refusals = [one["code"] for one in document["errors"]]
            found[refusals[0] if refusals else document["status"]] += 1
        slowest = max(slowest, (perf_counter() - begun, number))
    print(f"{count:,} mutants of seed {seed} in {perf_counter() - started:.0f} s: {escaped} uncaught errors")
    print(", ".join(f"{what} {often}" for what, often in found.most_common()))
    print(f"slowest: {slowest[0]:.2f} s (mutant {slowest[1]})")
    return escaped


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(bool(main(given[0] if given else 5000, given[1] if len(given) > 1 else SEED)))
