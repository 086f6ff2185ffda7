"""The metrics of every table, each defined once for any reweighting of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from churnlab.evaluation import reweighted
from churnlab.evaluation.profit import empc, expected_maximum_profit
from churnlab.evaluation.ranking import Ranking, both_classes, checked

__all__ = [
    "HIGHER_IS_BETTER",
    "METRICS",
    "THRESHOLD_METRICS",
    "all_metrics",
    "average_precision",
    "best_f1_threshold",
    "brier",
    "decisions",
    "ece",
    "empc",
    "log_loss",
    "roc_auc",
    "row_log_loss",
    "threshold_metrics",
    "top_decile_lift",
    "weighted_metrics",
]

METRICS = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "ece",
    "f1",
    "precision",
    "recall",
    "accuracy",
    "f1_at_half",
    "accuracy_at_half",
    "top_decile_lift",
    "empc",
)
THRESHOLD_METRICS = ("f1", "precision", "recall", "accuracy")
HIGHER_IS_BETTER: Mapping[str, bool] = MappingProxyType(
    {name: name not in ("log_loss", "brier", "ece") for name in METRICS}
)
ECE_BINS = 10
SMALLEST_PROBABILITY = 1e-15

# The grid of thresholds is even in log-odds, as fine for rare churners as for common ones.
LOG_ODDS_SPAN = 7.0
LOG_ODDS_STEP = 0.02
SMOOTHING_STEPS = 5


def decisions(p: np.ndarray, threshold: float) -> np.ndarray:
    """Return True where a customer is treated as a churner: probability at or above threshold."""
    return np.asarray(p) >= threshold


def row_log_loss(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the negative log likelihood of each row, shape (n,); p is clipped at 1e-15."""
    likelihood = np.where(np.asarray(y) == 1, p, 1 - np.asarray(p))
    return -np.log(np.maximum(likelihood, SMALLEST_PROBABILITY))


def all_metrics(y: np.ndarray, p: np.ndarray, threshold: float) -> dict[str, float]:
    """Return every metric of `METRICS`, in that order.

    Args:
        y: 0/1, shape (n,), both classes present.
        p: churn probabilities, shape (n,).
        threshold: rows with p at or above it are treated as churners.

    Raises:
        ChurnlabError: on labels or probabilities that cannot be judged.
    """
    found = weighted_metrics(y, p, threshold, np.ones((1, len(y))))
    return {name: float(values[0]) for name, values in found.items()}


def weighted_metrics(
    y: np.ndarray, p: np.ndarray, threshold: float, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """Return every metric of `METRICS` for each reweighting, as arrays of shape (resamples,).

    Args:
        y: 0/1, shape (n,), both classes present.
        p: churn probabilities, shape (n,).
        threshold: rows with p at or above it are treated as churners.
        weights: how often each row counts, shape (resamples, n), in the order of y; each
            resample must count both classes.
    """
    y, p = checked(y, p)
    both_classes(y)
    weights = weights.astype(np.float64, copy=False)
    churners, stayers = Ranking.of(y, p).cumulated(weights)
    chosen = reweighted.threshold_metrics(y, decisions(p, threshold), weights)
    half = reweighted.threshold_metrics(y, decisions(p, 0.5), weights)
    found = {
        **chosen,
        "roc_auc": reweighted.roc_auc(churners, stayers),
        "average_precision": reweighted.average_precision(churners, stayers),
        "log_loss": reweighted.mean(row_log_loss(y, p), weights),
        "brier": reweighted.mean((y - p) ** 2, weights),
        "ece": reweighted.ece(y, p, weights, ECE_BINS),
        "f1_at_half": half["f1"],
        "accuracy_at_half": half["accuracy"],
        "top_decile_lift": reweighted.top_lift(churners, stayers, 0.1),
        "empc": expected_maximum_profit(churners, stayers),
    }
    return {name: found[name] for name in METRICS}


def roc_auc(y: np.ndarray, p: np.ndarray) -> float:
    """Return the area under the ROC curve: the Mann-Whitney share, a tie counting one half."""
    return float(reweighted.roc_auc(*_curve(y, p))[0])


def average_precision(y: np.ndarray, p: np.ndarray) -> float:
    """Return the precision averaged over the steps in recall, without interpolation."""
    return float(reweighted.average_precision(*_curve(y, p))[0])


def log_loss(y: np.ndarray, p: np.ndarray) -> float:
    """Return the mean negative log likelihood; probabilities are clipped at 1e-15."""
    return float(row_log_loss(*checked(y, p)).mean())


def brier(y: np.ndarray, p: np.ndarray) -> float:
    """Return the mean squared error of the probabilities (Brier, 1950)."""
    y, p = checked(y, p)
    return float(np.mean((y - p) ** 2))


def ece(y: np.ndarray, p: np.ndarray, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error over bins of equal width (Guo et al., 2017, eq. 3)."""
    y, p = checked(y, p)
    return float(reweighted.ece(y, p, np.ones((1, len(y))), bins)[0])


def top_decile_lift(y: np.ndarray, p: np.ndarray, share: float = 0.1) -> float:
    """Return the churn rate of the top tenth by score over that of all.

    Rows that tie at the border of the tenth count in proportion, so that the value does not
    depend on the order of the rows.
    """
    return float(reweighted.top_lift(*_curve(y, p), share)[0])


def threshold_metrics(y: np.ndarray, decided: np.ndarray) -> dict[str, float]:
    """Return `f1, precision, recall, accuracy` of decisions; 0 where a share has no base.

    Args:
        y: 0/1, shape (n,).
        decided: True where a row is treated as a churner, shape (n,).
    """
    y, decided = checked(y, decided)
    found = reweighted.threshold_metrics(y, decided, np.ones((1, len(y))))
    return {name: float(values[0]) for name, values in found.items()}


def best_f1_threshold(y: np.ndarray, p: np.ndarray) -> float:
    """Return the threshold that maximises F1 on these rows.

    Candidates lie midway between adjacent distinct scores (and midway between 0 and the lowest
    one), so that a score a little beside those seen here falls on the nearer side. Of equally
    good candidates the lowest wins: it catches more churners.
    """
    y, p = checked(y, p)
    both_classes(y)
    ranking = Ranking.of(y, p)
    churners, stayers = (counts[0] for counts in ranking.cumulated(np.ones((1, len(y)))))
    f1 = 2 * churners / (churners + stayers + y.sum())
    best = len(f1) - 1 - int(np.argmax(f1[::-1]))
    score = float(ranking.scores[best])
    below = float(ranking.scores[best + 1]) if best + 1 < len(f1) else 0.0
    midway = (score + below) / 2
    # Between neighbouring floats the midpoint rounds onto one of them.
    return midway if midway > below else score


def stable_f1_threshold(y: np.ndarray, p: np.ndarray) -> float:
    """Return the threshold in the middle of where F1 is high, for decisions about other rows.

    The exact maximum on one sample is mostly a peak of noise. Here F1 is computed on a grid of
    log-odds and averaged over a tenth of a unit to both sides (at 0.5: thresholds 0.475 to 0.525);
    of equally good grid points the middle one wins.
    """
    y, p = checked(y, p)
    both_classes(y)
    return _middle_of_high_f1(y, p)


def expected_f1_threshold(p: np.ndarray) -> float:
    """Return the stable threshold that F1 asks for if the probabilities are right.

    Each row counts as churned by its own probability, so no outcome is needed (the choice by
    decision theory of Ye et al. 2012, Optimizing F-measures, ICML).
    """
    # Of nobody who can churn every threshold is as good; 0 over 0 is not.
    return _middle_of_high_f1(np.maximum(p, np.finfo(float).tiny), p)


def _middle_of_high_f1(y: np.ndarray, p: np.ndarray) -> float:
    grid = np.arange(-LOG_ODDS_SPAN, LOG_ODDS_SPAN + LOG_ODDS_STEP / 2, LOG_ODDS_STEP)
    candidates = 1.0 / (1.0 + np.exp(-grid))
    order = np.argsort(p, kind="stable")
    below = np.searchsorted(p[order], candidates, side="left")
    churners = y.sum() - np.concatenate([[0.0], np.cumsum(y[order])])[below]
    f1 = 2 * churners / (len(y) - below + y.sum())
    window = np.ones(2 * SMOOTHING_STEPS + 1) / (2 * SMOOTHING_STEPS + 1)
    smooth = np.convolve(f1, window, mode="valid").round(12)
    best = np.flatnonzero(smooth == smooth.max())
    return float(candidates[SMOOTHING_STEPS + best[len(best) // 2]])


def _curve(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y, p = checked(y, p)
    both_classes(y)
    return Ranking.of(y, p).cumulated(np.ones((1, len(y))))
