"""Logistic regression (Cox 1958) on standardised inputs; the model that others have to beat."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from churnlab.models.family import Curve, Family, Parameters
from churnlab.models.piecewise import PiecewiseLinearEncoder

ITERATIONS = 1000


def _baseline(seed: int, threads: int) -> LogisticRegression:
    return LogisticRegression(max_iter=ITERATIONS, random_state=seed)


def _tuned(parameters: Parameters, seed: int, threads: int) -> LogisticRegression:
    chosen = {name: value for name, value in parameters.items() if name != "bins"}
    return LogisticRegression(**chosen, max_iter=ITERATIONS, random_state=seed)


def _encoder(parameters: Parameters | None) -> PiecewiseLinearEncoder:
    # In 64 bits, so that where the solver stops does not turn on the processor.
    return PiecewiseLinearEncoder(bins=(parameters or {}).get("bins", 0), dtype="float64")


def _curve(
    estimator: Any,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_valid: np.ndarray,
    y_valid: np.ndarray,
) -> Curve:
    parts = {"train": (X_train, y_train), "validation": (X_valid, y_valid)}
    last = int(clone(estimator).fit(X_train, y_train).n_iter_[0])
    curve = []
    for step in [*(2**k for k in range(last.bit_length()) if 2**k < last), last]:
        # L-BFGS from the same start: stopped early, it is where the longer fit passed.
        stopped = clone(estimator).set_params(max_iter=step)
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            stopped.fit(X_train, y_train)
        losses = {
            f"{name}_log_loss": float(log_loss(y, stopped.predict_proba(X), labels=[0, 1]))
            for name, (X, y) in parts.items()
        }
        curve.append({"step": float(step), **losses})
    return curve


def _append_onnx(graph: Any, features: str, steps: list[Any]) -> str:
    encoder, model = steps
    encoded = encoder.append_onnx(graph, features)
    weights = graph.constant(model.coef_.T, np.float32)
    score = graph.node("MatMul", [encoded, weights])
    return str(
        graph.node(
            "Sigmoid", [graph.node("Add", [score, graph.constant(model.intercept_, np.float32)])]
        )
    )


FAMILY = Family(
    title="Logistic regression",
    baseline=_baseline,
    tuned=_tuned,
    curve=_curve,
    curve_step="iterations of the solver",
    encoder=_encoder,
    append_onnx=_append_onnx,
)
