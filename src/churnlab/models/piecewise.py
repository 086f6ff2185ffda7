"""Piecewise-linear encoding of numeric inputs (Gorishniy, Rubachev & Babenko 2022)."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

# A standardised value beyond this is an outlier that would only drag a network along.
CLIP = 5.0


class PiecewiseLinearEncoder(TransformerMixin, BaseEstimator):
    """Standardise every column and add, per column, how far the value has come through each bin.

    A bin's output rises linearly from 0 at its lower edge to 1 at its upper edge. Edges are
    training quantiles. With fewer than two bins this is standardisation alone; columns with two
    values or fewer get no bins.

    Args:
        bins: number of quantile bins per column.
        dtype: of the encoding.
    """

    def __init__(self, bins: int = 8, dtype: str = "float32") -> None:
        self.bins = bins
        self.dtype = dtype

    def fit(self, X: np.ndarray, y: Any = None) -> PiecewiseLinearEncoder:
        """Learn means, deviations and bin edges from X, shape (rows, columns)."""
        X = np.asarray(X, dtype=np.float64)
        self.mean_ = X.mean(axis=0)
        deviation = X.std(axis=0)
        self.deviation_ = np.where(deviation > 0, deviation, 1.0)
        self.edges_ = [self._edges(column) for column in X.T]
        lows = [edges[:-1] for edges in self.edges_]
        self.source_ = np.repeat(np.arange(X.shape[1]), [len(low) for low in lows])
        self.low_ = np.concatenate(lows) if lows else np.empty(0)
        self.width_ = np.concatenate([np.diff(edges) for edges in self.edges_])
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the encoding, shape (rows, columns + bins)."""
        X = np.asarray(X, dtype=np.float64)
        standard = np.clip((X - self.mean_) / self.deviation_, -CLIP, CLIP)
        binned = np.clip((X[:, self.source_] - self.low_) / self.width_, 0.0, 1.0)
        return np.hstack([standard, binned]).astype(self.dtype)

    def append_onnx(self, graph: Any, features: str) -> str:
        """Add the encoding to a graph; returns the name of the float32 encoding."""
        from onnx import TensorProto

        def clip(name: str, low: float, high: float) -> str:
            return str(graph.node("Clip", [name, graph.constant(low), graph.constant(high)]))

        X = graph.cast(features, TensorProto.DOUBLE)
        centred = graph.node("Sub", [X, graph.constant(self.mean_)])
        standard = clip(graph.node("Div", [centred, graph.constant(self.deviation_)]), -CLIP, CLIP)
        parts = [standard]
        if len(self.source_):
            repeated = graph.node("Gather", [X, graph.constant(self.source_, np.int64)], axis=1)
            come = graph.node("Sub", [repeated, graph.constant(self.low_)])
            parts.append(clip(graph.node("Div", [come, graph.constant(self.width_)]), 0.0, 1.0))
        return str(graph.cast(graph.node("Concat", parts, axis=1), TensorProto.FLOAT))

    def _edges(self, column: np.ndarray) -> np.ndarray:
        # Not np.empty: whatever memory held before would end up in the stored model.
        nothing = np.zeros(1)
        if self.bins < 2 or len(np.unique(column)) <= 2:
            return nothing
        edges = np.unique(np.quantile(column, np.linspace(0.0, 1.0, self.bins + 1)))
        return edges if len(edges) > 2 else nothing
