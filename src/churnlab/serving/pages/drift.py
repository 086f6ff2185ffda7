"""How far the rows of a list are from those that a version was trained on.

The population stability index (Siddiqi 2006, Credit Risk Scorecards, ch. 9) of shares e expected
and a found is the sum of (a - e) ln(a / e).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# A share of 0 would make the index infinite.
FLOOR = 1e-4
MOVED, SHIFTED = 0.1, 0.25
# Categories beyond these, the rarest in training, count as one: few rows of each would be noise.
MOST_CATEGORIES = 10
NORMAL_95 = 1.6448536269514722


@dataclass(frozen=True)
class Bin:
    """A part of a column's values.

    Attributes:
        kind: `range` above `low` up to `high` (None where there is no end), `category`, `rest` of
            the categories, or `missing`.
        expected, found: its shares in training and in the list.
    """

    kind: str
    expected: float
    found: float
    low: float | None = None
    high: float | None = None
    category: str = ""


@dataclass(frozen=True)
class Drift:
    """One column in training and in the list.

    Attributes:
        column: its name.
        bins: its parts.
        index: the population stability index.
        chance: which the index of rows drawn from training would exceed one time in twenty.
    """

    column: str
    bins: list[Bin]
    index: float
    chance: float

    @property
    def level(self) -> str:
        """`stable` below 0.1, `moved` up to 0.25, `shifted` above."""
        if self.index < MOVED:
            return "stable"
        return "moved" if self.index <= SHIFTED else "shifted"

    @property
    def within_chance(self) -> bool:
        """Whether so few rows may differ as much without any reason."""
        return self.index <= self.chance


def stability_index(expected: Sequence[float], found: Sequence[float]) -> float:
    """Return the population stability index of two lists of shares in the same order."""
    e, a = (np.maximum(np.asarray(shares, dtype=np.float64), FLOOR) for shares in (expected, found))
    return float(np.sum((a - e) * np.log(a / e)))


def by_chance(bins: int, trained: int, listed: int) -> float:
    """Return the 95 % quantile of the index of equal distributions (Yurdakul 2018).

    It is that of chi-square with `bins` - 1 degrees of freedom (Wilson & Hilferty 1931) times
    1 / `trained` + 1 / `listed`, the numbers of rows.
    """
    if bins < 2 or not trained or not listed:
        return 0.0
    freedom = bins - 1
    ninth = 2.0 / (9.0 * freedom)
    quantile = freedom * (1.0 - ninth + NORMAL_95 * math.sqrt(ninth)) ** 3
    return quantile * (1.0 / trained + 1.0 / listed)


def number_bins(
    deciles: Sequence[float], values: np.ndarray, missing: float = 0.0, whole: bool = False
) -> list[Bin]:
    """Return parts between the distinct deciles of training, and one of missing values.

    Of a value that many rows share, deciles tell training's share within bounds only; within them
    it is taken to be the list's, so that ties alone are no drift.

    Args:
        deciles: eleven, from the least to the largest value in training.
        values: of the list, NaN where missing.
        missing: share of missing values in training.
        whole: whether values are whole numbers.
    """
    known = values[~np.isnan(values)]
    ends_of_tenths = np.asarray(deciles, dtype=np.float64)
    # A decile between two whole numbers has as many rows up to it as the lower one.
    between = np.floor(ends_of_tenths) if whole else ends_of_tenths
    edges, expected = _expected(between, known, whole)
    places = np.searchsorted(edges, known, side="left")
    counts = np.bincount(places, minlength=len(edges) + 1)
    found = counts / max(len(known), 1)
    absent = 1.0 - len(known) / max(len(values), 1)
    ends = [None, *edges.tolist(), None]
    bins = [
        Bin("range", float(e) * (1.0 - missing), float(a) * (1.0 - absent), ends[i], ends[i + 1])
        for i, (e, a) in enumerate(zip(expected, found, strict=True))
    ]
    if missing or absent:
        bins.append(Bin("missing", missing, absent))
    return bins


def category_bins(shares: Mapping[str, float], values: Sequence[str]) -> list[Bin]:
    """Return a part per category, the most frequent in training first, and one of all others."""
    ordered = sorted(shares, key=lambda name: (-shares[name], name))
    kept = ordered if len(ordered) <= MOST_CATEGORIES else ordered[: MOST_CATEGORIES - 1]
    rows = max(len(values), 1)
    found = {name: values.count(name) / rows for name in kept}
    bins = [Bin("category", shares[name], found[name], category=name) for name in kept]
    rest = max(0.0, 1.0 - sum(found.values())) if len(values) else 0.0
    unseen = sum(shares[name] for name in ordered if name not in found)
    if unseen or rest > 1e-12:
        bins.append(Bin("rest", unseen, rest))
    return bins


def drifts(
    reference: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    p: np.ndarray,
    whole: Collection[str] = (),
) -> tuple[Drift, list[Drift]]:
    """Return the drift of the scores, and those of the columns, the largest index first.

    Args:
        reference: a bundle's `reference.json`.
        inputs: of the rows of a list, by column.
        p: their scores.
        whole: columns of whole numbers.
    """
    rows = int(reference["rows"])
    found = []
    for name, deciles in reference["numeric"].items():
        values = np.array([_number(row.get(name)) for row in inputs], dtype=np.float64)
        missing = float(reference.get("missing", {}).get(name, 0.0))
        bins = number_bins(deciles, values, missing, name in whole)
        found.append(_drift(name, bins, rows, len(inputs)))
    for name, shares in {**reference["categorical"], **reference.get("codes", {})}.items():
        said = ["" if row.get(name) is None else str(row[name]) for row in inputs]
        found.append(_drift(name, category_bins(shares, said), rows, len(inputs)))
    scores = _drift("p", number_bins(reference["score"], p), rows, len(inputs))
    return scores, sorted(found, key=lambda one: (-one.index, one.column))


def _drift(name: str, bins: list[Bin], trained: int, listed: int) -> Drift:
    index = stability_index([one.expected for one in bins], [one.found for one in bins])
    return Drift(name, bins, index, by_chance(len(bins), trained, listed))


def _expected(deciles: np.ndarray, known: np.ndarray, whole: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges between parts, and training's share of each part."""
    tenths = len(deciles) - 1
    edges, first, counts = np.unique(deciles, return_index=True, return_counts=True)
    last = first + counts - 1
    inner = (last < tenths) & (last > 0)
    if not inner.any():
        # One value in nearly all rows: up to it, and above.
        inner = np.arange(len(edges)) == 0
    least = last[inner] / tenths
    slack = _slack(edges, counts, whole)[inner] / tenths
    edges = edges[inner]
    reached = np.searchsorted(np.sort(known), edges, side="right") / max(len(known), 1)
    cumulative = np.clip(reached, least, np.minimum(least + slack, 1.0))
    return edges, np.diff(cumulative, prepend=0.0, append=1.0)


def _slack(edges: np.ndarray, counts: np.ndarray, whole: bool) -> np.ndarray:
    """Return by how many tenths more of training than its decile says may be up to an edge."""
    shared = counts > 1
    slack = (shared | np.append(shared[1:], False)).astype(np.float64)
    if whole and len(edges) > 2:
        # The edge itself is one of so many whole numbers that share two tenths.
        around = np.full(len(edges), np.inf)
        around[1:-1] = edges[2:] - edges[:-2]
        slack = np.maximum(slack, np.minimum(2.0 / around, 1.0))
    return slack


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
