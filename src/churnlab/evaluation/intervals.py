"""Intervals of a metric on one part, and of the difference of two models on the same rows."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from churnlab.evaluation.clusters import cluster_counts
from churnlab.evaluation.metrics import METRICS, all_metrics, decisions
from churnlab.evaluation.resampling import bootstrap_metrics, stratified_counts

# A sum of absolute gaps, and a maximum over thresholds: noise can only add to either.
BIASED_UPWARDS = ("ece", "empc")

Interval = dict[str, float]
"""Keys `estimate`, `low`, `high`."""


def wilson_interval(
    successes: np.ndarray | float, trials: np.ndarray | float, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the score interval of a share (Wilson, 1927), NaN where there are no trials.

    Args:
        successes, trials: counts, of any one shape.
        confidence: coverage, such as 0.95.
    """
    trials = np.asarray(trials, dtype=np.float64)
    base = np.where(trials > 0, trials, np.nan)
    share = np.asarray(successes, dtype=np.float64) / base
    z = float(ndtri((1 + confidence) / 2))
    centre = share + z**2 / (2 * base)
    spread = z * np.sqrt(share * (1 - share) / base + z**2 / (4 * base**2))
    scale = 1 + z**2 / base
    # Rounding may leave the bounds a hair inside or outside the share they hold.
    low = np.minimum(np.maximum((centre - spread) / scale, 0.0), share)
    high = np.maximum(np.minimum((centre + spread) / scale, 1.0), share)
    return low, high


def bootstrap_intervals(
    y: np.ndarray,
    p: np.ndarray,
    threshold: float,
    *,
    samples: int,
    confidence: float,
    seed: int,
    entity: np.ndarray | None = None,
) -> dict[str, Interval]:
    """Return `{metric: {estimate, low, high}}` for every metric.

    Percentile intervals of the stratified bootstrap, with two exceptions. Precision, recall and
    accuracy are shares of counted rows and take Wilson's interval, which stays honest at 1.0
    where every resample agrees. `ece` and `empc` are biased upwards in a finite part, and once
    more in each resample of it; theirs are reflected (basic) intervals, which undo that bias
    (Davison & Hinkley, 1997, section 5.2.1).

    Args:
        y: 0/1, shape (n,).
        p: churn probabilities, shape (n,).
        threshold: rows with p at or above it are treated as churners.
        samples: number of resamples.
        confidence: coverage, such as 0.95.
        seed: the same seed and labels give the same resamples for every model.
        entity: number of each row's customer, shape (n,), where customers are there several times:
            then these are drawn instead of rows, and shares are percentiles like the rest.
    """
    estimates = all_metrics(y, p, threshold)
    drawn = _drawn(y, entity, samples, seed)
    resampled = bootstrap_metrics(y, p, threshold, drawn)
    for name in BIASED_UPWARDS:
        resampled[name] = 2 * estimates[name] - resampled[name]
    found = {
        name: _percentile(estimates[name], resampled[name], confidence, floor=0.0)
        for name in METRICS
    }
    return {**found, **_counted_shares(y, p, threshold, confidence)} if entity is None else found


def _drawn(y: np.ndarray, entity: np.ndarray | None, samples: int, seed: int) -> np.ndarray:
    if entity is None:
        return stratified_counts(y, samples, seed)
    return cluster_counts(entity, samples, seed)


def paired_bootstrap_difference(
    y: np.ndarray,
    p: tuple[np.ndarray, np.ndarray],
    threshold: tuple[float, float],
    *,
    samples: int,
    confidence: float,
    seed: int,
    entity: np.ndarray | None = None,
) -> dict[str, Interval]:
    """Return `{metric: {estimate, low, high}}` of the first model's metric minus the second's.

    Both models are judged on the same resamples of the same rows.

    Args:
        y: 0/1, shape (n,).
        p: churn probabilities of the two models, each of shape (n,).
        threshold: the two decision thresholds.
        samples: number of resamples.
        confidence: coverage, such as 0.95.
        seed: the only source of randomness.
        entity: as for `bootstrap_intervals`.
    """
    counts = _drawn(y, entity, samples, seed)
    first, second = (bootstrap_metrics(y, *one, counts) for one in zip(p, threshold, strict=True))
    one, other = (all_metrics(y, *model) for model in zip(p, threshold, strict=True))
    return {
        name: _percentile(one[name] - other[name], first[name] - second[name], confidence)
        for name in METRICS
    }


def _percentile(
    estimate: float, resampled: np.ndarray, confidence: float, floor: float = -np.inf
) -> Interval:
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    # Skewed resamples may exclude the estimate itself; widening is the cautious repair.
    return {
        "estimate": estimate,
        "low": max(min(float(low), estimate), floor),
        "high": max(float(high), estimate),
    }


def _counted_shares(
    y: np.ndarray, p: np.ndarray, threshold: float, confidence: float
) -> dict[str, Interval]:
    y = np.asarray(y)
    chosen, half = decisions(p, threshold), decisions(p, 0.5)
    caught = np.sum(chosen & (y == 1))
    counted = {
        "precision": (caught, chosen.sum()),
        "recall": (caught, y.sum()),
        "accuracy": (np.sum(chosen == (y == 1)), len(y)),
        "accuracy_at_half": (np.sum(half == (y == 1)), len(y)),
    }
    return {
        name: _wilson(float(part), float(whole), confidence)
        for name, (part, whole) in counted.items()
    }


def _wilson(part: float, whole: float, confidence: float) -> Interval:
    if not whole:
        # Nobody was contacted: the share is unknown, and reported as 0 like the metric.
        return {"estimate": 0.0, "low": 0.0, "high": 1.0}
    low, high = wilson_interval(part, whole, confidence)
    return {"estimate": part / whole, "low": float(low), "high": float(high)}
