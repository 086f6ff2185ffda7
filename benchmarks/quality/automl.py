"""Systems that search for themselves, within a budget of seconds per fold, on the raw columns."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.quality.libraries import inner_predictions
from benchmarks.quality.systems import KEYS, FitFold, FoldPredictions, Settings, inputs

OBJECTIVE = "log_loss"


def _flaml(train: pd.DataFrame, test: pd.DataFrame, settings: Settings) -> FoldPredictions:
    """Search with the whole budget; the threshold comes from refits of what the search found."""
    table = inputs(pd.concat([train, test], ignore_index=True))
    X, X_test = table.iloc[: len(train)], table.iloc[len(train) :].reset_index(drop=True)
    labels = train["y"].to_numpy()
    found = _flaml_fit(X, labels, settings, time_budget=settings.budget_seconds)
    if found.best_estimator is None:
        raise RuntimeError(
            f"FLAML fitted no model within {settings.budget_seconds:g} s; raise --budget-seconds, "
            "or stop what else uses the processor"
        )

    def refit(fitted: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        model = _flaml_fit(
            X.iloc[fitted].reset_index(drop=True),
            labels[fitted],
            settings,
            max_iter=1,
            eval_method="holdout",
            estimator_list=[found.best_estimator],
            starting_points={found.best_estimator: found.best_config},
        )
        return _probabilities(model, X.iloc[held_out].reset_index(drop=True))

    inner = inner_predictions(train, refit, settings.seed)
    return FoldPredictions(_probabilities(found, X_test), inner, {"model": found.best_estimator})


def _flaml_fit(X: pd.DataFrame, labels: np.ndarray, settings: Settings, **options: Any) -> Any:
    from flaml import AutoML

    model = AutoML()
    model.fit(
        X,
        labels,
        task="classification",
        metric=OBJECTIVE,
        n_jobs=settings.threads,
        seed=settings.seed,
        verbose=0,
        **options,
    )
    return model


def _probabilities(model: Any, X: pd.DataFrame) -> np.ndarray:
    return np.asarray(model.predict_proba(X)[:, 1], dtype=np.float64)


def _autogluon(train: pd.DataFrame, test: pd.DataFrame, settings: Settings) -> FoldPredictions:
    """Bag and stack; the threshold comes from its own out-of-fold predictions."""
    from autogluon.tabular import TabularPredictor

    keys = [name for name in KEYS if name != "y"]
    with tempfile.TemporaryDirectory(prefix="autogluon-") as folder:
        predictor = TabularPredictor(
            label="y", problem_type="binary", eval_metric=OBJECTIVE, path=folder, verbosity=1
        ).fit(
            train.drop(columns=keys),
            presets="best_quality",
            time_limit=settings.budget_seconds,
            num_cpus=settings.threads,
        )
        p = predictor.predict_proba(test.drop(columns=[*keys, "y"]))[1].to_numpy()
        out_of_fold = predictor.predict_proba_oof()[1]
        note = {"model": predictor.model_best}
    inner = train.loc[out_of_fold.index, ["row", "y"]].assign(p=out_of_fold)
    return FoldPredictions(np.asarray(p, dtype=np.float64), inner, note)


FIT_FOLD: dict[str, FitFold] = {"flaml": _flaml, "autogluon": _autogluon}
