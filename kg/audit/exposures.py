"""The log of questions, and how often an entity appeared in answered lists (it orders ties, `scoring.md` §1)."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from kg.ports import Ledger

JOURNAL: Final = "questions"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedList:
    """One answered list as the log keeps it: `entities` were ranked, `to_verify` stood below for checking by hand.

    `kind` is talents or partners, `question` what was asked, `as_of` its day, `revision` and `policy` what it was
    answered from: with them the same answer can be given again.
    """

    number: int
    day: date
    viewer: str
    query_id: str
    kind: str
    question: Mapping[str, Any]
    as_of: str
    revision: int
    policy: str
    entities: tuple[str, ...]
    to_verify: tuple[str, ...]


class Exposures:
    """Appearances by day, read from the log of questions; lies outside the change log and takes no revision."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._read = 0
        self._by_day: dict[date, Counter[str]] = {}
        self._lists: dict[str, list[int]] = {}

    def record(
        self,
        *,
        day: date,
        viewer: str,
        query_id: str,
        entities: Sequence[str],
        asked: Mapping[str, object],
        to_verify: Sequence[str] = (),
        again: bool = False,
    ) -> int:
        """Write that a list was answered on that day; return the number of the question.

        `asked` holds kind, question, as_of, revision and policy (see `AskedList`). `again`: the asker opens one item
        of a list that he was told before; it is logged, but nobody appears twice.
        """
        entry: dict[str, object] = {"day": day.isoformat(), "viewer": viewer, "query_id": query_id}
        entry |= {"entities": []} if again else {
            "entities": list(entities), "to_verify": list(to_verify), "asked": dict(asked)
        }  # fmt: skip
        return self._ledger.append(JOURNAL, entry)

    def told(self, query_id: str, entity: str, *, viewer: str | None = None) -> AskedList | None:
        """Return the newest list of that query id in which the entity stood, of those told to `viewer` (None: anybody).

        Not simply the newest: asked again, for fewer or after an agreement, a question leaves out whom it told before.
        """
        self.catch_up()
        for number in reversed(self._lists.get(query_id, ())):
            ((_, entry),) = self._ledger.entries(JOURNAL, after=number - 1, limit=1)
            found = _asked_list(number, entry)
            if entity in {*found.entities, *found.to_verify} and viewer in {None, found.viewer}:
                return found
        return None

    def asked_lists(self) -> Iterator[AskedList]:
        """Yield every answered list, oldest first."""
        return (_asked_list(*found) for found in self._ledger.entries(JOURNAL) if "asked" in found[1])

    def latest(self, looked_at: int) -> list[AskedList]:
        """Return the lists among the last entries of the log, the newest first."""
        self.catch_up()
        after = max(0, self._read - looked_at)
        found = [_asked_list(*one) for one in self._ledger.entries(JOURNAL, after=after) if "asked" in one[1]]
        return found[::-1]

    def before(self, day: date, days: int) -> Callable[[str], int]:
        """Return a look-up: appearances in lists answered in the `days` days before `day`, that day excluded."""
        self.catch_up()
        wanted = [day - timedelta(days=back) for back in range(1, days + 1)]
        counts = [self._by_day[found] for found in wanted if found in self._by_day]
        return lambda entity: sum(count[entity] for count in counts)

    def catch_up(self) -> None:
        """Read what the log holds beyond what has been read: all of it the first time, then the newest entries."""
        with self._lock:
            for number, entry in self._ledger.entries(JOURNAL, after=self._read):
                self._count(entry)
                if "asked" in entry:
                    self._lists.setdefault(str(entry["query_id"]), []).append(number)
                self._read = number

    def _count(self, entry: Mapping[str, object]) -> None:
        listed = entry["entities"]
        assert isinstance(listed, (list, tuple))
        day = date.fromisoformat(str(entry["day"]))
        self._by_day.setdefault(day, Counter()).update(map(str, listed))


def _asked_list(number: int, entry: Mapping[str, Any]) -> AskedList:
    asked = entry["asked"]
    return AskedList(
        number=number,
        day=date.fromisoformat(entry["day"]),
        viewer=entry["viewer"],
        query_id=entry["query_id"],
        kind=asked["kind"],
        question=asked["question"],
        as_of=asked["as_of"],
        revision=asked["revision"],
        policy=asked["policy"],
        entities=tuple(entry["entities"]),
        to_verify=tuple(entry["to_verify"]),
    )
