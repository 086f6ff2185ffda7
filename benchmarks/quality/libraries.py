"""Libraries as they come: default parameters on the raw columns, each as its manual says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.quality.systems import FitFold, FoldPredictions, Settings, categories, inputs

INNER_FOLDS = 5
Build = Callable[[list[str], Settings], Any]
"""(categorical columns, settings) -> unfitted classifier."""


def inner_predictions(
    train: pd.DataFrame,
    fit_predict: Callable[[np.ndarray, np.ndarray], np.ndarray],
    seed: int,
) -> pd.DataFrame:
    """Return `row, y, p` of `train`, out of fold.

    Args:
        train: rows with `row` and `y`.
        fit_predict: (positions to fit on, positions to predict) -> probabilities.
        seed: of the folds.
    """
    from sklearn.model_selection import StratifiedKFold

    labels = train["y"].to_numpy()
    p = np.full(len(train), np.nan)
    splitter = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    for fitted, held_out in splitter.split(np.zeros(len(labels)), labels):
        p[held_out] = fit_predict(fitted, held_out)
    return pd.DataFrame({"row": train["row"], "y": labels, "p": p})


def _fold_function(build: Build) -> FitFold:
    def fit_fold(train: pd.DataFrame, test: pd.DataFrame, settings: Settings) -> FoldPredictions:
        # Categories of both parts together, so that codes mean the same in both; no label is seen.
        table = inputs(pd.concat([train, test], ignore_index=True))
        X, X_test = table.iloc[: len(train)], table.iloc[len(train) :]
        labels = train["y"].to_numpy()

        def fit_predict(fitted: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
            model = build(categories(table), settings).fit(X.iloc[fitted], labels[fitted])
            return np.asarray(model.predict_proba(rows)[:, 1], dtype=np.float64)

        inner = inner_predictions(
            train, lambda fitted, held_out: fit_predict(fitted, X.iloc[held_out]), settings.seed
        )
        return FoldPredictions(fit_predict(np.arange(len(X)), X_test), inner)

    return fit_fold


def _random_forest(categorical: list[str], settings: Settings) -> Any:
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), categorical), remainder="passthrough"
    )
    forest = RandomForestClassifier(random_state=settings.seed, n_jobs=settings.threads)
    return make_pipeline(encoder, forest)


def _xgboost(categorical: list[str], settings: Settings) -> Any:
    from xgboost import XGBClassifier

    return XGBClassifier(
        enable_categorical=True, random_state=settings.seed, n_jobs=settings.threads
    )


def _lightgbm(categorical: list[str], settings: Settings) -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=settings.seed, n_jobs=settings.threads, verbose=-1)


def _catboost(categorical: list[str], settings: Settings) -> Any:
    from catboost import CatBoostClassifier

    return CatBoostClassifier(
        cat_features=categorical,
        random_seed=settings.seed,
        thread_count=settings.threads,
        verbose=False,
        allow_writing_files=False,
    )


FIT_FOLD: dict[str, FitFold] = {
    "rf_default": _fold_function(_random_forest),
    "xgb_default": _fold_function(_xgboost),
    "lightgbm_default": _fold_function(_lightgbm),
    "catboost_default": _fold_function(_catboost),
}
