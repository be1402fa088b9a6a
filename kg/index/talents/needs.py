"""Reads a flexible need, stored or typed in, into the one form that matching uses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from kg.index.lookups import Occupations, Organisations, Skills
from kg.index.parsing import skill_demand
from kg.index.talents.facts import Need
from kg.index.talents.records import tag_ids, targets
from kg.index.views import View
from kg.model.graph import Provenance, Row, RowId, Value
from kg.vocab.levels import level_of

NEEDS_TABLE: Final = "flex_needs"
_OFFICERS_ONLY: Final = "仅经办"
_NOWHERE: Final = Provenance(batch="", origin="", recorded_at=datetime.min.replace(tzinfo=UTC))


def read_need(view: View, occupations: Occupations, skills: Skills, organisations: Organisations) -> Need:
    """Return a stored need as all registers together show it."""
    level = level_of(view.text("min_level"))
    linked = {
        **targets(view, "flex_needs.tags", skills),
        **targets(view, "flex_needs.skills", skills),
    }
    columns = {column for row in view.rows for column in row.values}
    return Need(
        key=view.text("need_id"),
        row=view.row if view.rows[0].node else None,
        title=view.text("title") or "",
        host=organisations.resolve(view.text("host")) or "",
        occupations=tuple(occupations.resolve(code) for code in view.items("occupations") or ()),
        min_level=None if level is None else int(level),
        skills=skill_demand(view.items("skills"), skills),
        tags=tag_ids(view.items("tags") or (), skills),
        modes=tuple(dict.fromkeys(view.items("modes") or ())),
        hours_per_week=view.number("hours_per_week"),
        weeks=view.whole("weeks"),
        total_hours=view.number("total_hours"),
        first=view.day("valid_from"),
        last=view.day("valid_to"),
        visits=view.whole("visits"),
        district=view.text("district"),
        pay_min=view.number("pay_min"),
        pay_max=view.number("pay_max"),
        targets={skill: key for skill, key in linked.items() if key != skill},
        occupation_targets={
            occupations.resolve(link.end.key): link.end.key
            for row in view.rows
            for link in row.links
            if link.relation == "flex_needs.occupations"
        },
        hidden=frozenset(column for column in columns if view.masked(column)),
        values={column: view.raw(column) for column in sorted(columns)},
        public=not view.any_says("scope", _OFFICERS_ONLY),
    )


def typed_need(
    values: Mapping[str, Value], occupations: Occupations, skills: Skills, organisations: Organisations
) -> Need:
    """Return a need that was typed in, from canonical values already checked; it has no key and no row."""
    row = Row(
        id=RowId("", NEEDS_TABLE, ""),
        node=None,
        label=str(values.get("title") or ""),
        values=values,
        links=(),
        provenance=_NOWHERE,
    )
    return read_need(View((row,)), occupations, skills, organisations)
