"""The rules applied to running text: which figures of a paragraph belong to one statement."""

import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from loaders.statement.figures import Figure, figures_of
from loaders.statement.findings import (
    StatementFinding,
    check_gap,
    check_growth,
    check_parts,
    check_ratio,
    check_share,
)

_SENTENCE_END: Final = re.compile(r"[。！？；;]")
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\s*(?:年|[—\-－~至]))")
_PERIOD: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年?\s*[—\-－~至]\s*((?:19|20)\d\d)(?=\s*年)")
_WRONG_ORGAN: Final = re.compile(r"市(?:人力资源(?:和)?社会保障|教育|财政|工业和信息化|科学技术)厅")
_CHANGE: Final = re.compile(r"(?:由|从)")
_FALL: Final = re.compile(r"下降|减少|降低|回落")
_NO_COUNTS: Final = frozenset({"ratio", "gap", "change"})
_WITHIN: Final = re.compile(r"其中|包括")
_COMPLETE: Final = re.compile(r"分别|由.*组成|合计")
_YEARS_APART: Final = 8
"""A year this far from the middle of the others is asked about: a copied paragraph of an old report."""
_NEAREST_TEXTS: Final = 2
"""Demand and supply of a gap stand in its own sentence or the one before."""


def read_text(text: str) -> tuple[list[Figure], list[StatementFinding], list[str]]:
    """Return the figures of a text, what does not add up, and what could not be checked because it is masked."""
    figures: list[Figure] = []
    findings: list[StatementFinding] = []
    unchecked: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"第 {number} 行"
        found = list(figures_of(line, where, len(figures) + 1))
        figures += found
        sentences = list(_sentences(line, found))
        for index, (words, group) in enumerate(sentences):
            near = [
                figure
                for _, earlier in sentences[max(0, index - _NEAREST_TEXTS + 1) : index]
                for figure in earlier
            ]
            findings += _check_sentence(words, group, near, unchecked)
        findings += _organs(line, where)
    return figures, [*findings, *_years(text)], unchecked


def _sentences(line: str, figures: Sequence[Figure]) -> Iterator[tuple[str, list[Figure]]]:
    start = 0
    for end in [found.end() for found in _SENTENCE_END.finditer(line)] + [len(line)]:
        yield line[start:end], [figure for figure in figures if start <= figure.start < end]
        start = end


def _check_sentence(
    words: str, group: Sequence[Figure], near: Sequence[Figure], unchecked: list[str]
) -> Iterator[StatementFinding]:
    border = _border(words, group)
    for figure in group:
        if figure.measure in {"gap", "ratio"}:
            check = check_gap if figure.measure == "gap" else check_ratio
            demand, supply = (_closest(figure, measure, group, near) for measure in ("demand", "supply"))
            if demand is None or supply is None or _of_a_part(figure, (demand, supply), near, border):
                continue
            if any(one.value is None for one in (demand, supply, figure)):
                unchecked.append(f"{figure.where}：{figure.text} 所在的等式里有被遮盖的数，没有核对")
                continue
            found = check(demand, supply, figure)
            if found is not None:
                yield found
    counts = [
        figure for figure in group if not figure.is_percentage and figure.measure not in {"ratio", "gap"}
    ]
    gaps = [figure for figure in group if figure.measure == "gap"]
    yield from _parts(words, group, counts, unchecked)
    yield from _parts(words, group, gaps, unchecked, [one for one in near if one.measure == "gap"])
    yield from _changes(words, group)


def _border(words: str, group: Sequence[Figure]) -> int | None:
    """Return where 其中 stands in the line, None where the sentence tells of no part."""
    split = _WITHIN.search(words)
    return None if split is None or not group else group[0].start - _offset(words, group[0]) + split.start()


def _of_a_part(figure: Figure, others: Sequence[Figure], near: Sequence[Figure], border: int | None) -> bool:
    """True for a gap or ratio behind 其中 when demand and supply stand before it: they are those of the whole."""
    if border is None or figure.start < border:
        return False
    return all(one.start < border or one in near for one in others)


def _closest(figure: Figure, measure: str, group: Sequence[Figure], near: Sequence[Figure]) -> Figure | None:
    same = [one for one in group if one.measure == measure]
    if same:
        return min(same, key=lambda one: abs(one.start - figure.start))
    earlier = [one for one in near if one.measure == measure]
    return earlier[-1] if earlier else None


def _parts(
    words: str,
    group: Sequence[Figure],
    counts: Sequence[Figure],
    unchecked: list[str],
    earlier: Sequence[Figure] = (),
) -> Iterator[StatementFinding]:
    """Check 共 a，其中 b、c、d and 占 x%, for figures of one sort; the whole may stand in the sentence before."""
    border = _border(words, group)
    if border is None:
        return
    before = [figure for figure in counts if figure.end <= border] or list(earlier)
    parts = [figure for figure in counts if figure.start >= border]
    if not before or not parts:
        return
    whole = before[-1]
    if whole.value is None or any(part.value is None for part in parts):
        unchecked.append(f"{whole.where}：{whole.text} 与其中各项有被遮盖的数，没有核对")
    elif len({figure.unit or whole.unit for figure in (*parts, whole)}) == 1:
        found = check_parts(parts, whole, complete=bool(_COMPLETE.search(words)) and len(parts) > 1)
        if found is not None:
            yield found
    shares = [figure for figure in group if figure.measure == "share" and figure.unit in {"%", "％"}]
    for share in shares:
        part = next(
            (one for one in reversed(group) if one.end <= share.start and not one.is_percentage), None
        )
        if part is None or part not in parts or any(one.value is None for one in (part, whole, share)):
            continue
        found = check_share(part, whole, share)
        if found is not None:
            yield found


def _offset(words: str, figure: Figure) -> int:
    return words.index(figure.text)


def _changes(words: str, group: Sequence[Figure]) -> Iterator[StatementFinding]:
    """Check 由 a 到 b，增长 x%."""
    for start in _CHANGE.finditer(words):
        base = group[0].start - _offset(words, group[0]) if group else 0
        after = [figure for figure in group if figure.start >= base + start.end()]
        if len(after) < 3:
            continue
        first, second, change = after[:3]
        if change.measure != "growth" or any(one.value is None for one in after[:3]):
            continue
        if first.unit != second.unit or (change.unit not in {"%", "％"} and not first.is_percentage):
            continue
        between = words[second.end - base : change.start - base]
        found = check_growth(first, second, change, sign=-1 if _FALL.search(between) else 1)
        if found is not None:
            yield found


def _organs(line: str, where: str) -> Iterator[StatementFinding]:
    for found in _WRONG_ORGAN.finditer(line):
        text = f"“{found[0]}”：厅是省级机关，市级机关称局；请核对机关或地区"
        yield StatementFinding(code="organ-level", where=where, text=text, figures=(), severity="question")


def _years(text: str) -> Iterator[StatementFinding]:
    seen: list[tuple[int, int]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        seen += [(int(found[1]), number) for found in _YEAR.finditer(line)]
        for found in _PERIOD.finditer(line):
            if int(found[1]) > int(found[2]):
                words = f"“{found[0]}”的起年晚于止年"
                yield StatementFinding(code="period-order", where=f"第 {number} 行", text=words, figures=())
    if len(seen) < 3:
        return
    middle = median(year for year, _ in seen)
    for year, number in seen:
        if abs(year - middle) >= _YEARS_APART:
            words = f"{year} 年与全文其他年份（{middle:g} 年前后）相差 {abs(year - middle):g} 年，请核对是否写错或引自旧稿"
            yield StatementFinding(
                code="year-outlier", where=f"第 {number} 行", text=words, figures=(), severity="question"
            )
