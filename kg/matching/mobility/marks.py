"""Marks: the value of a filter for many talents at once; and what else arrays of figures share."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.columns import Bools, Floats

Places = NDArray[np.int64]
"""Talents by their place in the arrays, ascending."""
Marks = NDArray[np.int8]

FAIL: Final = np.int8(0)
UNKNOWN: Final = np.int8(1)
PASS: Final = np.int8(2)
"""The three values of a filter; *one of* is the largest, *all of* the smallest."""


def held(values: Floats) -> Floats:
    """Return the values held within 0..1; nan stays nan."""
    return np.minimum(1.0, np.maximum(0.0, values))


def marks(status: Bools, unknown: Bools | None = None) -> Marks:
    """Return pass where true, fail elsewhere, unknown where told."""
    result: Marks = status * PASS
    if unknown is not None:
        result[unknown] = UNKNOWN
    return result
