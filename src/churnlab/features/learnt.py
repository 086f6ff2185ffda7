"""Features that need to see the training rows: fills of missing numbers, levels of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from churnlab.errors import ChurnlabError
from churnlab.features.builder import FeatureBuilder, Layout
from churnlab.features.variants import indicator

# A level with fewer rows than this says nothing that its frequency does not say as well.
LEVEL_ROWS = 20
MOST_LEVELS = 20


def missing_flag(column: str) -> str:
    """Return the name of the 0/1 column that says where a number was missing."""
    return indicator(column, "missing")


def frequency(column: str) -> str:
    """Return the name of the column that says which share of the training rows has this code."""
    return f"{column} frequency"


class LearntFeatureBuilder(FeatureBuilder):
    """A feature builder that learns from the rows that the model is fitted on, and from no label.

    A missing number becomes the median of the training rows, beside a column that says so. A code
    becomes its share of the training rows (0 for one that they lack) and an indicator for each of
    its most frequent levels. Within a fold only the fold's training rows are seen.

    Args:
        study: see `FeatureBuilder`, as `variant`, `numeric`, `categorical` and `reduced`.
        variant: which columns become features.
        numeric: names of the numeric input columns, in order.
        categorical: levels of each categorical input column, in order.
        reduced: column names of the variant `reduced`.
        codes: text columns whose levels are learnt.
        filled: the numeric columns in which values may be missing.
    """

    def __init__(
        self,
        study: str,
        variant: str,
        numeric: Sequence[str],
        categorical: Mapping[str, Sequence[str]],
        reduced: Sequence[str] = (),
        codes: Sequence[str] = (),
        filled: Sequence[str] = (),
    ) -> None:
        super().__init__(study, variant, numeric, categorical, reduced)
        self.codes = codes
        self.filled = filled

    def fit(self, X: pd.DataFrame, y: Any = None) -> LearntFeatureBuilder:
        """Learn medians, frequencies and levels from the rows of X."""
        self.medians_ = {name: _median(self._number(X[name])) for name in self.filled}
        counts = {name: _counts(X[name]) for name in self.codes}
        self.frequencies_ = {name: _shares(found) for name, found in counts.items()}
        self.levels_ = {
            name: [str(level) for level in found.index[found >= LEVEL_ROWS][:MOST_LEVELS]]
            for name, found in counts.items()
        }
        super().fit(X, y)
        return self

    def layout(self) -> Layout:
        """Return the columns with those that are learnt; of a code every level has an indicator."""
        filled, codes = set(self.filled), list(self.codes)
        more = {name: (missing_flag(name),) for name in self.numeric if name in filled}
        numeric = [new for name in self.numeric for new in (name, *more.get(name, ()))]
        # The first level is dropped by the one-hot encoding, as if it were the rest.
        levels = {name: ("", *self.levels_[name]) for name in codes}
        reduced = [
            new
            for name in self.reduced
            for new in (name, *more.get(name, ()), *([frequency(name)] if name in codes else ()))
        ]
        return [*numeric, *map(frequency, codes)], {**self.categorical, **levels}, reduced

    def _encoded(self, X: pd.DataFrame) -> dict[str, np.ndarray]:
        if missing := [name for name in self.codes if name not in X]:
            raise ChurnlabError(
                f"{self.study}: the rows to predict lack the columns {', '.join(missing)}; "
                f"they have {', '.join(map(str, X.columns))}"
            )
        encoded = super()._encoded(X)
        for name, median in self.medians_.items():
            gaps = np.isnan(encoded[name])
            encoded[missing_flag(name)] = gaps.astype(np.float64)
            encoded[name] = np.where(gaps, median, encoded[name])
        for name, shares in self.frequencies_.items():
            values = X[name]
            encoded[frequency(name)] = values.map(shares).fillna(0.0).to_numpy(dtype=np.float64)
            for level in self.levels_[name]:
                found = (values == level).to_numpy()
                encoded[indicator(name, level)] = found.astype(np.float64)
        return encoded

    def append_onnx(self, graph: Any, inputs: Mapping[str, str]) -> dict[str, str]:
        """Add what was learnt to a graph.

        Args:
            graph: a graph builder.
            inputs: names in the graph of the columns in `filled` (float64) and `codes` (text).

        Returns:
            Names in the graph of the float64 columns that replace or join them.
        """
        from onnx import TensorProto

        found = {}
        for name, median in self.medians_.items():
            gaps = graph.node("IsNaN", [inputs[name]])
            found[missing_flag(name)] = graph.cast(gaps, TensorProto.DOUBLE)
            found[name] = graph.node("Where", [gaps, graph.constant(median), inputs[name]])
        for name, shares in self.frequencies_.items():
            found[frequency(name)] = graph.lookup(inputs[name], shares)
            for level in self.levels_[name]:
                truth = graph.node("Equal", [inputs[name], graph.text(level)])
                found[indicator(name, level)] = graph.cast(truth, TensorProto.DOUBLE)
        return found


def _median(values: np.ndarray) -> float:
    present = values[~np.isnan(values)]
    return float(np.median(present)) if len(present) else 0.0


def _counts(values: pd.Series) -> pd.Series:
    """Return the rows of each level, the most frequent first, equal ones by name."""
    return values.value_counts().sort_index().sort_values(ascending=False, kind="stable")


def _shares(counts: pd.Series) -> dict[str, float]:
    """Return the share of each level, in float32: the type of features, and of a graph's table."""
    shares = (counts / counts.sum()).to_numpy(dtype=np.float32)
    return dict(zip(map(str, counts.index), map(float, shares), strict=True))
