"""How many of the customers who are scored alike leave: the interval beside a probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

GRID = np.linspace(0.0, 1.0, 51)


@dataclass(frozen=True)
class LocalRates:
    """Bounds of the churn rate of customers by their score, arrays of shape (points,).

    Attributes:
        p: scores, rising.
        low, high: bounds of the churn rate among the customers scored nearest to each.
    """

    p: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def around(self, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds for scores `p`, shape (n,) each; where they miss `p`, up to `p`.

        A probability outside of the rate of its likes is one that the model gets wrong; the wider
        interval says so, and holds what either of the two holds.
        """
        low, high = (np.interp(p, self.p, bound) for bound in (self.low, self.high))
        return np.minimum(low, p), np.maximum(high, p)


def local_rates(
    y: np.ndarray, p: np.ndarray, entity: np.ndarray, alike: int, confidence: float
) -> LocalRates:
    """Return Wilson intervals of the churn rate among the `alike` customers scored nearest.

    Rows of one entity are not independent: the sample size is divided by the design effect of the
    rate (Kish 1965, section 5.4), and put into the interval of Wilson (1927).

    Args:
        y: 0/1, shape (n,).
        p: probabilities by models that did not see the rows, shape (n,).
        entity: number of each row's customer, shape (n,).
        alike: customers that are looked at together; all where there are fewer.
        confidence: of the intervals.
    """
    order = np.argsort(p, kind="stable")
    y, p, entity = y[order].astype(np.float64), p[order], entity[order]
    width = min(alike, len(p))
    found = np.array(
        [_wilson(y[near], entity[near], confidence) for near in _nearest(p, GRID, width)]
    )
    return LocalRates(GRID, found[:, 0], found[:, 1])


def _nearest(p: np.ndarray, points: np.ndarray, width: int) -> list[slice]:
    """Return where the `width` of the rising scores lie that are nearest to each point."""
    found = []
    for point in points:
        first = max(0, int(np.searchsorted(p, point)) - width)
        last = min(len(p) - width, first + width)
        starts = np.arange(first, max(first, last) + 1)
        reach = np.maximum(np.abs(p[starts] - point), np.abs(p[starts + width - 1] - point))
        start = int(starts[np.argmin(reach)])
        found.append(slice(start, start + width))
    return found


def _wilson(y: np.ndarray, entity: np.ndarray, confidence: float) -> tuple[float, float]:
    rate = y.mean()
    size = len(y) / _design_effect(y - rate, entity)
    z2 = float(norm.ppf(0.5 + confidence / 2)) ** 2
    centre = (rate + z2 / (2 * size)) / (1 + z2 / size)
    reach = np.sqrt(z2 * (rate * (1 - rate) / size + z2 / (4 * size**2))) / (1 + z2 / size)
    return float(max(0.0, centre - reach)), float(min(1.0, centre + reach))


def _design_effect(residual: np.ndarray, entity: np.ndarray) -> float:
    """Return how many times the variance of the mean is that of as many independent rows."""
    alone = float((residual**2).sum())
    if alone == 0.0:
        return 1.0
    _, number = np.unique(entity, return_inverse=True)
    together = float((np.bincount(number, weights=residual) ** 2).sum())
    return max(1.0, together / alone)
