"""Where models err: confident mistakes, disagreement, suspect labels and over-fit."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from churnlab.evaluation.metrics import METRICS, decisions, row_log_loss
from churnlab.evaluation.ranking import both_classes, checked


def confident_mistakes(predictions: pd.DataFrame, rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the customers whose outcome one model thought least likely, most surprising first.

    Args:
        predictions: `id, y, p` of one model.
        rows: prepared rows with the column `id`; inputs to show beside the mistake.
        count: rows to return at most; only those with the outcome below 0.5 count as mistakes.

    Returns:
        Columns `id, y, p, log_loss`, then the inputs.
    """
    y, p = checked(predictions["y"].to_numpy(), predictions["p"].to_numpy())
    surprise = predictions[["id", "y", "p"]].assign(log_loss=row_log_loss(y, p))
    mistaken = surprise[np.abs(y - p) > 0.5]
    worst = mistaken.sort_values("log_loss", ascending=False, kind="stable").head(count)
    inputs = rows.drop(columns="y", errors="ignore")
    return worst.merge(inputs, on="id", how="left", validate="one_to_one")


def disagreement(predictions: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Return how differently each pair of models judges the same rows.

    Args:
        predictions: `model, id, y, p`, one row per model and customer.
        thresholds: decision threshold of each model.

    Returns:
        Columns `model_a, model_b, disagreement` (share of rows decided differently), `both_wrong`
        (share that both decide wrongly) and `correlation` (Pearson's, of the probabilities; NaN
        where a model gives one probability to all).
    """
    p = predictions.pivot(index="id", columns="model", values="p")  # noqa: PD010
    churned = predictions.drop_duplicates("id").set_index("id")["y"].reindex(p.index) == 1
    decided = {model: decisions(p[model].to_numpy(), thresholds[model]) for model in p.columns}
    truth = churned.to_numpy()
    models = predictions["model"].unique()
    return pd.DataFrame(
        [
            {
                "model_a": a,
                "model_b": b,
                "disagreement": np.mean(decided[a] != decided[b]),
                "both_wrong": np.mean((decided[a] != truth) & (decided[b] != truth)),
                "correlation": p[a].corr(p[b]),
            }
            for a, b in combinations(models, 2)
        ],
        columns=["model_a", "model_b", "disagreement", "both_wrong", "correlation"],
    )


def label_noise_suspects(predictions: pd.DataFrame, count: int | None = None) -> pd.DataFrame:
    """Return customers whose label is probably wrong, the most suspect first.

    Confident learning (Northcutt, Jiang & Chuang, 2021): a row counts to a class when its
    probability reaches the mean probability of that class among the rows so labelled (to the
    likelier class if it reaches both). Suspects count to the class they are not labelled with;
    they are ranked by self-confidence, the probability of the label they have.

    Args:
        predictions: `id, y, p` of one model, out of fold.
        count: suspects to return at most; all by default.

    Returns:
        Columns `id, y, p, self_confidence`.
    """
    y, p = checked(predictions["y"].to_numpy(), predictions["p"].to_numpy())
    both_classes(y)
    reaches_churn = p >= p[y == 1].mean()
    reaches_stay = 1 - p >= (1 - p[y == 0]).mean()
    likelier = p >= 0.5
    as_churn = reaches_churn & (~reaches_stay | likelier)
    as_stay = reaches_stay & (~reaches_churn | ~likelier)
    suspect = np.where(y == 1, as_stay, as_churn)
    confidence = np.where(y == 1, p, 1 - p)
    found = predictions[["id", "y", "p"]].assign(self_confidence=confidence)[suspect]
    ranked = found.sort_values("self_confidence", kind="stable")
    return ranked.head(len(ranked) if count is None else count).reset_index(drop=True)


def overfit_table(
    train: Mapping[str, Mapping[str, float]],
    cv: Mapping[str, Mapping[str, float]],
    test: Mapping[str, Mapping[str, float]],
) -> pd.DataFrame:
    """Return metrics on the rows fitted on, out of fold and on the test part, side by side.

    Args:
        train, cv, test: `{model: {metric: value}}`; models missing from one part are left out.

    Returns:
        Columns `model, metric, train, cv, test, train_minus_cv, cv_minus_test`. A large first
        gap is over-fit; a large second one is chance, drift or a threshold that did not carry.
    """
    models = [model for model in train if model in cv and model in test]
    table = pd.DataFrame(
        [
            {"model": model, "metric": name, **_side_by_side(name, model, train, cv, test)}
            for model in models
            for name in METRICS
            if name in train[model]
        ],
        columns=["model", "metric", "train", "cv", "test"],
    )
    return table.assign(
        train_minus_cv=table["train"] - table["cv"], cv_minus_test=table["cv"] - table["test"]
    )


def _side_by_side(
    metric: str,
    model: str,
    train: Mapping[str, Mapping[str, float]],
    cv: Mapping[str, Mapping[str, float]],
    test: Mapping[str, Mapping[str, float]],
) -> dict[str, float]:
    return {
        "train": train[model][metric],
        "cv": cv[model][metric],
        "test": test[model][metric],
    }
