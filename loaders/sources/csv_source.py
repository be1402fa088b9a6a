"""CSV: encoding, delimiter and records (`files.md` S1, S32, S36)."""

import codecs
import csv
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from loaders.sources.limits import Limits
from loaders.sources.raw import RefusedFileError, refuse

DELIMITERS: Final = (",", "\t", ";", "|")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK: Final = 1 << 20
_SAMPLE_RECORDS: Final = 20
_NO_LIMIT: Final = (1 << 31) - 1
_END: Final = "\x00end of file\x00"
_FIELDS_OF_A_RECORD: Final = 16
_NUL_SHARE: Final = 0.03
_SIDES_DIFFER: Final = 3
_WHOLE_SHARE: Final = 0.9


def find_encoding(path: Path, file: str) -> str:
    """Return the codec of a text file: BOM, else strict UTF-8, else strict GB18030; refuse `bad-encoding`."""
    with path.open("rb") as handle:
        head = handle.read(_CHUNK)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            _require(path, encoding, file)
            return encoding
    wide = _utf16_without_bom(head)
    if wide is not None and _first_error(path, wide) is None:
        return wide
    in_utf8 = _first_error(path, "utf-8")
    if in_utf8 is None:
        return "utf-8"
    if _share_of_whole_sequences(path) >= _WHOLE_SHARE:
        raise _bad_encoding(file, *in_utf8, "UTF-8 文件中有损坏的字节")
    in_gb18030 = _first_error(path, "gb18030")
    if in_gb18030 is None:
        return "gb18030"
    raise _bad_encoding(file, *max(in_utf8, in_gb18030), "既不是 UTF-8，也不是 GB18030 编码")


def _require(path: Path, encoding: str, file: str) -> None:
    error = _first_error(path, encoding)
    if error is not None:
        raise _bad_encoding(file, *error, f"按文件头标明的 {encoding} 编码读不通")


def _bad_encoding(file: str, offset: int, row: int, what: str) -> RefusedFileError:
    message = f"文件“{file}”{what}（第 {offset} 字节，第 {row} 行），请另存为 UTF-8 编码的 CSV 后重新导入"
    return refuse("bad-encoding", message, file, row=row)


def _utf16_without_bom(head: bytes) -> str | None:
    """UTF-16 is only believed where NUL bytes show it, nearly all on one side of the pairs (`一` has one on the other)."""
    if head.count(0) < max(2, int(len(head) * _NUL_SHARE)) or len(head) % 2:
        return None
    second, first = head[1::2].count(0), head[0::2].count(0)
    if second > first * _SIDES_DIFFER:
        return "utf-16-le"
    return "utf-16-be" if first > second * _SIDES_DIFFER else None


def _first_error(path: Path, encoding: str) -> tuple[int, int] | None:
    """Return (byte offset, row) where the strict decoder stops, None when all of the file decodes."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset, lines = 0, 0
    with path.open("rb") as handle:
        while True:
            chunk = handle.read(_CHUNK)
            pending = decoder.getstate()[0]
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = (pending + chunk)[: error.start]
                return offset - len(pending) + error.start, lines + before.count(b"\n") + 1
            if not chunk:
                return None
            offset += len(chunk)
            lines += chunk.count(b"\n")


def _share_of_whole_sequences(path: Path) -> float:
    """Return which share of the multi-byte sequences are valid UTF-8: a few damaged bytes are no GB18030 (S32)."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = broken = 0
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            text = decoder.decode(chunk)
            bad = text.count("\ufffd")
            whole += sum(1 for character in text if character > "\x7f") - bad
            broken += bad
    return whole / (whole + broken) if whole + broken else 0.0


def find_delimiter(path: Path, encoding: str, is_known: Callable[[str], bool], limits: Limits) -> str:
    """Return the delimiter under which one of the first records has most known headers; `,` if none has any."""

    def known_headers(delimiter: str) -> int:
        try:
            records = list(
                islice(read_records(path, path.name, encoding, delimiter, limits), _SAMPLE_RECORDS)
            )
        except RefusedFileError:
            return 0
        return max((sum(1 for cell in record if is_known(cell)) for record in records), default=0)

    return max(DELIMITERS, key=lambda delimiter: (known_headers(delimiter), -DELIMITERS.index(delimiter)))


def read_records(path: Path, file: str, encoding: str, delimiter: str, limits: Limits) -> Iterator[list[str]]:
    """Yield the records in order, a blank line as an empty one; the n-th record is row n (S1).

    Refuses `damaged-file` for a quote that never closes, `too-large` for a field above `limits.field_bytes` or more
    than `limits.columns` cells.
    """
    csv.field_size_limit(
        _NO_LIMIT
    )  # of the whole process; the limit of a field is checked below, with its row
    with path.open(encoding=encoding, newline="") as handle:
        gauge = _Gauge(handle, limits.field_bytes * _FIELDS_OF_A_RECORD, file)
        for row, record in enumerate(csv.reader(gauge, delimiter=delimiter), start=1):
            if gauge.characters > limits.field_bytes or gauge.ended:
                if record == [_END]:
                    return
                if record and record[-1].endswith(_END):
                    message = (
                        f"文件“{file}”第 {row} 行有一个引号没有配对，其后的内容无法分列，请补上引号后重新导入"
                    )
                    raise refuse("damaged-file", message, file, row=row)
                if max(map(len, record), default=0) > limits.field_bytes:
                    message = f"文件“{file}”第 {row} 行有一个单元格超过 {limits.field_bytes} 个字符，请检查引号或拆分内容"
                    raise refuse("too-large", message, file, row=row)
            if len(record) > limits.columns:
                message = (
                    f"文件“{file}”第 {row} 行有 {len(record)} 列，超过上限 {limits.columns} 列，请检查分隔符"
                )
                raise refuse("too-large", message, file, row=row)
            gauge.characters, gauge.records = 0, row
            yield record


class _Gauge:
    """Lines of a text, then one last line that shows whether a quote is still open; counts what a record took.

    A record may take `characters_at_most`: one line of gigabytes, or a quote that swallows the rest of the file, is
    refused before it is held in memory.
    """

    def __init__(self, text: TextIO, characters_at_most: int, file: str) -> None:
        self._read, self._at_most, self._file = text.readline, characters_at_most, file
        self.records = 0
        self.characters = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._read(self._at_most)
        if line:
            self.characters += len(line)
            if self.characters >= self._at_most:
                row = self.records + 1
                message = f"文件“{self._file}”第 {row} 行超过 {self._at_most} 个字符，请检查引号或拆分内容"
                raise refuse("too-large", message, self._file, row=row)
            return line
        if self.ended:
            raise StopIteration
        self.ended = True
        return _END
