"""Gradient boosting on oblivious trees with CatBoost (Prokhorenkova et al. 2018); optional."""

from __future__ import annotations

from typing import Any

import numpy as np
from catboost import CatBoostClassifier

from churnlab.models.family import Curve, Family, Parameters

# CatBoost writes a folder of logs into the working directory unless told not to.
QUIET = {"verbose": False, "allow_writing_files": False}


def _baseline(seed: int, threads: int) -> CatBoostClassifier:
    return CatBoostClassifier(random_seed=seed, thread_count=threads, **QUIET)


def _tuned(parameters: Parameters, seed: int, threads: int) -> CatBoostClassifier:
    return CatBoostClassifier(**parameters, random_seed=seed, thread_count=threads, **QUIET)


def _curve(
    estimator: Any,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_valid: np.ndarray,
    y_valid: np.ndarray,
) -> Curve:
    booster = estimator.copy()
    booster.fit(X_train, y_train, eval_set=(X_valid, y_valid), use_best_model=False)
    history = booster.get_evals_result()
    return [
        {"step": step, "train_log_loss": float(a), "validation_log_loss": float(b)}
        for step, (a, b) in enumerate(
            zip(history["learn"]["Logloss"], history["validation"]["Logloss"], strict=True), start=1
        )
    ]


FAMILY = Family(
    title="CatBoost",
    baseline=_baseline,
    tuned=_tuned,
    curve=_curve,
    curve_step="boosting rounds",
    importance=lambda model: model.get_feature_importance() / 100.0,
)
