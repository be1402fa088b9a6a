"""Print how fast files are read and published: `python benchmarks/loading.py [ROWS [PUBLISHED]]` (100,000 and 1,000,000).

Three measures, each in a process of its own bound to two cores: a CSV and a workbook of talents with 12 columns read
and validated (rows a second), and a CSV of talents published with provenance into a fresh SQLite file (seconds, peak
memory). ID numbers have valid check digits, one row in fifty has a wrong cell. `--only csv,xlsx,publish,bomb` chooses;
`bomb` prints the time and the growth of memory until three hostile archives are refused.
"""

import argparse
import csv
import os
import platform
import random
import re
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final
from xml.sax.saxutils import escape

from kg.schema import SCHEMA
from loaders.checks import id_check_character
from loaders.reading import RefusedFileError, read_paths

HEADER: Final = (
    "人才编号", "姓名", "证件号码", "手机", "出生日期", "区划代码", "现单位名称", "职业代码", "现等级",
    "可服务方式", "每周可用小时", "可用起",
)  # fmt: skip
LEVELS: Final = ("初级工", "中级工", "高级工", "技师", "高级技师")
MODES: Final = ("顾问指导", "顾问指导=0.8；周末工程师", "兼职兼薪；远程指导=0.5", "项目合作")
FAMILY: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志宏文"
CORES: Final = 2
SEED: Final = 20261123


def people(count: int) -> Iterator[list[str]]:
    """Yield the cells of plainly made-up talents; every fiftieth has a level that nobody knows."""
    chance = random.Random(SEED)
    first = date(1961, 1, 1)
    for number in range(count):
        born = first + timedelta(days=chance.randrange(14_000))
        number_17 = f"99{chance.randrange(10_000):04d}{born:%Y%m%d}{number % 1000:03d}"
        yield [
            f"T{number:08d}",
            chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=2)),
            number_17 + id_check_character(number_17),
            f"199{chance.randrange(10**8):08d}",
            born.isoformat(),
            f"9901{number % 20 + 1:02d}",
            f"第{chance.randrange(5000)}示例机械有限公司",
            f"6-18-01-{number % 60 + 1:02d}",
            LEVELS[number % 5] if number % 50 else "八级",
            MODES[number % 4],
            str(4 + number % 17),
            f"2026-{number % 12 + 1:02d}-01",
        ]


def write_csv(path: Path, count: int) -> None:
    """Write the talents as a CSV."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADER)
        writer.writerows(people(count))


def write_references(folder: Path) -> list[Path]:
    """Write the districts and occupations that the talents refer to."""
    districts = [f"9901{n:02d},示例{n}区" for n in range(1, 21)]
    trades = [f"6-18-01-{n:02d},示例职业{n},2022" for n in range(1, 61)]
    paths = [folder / "区县.csv", folder / "职业.csv"]
    for path, head, rows in zip(
        paths, ("区划代码,名称", "职业代码,名称,版本"), (districts, trades), strict=True
    ):
        path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return paths


def write_workbook(path: Path, count: int) -> None:
    """Write the talents as a workbook: names as shared strings, hours as numbers, as office programs do."""
    shared: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in _WORKBOOK_PARTS.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<?xml version="1.0" encoding="UTF-8"?><worksheet {_MAIN}><sheetData>'.encode())
            for number, cells in enumerate([list(HEADER), *people(count)], start=1):
                row = "".join(
                    f'<c r="{letter}{number}" t="s"><v>{shared.setdefault(cell, len(shared))}</v></c>'
                    if number == 1 or letter != "K"
                    else f'<c r="{letter}{number}"><v>{cell}</v></c>'
                    for letter, cell in zip("ABCDEFGHIJKL", cells, strict=True)
                )
                sheet.write(f'<row r="{number}">{row}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as strings:
            strings.write(f'<?xml version="1.0" encoding="UTF-8"?><sst {_MAIN}>'.encode())
            strings.writelines(f"<si><t>{escape(text)}</t></si>".encode() for text in shared)
            strings.write(b"</sst>")


_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SPREADSHEET}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="人才" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def measure_reading(path: Path) -> None:
    """Read and validate one file; print rows a second and peak memory."""
    started, processor = perf_counter(), _processor()
    rows = rejected = 0
    for reading in read_paths([path], schema=SCHEMA):
        for sheet in reading.sheets:
            for row in sheet.rows:
                rows += 1
                rejected += bool(row.rejects)
    seconds = perf_counter() - started
    print(
        f"{path.suffix[1:]}: {rows:,} rows x {len(HEADER)} columns read and validated in {seconds:.2f} s = "
        f"{rows / seconds:,.0f} rows/s ({rejected:,} rejected); processor {_processor() - processor:.2f} s; "
        f"peak {_peak():,.0f} MB"
    )


def measure_publishing(path: Path, folder: Path) -> None:
    """Publish one file of talents into a fresh store; print seconds by step and peak memory."""
    from kg.bootstrap import open_graph
    from kg.config import Settings
    from loaders.pipeline import Progress, load

    def clock() -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    steps: dict[str, float] = {}
    with open_graph(Settings(data=folder / "data"), clock=clock) as graph:

        def run(paths: list[Path], tell: bool) -> dict[str, int]:
            last = [perf_counter()]

            def note(progress: Progress) -> None:
                now = perf_counter()
                steps[progress.step] = steps.get(progress.step, 0.0) + (now - last[0]) * tell
                last[0] = now

            report = load(
                paths, store=graph.store, sealer=graph.sealer, schema=graph.schema, source="基准",
                actor="bench", clock=clock, synthetic=True, progress=note,
            )  # fmt: skip
            steps["publish"] = steps.get("publish", 0.0) + (perf_counter() - last[0]) * tell
            return report.totals().to_json()

        run(write_references(folder), tell=False)
        started, processor = perf_counter(), _processor()
        totals = run([path], tell=True)
        seconds = perf_counter() - started
    size = sum(one.stat().st_size for one in (folder / "data").rglob("*") if one.is_file()) / 1e6
    parts = ", ".join(f"{step} {spent:.1f}" for step, spent in steps.items())
    print(
        f"publish: {totals['read']:,} rows, {totals['inserted']:,} published with provenance in {seconds:.1f} s "
        f"= {totals['inserted'] / seconds:,.0f} rows/s ({parts}); "
        f"processor {_processor() - processor:.1f} s; peak {_peak():,.0f} MB, files {size:,.0f} MB"
    )


def measure_bombs(folder: Path) -> None:
    """Print how long hostile archives take to be refused and how much memory grows until then."""
    for path in (_inflating(folder), _lying(folder), _crowded(folder)):
        before, started = _peak(), perf_counter()
        try:
            list(read_paths([path], schema=SCHEMA))
            told = "NOT refused"
        except RefusedFileError as refusal:
            told = refusal.findings[0].code
        print(
            f"bomb {path.stem}: {path.stat().st_size / 1e6:.1f} MB file, {told} in "
            f"{perf_counter() - started:.3f} s, growth {_peak() - before:.0f} MB"
        )


def _inflating(folder: Path) -> Path:
    path = folder / "inflating.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (1 << 30))
    return path


def _lying(folder: Path) -> Path:
    """Return an archive whose part inflates to 300 MB but states 1,000 bytes."""
    content = b" " * (300 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    name = b"xl/workbook.xml"
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(content), len(data), 1000, len(name), 0)
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    body = b"PK\x03\x04" + head + name + data
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(body), 0)
    path = folder / "lying.xlsx"
    path.write_bytes(body + entry + end)
    return path


def _crowded(folder: Path) -> Path:
    path = folder / "crowded.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"xl/{number}.xml", b"")
    return path


def _peak() -> float:
    """Return the peak memory of this process in MB; Linux counts that of the parent into `getrusage`."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        return int(found[1]) / 1024 if found else 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _processor() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Make the files, then take each measure in its own process."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("published", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--only", default="csv,xlsx,bomb,publish")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        what, path = given.measure[0], Path(given.measure[1])
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
        if what == "publish":
            measure_publishing(path, path.parent)
        elif what == "bomb":
            measure_bombs(path)
        else:
            measure_reading(path)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, {CORES} used, Python {platform.python_version()}")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for what in given.only.split(","):
            path = folder / "人才.xlsx" if what == "xlsx" else folder / "人才.csv"
            if what == "xlsx":
                write_workbook(path, given.rows)
            elif what != "bomb":
                write_csv(path, given.published if what == "publish" else given.rows)
            command = [sys.executable, __file__, "--measure", what, str(folder if what == "bomb" else path)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
