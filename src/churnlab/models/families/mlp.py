"""Multi-layer perceptron, TensorFlow/Keras.

The baseline is the sources' network: two hidden layers of ten units and a sigmoid output (on the
bank's 16 inputs: 16-10-10-1), Adam, 50 epochs. The tuned one is an ensemble on encoded inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone

from churnlab.models.family import Curve, Family, Parameters
from churnlab.models.network import NetworkClassifier
from churnlab.models.piecewise import PiecewiseLinearEncoder


def _baseline(seed: int, threads: int) -> NetworkClassifier:
    return NetworkClassifier(random_state=seed)


def _tuned(parameters: Parameters, seed: int, threads: int) -> NetworkClassifier:
    chosen = {name: value for name, value in parameters.items() if name != "bins"}
    layers = chosen.pop("layers")
    units = chosen.pop("units")
    return NetworkClassifier(
        hidden=(units,) * layers, decay=True, initial="fan_in", random_state=seed, **chosen
    )


def _encoder(parameters: Parameters | None) -> PiecewiseLinearEncoder:
    return PiecewiseLinearEncoder(bins=0 if parameters is None else parameters["bins"])


def _curve(
    estimator: Any,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_valid: np.ndarray,
    y_valid: np.ndarray,
) -> Curve:
    network = clone(estimator).fit(X_train, y_train, validation=(X_valid, y_valid))
    history = network.history_
    return [
        {"step": epoch, "train_log_loss": train, "validation_log_loss": valid}
        for epoch, (train, valid) in enumerate(
            zip(history["loss"], history["val_loss"], strict=True), start=1
        )
    ]


def _append_onnx(graph: Any, features: str, steps: list[Any]) -> str:
    encoder, network = steps
    return str(network.append_onnx(graph, encoder.append_onnx(graph, features)))


FAMILY = Family(
    title="Multi-layer perceptron",
    baseline=_baseline,
    tuned=_tuned,
    curve=_curve,
    curve_step="epochs",
    encoder=_encoder,
    append_onnx=_append_onnx,
)
