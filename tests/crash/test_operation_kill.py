"""Kill -9 in the middle of migration, backup, restore and building the index: whole or absent, nothing lost.

`benchmarks/crash.py` kills as often as wanted.
"""

import random
from pathlib import Path

import pytest

from tests.crash.operation_kills import kill_backups, kill_indexing, kill_migrations, kill_restores

pytestmark = pytest.mark.slow


def test_a_killed_migration_leaves_one_format_or_the_next(tmp_path: Path) -> None:
    assert kill_migrations(tmp_path, 6, random.Random(41))["cut off"], "some kill came in the middle"


def test_a_killed_backup_is_whole_or_absent(tmp_path: Path) -> None:
    seen = kill_backups(tmp_path, 4, random.Random(42))
    assert seen["whole"]
    assert seen["cut off"], "some kill came in the middle"


def test_a_killed_restore_leaves_the_old_store_or_the_backup(tmp_path: Path) -> None:
    assert kill_restores(tmp_path, 6, random.Random(43))["cut off"], "some kill came in the middle"


def test_a_service_killed_while_it_builds_its_index_loses_nothing(tmp_path: Path) -> None:
    assert kill_indexing(tmp_path, 3, random.Random(44))["generations"]
