"""Judgement of repeated out-of-fold predictions, with thresholds chosen outside each fold.

A frame of predictions has the columns `model, id, repeat, fold, y, p, fitted`; `fitted` is the
number of rows that the model of the fold was fitted on.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from churnlab.errors import ChurnlabError
from churnlab.evaluation.clusters import places
from churnlab.evaluation.intervals import Interval
from churnlab.evaluation.metrics import (
    METRICS,
    all_metrics,
    expected_f1_threshold,
    stable_f1_threshold,
)
from churnlab.evaluation.significance import corrected_standard_error

UNBOUNDED = ("log_loss", "top_decile_lift", "empc")


def cross_fitted_thresholds(
    predictions: pd.DataFrame, horizon_days: int | None = None
) -> pd.Series:
    """Return the decision threshold of each row, float, indexed like the predictions.

    The threshold of a fold is the stable best by F1 on the other folds of the same model and
    repeat, so no row takes part in the choice of its own threshold. Where folds are ordered in
    time, it is chosen on what the models of the fold could know: other customers' rows whose
    outcome was decided when the fold began. Where those are not of both classes, it is the best if
    the fold's own probabilities are right, which asks for no outcome.

    Args:
        predictions: of repeated folds.
        horizon_days: days after the date in an id `customer@date` that decide its outcome; None
            where folds are not ordered in time.

    Raises:
        ChurnlabError: if a repeat has a single fold.
    """
    thresholds = pd.Series(np.nan, index=predictions.index, name="threshold")
    placed = predictions if horizon_days is None else _placed(predictions)
    for (model, repeat), rows in placed.groupby(["model", "repeat"], sort=False):
        folds = rows["fold"].unique()
        if len(folds) < 2:
            raise ChurnlabError(
                f"Repeat {repeat} of {model} has one fold; a threshold for it needs another. "
                "Set `cross_validate.folds` to 2 or more."
            )
        for fold in folds:
            held_out = rows["fold"] == fold
            thresholds.loc[rows.index[held_out]] = _threshold(rows, held_out, horizon_days)
    return thresholds


def _threshold(rows: pd.DataFrame, held_out: pd.Series, horizon_days: int | None) -> float:
    known = rows[~held_out] if horizon_days is None else _known(rows, held_out, horizon_days)
    if horizon_days is not None and known["y"].nunique() < 2:
        return expected_f1_threshold(rows.loc[held_out, "p"].to_numpy())
    return stable_f1_threshold(known["y"].to_numpy(), known["p"].to_numpy())


def _placed(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions with `entity` and `day` of their ids."""
    place = places(predictions["id"].to_numpy())
    if place is None:
        raise ChurnlabError(
            "Folds ordered in time need rows with ids as `customer@date`; run assemble again."
        )
    return predictions.assign(entity=place.entity, day=place.time.astype("datetime64[D]"))


def _known(rows: pd.DataFrame, held_out: pd.Series, horizon_days: int) -> pd.DataFrame:
    """Return the rows of folds without a customer of this one, decided before it begins."""
    own = rows["entity"].isin(rows.loc[held_out, "entity"].unique())
    group = rows["fold"].isin(rows.loc[own, "fold"].unique())
    begins = rows.loc[held_out, "day"].min()
    return rows[~group & (rows["day"] + pd.Timedelta(days=horizon_days) <= begins)]


def fold_metrics(predictions: pd.DataFrame, horizon_days: int | None = None) -> pd.DataFrame:
    """Return one row per model, repeat and fold: `model, repeat, fold` and every metric.

    Args:
        predictions: of repeated folds.
        horizon_days: as for `cross_fitted_thresholds`.
    """
    judged = predictions.assign(threshold=cross_fitted_thresholds(predictions, horizon_days))
    found = [
        {
            "model": model,
            "repeat": repeat,
            "fold": fold,
            **all_metrics(
                rows["y"].to_numpy(), rows["p"].to_numpy(), float(rows["threshold"].iloc[0])
            ),
        }
        for (model, repeat, fold), rows in judged.groupby(["model", "repeat", "fold"], sort=False)
    ]
    return pd.DataFrame(found, columns=["model", "repeat", "fold", *METRICS])


def cv_summary(predictions: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return `{model: {metric: mean over folds and repeats}}`."""
    return summarise_folds(fold_metrics(predictions))


def summarise_folds(folds: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return `{model: {metric: mean}}` of what `fold_metrics` returned."""
    means = folds.groupby("model", sort=False)[list(METRICS)].mean()
    return {
        str(model): {name: float(row[name]) for name in METRICS} for model, row in means.iterrows()
    }


def held_out_ratio(predictions: pd.DataFrame) -> float:
    """Return held-out over fitted rows, the mean over folds: 1 / (K - 1) for K equal folds.

    Folds that are ordered in time are fitted on fewer rows than that, and their means vary more.

    Raises:
        ChurnlabError: models or repeats have different numbers of folds, or only one.
    """
    folds = set(predictions.groupby(["model", "repeat"])["fold"].nunique())
    if len(folds) != 1 or min(folds) < 2:
        raise ChurnlabError(
            f"Models and repeats have {sorted(folds)} folds; all need the same number, "
            "2 or more. Run cross_validate again for every model."
        )
    if "fitted" not in predictions:  # written by a revision that had K equal folds only
        return float(1 / (folds.pop() - 1))
    fitted = predictions.groupby(["model", "repeat", "fold"])["fitted"].agg(["size", "first"])
    return float((fitted["size"] / fitted["first"]).mean())


def corrected_interval(values: np.ndarray, test_train_ratio: float, confidence: float) -> Interval:
    """Return `{estimate, low, high}` of a mean over folds (Nadeau & Bengio, 2003).

    Args:
        values: one value per fold and repeat, shape (folds,).
        test_train_ratio: rows held out over rows fitted on.
        confidence: coverage, such as 0.95.
    """
    mean = float(np.mean(values))
    error = corrected_standard_error(values, test_train_ratio)
    spread = float(stdtrit(len(values) - 1, (1 + confidence) / 2)) * error
    return {"estimate": mean, "low": mean - spread, "high": mean + spread}


def cv_intervals(
    folds: pd.DataFrame, test_train_ratio: float, confidence: float
) -> dict[str, dict[str, Interval]]:
    """Return `{model: {metric: {estimate, low, high}}}`, cut off where a metric cannot be.

    Args:
        folds: from `fold_metrics`.
        test_train_ratio: rows held out over rows fitted on.
        confidence: coverage, such as 0.95.
    """
    found: dict[str, dict[str, Interval]] = {}
    for model, rows in folds.groupby("model", sort=False):
        found[str(model)] = {
            name: _bounded(
                corrected_interval(rows[name].to_numpy(), test_train_ratio, confidence), name
            )
            for name in METRICS
        }
    return found


def out_of_fold_mean(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return `model, id, y, p`, one row per model and customer: p averaged over repeats."""
    grouped = predictions.groupby(["model", "id"], sort=False, as_index=False)
    return grouped.agg(y=("y", "first"), p=("p", "mean"))[["model", "id", "y", "p"]]


def thresholds(predictions: pd.DataFrame) -> dict[str, float]:
    """Return `{model: threshold}` for unseen rows, the stable best by F1 on out-of-fold means."""
    return {
        str(model): stable_f1_threshold(rows["y"].to_numpy(), rows["p"].to_numpy())
        for model, rows in out_of_fold_mean(predictions).groupby("model", sort=False)
    }


def _bounded(interval: Interval, metric: str) -> Interval:
    highest = np.inf if metric in UNBOUNDED else 1.0
    return {
        **interval,
        "low": max(interval["low"], 0.0),
        "high": min(interval["high"], highest),
    }
