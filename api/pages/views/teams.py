"""The coverage board of a team: skills down, members across, what each brings, and which skills few can bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.parts.links import edges_href

Json = Mapping[str, Any]
FULL: Final = 0.999


@dataclass(frozen=True, slots=True)
class Cover:
    """How far one member covers one skill: 0..1, None where the coverage is below the policy's least."""

    value: float | None
    href: str | None = None

    @property
    def shade(self) -> str:
        """Class of the cell; the number stands in it, so the shade is never alone."""
        if self.value is None:
            return ""
        return "cv2" if self.value >= FULL else "cv1"


@dataclass(frozen=True, slots=True)
class Member:
    """One member as the board heads a column with him."""

    node: Json
    lines: tuple[str, ...]
    hours: float
    travel: float


@dataclass(frozen=True, slots=True)
class Board:
    """One team: its members, a row a skill, and whether it is proven that none is smaller."""

    number: int
    members: tuple[Member, ...]
    rows: tuple[tuple[str, int, tuple[Cover, ...], float], ...]
    """(skill, level wanted, covers by member, best cover)."""
    hours: float
    travel: float
    exact: bool
    bound: int
    acquainted: tuple[tuple[str, str], ...]


def board(team: Json, wanted: Sequence[Json], number: int) -> Board:
    """Return the board of one team of the answer."""
    members = team["members"]
    rows = []
    for one in wanted:
        name, level = str(one["skill"]["name"]), int(one["level"])
        covers = tuple(_cover(member, name) for member in members)
        rows.append((name, level, covers, max((cover.value or 0.0 for cover in covers), default=0.0)))
    names = {member["node"]["key"]: str(member["node"]["name"]) for member in members}
    return Board(
        number=number,
        members=tuple(_member(member) for member in members),
        rows=tuple(rows),
        hours=team["hours"],
        travel=team["travel"],
        exact=team["exact"],
        bound=team["bound"],
        acquainted=tuple((names[first], names[second]) for first, second in team["acquainted"]),
    )


def rare(wanted: Sequence[Json]) -> list[tuple[str, int, int]]:
    """Return (skill, level, how many could cover it), the rarest first."""
    lines = [(str(one["skill"]["name"]), int(one["level"]), int(one["covering"])) for one in wanted]
    return sorted(lines, key=lambda line: (line[2], line[0]))


def _member(member: Json) -> Member:
    card = member["card"]
    about = (card.get("level"), card.get("occupation"))
    place = (card.get("district"), member.get("employer"))
    lines = (" · ".join(str(one) for one in about if one), " · ".join(str(one) for one in place if one))
    return Member(member["node"], tuple(line for line in lines if line), member["hours"], member["travel"])


def _cover(member: Json, skill: str) -> Cover:
    found = next((one for one in member["covers"] if one["skill"] == skill), None)
    if found is None:
        return Cover(None)
    evidence = found["evidence"]
    return Cover(float(found["value"]), edges_href(evidence, member["node"]) if evidence else None)
