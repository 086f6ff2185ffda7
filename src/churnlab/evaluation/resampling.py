"""Bootstrap resamples as row counts: drawn once, shared by all models, so comparisons pair."""

from __future__ import annotations

import numpy as np

from churnlab.evaluation.metrics import METRICS, weighted_metrics

# Resamples judged at once: enough to spread the overhead, few enough to stay in the cache.
BATCH = 64


def stratified_counts(y: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Return how often each row is drawn in each resample, shape (samples, n).

    Rows are drawn with replacement within each class, so that every resample keeps the base
    rate and no metric is undefined (Efron & Tibshirani, 1993, chapter 8).

    Args:
        y: 0/1, shape (n,).
        samples: number of resamples.
        seed: the only source of randomness.
    """
    labels = np.asarray(y)
    generator = np.random.default_rng(seed)
    counts = np.zeros((samples, len(labels)), dtype=np.uint16)
    for label in (0, 1):
        members = np.flatnonzero(labels == label)
        # In batches, which changes nothing of what is drawn and bounds the memory.
        for start in range(0, samples, BATCH):
            size = min(BATCH, samples - start)
            drawn = generator.integers(len(members), size=(size, len(members)), dtype=np.int64)
            drawn += np.arange(size)[:, None] * len(members)
            flat = np.bincount(drawn.ravel(), minlength=size * len(members))
            counts[start : start + size, members] = flat.reshape(size, len(members))
    return counts


def bootstrap_metrics(
    y: np.ndarray, p: np.ndarray, threshold: float, counts: np.ndarray
) -> dict[str, np.ndarray]:
    """Return every metric on every resample, as arrays of shape (samples,).

    Args:
        y: 0/1, shape (n,).
        p: churn probabilities, shape (n,).
        threshold: rows with p at or above it are treated as churners.
        counts: from `stratified_counts`, shape (samples, n).
    """
    batches = [
        weighted_metrics(y, p, threshold, counts[start : start + BATCH])
        for start in range(0, len(counts), BATCH)
    ]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in METRICS}
