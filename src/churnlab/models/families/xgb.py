"""Gradient boosting with XGBoost (Chen & Guestrin 2016)."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from xgboost import XGBClassifier

from churnlab.models.family import Curve, Family, Parameters


def _baseline(seed: int, threads: int) -> XGBClassifier:
    return XGBClassifier(random_state=seed, n_jobs=threads)


def _tuned(parameters: Parameters, seed: int, threads: int) -> XGBClassifier:
    return XGBClassifier(**parameters, tree_method="hist", random_state=seed, n_jobs=threads)


def _curve(
    estimator: Any,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_valid: np.ndarray,
    y_valid: np.ndarray,
) -> Curve:
    booster = clone(estimator).set_params(eval_metric="logloss")
    booster.fit(X_train, y_train, eval_set=[(X_train, y_train), (X_valid, y_valid)], verbose=False)
    train, valid = (booster.evals_result()[f"validation_{part}"]["logloss"] for part in (0, 1))
    return [
        {"step": step, "train_log_loss": float(a), "validation_log_loss": float(b)}
        for step, (a, b) in enumerate(zip(train, valid, strict=True), start=1)
    ]


def _append_onnx(graph: Any, features: str, steps: list[Any]) -> str:
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = steps[-1]
    converted = convert_xgboost(
        booster, initial_types=[("X", FloatTensorType([None, booster.n_features_in_]))]
    )
    both = graph.include(converted.graph, features, "probabilities")
    return str(graph.node("Gather", [both, graph.constant([1], np.int64)], axis=1))


FAMILY = Family(
    title="XGBoost",
    baseline=_baseline,
    tuned=_tuned,
    curve=_curve,
    curve_step="boosting rounds",
    append_onnx=_append_onnx,
    importance=lambda model: model.feature_importances_,
)
