"""One batch on its way into the store: read, resolve, judge, stage, publish; all of it or nothing."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Final

from kg.errors import StoreBusyError
from kg.model.batches import in_force
from kg.model.graph import Batch, NodeRef, Row, RowChange, RowId
from kg.model.rules import LinkageRules
from kg.ports import GraphStore
from kg.schema import Schema, Table
from kg.sealing.sealer import Sealer
from loaders.collecting import rare_collections
from loaders.keys import Resolved, SpooledRow, place_of
from loaders.known import Known
from loaders.ownership import Control, control_of, on_cycles
from loaders.people import People
from loaders.persons import Persons
from loaders.plans import ID_NUMBER, ID_TYPE, TablePlan, dependency_order, named_by_others, plan_of
from loaders.preview import Preview
from loaders.registry import GOOD, REJECTED, REPEATED, Comparer, Registry
from loaders.relink import ALL_EDGES, Relinker
from loaders.report import Report, SheetContext
from loaders.resolve import Resolver
from loaders.rows import FileReading, Finding, SheetReading
from loaders.sources.raw import RefusedFileError
from loaders.spool import Spool
from loaders.staging import Stager, moved_row
from loaders.title_reader import TitleReader

RETIRE_SHARE: Final = 0.2
"""A full delivery that would retire more than this share of a table is refused (S35)."""
OWNERSHIP_TABLE: Final = "ownerships"
PROGRESS_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: `step` is read, check, store or publish; `rows` counts within step and table.

    `total` is where `rows` ends, None while that is not known.
    """

    step: str
    table: str | None
    rows: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be loaded how: the arguments of `load` that are no files."""

    store: GraphStore
    sealer: Sealer
    schema: Schema
    source: str
    actor: str
    clock: Callable[[], datetime]
    dry_run: bool = False
    full: bool = False
    confirm_retire: int | None = None
    synthetic: bool = False
    progress: Callable[[Progress], None] | None = None
    linkage: LinkageRules | None = None


def load_readings(readings: Iterable[FileReading], order: Order) -> Report:
    """Load what the reading half made of the files; see `load`."""
    loading = _Loading(order)
    try:
        with rare_collections():
            loading.run(readings)
    except RefusedFileError as refusal:
        loading.report.refuse(refusal.findings)
    finally:
        loading.close()
    return loading.report


class _Loading:
    """One batch on its way into the store."""

    def __init__(self, order: Order) -> None:
        self.order, self.store, self.source = order, order.store, order.source
        self.staged = f"staging-{secrets.token_hex(8)}"
        self.start = order.store.revision()
        self.report = Report(
            schema=order.schema,
            source=order.source,
            dry_run=order.dry_run,
            full=order.full,
            revision=self.start,
        )
        self.contexts = self.report.contexts
        self.spools: dict[str, Spool[SpooledRow]] = {}
        self.published = False
        self.retire_errors: list[tuple[Finding, int]] = []
        batches = order.store.batches()
        self.batch_ids = {batch.id for batch in batches}
        batches = in_force(batches)
        self.delivered = {table for batch in batches for table in batch.delivered}
        self.own_delivered = {t for batch in batches if batch.source == order.source for t in batch.delivered}
        self.known = Known(order.store, order.source, self.delivered)
        self.plans = {table.key: plan_of(order.schema, table) for table in order.schema.tables}
        home = next((plan.table for plan in self.plans.values() if plan.is_home), None)
        stored = home is not None and home.key in self.delivered
        self.persons = Persons(order.store, order.sealer, order.source, home, stored=stored)
        self.referred = named_by_others(self.plans.values())
        self.terms: set[tuple[str, str]] = set()
        self.titles = self.report.titles = TitleReader(order.store, self.known, batches, order.linkage)
        self.relinker = Relinker(order.store, order.schema, self.known, active=self.start > 0)
        self.preview = self.report.preview = Preview(order.store, order.schema) if order.dry_run else None

    def run(self, readings: Iterable[FileReading]) -> None:
        """Take the batch through all steps."""
        for reading in readings:
            self.report.files.append(reading)
            for sheet in reading.sheets:
                self._read(sheet)
        for table in dependency_order(self.order.schema):
            if table.key in self.spools:
                self._table(self.plans[table.key])
        self._check_retirement()
        self._publish()

    def close(self) -> None:
        """Drop what is not published, and the temporary files."""
        for spool in self.spools.values():
            spool.close()
        if not self.published and not self.order.dry_run:
            self.store.discard(self.staged)

    def _read(self, sheet: SheetReading) -> None:
        place = len(self.contexts)
        self.contexts.append(SheetContext(sheet, place))
        counts = self.report.counts(sheet.table)
        if sheet.table not in self.spools:
            self.spools[sheet.table] = Spool(SpooledRow._make)
        spool = self.spools[sheet.table]
        for row in sheet.rows:
            counts.read += 1
            self.report.rejects += row.rejects
            self.report.warnings += row.warnings
            rejected = tuple([finding.column or "*" for finding in row.rejects])
            spool.append(SpooledRow(place, row.number, row.values, rejected))
            if counts.read % PROGRESS_ROWS == 0:
                self._tell("read", sheet.table, counts.read)
        self._tell("read", sheet.table, counts.read)

    def _table(self, plan: TablePlan) -> None:
        """Resolve, judge and stage the rows of one table; those it refers to are done already."""
        resolver = Resolver(
            plan, self.known, self.persons, self.order.sealer, self.contexts, self.terms, self.titles
        )
        registry = Registry(plan, self.contexts, self.known, resolver.told)
        resolved: Spool[Resolved] = Spool(Resolved._make)
        people = People(plan.is_home)
        try:
            self._resolve(resolver, registry, resolved, people)
            registry.judge_repeated(resolved)
            self._retire(plan.table, registry)
            registry.judge_parents()
            if plan.table.key == OWNERSHIP_TABLE:
                self._judge_cycles(plan.table, registry, resolved)
            moved = self._assign_persons(registry, resolved, people) if plan.is_home else {}
            self._store_rows(resolver, registry, resolved)
            self._move(plan, moved)
            self._stage(self.relinker.changes())
        finally:
            resolved.close()
        self.report.rejects += resolver.rejects + registry.rejects
        self.report.warnings += resolver.warnings + registry.warnings

    def _resolve(
        self, resolver: Resolver, registry: Registry, resolved: Spool[Resolved], people: People
    ) -> None:
        table = resolver.plan.table.key
        spool = self.spools[table]
        for chunk in spool.chunks():
            resolver.learn(chunk)
            for raw in chunk:
                row = resolver.resolve(raw)
                registry.add(row)
                resolved.append(row)
                people.note(row)
            self._tell("check", table, len(resolved), len(spool))
        spool.close()

    def _retire(self, table: Table, registry: Registry) -> None:
        """Apply S35: rows of the source that a full delivery does not mention vanish, up to a limit."""
        if not self.order.full or table.key not in self.own_delivered:
            return
        live, gone = 0, []
        for row in self.store.rows(table=table.key, source=self.source):
            live += 1
            if not registry.holds(row.id.key):
                gone.append(row.id)
        if not gone:
            return
        self.known.retire(gone)
        self.persons.retired.update(gone)
        self.report.counts(table.key).retired = len(gone)
        if len(gone) > RETIRE_SHARE * live or len(gone) == live:
            self.retire_errors.append((self._too_many(table, len(gone), live), len(gone)))
        self._stage([[RowChange(id=row, row=None) for row in gone]])

    def _too_many(self, table: Table, gone: int, live: int) -> Finding:
        context = next(context for context in self.contexts if context.table == table.key)
        return Finding(
            code="retire-limit",
            message=f"“{table.zh}”现有 {live} 行中将有 {gone} 行消失，超过两成，已停止",
            file=context.file,
            sheet=context.sheet,
            table=table.key,
            value=str(gone),
        )

    def _check_retirement(self) -> None:
        total = sum(number for _, number in self.retire_errors)
        if total and self.order.confirm_retire != total:
            advice = f"；核对无误后请加上确认数 {total}（--confirm-retire {total}）再导入"
            raise RefusedFileError([
                replace(finding, message=finding.message + advice) for finding, _ in self.retire_errors
            ])

    def _judge_cycles(self, table: Table, registry: Registry, resolved: Spool[Resolved]) -> None:
        links: list[Control] = []
        places: dict[int, Resolved] = {}
        for place, row in enumerate(resolved):
            link = control_of(row.values, place) if registry.state[place] == GOOD else None
            if link is not None:
                links.append(link)
                places[place] = row
        if not links:
            return
        if table.key in self.delivered:
            for stored in self.store.rows(table=table.key):
                own = stored.id.source == self.source and registry.holds(stored.id.key)
                link = None if own or stored.id in self.known.retired else control_of(stored.values, None)
                links += [link] if link is not None else []
        on_cycle = on_cycles(links)
        for place, row in places.items():
            if place in on_cycle:
                text = "与其他控股或隶属关系首尾相接成环，请核对后重报"
                where = place_of(row.sheet, row.number)
                registry.reject(place, where, "parent", "cycle", text, str(row.values["parent"]))

    def _assign_persons(
        self, registry: Registry, resolved: Spool[Resolved], people: People
    ) -> dict[str, tuple[str, str]]:
        """Give the person rows of the batch their talent keys; return those that move."""
        tokens = people.of(registry, self.persons)
        if tokens is not None:
            return self.persons.assign(tokens)
        tokens = {}
        place = 0
        for chunk in resolved.chunks():
            good = [row for at, row in enumerate(chunk, place) if registry.state[at] == GOOD]
            place += len(chunk)
            self.persons.learn({row.key for row in good}, set())
            opened = self._opened(good)
            for row in good:
                tokens[row.key] = self._identity(row, opened)
        return self.persons.assign(tokens)

    def _opened(self, rows: Sequence[Resolved]) -> Mapping[RowId, bytes]:
        """Return sealed parts of stored persons of whose ID the files give only the type or only the number."""
        ids = [
            RowId(self.source, self.plans_home.table.key, row.key)
            for row in rows
            if (ID_TYPE in row.values) != (ID_NUMBER in row.values) and self.persons.own(row.key) is not None
        ]
        return self.store.sealed(ids) if ids else {}

    @property
    def plans_home(self) -> TablePlan:
        """The plan of the person table."""
        return next(plan for plan in self.plans.values() if plan.is_home)

    def _identity(self, row: Resolved, opened: Mapping[RowId, bytes]) -> str:
        person = self.persons.own(row.key)
        before = person.identity if person is not None else ""
        key = RowId(self.source, self.plans_home.table.key, row.key)
        if key in opened:
            values = {**self.order.sealer.unseal(opened[key], key), **row.values}
            number, kind = values.get(ID_NUMBER), values.get(ID_TYPE)
            if not isinstance(number, str) or "*" in number:
                return ""
            return self.order.sealer.id_token(kind if isinstance(kind, str) else None, number)
        return before if row.token is None else row.token

    def _store_rows(self, resolver: Resolver, registry: Registry, resolved: Spool[Resolved]) -> None:
        plan = resolver.plan
        stager = Stager(
            resolver, Comparer(plan, self.known), self.persons, self.store, self.order.sealer, self.contexts,
            source=self.source, batch=self.staged, clock=self.order.clock, stored=plan.table.key in self.own_delivered,
        )  # fmt: skip
        counts = self.report.counts(plan.table.key)
        counts.rejected = registry.state.count(REJECTED)
        counts.unchanged = registry.state.count(REPEATED)
        self._stage(self._parts(stager, registry, resolved))

    def _parts(self, stager: Stager, registry: Registry, rows: Spool[Resolved]) -> Iterator[list[RowChange]]:
        """Yield the changes that the good rows are, some thousand at a time."""
        place = 0
        for chunk in rows.chunks():
            good = [row for at, row in enumerate(chunk, place) if registry.state[at] == GOOD]
            place += len(chunk)
            yield self._changes(stager, good)
            self._tell("store", stager.plan.table.key, place, len(rows))

    def _changes(self, stager: Stager, rows: Sequence[Resolved]) -> list[RowChange]:
        plan, counts = stager.plan, self.report.counts(stager.plan.table.key)
        existing = stager.existing(rows)
        stager.unseal_partial(rows, existing)
        changes = []
        referred = plan.table.key in self.referred
        for row in rows:
            old = existing.get(row.key)
            change = stager.change(row, old)
            if referred:
                self._accept(stager, row, old, changed=change is not None)
            if change is None:
                counts.unchanged += 1
                continue
            changes.append(change)
            if old is None:
                counts.inserted += 1
            else:
                counts.updated += 1
        return changes

    def _accept(self, stager: Stager, row: Resolved, old: Row | None, *, changed: bool) -> None:
        """Let later rows refer to this one, and stored links that meant it without knowing."""
        plan, node = stager.plan, stager.node_key(row)
        key = old.id if old is not None else RowId(self.source, plan.table.key, row.key)
        self.known.accept(plan, key, node, row.values)
        if changed:
            self.relinker.note(plan, node, row.values)

    def _move(self, home: TablePlan, moved: Mapping[str, tuple[str, str]]) -> None:
        """Let the rows of this source that belong to persons who became another person follow them."""
        if not moved:
            return
        keys = sorted({old for old, _ in moved.values()})
        rows = {row.id: row for row in self.store.rows(source=self.source, persons=keys)}
        nodes = [NodeRef(home.table.kind, key) for key in keys]
        reached = [edge.row for edge in self.store.edges(nodes, direction="in", limit=ALL_EDGES)]
        wanted = sorted({row for row in reached if row.source == self.source and row not in rows})
        if wanted:
            rows.update((row.id, row) for row in self.store.rows(ids=wanted))
        changes = []
        for row in rows.values():
            if row.id.table != home.table.key:
                before = self.relinker.latest.get(row.id, row)
                after = self.relinker.latest[row.id] = moved_row(before, self.plans[row.id.table], moved)
                changes += [RowChange(id=row.id, row=after)] if after != before else []
        self._stage([changes])

    def _stage(self, parts: Iterable[Sequence[RowChange]]) -> None:
        if self.preview is None:
            self.store.stage(self.staged, chain.from_iterable(parts))  # it cuts them as it likes
        else:
            for changes in parts:
                self.preview.note(changes)

    def _publish(self) -> None:
        new = [table for table in self.report.tables if table not in self.own_delivered]
        changed = bool(new) or any(counts.changed for counts in self.report.tables.values())
        if self.order.dry_run or not changed:
            return
        self._tell("publish", None, 0)
        if self.store.revision() != self.start:
            raise StoreBusyError("导入期间另有批次入库，本批未入库；请重新导入一次。")
        number = self.start + 1
        while (name := f"b-{number:06d}") in self.batch_ids:
            number += 1
        self.report.batch, self.report.revision, self.report.changed = name, self.start + 1, True
        batch = Batch(
            id=name,
            source=self.source,
            actor=self.order.actor,
            at=self.order.clock(),
            delivered=tuple(sorted(self.report.tables)),
            revision=self.start + 1,
            synthetic=self.order.synthetic,
            report=self.report.to_json(),
        )
        self.report.revision = self.store.publish(batch, staged=self.staged).revision
        self.published = True

    def _tell(self, step: str, table: str | None, rows: int, total: int | None = None) -> None:
        if self.order.progress is not None:
            self.order.progress(Progress(step, table, rows, total))
