"""Where a command or a service writes down what it needs for a while: in a folder that does not outlive it for long."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.config import Settings
from kg.operations.working import working_folder


@contextmanager
def private_temporary_files(settings: Settings) -> Iterator[None]:
    """Let all temporary files of this process, also those of libraries, lie in a working folder of the data folder.

    Unpacked archives and half-written workbooks hold personal data in plain. What a killed process leaves of them goes
    when the next one begins. A trial store in memory has no data folder: there it is one of the system's folder.
    """
    parent = Path(tempfile.gettempdir()) if settings.store == "memory:" else settings.data
    with working_folder(parent) as folder:
        before, tempfile.tempdir = tempfile.tempdir, str(folder.absolute())
        try:
            yield
        finally:
            tempfile.tempdir = before
