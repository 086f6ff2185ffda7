"""Gradient boosting on oblivious trees with CatBoost (Prokhorenkova et al. 2018); optional."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from catboost import CatBoostClassifier

from churnlab.models.family import Curve, Family, Parameters
from churnlab.models.seed_average import SeedAverage

# CatBoost writes a folder of logs into the working directory unless told not to.
QUIET = {"verbose": False, "allow_writing_files": False}


VARYING = ("model_guid", "train_finish_time")


class StableCatBoost(CatBoostClassifier):
    """CatBoost without the random identifier and the clock in its metadata: same bytes twice."""

    def fit(self, X: Any, y: Any = None, **arguments: Any) -> StableCatBoost:
        """Fit as CatBoost does and blank what varies between equal fits."""
        super().fit(X, y, **arguments)
        metadata = self.get_metadata()
        for key in VARYING:
            metadata[key] = ""
        return self


def _baseline(seed: int, threads: int) -> StableCatBoost:
    return StableCatBoost(random_seed=seed, thread_count=threads, **QUIET)


def _tuned(parameters: Parameters, seed: int, threads: int) -> SeedAverage:
    chosen = dict(parameters)
    seeds = tuple(range(seed, seed + chosen.pop("seeds", 1)))
    return SeedAverage(
        StableCatBoost(**chosen, thread_count=threads, **QUIET), "random_seed", seeds
    )


def _members(model: Any) -> list[CatBoostClassifier]:
    return list(model.members_) if isinstance(model, SeedAverage) else [model]


def _curve(
    estimator: Any,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_valid: np.ndarray,
    y_valid: np.ndarray,
) -> Curve:
    single = estimator.estimator if isinstance(estimator, SeedAverage) else estimator
    booster = single.copy()
    booster.fit(X_train, y_train, eval_set=(X_valid, y_valid), use_best_model=False)
    history = booster.get_evals_result()
    return [
        {"step": step, "train_log_loss": float(a), "validation_log_loss": float(b)}
        for step, (a, b) in enumerate(
            zip(history["learn"]["Logloss"], history["validation"]["Logloss"], strict=True), start=1
        )
    ]


def _importance(model: Any) -> np.ndarray:
    return np.asarray(
        np.mean([member.get_feature_importance() for member in _members(model)], axis=0) / 100.0
    )


def _append_onnx(graph: Any, features: str, steps: list[Any]) -> str:
    import onnx

    churn = []
    members = _members(steps[-1])
    for member in members:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            member.save_model(str(path), format="onnx")
            converted = onnx.load(str(path))
        both = graph.include(converted.graph, features, "probability_tensor")
        churn.append(graph.node("Gather", [both, graph.constant([1], np.int64)], axis=1))
    total = churn[0] if len(churn) == 1 else graph.node("Sum", churn)
    return str(graph.node("Div", [total, graph.constant(float(len(members)), np.float32)]))


FAMILY = Family(
    title="CatBoost",
    baseline=_baseline,
    tuned=_tuned,
    curve=_curve,
    curve_step="boosting rounds",
    append_onnx=_append_onnx,
    importance=_importance,
)
