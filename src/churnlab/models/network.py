"""A multi-layer perceptron in Keras, or several independent ones trained side by side.

Members share nothing but the batches: each layer holds one weight matrix per member, so a bagged
network costs little more than a single one (deep ensembles, Lakshminarayanan et al. 2017; the
side-by-side layout as in TabM, Gorishniy et al. 2025). After training only arrays are kept:
prediction is a few matrix products in NumPy and needs no TensorFlow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

PREDICTION_ROWS = 4096


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """Binary classifier: ReLU layers and a sigmoid output, trained on cross-entropy.

    Args:
        hidden: units of each hidden layer.
        members: networks trained side by side; their log-odds are averaged.
        epochs, batch_size, learning_rate, weight_decay, dropout: as in Keras' AdamW.
        decay: whether the learning rate warms up and then follows a cosine to a hundredth.
        initial: range of the first weights: `glorot` (Glorot & Bengio 2010, Keras' default) or
            `fan_in`, the narrower one over the inputs alone, which suits faster learning rates.
        random_state: seed of weights, order of batches and dropout.
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (10, 10),
        members: int = 1,
        epochs: int = 50,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        weight_decay: float = 0.0,
        dropout: float = 0.0,
        decay: bool = False,
        initial: str = "glorot",
        random_state: int = 0,
    ) -> None:
        self.hidden = hidden
        self.members = members
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.decay = decay
        self.initial = initial
        self.random_state = random_state

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        validation: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> NetworkClassifier:
        """Train on X, shape (rows, inputs), and y in {0, 1}; `history_` has the loss per epoch."""
        from churnlab.models import network_training as training

        training.start_anew(self.random_state)
        X = np.asarray(X, dtype=np.float32)
        orders = training.batch_orders(len(X), self.batch_size, self.epochs, self.random_state)
        steps = orders.shape[0] * orders.shape[1] if self.decay else None
        optimizer = training.build_optimizer(self.learning_rate, self.weight_decay, steps)
        model = training.build_model(
            X.shape[1], self.hidden, self.members, self.initial, self.dropout
        )
        watched = None if validation is None else self._validation(*validation)
        self.history_ = training.train(model, optimizer, X, self._targets(y), orders, watched)
        self.layers_ = self._arrays(model)
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = X.shape[1]
        return self

    def log_odds(self, X: np.ndarray) -> np.ndarray:
        """Return the members' mean log-odds, shape (rows,)."""
        X = np.asarray(X, dtype=np.float32)
        # Blocks bound the memory of (members, rows, units) on large tables.
        blocks = [X[i : i + PREDICTION_ROWS] for i in range(0, len(X), PREDICTION_ROWS)]
        return np.concatenate([self._forward(block) for block in blocks])

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return probabilities of the classes 0 and 1, shape (rows, 2)."""
        churn = expit(self.log_odds(X).astype(np.float64))
        return np.column_stack([1.0 - churn, churn])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the more probable class, shape (rows,)."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)

    def append_onnx(self, graph: Any, inputs: str) -> str:
        """Add the forward pass to a graph; returns the name of the (rows, 1) probability."""
        axis = graph.constant([0], np.int64)
        signal = graph.node("Unsqueeze", [inputs, axis])
        for index, (kernel, bias) in enumerate(self.layers_):
            product = graph.node("MatMul", [signal, graph.constant(kernel, np.float32)])
            signal = graph.node("Add", [product, graph.constant(bias, np.float32)])
            if index < len(self.layers_) - 1:
                signal = graph.node("Relu", [signal])
        mean = graph.node("ReduceMean", [signal, axis], keepdims=0)
        return str(graph.node("Sigmoid", [mean]))

    def _forward(self, X: np.ndarray) -> np.ndarray:
        signal = X[np.newaxis]
        for index, (kernel, bias) in enumerate(self.layers_):
            signal = np.matmul(signal, kernel) + bias
            if index < len(self.layers_) - 1:
                signal = np.maximum(signal, 0.0)
        return np.asarray(signal[:, :, 0].mean(axis=0))

    def _targets(self, y: np.ndarray) -> np.ndarray:
        return np.repeat(np.asarray(y, dtype=np.float32)[:, None], self.members, axis=1)

    def _validation(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(X, dtype=np.float32), self._targets(y)

    def _arrays(self, model: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        arrays = [np.asarray(weight) for weight in model.get_weights()]
        return list(zip(arrays[0::2], arrays[1::2], strict=True))
