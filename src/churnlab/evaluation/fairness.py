"""How decisions and probabilities differ between groups of customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from churnlab.evaluation.intervals import wilson_interval
from churnlab.evaluation.metrics import decisions
from churnlab.evaluation.ranking import checked
from churnlab.evaluation.significance import auc_covariance

SHARES = ("base_rate", "selection_rate", "tpr", "fpr", "precision")


def age_bands(ages: pd.Series) -> pd.Series:
    """Return bands of ten years, categories in order of age from `under 30` to `60 and over`."""
    cut = pd.cut(
        ages,
        [-np.inf, 30, 40, 50, 60, np.inf],
        right=False,
        labels=["under 30", "30-39", "40-49", "50-59", "60 and over"],
    )
    return pd.Series(cut, name=ages.name)


def group_table(
    groups: pd.Series, y: np.ndarray, p: np.ndarray, threshold: float, confidence: float = 0.95
) -> pd.DataFrame:
    """Return one row per group, sorted by name (categories in their order), with intervals.

    Args:
        groups: group of each row, shape (n,).
        y: 0/1, shape (n,).
        p: churn probabilities, shape (n,).
        threshold: rows with p at or above it are treated as churners.
        confidence: coverage of the intervals, such as 0.95.

    Returns:
        Columns `attribute, group, rows`; `base_rate, selection_rate, tpr, fpr, precision`, each
        with `_low` and `_high` (Wilson, 1927); `roc_auc` with both (DeLong et al., 1988);
        `calibration`, the mean probability minus the churn rate, with both (normal). NaN where
        a group has no rows to count.
    """
    y, p = checked(y, p)
    found = []
    for name in _ordered(groups):
        inside = (groups == name).to_numpy(dtype=bool)
        found.append(
            {
                "attribute": str(groups.name),
                "group": str(name),
                "rows": int(inside.sum()),
                **_shares(y[inside], decisions(p[inside], threshold), confidence),
                **_ranking(y[inside], p[inside], confidence),
                **_calibration(y[inside], p[inside], confidence),
            }
        )
    return pd.DataFrame(found)


def _ordered(groups: pd.Series) -> list[Any]:
    present = groups.dropna().unique()
    if isinstance(groups.dtype, pd.CategoricalDtype):
        return [name for name in groups.cat.categories if name in present]
    return sorted(present)


def parity(groups: pd.Series, y: np.ndarray, p: np.ndarray, threshold: float) -> dict[str, float]:
    """Return `demographic_parity_difference` and `equalized_odds_difference`.

    The first is the largest gap in selection rate between two groups; the second the larger of
    the gaps in true and in false positive rate (Hardt, Price & Srebro, 2016). A group without
    churners (stayers) has no true (false) positive rate and is left out of that gap.

    Args:
        groups: group of each row, shape (n,).
        y: 0/1, shape (n,).
        p: churn probabilities, shape (n,).
        threshold: rows with p at or above it are treated as churners.
    """
    table = group_table(groups, y, p, threshold)
    gaps = (
        table[["selection_rate", "tpr", "fpr"]].max()
        - table[["selection_rate", "tpr", "fpr"]].min()
    )
    return {
        "demographic_parity_difference": float(gaps["selection_rate"]),
        "equalized_odds_difference": float(gaps[["tpr", "fpr"]].max()),
    }


def _shares(y: np.ndarray, decided: np.ndarray, confidence: float) -> dict[str, float]:
    caught = np.sum(decided & (y == 1))
    false = np.sum(decided & (y == 0))
    parts = np.array([y.sum(), decided.sum(), caught, false, caught], dtype=np.float64)
    wholes = np.array([len(y), len(y), y.sum(), np.sum(y == 0), decided.sum()], dtype=np.float64)
    shares = parts / np.where(wholes > 0, wholes, np.nan)
    low, high = wilson_interval(parts, wholes, confidence)
    found: dict[str, float] = {}
    for name, *values in zip(SHARES, shares, low, high, strict=True):
        found |= _with_bounds(name, *map(float, values))
    return found


def _ranking(y: np.ndarray, p: np.ndarray, confidence: float) -> dict[str, float]:
    if min(y.sum(), np.sum(y == 0)) < 2:
        return _with_bounds("roc_auc", np.nan, np.nan, np.nan)
    auc, covariance = auc_covariance(y, [p])
    spread = float(ndtri((1 + confidence) / 2) * np.sqrt(covariance[0, 0]))
    middle = float(auc[0])
    return _with_bounds("roc_auc", middle, max(middle - spread, 0.0), min(middle + spread, 1.0))


def _calibration(y: np.ndarray, p: np.ndarray, confidence: float) -> dict[str, float]:
    gaps = p - y
    error = float(np.std(gaps, ddof=1) / np.sqrt(len(gaps))) if len(gaps) > 1 else np.nan
    spread = float(ndtri((1 + confidence) / 2)) * error
    middle = float(gaps.mean())
    return _with_bounds("calibration", middle, middle - spread, middle + spread)


def _with_bounds(name: str, value: float, low: float, high: float) -> dict[str, float]:
    return {name: value, f"{name}_low": low, f"{name}_high": high}
