"""The first step of every model pipeline: a prepared table in, a float32 feature matrix out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from churnlab.errors import ChurnlabError
from churnlab.features.symbols import Columns
from churnlab.features.variants import derive, indicator

# What is numeric, the levels of the rest, and the reduced set.
Layout = tuple[Sequence[str], Mapping[str, Sequence[str]], Sequence[str]]


class FeatureBuilder(TransformerMixin, BaseEstimator):
    """Encode categories and derive a feature variant; stateless, so it cannot leak.

    The output is float32 because trees split in float32 anyway, and because the exported graph then
    sees exactly the values that the model was trained on.

    Args:
        study: the study whose feature module is used by the variant `engineered`.
        variant: one of `all`, `reduced`, `engineered`.
        numeric: names of the numeric input columns, in order.
        categorical: levels of each categorical input column, in order.
        reduced: column names of the variant `reduced`.
    """

    def __init__(
        self,
        study: str,
        variant: str,
        numeric: Sequence[str],
        categorical: Mapping[str, Sequence[str]],
        reduced: Sequence[str] = (),
    ) -> None:
        self.study = study
        self.variant = variant
        self.numeric = numeric
        self.categorical = categorical
        self.reduced = reduced

    def fit(self, X: pd.DataFrame, y: Any = None) -> FeatureBuilder:
        """Learn nothing but the names; present for scikit-learn's protocol."""
        self.feature_names_ = list(self._derived(X.head(1)))
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return the feature matrix, shape (rows, features), float32.

        Raises:
            ChurnlabError: a column is missing or a category is not among the declared levels.
        """
        derived = self._derived(X)
        return np.column_stack([np.asarray(values, np.float32) for values in derived.values()])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the feature columns."""
        return np.asarray(self.feature_names_, dtype=object)

    def _derived(self, X: pd.DataFrame) -> Columns:
        return derive(self._encoded(X), self.study, self.variant, *self.layout())

    def layout(self) -> Layout:
        """Return the numeric columns, the levels of the others, and the reduced set."""
        return self.numeric, self.categorical, self.reduced

    def _encoded(self, X: pd.DataFrame) -> dict[str, np.ndarray]:
        if missing := [name for name in (*self.numeric, *self.categorical) if name not in X]:
            raise ChurnlabError(
                f"{self.study}: the rows to predict lack the columns {', '.join(missing)}; "
                f"they have {', '.join(map(str, X.columns))}"
            )
        encoded = {name: self._number(X[name]) for name in self.numeric}
        for name, levels in self.categorical.items():
            values = X[name].to_numpy(dtype=object)
            if unknown := sorted({str(value) for value in set(values) - set(levels)}):
                raise ChurnlabError(
                    f"{self.study}: column {name} has the unknown categories {', '.join(unknown)}; "
                    f"known are {', '.join(levels)}"
                )
            for level in levels:
                encoded[indicator(name, level)] = (values == level).astype(np.float64)
        return encoded

    def _number(self, column: pd.Series) -> np.ndarray:
        try:
            return column.to_numpy(dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ChurnlabError(
                f"{self.study}: column {column.name} must hold numbers, but {error}"
            ) from error
