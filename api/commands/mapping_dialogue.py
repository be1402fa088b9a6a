"""`load --map`: asks for each foreign header what it means, a proposal ready, and keeps the answers for the source."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TextIO

from kg.errors import RefusedError
from kg.schema import Column, Schema, Table
from loaders.mapping import Mapping, constant, may_be_the_same
from loaders.proposals import (
    REASONS,
    SURE,
    Proposal,
    foreign_words,
    missing,
    propose,
    shown_samples,
)
from loaders.saved_mappings import chosen, save_choices, saved_choices, saved_mapping
from loaders.shapes import holds_titles
from loaders.sketches import SheetSketch, sketch_files

_LEAVE_OUT: Final = "-"
_GIVE_UP: Final = "q"
_CANCELLED: Final = "没有保存列名对应，也没有装入任何数据"
_WORDS_ASKED: Final = 12


class Dialogue:
    """Talks on `out` and reads lines from `lines`; an end of input gives up (RefusedError), nothing is saved then."""

    def __init__(self, lines: Callable[[], str], out: TextIO, schema: Schema) -> None:
        self._lines, self._out, self._schema = lines, out, schema

    def run(self, paths: Sequence[Path], *, data: Path, source: str, table: str | None) -> list[Path]:
        """Ask about every sheet, save what was accepted, and return the mapping file (none if all were left out)."""
        kept = saved_mapping(data, source, self._schema)
        accepted = []
        for sheet in sketch_files(paths, schema=self._schema, table=table):
            found = self._table(sheet)
            if found is not None:
                saved = saved_choices(kept, found.key)
                proposals = self._columns(found, propose(found, sheet.columns, self._schema, saved))
                always = self._always(found, proposals, kept)
                accepted.append((found, proposals, self._words(found, proposals), always))
        return [
            save_choices(data, source, one.key, chosen(proposals), self._schema, words, always)
            for one, proposals, words, always in accepted
        ][-1:]

    def _say(self, text: str = "") -> None:
        self._out.write(f"{text}\n")

    def _ask(self, text: str) -> str:
        self._out.write(f"{text}> ")
        self._out.flush()
        line = self._lines()
        if not line or line.strip() == _GIVE_UP:
            raise RefusedError(_CANCELLED, code="cancelled")
        return line.strip()

    def _table(self, sheet: SheetSketch) -> Table | None:
        proposed = None if sheet.table is None else self._schema.by_key[sheet.table]
        while True:
            shown = "认不出是哪张表" if proposed is None else f"像是“{proposed.zh}”（{proposed.key}）"
            answer = self._ask(
                f"\n{sheet.title}：{shown}。回车认可，或输入表名；{_LEAVE_OUT} 不要这张表，{_GIVE_UP} 放弃\n"
            )
            if answer == _LEAVE_OUT:
                return None
            if not answer and proposed is not None:
                return proposed
            found = next((one for one in self._schema.tables if answer in {one.key, one.zh}), None)
            if found is not None:
                return found
            self._say(f"没有名为“{answer}”的表；有：{'、'.join(one.zh for one in self._schema.tables)}")

    def _columns(self, table: Table, proposals: list[Proposal]) -> list[Proposal]:
        width = max((len(one.column.header) for one in proposals), default=0)
        for one in proposals:
            if one.score >= SURE:
                self._say(self._line(table, one, width))
        self._say("回车认可；也可输入本系统的列名；- 不要这一列；q 放弃")
        for place, one in enumerate(proposals):
            if one.score < SURE:
                proposals[place] = self._answered(table, one, proposals, width)
        while True:
            lacking = missing(table, [one.key for one in proposals], self._schema)
            if lacking:
                self._say(f"还缺必填列：{'、'.join(column.zh for column in lacking)}")
            answer = self._ask("回车保存，或输入要改的列的字母（如 C）；q 放弃\n")
            if not answer:
                return proposals
            places = [at for at, one in enumerate(proposals) if one.column.letter == answer.upper()]
            for place in places:
                proposals[place] = self._answered(table, proposals[place], proposals, width)
            if not places:
                self._say(f"没有 {answer} 列")

    def _answered(self, table: Table, one: Proposal, proposals: Sequence[Proposal], width: int) -> Proposal:
        while True:
            answer = self._ask(f"{self._line(table, one, width)}\n")
            if not answer:
                return one
            if answer == _LEAVE_OUT:
                return Proposal(one.column, "", 1.0, "saved")
            column = next((c for c in table.columns if answer in {c.key, c.zh}), None)
            if column is None:
                self._say(f"表“{table.zh}”没有“{answer}”；有：{'、'.join(c.zh for c in table.columns)}")
                continue
            other = next((o for o in proposals if o.key == column.key and o.column != one.column), None)
            if other is None:
                return Proposal(one.column, column.key, 1.0, "saved", _is_worded(column, one))
            self._say(f"“{column.zh}”已经是 {other.column.letter} 列“{other.column.header}”，请先改那一列")

    def _line(self, table: Table, one: Proposal, width: int) -> str:
        target = "不要" if not one.key else table.column(one.key).zh
        worded = "（填的是名称）" if one.titles else ""
        cells = "、".join(shown_samples(table, one))
        header = one.column.header.ljust(width, "\u3000")
        reason = REASONS[one.reason]
        return f"  {one.column.letter:<2} {header} → {target}{worded}  {one.score:.2f} {reason}　如 {cells or '（空）'}"

    def _always(self, table: Table, proposals: Sequence[Proposal], kept: Mapping | None) -> dict[str, str]:
        """Ask what every row has in the required columns that the file lacks; Enter leaves them lacking."""
        found = dict(kept.always.get(table.key, {})) if kept is not None else {}
        for column in missing(table, [one.key for one in proposals], self._schema):
            if column.key in found or not may_be_the_same(table, column.key):
                continue
            offered = f"（{'、'.join(column.choices)}）" if column.choices else ""
            while answer := self._ask(f"缺“{column.zh}”{offered}：整份都一样就填在这里，回车先不管\n"):
                if constant(table, column.key, answer) is not None:
                    found[column.key] = answer
                    break
                self._say(f"“{column.zh}”不能填“{answer}”")
        return found

    def _words(self, table: Table, proposals: Sequence[Proposal]) -> dict[str, dict[str, str]]:
        """Ask what words mean that a column of choices does not know; Enter leaves them as they are."""
        found: dict[str, dict[str, str]] = {}
        for one in proposals:
            column = table.column(one.key) if one.key else None
            for word in foreign_words(column, one.column.samples)[:_WORDS_ASKED] if column else ():
                assert column is not None
                answer = self._ask(
                    f"“{column.zh}”里的“{word}”是 {'、'.join(column.choices)} 里的哪个？回车先不管\n"
                )
                while answer and answer not in column.choices:
                    answer = self._ask(f"请填 {'、'.join(column.choices)} 之一，或回车先不管\n")
                if answer:
                    found.setdefault(column.key, {})[word] = answer
        return found


def _is_worded(column: Column, one: Proposal) -> bool:
    return column.refers_to == ("occupations",) and holds_titles(one.column.samples)
