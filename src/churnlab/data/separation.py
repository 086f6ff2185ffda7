"""How well one column alone tells who left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# Enough bands to see a value in the middle that decides, too few to learn rows by heart.
BANDS = 20


@dataclass(frozen=True)
class Separation:
    """The AUC of a column by itself, and the share of rows that its best rule gets right."""

    auc: float
    agreement: float


def separation(values: pd.Series, y: np.ndarray) -> Separation:
    """Return how well `values` separates the two classes of `y`, in the rows at hand.

    Numbers are judged by their order and, when they have many values, in 20 bands of equal size;
    missing ones are a band of their own, below the others. Texts are judged by the churn rate of
    each value. Agreement is that of the majority class per value.
    """
    codes = _codes(values)
    rows = np.bincount(codes)
    churners = np.bincount(codes, weights=y)
    by_rate = _auc(churners[codes] / rows[codes], y)
    agreement = float(np.maximum(churners, rows - churners).sum() / len(y))
    if not pd.api.types.is_numeric_dtype(values):
        return Separation(by_rate, agreement)
    by_order = _auc(values.fillna(-np.inf).to_numpy(dtype=float), y)
    return Separation(max(by_rate, by_order, 1.0 - by_order), agreement)


def held_out_separation(values: pd.Series, y: np.ndarray) -> Separation:
    """Return the same for texts of many values, each half of the rows judged by the other's rates.

    Where a value has few rows, its churn rate in the rows at hand tells their outcome by heart.
    """
    codes = _codes(values)
    rates = np.empty(len(y))
    for half in (0, 1):
        own = np.arange(len(y)) % 2 == half
        rows = np.bincount(codes[~own], minlength=codes.max() + 1)
        churners = np.bincount(codes[~own], weights=y[~own], minlength=codes.max() + 1)
        known = np.divide(churners, rows, out=np.full(len(rows), y[~own].mean()), where=rows > 0)
        rates[own] = known[codes[own]]
    return Separation(_auc(rates, y), float(np.mean((rates >= 0.5) == (y == 1))))


def _codes(values: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > BANDS:
        missing = values.isna().to_numpy()
        edges = np.unique(np.quantile(values[~missing], np.linspace(0, 1, BANDS + 1)[1:-1]))
        bands = np.where(missing, -1, np.searchsorted(edges, values.to_numpy()))
        return np.unique(bands, return_inverse=True)[1]
    return pd.factorize(values, use_na_sentinel=False)[0]


def _auc(scores: np.ndarray, y: np.ndarray) -> float:
    """Return the area under the ROC curve from mid-ranks (Mann and Whitney 1947)."""
    ranks = pd.Series(scores).rank(method="average").to_numpy()
    positives = int(y.sum())
    negatives = len(y) - positives
    above = ranks[y == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))
