"""The metrics on many reweightings of the same rows at once; every result has one per resample.

`churners` and `stayers` are counts cumulated by descending score, shape (resamples, distinct);
`weights` is how often each row counts, shape (resamples, n); results have shape (resamples,).
"""

from __future__ import annotations

import numpy as np


def mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean of values of shape (n,)."""
    return (weights @ values) / weights.sum(axis=1)


def roc_auc(churners: np.ndarray, stayers: np.ndarray) -> np.ndarray:
    """Return the Mann-Whitney share, a tie counting one half."""
    steps = np.diff(stayers, axis=1, prepend=0.0)
    heights = churners - np.diff(churners, axis=1, prepend=0.0) / 2
    return np.einsum("ij,ij->i", steps, heights) / (churners[:, -1] * stayers[:, -1])


def average_precision(churners: np.ndarray, stayers: np.ndarray) -> np.ndarray:
    """Return the precision averaged over the steps in recall."""
    # A resample may leave out the top rows altogether: nothing is recalled there either.
    precision = churners / np.maximum(churners + stayers, 1.0)
    steps = np.diff(churners, axis=1, prepend=0.0)
    return np.einsum("ij,ij->i", steps, precision) / churners[:, -1]


def ece(y: np.ndarray, p: np.ndarray, weights: np.ndarray, bins: int) -> np.ndarray:
    """Return the expected calibration error over `bins` bins of equal width."""
    upper_edges = np.arange(1, bins) / bins
    gaps = np.zeros((len(p), bins))
    gaps[np.arange(len(p)), np.searchsorted(upper_edges, p, side="left")] = y - p
    return np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1)


def top_lift(churners: np.ndarray, stayers: np.ndarray, share: float) -> np.ndarray:
    """Return the churn rate of the top `share` over that of all."""
    everyone = churners + stayers
    total = everyone[:, -1]
    size = np.maximum(1.0, np.round(total * share))
    border = (everyone < size[:, None]).sum(axis=1)
    rows = np.arange(len(total))
    inside = border > 0
    before = np.where(inside, everyone[rows, border - 1], 0.0)
    caught = np.where(inside, churners[rows, border - 1], 0.0)
    part = (size - before) / (everyone[rows, border] - before)
    caught = caught + part * (churners[rows, border] - caught)
    return (caught / size) / (churners[:, -1] / total)


def threshold_metrics(
    y: np.ndarray, decided: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """Return `f1, precision, recall, accuracy` of decisions; 0 where a share has no base."""
    right = _share(weights @ (y == decided), weights.sum(axis=1))
    caught = weights @ (y * decided)
    contacted, churned = weights @ decided, weights @ y
    return {
        "f1": _share(2 * caught, contacted + churned),
        "precision": _share(caught, contacted),
        "recall": _share(caught, churned),
        "accuracy": right,
    }


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
