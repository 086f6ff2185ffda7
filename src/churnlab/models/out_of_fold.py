"""Repeated out-of-fold predictions: the evidence that everything else is judged on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from churnlab.data.splits import Fold
from churnlab.models.recipe import Recipe


def fit_and_predict(
    recipe: Recipe, train: pd.DataFrame, labels: np.ndarray, rows: pd.DataFrame
) -> np.ndarray:
    """Fit a fresh pipeline on `train` and return churn probabilities of `rows`, shape (rows,)."""
    pipeline = recipe.build(threads=1).fit(train, labels)
    return np.asarray(pipeline.predict_proba(rows)[:, 1], dtype=np.float64)


def out_of_fold(
    recipes: Sequence[Recipe],
    rows: pd.DataFrame,
    labels: np.ndarray,
    folds: Sequence[Fold],
    threads: int,
) -> pd.DataFrame:
    """Return one prediction per recipe, repeat and row, made by a model that never saw the row.

    Args:
        recipes: the models to fit in every fold.
        rows: prepared rows with the column `id`, shape (n, columns).
        labels: 0/1, shape (n,).
        folds: which rows to fit on and which to predict.
        threads: processes; each fit is single-threaded, so the result does not depend on it.

    Returns:
        Columns `model, id, repeat, fold, y, p, fitted`, in the order of recipes, folds and rows;
        `fitted` is how many rows the model of the fold was fitted on.
    """
    jobs = [(recipe, fold) for recipe in recipes for fold in folds]
    results = Parallel(n_jobs=threads, return_as="generator")(
        delayed(fit_and_predict)(
            recipe, rows.iloc[fold.train], labels[fold.train], rows.iloc[fold.test]
        )
        for recipe, fold in jobs
    )
    watched = tqdm(results, total=len(jobs), desc="folds", disable=None)
    ids = rows["id"].to_numpy()
    return pd.concat(
        [
            fold_table(recipe.name, fold, ids[fold.test], labels[fold.test], probabilities)
            for (recipe, fold), probabilities in zip(jobs, watched, strict=True)
        ],
        ignore_index=True,
    )


def fold_table(
    model: str, fold: Fold, ids: np.ndarray, labels: np.ndarray, probabilities: np.ndarray
) -> pd.DataFrame:
    """Return the held-out rows of one fold in the columns that every judgement reads."""
    return pd.DataFrame(
        {
            "model": model,
            "id": ids,
            "repeat": fold.repeat,
            "fold": fold.fold,
            "y": labels,
            "p": probabilities,
            "fitted": len(fold.train),
        }
    )
