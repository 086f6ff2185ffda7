"""What a champion looks at: permutation importance and Shapley values, on published columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline

from churnlab.models.family import load_family
from churnlab.models.recipe import TableSchema

BACKGROUND_ROWS = 20
BLOCK_ROWS = 50
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
    log_odds: Score,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    schema: TableSchema,
    seed: int,
    threads: int = 1,
) -> pd.DataFrame:
    """Return contributions to the log-odds of churn, shape (rows, columns), indexed like `rows`.

    They are Shapley values (Lundberg & Lee 2017) over the published columns, estimated from
    antithetic permutations, and add up to the difference from the background's mean.

    Args:
        log_odds: rows -> log-odds; may go to another process.
        rows: rows to explain.
        background: rows that stand for "column unknown".
        schema: the input columns.
        seed: of the permutations and the background sample.
        threads: processes; blocks of rows are explained on their own, so the result does not
            depend on it.
    """
    columns = schema.columns
    sample = background.sample(min(BACKGROUND_ROWS, len(background)), random_state=seed)
    schema = _with_levels(schema, [sample, rows])
    masked, encoded = (_encoded(frame, schema) for frame in (sample, rows))
    score = partial(_score_codes, log_odds, schema)
    blocks = Parallel(n_jobs=threads)(
        delayed(_explain_block)(score, masked, encoded[first : first + BLOCK_ROWS], seed)
        for first in range(0, len(encoded), BLOCK_ROWS)
    )
    return pd.DataFrame(np.vstack(blocks), columns=columns, index=rows.index)


def _explain_block(
    score: Callable[[np.ndarray], np.ndarray], background: np.ndarray, block: np.ndarray, seed: int
) -> np.ndarray:
    import shap

    masker = shap.maskers.Independent(background, max_samples=BACKGROUND_ROWS)
    explainer = shap.explainers.Permutation(score, masker, seed=seed)
    explained = explainer(block, max_evals=2 * block.shape[1] + 1, silent=True)
    return np.asarray(explained.values)


def _with_levels(schema: TableSchema, frames: Sequence[pd.DataFrame]) -> TableSchema:
    """Return the schema with the codes as categories, of the levels that occur in `frames`."""
    levels = {
        name: tuple(sorted({str(v) for frame in frames for v in frame[name].unique()}))
        for name in schema.codes
    }
    return replace(schema, categorical={**schema.categorical, **levels}, codes=())


def _encoded(frame: pd.DataFrame, schema: TableSchema) -> np.ndarray:
    """Return the input columns as float64, categories as the positions of their levels."""
    coded = frame[[*schema.numeric, *schema.categorical]].copy()
    for name, levels in schema.categorical.items():
        coded[name] = coded[name].map({level: code for code, level in enumerate(levels)})
    return coded.to_numpy(dtype=np.float64)


def _score_codes(log_odds: Score, schema: TableSchema, codes: np.ndarray) -> np.ndarray:
    """Return the log-odds of rows that are encoded as `_encoded` does."""
    frame = pd.DataFrame(codes, columns=[*schema.numeric, *schema.categorical])
    for name, levels in schema.categorical.items():
        frame[name] = np.asarray(levels, dtype=object)[frame[name].astype(int)]
    return log_odds(frame)
