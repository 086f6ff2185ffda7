"""What a champion looks at: permutation importance and Shapley values, on published columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline

from churnlab.models.family import load_family
from churnlab.models.recipe import TableSchema

BACKGROUND_ROWS = 20
Score = Callable[[pd.DataFrame], np.ndarray]


def impurity_importance(
    pipelines: Mapping[str, tuple[str, Pipeline]],
) -> dict[str, dict[str, float]]:
    """Return `{model: {feature: share}}` for the families that have an importance of their own."""
    return {
        name: dict(
            zip(
                map(str, pipeline[0].get_feature_names_out()),
                map(float, measure(pipeline[-1])),
                strict=True,
            )
        )
        for name, (family, pipeline) in pipelines.items()
        if (measure := load_family(family).importance) is not None
    }


def permutation_importance(
    score: Score,
    rows: pd.DataFrame,
    labels: np.ndarray,
    columns: Sequence[str],
    repeats: int,
    seed: int,
) -> dict[str, dict[str, float]]:
    """Return how much log loss grows when a column is shuffled (Breiman 2001).

    Args:
        score: rows -> churn probabilities, of a model that never saw `rows`.
        rows: held-out rows.
        labels: 0/1, shape (rows,).
        columns: the columns to shuffle, one at a time.
        repeats: shuffles per column.
        seed: of the shuffles.

    Returns:
        `{column: {mean, low, high}}`; low and high are the extremes over the repeats.
    """
    generator = np.random.default_rng(seed)
    reference = log_loss(labels, score(rows))
    found = {}
    for column in columns:
        growth = []
        for _ in range(repeats):
            shuffled = rows.assign(**{column: generator.permutation(rows[column].to_numpy())})
            growth.append(float(log_loss(labels, score(shuffled)) - reference))
        found[column] = {"mean": float(np.mean(growth)), "low": min(growth), "high": max(growth)}
    return found


def shapley_values(
    log_odds: Score, rows: pd.DataFrame, background: pd.DataFrame, schema: TableSchema, seed: int
) -> pd.DataFrame:
    """Return contributions to the log-odds of churn, shape (rows, columns), indexed like `rows`.

    They are Shapley values (Lundberg & Lee 2017) over the published columns, estimated from
    antithetic permutations, and add up to the difference from the background's mean.

    Args:
        log_odds: rows -> log-odds.
        rows: rows to explain.
        background: rows that stand for "column unknown".
        schema: the input columns.
        seed: of the permutations and the background sample.
    """
    import shap

    columns = [*schema.numeric, *schema.categorical]

    def encode(frame: pd.DataFrame) -> np.ndarray:
        coded = frame[columns].copy()
        for name, levels in schema.categorical.items():
            coded[name] = coded[name].map({level: code for code, level in enumerate(levels)})
        return coded.to_numpy(dtype=np.float64)

    def score(matrix: np.ndarray) -> np.ndarray:
        frame = pd.DataFrame(matrix, columns=columns)
        for name, levels in schema.categorical.items():
            frame[name] = np.asarray(levels, dtype=object)[frame[name].astype(int)]
        return log_odds(frame)

    sample = background.sample(min(BACKGROUND_ROWS, len(background)), random_state=seed)
    explainer = shap.explainers.Permutation(
        score, shap.maskers.Independent(encode(sample), max_samples=BACKGROUND_ROWS), seed=seed
    )
    explained = explainer(encode(rows), max_evals=2 * len(columns) + 1, silent=True)
    return pd.DataFrame(explained.values, columns=columns, index=rows.index)


def reasons(contributions: pd.DataFrame, rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the columns that raise each row's risk most.

    Args:
        contributions: from `shapley_values`.
        rows: the same rows, with their published values.
        count: reasons per row.

    Returns:
        Per rank: `reason_k` ("column = value"; empty where nothing raises the risk) and
        `contribution_k` (log-odds).
    """
    names = contributions.columns.to_numpy()
    values = contributions.to_numpy()
    order = np.argsort(-values, axis=1, kind="stable")[:, :count]
    found: dict[str, list[object]] = {}
    for rank in range(order.shape[1]):
        texts: list[object] = []
        amounts: list[object] = []
        for row, position in enumerate(order[:, rank]):
            raises = values[row, position] > 0
            value = rows[names[position]].iloc[row]
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            texts.append(f"{names[position]} = {shown}" if raises else "")
            amounts.append(float(values[row, position]) if raises else 0.0)
        found[f"reason_{rank + 1}"] = texts
        found[f"contribution_{rank + 1}"] = amounts
    return pd.DataFrame(found, index=rows.index)
