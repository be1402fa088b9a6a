"""Opens a suspicious workbook in a child process first: a foreign reader that aborts takes only the child with it.

It is opened there exactly as it will be opened here. calamine asks for the whole used range at once, and a refused
allocation ends its process (`files.md` §4). What the scan of the sheet XML can vouch for is opened directly;
everything else has to survive this trial before.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from loaders.sources.raw import refuse

_MEMORY: Final = 2560 << 20
_SECONDS: Final = 120
_TRIAL: Final = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
import python_calamine as calamine
if sys.argv[1].lower().endswith("." + sys.argv[3]):
    workbook = calamine.CalamineWorkbook.from_path(sys.argv[1])
else:
    workbook = calamine.CalamineWorkbook.from_filelike(open(sys.argv[1], "rb"))
for sheet in workbook.sheets_metadata:
    if sheet.typ is calamine.SheetTypeEnum.WorkSheet and sheet.visible is calamine.SheetVisibleEnum.Visible:
        try:
            workbook.get_sheet_by_name(sheet.name)
        except MemoryError:
            raise
        except BaseException:
            pass
"""


def survive_trial(path: Path, file: str, kind: str) -> None:
    """Refuse `too-large` a workbook that a reader with bounded memory and time does not survive.

    What the reader merely refuses passes: the caller meets the same refusal and has the better words for it.
    """
    command = [sys.executable, "-I", "-c", _TRIAL, str(path), str(_MEMORY), kind]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=_SECONDS)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired as error:
        raise _too_large(file) from error
    if done.returncode < 0 or b"MemoryError" in done.stderr or b"memory allocation" in done.stderr:
        raise _too_large(file)


def _too_large(file: str) -> Exception:
    message = f"文件“{file}”打开后超过内存上限，请删去表格以外的内容、另存为普通工作簿后重新导入"
    return refuse("too-large", message, file)
