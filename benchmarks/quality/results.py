"""Metrics of every system by fold, their means, and paired differences, with intervals."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from benchmarks.quality.cache import Cached
from benchmarks.quality.systems import OURS
from benchmarks.quality.table import FOLDS
from churnlab.evaluation.cross_validation import cv_intervals
from churnlab.evaluation.metrics import METRICS, all_metrics, stable_f1_threshold
from churnlab.evaluation.significance import PairedTest, corrected_resampled_t

JUDGED = ("roc_auc", "average_precision", "log_loss", "brier", "f1", "accuracy")
HELD_OUT_RATIO = 1 / (FOLDS - 1)

Means = dict[str, dict[str, dict[str, float]]]
"""`{system: {metric: {mean, low, high}}}`"""


def fold_metrics(cached: Mapping[str, Cached]) -> pd.DataFrame:
    """Return one row per system and fold: `model, repeat, fold` and every metric.

    The threshold of a fold is the stable best by F1 on the system's own inner predictions there.
    """
    found = []
    for system, results in cached.items():
        for fold, rows in results.predictions.groupby("fold"):
            inner, test = (rows[rows["part"] == part] for part in ("inner", "test"))
            threshold = stable_f1_threshold(inner["y"].to_numpy(), inner["p"].to_numpy())
            judged = all_metrics(test["y"].to_numpy(), test["p"].to_numpy(), threshold)
            found.append({"model": system, "repeat": 0, "fold": fold, **judged})
    return pd.DataFrame(found, columns=["model", "repeat", "fold", *METRICS])


def means(folds: pd.DataFrame, confidence: float) -> Means:
    """Return the mean over folds with its corrected interval (Nadeau & Bengio, 2003)."""
    intervals = cv_intervals(folds, HELD_OUT_RATIO, confidence)
    return {
        system: {
            name: {
                "mean": metrics[name]["estimate"],
                "low": metrics[name]["low"],
                "high": metrics[name]["high"],
            }
            for name in JUDGED
        }
        for system, metrics in intervals.items()
    }


def differences(folds: pd.DataFrame, confidence: float) -> dict[str, dict[str, PairedTest]]:
    """Return `{system: {metric: ours minus the system's}}`, paired by fold; empty without ours."""
    by_system = {
        str(system): rows.set_index("fold").sort_index() for system, rows in folds.groupby("model")
    }
    if OURS not in by_system:
        return {}
    ours = by_system.pop(OURS)
    return {
        system: {
            name: corrected_resampled_t(
                (ours[name] - rows[name]).to_numpy(), HELD_OUT_RATIO, confidence
            )
            for name in JUDGED
        }
        for system, rows in by_system.items()
    }
