"""Gradient boosting with LightGBM (Ke et al. 2017); optional."""

from __future__ import annotations

from typing import Any

import numpy as np
from lightgbm import LGBMClassifier, record_evaluation
from sklearn.base import clone

from churnlab.models.family import Curve, Family, Parameters

# Same bytes twice: without these the order of summation is chosen by timing.
STABLE = {"deterministic": True, "force_row_wise": True, "verbose": -1}


def _baseline(seed: int, threads: int) -> LGBMClassifier:
    return LGBMClassifier(random_state=seed, n_jobs=threads, **STABLE)


def _tuned(parameters: Parameters, seed: int, threads: int) -> LGBMClassifier:
    return LGBMClassifier(**parameters, random_state=seed, n_jobs=threads, **STABLE)


def _curve(
    estimator: Any,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_valid: np.ndarray,
    y_valid: np.ndarray,
) -> Curve:
    history: dict[str, Any] = {}
    clone(estimator).fit(
        X_train,
        y_train,
        eval_X=(X_train, X_valid),
        eval_y=(y_train, y_valid),
        eval_names=["train", "validation"],
        eval_metric="binary_logloss",
        callbacks=[record_evaluation(history)],
    )
    losses = (history[part]["binary_logloss"] for part in ("train", "validation"))
    return [
        {"step": step, "train_log_loss": float(a), "validation_log_loss": float(b)}
        for step, (a, b) in enumerate(zip(*losses, strict=True), start=1)
    ]


def _importance(model: Any) -> np.ndarray:
    gains = np.asarray(model.booster_.feature_importance("gain"), dtype=np.float64)
    return gains / gains.sum() if gains.sum() else gains


def _append_onnx(graph: Any, features: str, steps: list[Any]) -> str:
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = steps[-1]
    converted = convert_lightgbm(
        booster,
        initial_types=[("X", FloatTensorType([None, booster.n_features_in_]))],
        zipmap=False,
    )
    both = graph.include(converted.graph, features, "probabilities")
    return str(graph.node("Gather", [both, graph.constant([1], np.int64)], axis=1))


FAMILY = Family(
    title="LightGBM",
    baseline=_baseline,
    tuned=_tuned,
    curve=_curve,
    curve_step="boosting rounds",
    append_onnx=_append_onnx,
    importance=_importance,
)
