"""Rows to score as arrays by column, whatever form they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rows:
    """Rows that obey the schema.

    Attributes:
        values: float64 or text by column, shape (rows,) each.
        ids: what the caller calls the rows, to be repeated in the answer; None where it does not.
    """

    values: dict[str, np.ndarray]
    ids: Sequence[str | int | None] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))


def texts(values: Sequence[object]) -> np.ndarray:
    """Return texts as an array of objects, shape (rows,), as the graph takes them."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
