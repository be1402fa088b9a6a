"""`check answer`: exit 0 while everything holds, 1 with what does not, 2 for a file that is no answer."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def kept(run: Run, tmp_path: Path) -> Path:
    """An answer as the command writes it."""
    path = tmp_path / "answer.json"
    assert run("recommend", "talents", "N1", "--as-of", "2026-11-23", "--json", "-o", path).code == 0
    return path


def test_a_kept_answer_is_replayed(run: Run, kept: Path) -> None:
    done = run("check", "answer", kept)
    assert done.code == 0, done.out
    assert done.out.strip().endswith("全部成立")
    told = run("check", "answer", kept, "--json", "--now").json
    assert told["holds"] is True
    assert (told["items"], told["findings"]) == (3, [])


def test_an_altered_answer_is_told_and_exits_1(run: Run, kept: Path) -> None:
    answer = json.loads(kept.read_text(encoding="utf-8"))
    answer["items"][0]["score"] += 0.01
    kept.write_text(json.dumps(answer), encoding="utf-8")
    done = run("check", "answer", kept)
    assert done.code == 1
    assert "score" in done.out
    assert "不成立" in done.out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"items": []}', "\x00\x01"])
def test_what_is_no_answer_exits_2(run: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    done = run("check", "answer", path)
    assert done.code == 2
    assert "推荐结果" in done.err or "JSON" in done.err


def test_a_missing_file_exits_1(run: Run, tmp_path: Path) -> None:
    assert run("check", "answer", tmp_path / "none.json").code == 1
