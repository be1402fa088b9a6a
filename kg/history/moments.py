"""Which revision was known at a moment that somebody names: a revision, a day, or a day and time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from kg.errors import InvalidInputError
from kg.model.graph import Batch

_LONGEST: Final = 40
_DAY: Final = len("2026-07-05")


@dataclass(frozen=True, slots=True)
class Known:
    """A state of the store: its revision, and when that was recorded (None for the empty store).

    `until` is the last instant of it that is meant: what was decided later, without a revision, was not known yet
    (None: nothing is later).
    """

    revision: int
    at: datetime | None
    until: datetime | None = None

    def json(self) -> dict[str, object]:
        """Return it as answers state it."""
        return {"revision": self.revision, "at": None if self.at is None else self.at.isoformat()}


def known_of(batches: Iterable[Batch], revision: int) -> Known:
    """Return the state of a revision."""
    return Known(revision, next((batch.at for batch in batches if batch.revision == revision), None))


def known_when(batches: Iterable[Batch], asked: int | str, zone: tzinfo | None) -> Known:
    """Return the state that was known at a revision ("12"), at the end of a day, or at a time ("2026-07-05T09:30").

    Times without an offset, and days, are those of `zone`. A batch never counts as known before one of an earlier
    revision, also when the clock went backwards between the two. A moment to come means the newest state. Raises
    InvalidInputError for what is none of the three, and for a revision that is not published.
    """
    listed = sorted(batches, key=lambda batch: batch.revision)
    text = str(asked).strip()
    if text.isascii() and text.isdecimal() and len(text) < _DAY:
        return _published(listed, int(text))
    end = _moment(text, zone)
    found, latest = Known(0, None), None
    for batch in listed:
        latest = batch.at if latest is None else max(latest, batch.at)
        if latest > end:
            break
        found = Known(batch.revision, batch.at)
    return replace(found, until=end)


def _published(batches: list[Batch], revision: int) -> Known:
    newest = batches[-1].revision if batches else 0
    if revision > newest:
        text = f"修订 {revision} 还没有发布（现为 {newest}），请写已有的修订号或日期"
        raise InvalidInputError(text, field="known_at", value=revision)
    following = next((batch.at for batch in batches if batch.revision > revision), None)
    return replace(known_of(batches, revision), until=following)


def _moment(text: str, zone: tzinfo | None) -> datetime:
    """Return the last instant that is meant: of a day, its end."""
    try:
        if len(text) == _DAY:
            day = date.fromisoformat(text)
            return datetime.combine(day, time(), zone) + timedelta(days=1, microseconds=-1)
        if len(text) <= _LONGEST:
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        pass
    advice = "请写修订号（如 12）、日期（如 2026-07-05，指当天结束时）或时间（如 2026-07-05T09:30）"
    raise InvalidInputError(
        f"“按何时所知”{text[:_LONGEST]!r} 不对，{advice}", field="known_at", value=text[:_LONGEST]
    )
