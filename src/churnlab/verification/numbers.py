"""Numbers that agree within a tolerance, and where they are furthest apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# A difference of two decimals that is exactly the tolerance must not fail by its last bit.
SLACK = 1e-9


@dataclass(frozen=True)
class Allowance:
    """`a` and `b` agree when |a - b| <= absolute + relative * |a|.

    Columns of tables in `ignored` are not compared.
    """

    absolute: float = 0.0
    relative: float = 0.0
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """How two contents compare.

    `largest` is the largest absolute difference of two numbers; None where they differ in something
    else than finite numbers. `place` says where, with both values.
    """

    agrees: bool
    largest: float | None = 0.0
    place: str = ""


SAME = Comparison(True)


def other(place: str) -> Comparison:
    """Return the comparison of contents that differ in more than numbers."""
    return Comparison(False, None, place)


def worst(comparisons: Iterable[Comparison]) -> Comparison:
    """Return the comparison that says most: a disagreement before the largest difference."""

    def rank(one: Comparison) -> tuple[bool, float]:
        return not one.agrees, math.inf if one.largest is None else one.largest

    return max(comparisons, key=rank, default=SAME)


def compare_numbers(
    first: np.ndarray, second: np.ndarray, allowance: Allowance, place: Callable[[int], str]
) -> Comparison:
    """Compare two arrays of shape (n,); NaN agrees with NaN, infinity with the same infinity.

    Args:
        first: the committed numbers.
        second: those of the re-run.
        allowance: how far they may be apart.
        place: the words for an index, "column p, row 12".
    """
    import numpy as np

    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if not a.size:
        return SAME
    with np.errstate(invalid="ignore"):
        gaps = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
        gaps = np.where(np.isnan(gaps), np.inf, gaps)
        limits = (allowance.absolute + allowance.relative * np.abs(a)) * (1 + SLACK)
        over = np.where(gaps > 0, gaps - np.nan_to_num(limits), -np.inf)
    agrees = not bool((over > 0).any())
    index = int(np.argmax(gaps if agrees else over))
    gap = float(gaps[index])
    if gap == 0:
        return SAME
    words = f"{place(index)}: {a[index]:.6g} -> {b[index]:.6g}"
    return Comparison(agrees, gap if math.isfinite(gap) else None, words)
