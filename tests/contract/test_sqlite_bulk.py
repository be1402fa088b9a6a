"""Very many rows in one go: each transaction is committed behind the making of the next, and none is lost unseen."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kg.errors import StoreError
from kg.store.sqlite.connections import Connections


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "numbers.db"


@pytest.fixture
def connections(path: Path) -> Iterator[Connections]:
    found = Connections(path, busy_seconds=5)
    with found.writing() as connection:
        connection.execute("CREATE TABLE number (n INTEGER)")
    yield found
    found.close()


def write(connections: Connections, number: int) -> None:
    with connections.writing() as connection:
        connection.execute("INSERT INTO number VALUES (?)", (number,))


def others_see(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [n for (n,) in connection.execute("SELECT n FROM number ORDER BY n")]


def no_commit(action: int, statement: str | None, *_: str | None) -> int:
    forbidden = action == sqlite3.SQLITE_TRANSACTION and statement == "COMMIT"
    return sqlite3.SQLITE_DENY if forbidden else sqlite3.SQLITE_OK


def test_every_transaction_stands_when_the_block_ends(connections: Connections, path: Path) -> None:
    with connections.bulk():
        for number in range(4):
            write(connections, number)
            assert others_see(path)[:number] == list(range(number))
    assert others_see(path) == [0, 1, 2, 3]


def write_all(connections: Connections, numbers: Iterable[int]) -> None:
    with connections.bulk():
        for number in numbers:
            write(connections, number)


def failing_numbers() -> Iterator[int]:
    yield from (1, 2)
    raise ValueError("third")


def test_what_was_written_before_an_error_stands(connections: Connections, path: Path) -> None:
    with pytest.raises(ValueError, match="third"):
        write_all(connections, failing_numbers())
    assert others_see(path) == [1, 2]


@pytest.mark.parametrize("numbers", [[2], [2, 3]])
def test_a_commit_that_fails_is_told_and_undone(
    connections: Connections, path: Path, numbers: list[int]
) -> None:
    write(connections, 1)
    connections.mine().set_authorizer(no_commit)
    with pytest.raises(StoreError):
        write_all(connections, numbers)
    connections.mine().set_authorizer(None)
    assert others_see(path) == [1]
    write(connections, 9)
    assert others_see(path) == [1, 9]


def test_a_bulk_checks_no_foreign_keys_and_who_comes_after_does(connections: Connections) -> None:
    connection = connections.mine()

    def checked() -> tuple[int, int]:
        settings = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("foreign_keys", "cache_size")
        )
        return next(settings), next(settings)

    before = checked()
    with connections.bulk():
        assert checked()[0] == 0
    assert checked() == before == (1, -8000)
