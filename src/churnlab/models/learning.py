"""Learning curves: how a model does when it is given only part of the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churnlab.data.splits import Fold
from churnlab.models.out_of_fold import out_of_fold
from churnlab.models.recipe import Recipe


def learning_predictions(
    recipe: Recipe,
    rows: pd.DataFrame,
    labels: np.ndarray,
    folds: Sequence[Fold],
    fractions: Sequence[float],
    threads: int,
) -> pd.DataFrame:
    """Return held-out predictions of models fitted on growing, nested shares of each fold's rows.

    Returns:
        The columns of `out_of_fold` and `fraction`.
    """
    parts = []
    for fraction in fractions:
        smaller = [
            Fold(repeat, fold, _stratified_share(labels, fitted, fraction, recipe.seed), held_out)
            for repeat, fold, fitted, held_out in folds
        ]
        part = out_of_fold([recipe], rows, labels, smaller, threads)
        part.insert(1, "fraction", fraction)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _stratified_share(
    labels: np.ndarray, positions: np.ndarray, fraction: float, seed: int
) -> np.ndarray:
    """Return the first `fraction` of each class in one fixed shuffle, so that shares are nested."""
    shuffled = np.random.default_rng(seed).permutation(positions)
    kept = [
        members[: max(1, round(fraction * len(members)))]
        for members in (shuffled[labels[shuffled] == value] for value in (0, 1))
    ]
    return np.sort(np.concatenate(kept))
