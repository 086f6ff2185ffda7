"""The blend: one weight per model and a calibration, both from out-of-fold predictions.

Weights are the non-negative, unit-sum weights of the models' log-odds that minimise log loss
(stacked generalisation, Wolpert 1992, with the constraint of Breiman 1996). The calibration is
fitted on the weighted log-odds: Platt's (1999) logistic map, or isotonic regression.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logit, softmax

# A forest may answer 0 or 1; the log-odds of a probability closer to them than this say nothing.
PROBABILITY_FLOOR = 1e-3


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the log-odds of probabilities, clipped away from 0 and 1."""
    return np.asarray(logit(np.clip(probabilities, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)))


@dataclass(frozen=True)
class Blend:
    """Weights by model name and a calibration of the weighted log-odds.

    Attributes:
        weights: non-negative, summing to one.
        calibration: `none`, `platt` or `isotonic`.
        slope, intercept: of Platt's map; 1 and 0 where there is none.
        knots: (log-odds, probability) pairs of the isotonic map; empty otherwise.
    """

    weights: dict[str, float]
    calibration: str
    slope: float = 1.0
    intercept: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()

    def predict(self, probabilities: pd.DataFrame) -> np.ndarray:
        """Return blended probabilities, shape (rows,), from one column per model."""
        weights = np.array(list(self.weights.values()))
        score = log_odds(probabilities[list(self.weights)].to_numpy()) @ weights
        if self.knots:
            grid, values = np.array(self.knots).T
            return np.interp(score, grid, values)
        return np.asarray(expit(self.slope * score + self.intercept))

    def card(self) -> dict[str, Any]:
        """Return the blend as plain values for a file that people read."""
        return {
            "calibration": self.calibration,
            "intercept": self.intercept,
            "knots": [list(knot) for knot in self.knots],
            "slope": self.slope,
            "weights": self.weights,
        }


def fit_blend(probabilities: pd.DataFrame, labels: np.ndarray, calibration: str) -> Blend:
    """Fit weights and calibration.

    Args:
        probabilities: out-of-fold churn probabilities, one column per model, shape (n, models).
        labels: 0/1, shape (n,).
        calibration: `none`, `platt` or `isotonic`.
    """
    scores = log_odds(probabilities.to_numpy())
    weights = np.round(_fit_weights(scores, labels), 6)
    named = dict(zip(map(str, probabilities.columns), map(float, weights), strict=True))
    blended = scores @ weights
    if calibration == "platt":
        slope, intercept = _fit_platt(blended, labels)
        return Blend(named, calibration, slope, intercept)
    if calibration == "isotonic":
        return Blend(named, calibration, knots=_fit_isotonic(blended, labels))
    return Blend(named, calibration)


def cross_fitted_blend(
    predictions: pd.DataFrame,
    calibration: str,
    visible: Mapping[tuple[Hashable, Hashable], Collection[object]] | None = None,
) -> pd.DataFrame:
    """Return out-of-fold predictions of the blend: each fold's blend is fitted on the other folds.

    Args:
        predictions: columns `model, id, repeat, fold, y, p, fitted`.
        calibration: `none`, `platt` or `isotonic`.
        visible: per repeat and fold, the ids of the rows that its models were fitted on, where
            these are not all rows of the other folds. A fold that sees no prediction of both
            classes gets equal weights and no calibration.

    Returns:
        The same columns with `model` = `blend`.
    """
    wide = widen(predictions, ["repeat", "fold", "id", "y", "fitted"])
    models = _model_columns(predictions)
    parts = []
    for (repeat, fold), held_out in wide.groupby(["repeat", "fold"], sort=True):
        others = wide[(wide["repeat"] == repeat) & (wide["fold"] != fold)]
        if visible is not None:
            others = others[others["id"].isin(visible[repeat, fold])]
        if others["y"].nunique() == 2:
            blend = fit_blend(others[models], others["y"].to_numpy(), calibration)
        else:
            blend = Blend(dict.fromkeys(models, 1 / len(models)), "none")
        parts.append(held_out.assign(model="blend", p=blend.predict(held_out)))
    blended = pd.concat(parts, ignore_index=True)
    return blended[["model", "id", "repeat", "fold", "y", "p", "fitted"]]


def widen(predictions: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return one row per key and one probability column per model, in the order of first rows."""
    wide = None
    for name, part in predictions.groupby("model", sort=False):
        column = part.set_index(list(keys))["p"].rename(str(name))
        wide = column.to_frame() if wide is None else wide.join(column, how="left")
    if wide is None:
        raise ValueError("there are no predictions to blend")
    return wide.reset_index()


def _model_columns(predictions: pd.DataFrame) -> list[str]:
    return [str(name) for name in predictions["model"].unique()]


def _log_loss(scores: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(np.logaddexp(0.0, scores) - labels * scores))


def _fit_weights(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    models = scores.shape[1]
    if models == 1:
        return np.ones(1)
    start = np.zeros(models)
    fitted = minimize(
        lambda raw: _log_loss(scores @ softmax(raw), labels),
        start,
        method="L-BFGS-B",
        bounds=[(-6.0, 6.0)] * models,
    )
    return np.asarray(softmax(fitted.x))


def _fit_platt(score: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    fitted = minimize(
        lambda ab: _log_loss(ab[0] * score + ab[1], labels), np.array([1.0, 0.0]), method="BFGS"
    )
    return round(float(fitted.x[0]), 6), round(float(fitted.x[1]), 6)


def _fit_isotonic(score: np.ndarray, labels: np.ndarray) -> tuple[tuple[float, float], ...]:
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(
        y_min=PROBABILITY_FLOOR, y_max=1 - PROBABILITY_FLOOR, out_of_bounds="clip"
    ).fit(score, labels)
    return tuple(
        (round(float(a), 6), round(float(b), 6))
        for a, b in zip(model.X_thresholds_, model.y_thresholds_, strict=True)
    )
