"""What a killed process leaves in its working folder goes with the next one; what a living one has stays."""

import io
import os
import tempfile
import zipfile
from pathlib import Path

from openpyxl import Workbook

from api.temporary import private_temporary_files
from kg.config import Settings
from kg.operations.working import sweep, working_folder
from loaders.sources.limits import Limits
from loaders.sources.packed import unpacked
from tests.crash.killing import NEVER, Brood

IMPORTS = "from pathlib import Path\nfrom kg.operations.working import working_folder\n"
CHILD = """
with working_folder(Path(words[0])) as folder:
    (folder / "人才.csv").write_text("张三", encoding="utf-8")
    child.tell(folder)
    child.end()
"""


def test_a_killed_process_leaves_a_folder_that_the_next_one_removes(tmp_path: Path) -> None:
    with Brood(IMPORTS, CHILD) as brood:
        (told,) = brood.kill(tmp_path, after=0, seconds=NEVER)
    left = Path(told)
    assert (left / "人才.csv").is_file()
    with working_folder(tmp_path) as folder:
        assert not left.exists()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.iterdir())


def test_a_folder_in_use_stays(tmp_path: Path) -> None:
    with working_folder(tmp_path) as first, working_folder(tmp_path) as second:
        sweep(tmp_path)
        assert first.is_dir()
        assert second.is_dir()


def test_a_folder_that_was_swept_before_it_was_held_is_made_again(tmp_path: Path, monkeypatch) -> None:
    made, real = [], os.open

    def swept_once(path: Path, flags: int) -> int:
        made.append(path)
        if len(made) == 1:
            path.rmdir()
        return real(path, flags)

    monkeypatch.setattr(os, "open", swept_once)
    with working_folder(tmp_path) as folder:
        assert folder == made[1]
        assert folder.is_dir()


def test_temporary_files_of_a_command_and_of_its_libraries_lie_in_the_data_folder(tmp_path: Path) -> None:
    before, archive = tempfile.gettempdir(), tmp_path / "登记.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("企业.csv", "企业名称\n甲厂\n")
    data = tmp_path / "data"
    data.mkdir()
    with private_temporary_files(Settings(data=data)):
        book = Workbook(write_only=True)
        book.create_sheet("人才").append(["张三"])
        with unpacked([archive], Limits()) as (folder,):
            files = [path for path in data.rglob("*") if path.is_file()]
            assert folder / "企业.csv" in files
            assert len(files) == 2  # what is unpacked, and the sheet that the library has half written
        book.save(io.BytesIO())
    assert tempfile.gettempdir() == before
    assert not list(data.iterdir())


def test_nothing_is_made_where_nothing_is_packed(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "企业.csv"
    path.write_text("企业名称\n甲厂\n", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with unpacked([path], Limits()) as files:
        assert files == [path]
