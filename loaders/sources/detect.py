"""What a file is, by its content and not by its name (`files.md` S33), and how it is opened."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from loaders.rows import Finding
from loaders.sources.archive import check_archive
from loaders.sources.csv_source import find_delimiter, find_encoding, read_records
from loaders.sources.json_source import read_json
from loaders.sources.limits import Limits
from loaders.sources.raw import RawFile, RawSheet, refuse
from loaders.sources.xlsx_source import digest_of, open_workbook

_HEAD: Final = 1 << 16
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_COMPOUND_HEAD: Final = 512
_NEVER_READ: Final = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"{\\rtf", "RTF 文档"),
)
_MARKUP: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|head|table|meta|!--|style|body)", re.IGNORECASE
)
_JSON: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{\]]|\{\s*["}])')
_TABLE: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*[^\s\0"\[{/][^\r\n\0]*?[,;|\t]')
"""A first line of cells, which no JSON text begins with."""
_EXTENSIONS: Final = {
    "xlsx": (".xlsx",),
    "xlsm": (".xlsm",),
    "xls": (".xls",),
    "csv": (".csv", ".txt", ".tsv"),
    "json": (".json",),
}
_WORKBOOKS: Final = _EXTENSIONS["xlsx"] + _EXTENSIONS["xlsm"] + _EXTENSIONS["xls"]
_DAMAGED: Final = "已损坏或不完整，请用表格软件打开后另存，再重新导入"
_ADVICE: Final = "请另存为 .xlsx 或 .csv 后重新导入"


def open_source(path: Path, file: str, limits: Limits, is_known_header: Callable[[str], bool]) -> RawFile:
    """Open a file by its content; refuses with the codes of `files.md` S32, S33, S36, S37."""
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    kind, names = _kind_of(path, file, head, limits)
    if kind == "zip":
        raise refuse("unsupported-type", f"文件“{file}”是压缩包里的压缩包，不能导入，请解开一层", file)
    _check_size(path, file, kind, limits)
    if kind == "csv":
        raw = _open_csv(path, file, limits, is_known_header)
    elif kind == "json":
        encoding = find_encoding(path, file)
        raw = RawFile(path=path, file=file, sha256=digest_of(path), format="json", encoding=encoding)
        raw.sheets = read_json(path, file, encoding, limits)
    else:
        linked = any(name.startswith("xl/externalLinks/") for name in names)
        raw = open_workbook(path, file, kind, limits.grid_cells, linked=linked)
    raw.warnings[:0] = _warnings(path, file, kind)
    return raw


def demand_readable(path: Path, file: str, limits: Limits) -> None:
    """Refuse a file that by its content is never read (S33), without opening it as a table."""
    with path.open("rb") as handle:
        _kind_of(path, file, handle.read(_HEAD), limits)


def _check_size(path: Path, file: str, kind: str, limits: Limits) -> None:
    allowed = limits.csv_bytes if kind == "csv" else limits.file_bytes
    size = path.stat().st_size
    if size > allowed:
        raise refuse(
            "too-large", f"文件“{file}”有 {size} 字节，超过上限 {allowed} 字节，请拆分后分批导入", file
        )


def _kind_of(path: Path, file: str, head: bytes, limits: Limits) -> tuple[str, frozenset[str]]:
    for start, what in _NEVER_READ:
        if head.startswith(start) and not (start == b"BM" and head[6:10] != b"\0\0\0\0"):
            raise refuse("unsupported-type", f"文件“{file}”是{what}，不能导入，{_ADVICE}", file)
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return _kind_of_archive(path, file, limits)
    if head.startswith(_COMPOUND):
        return _kind_of_compound(path, file, limits), frozenset()
    if _MARKUP.match(head):
        raise refuse("unsupported-type", f"文件“{file}”其实是网页或 XML，不能导入，{_ADVICE}", file)
    if path.suffix.lower() in _WORKBOOKS and (not head or b"\0" in head):
        raise refuse("damaged-file", f"文件“{file}”{_DAMAGED}", file)
    named_so = path.suffix.lower() in _EXTENSIONS["json"] and not _TABLE.match(head)
    is_json = _JSON.match(head) or named_so
    return ("json" if is_json else "csv"), frozenset()


def _kind_of_archive(path: Path, file: str, limits: Limits) -> tuple[str, frozenset[str]]:
    _check_size(path, file, "xlsx", limits)
    names = check_archive(path, file, limits)
    if "xl/workbook.xml" in names:
        return ("xlsm" if "xl/vbaProject.bin" in names else "xlsx"), names
    if "xl/workbook.bin" in names:
        what = "xlsb 二进制工作簿"
    elif "mimetype" in names or "content.xml" in names:
        what = "ODF 文档"
    elif any(name.startswith(("word/", "ppt/")) for name in names):
        what = "Word 或 PowerPoint 文档"
    else:
        return "zip", names
    raise refuse("unsupported-type", f"文件“{file}”是{what}，不能导入，{_ADVICE}", file)


def _kind_of_compound(path: Path, file: str, limits: Limits) -> str:
    _check_size(path, file, "xls", limits)
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refuse("encrypted", f"文件“{file}”有密码保护，请取消密码后重新导入", file)
    if _is_cut_off(content):
        raise refuse("damaged-file", f"文件“{file}”{_DAMAGED}", file)
    if not any(stream.encode("utf-16-le") in content for stream in ("Workbook", "Book\0")):
        raise refuse("unsupported-type", f"文件“{file}”不是表格，不能导入，{_ADVICE}", file)
    return "xls"


def _is_cut_off(content: bytes) -> bool:
    """True where a compound file ends before its own directory begins (sector number at byte 48, size at byte 30)."""
    if len(content) < _COMPOUND_HEAD:
        return True
    sector, size = int.from_bytes(content[48:52], "little"), 1 << (content[30] & 15)
    return (sector + 1) * size >= len(content)


def _open_csv(path: Path, file: str, limits: Limits, is_known_header: Callable[[str], bool]) -> RawFile:
    encoding = find_encoding(path, file)
    delimiter = find_delimiter(path, encoding, is_known_header, limits)
    rows = partial(read_records, path, file, encoding, delimiter, limits)
    raw = RawFile(
        path=path, file=file, sha256=digest_of(path), format="csv", encoding=encoding, delimiter=delimiter
    )
    raw.sheets.append(RawSheet(name=None, title=path.stem, rows=rows))
    return raw


def _warnings(path: Path, file: str, kind: str) -> list[Finding]:
    found: list[Finding] = []
    suffix = path.suffix.lower()
    if suffix not in _EXTENSIONS[kind] and not (kind == "xlsm" and suffix == ".xlsx"):
        message = f"文件“{file}”的内容是 {kind}，与扩展名不符，已按内容读取"
        found.append(Finding(code="extension-mismatch", message=message, file=file, value=suffix))
    if kind == "xlsm":
        found.append(
            Finding(code="macros-ignored", message=f"文件“{file}”含有宏，宏没有运行，只读取了数据", file=file)
        )
    return found
