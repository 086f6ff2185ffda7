"""Figures of the exploratory analysis: balance, ranges, missing, correlation, churn rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from churnlab.config import Catalog
from churnlab.config.column import MISSING_LEVEL
from churnlab.data.correlation import correlation_matrix, correlation_view
from churnlab.data.schema import outcome

QUANTILES = 5


def profile(train: pd.DataFrame, test: pd.DataFrame, catalog: Catalog) -> dict[str, Any]:
    """Return the figures as plain data for JSON.

    Only the class balance and the missing values look at the test part; what could guide a choice
    of features comes from the training part.
    """
    y = outcome(train, catalog)
    matrix = correlation_matrix(correlation_view(train, catalog))
    return {
        "class_balance": {
            "train": class_balance(y),
            "test": class_balance(outcome(test, catalog)),
        },
        "ranges": {name: value_range(train[name]) for name in catalog.numeric_inputs},
        "missing": {
            name: missing_values(train[name]) + missing_values(test[name])
            for name in catalog.columns
        },
        "correlation": {
            "columns": list(matrix.columns),
            "matrix": matrix.to_numpy().tolist(),
        },
        "churn_by_category": {
            name: churn_by_category(train[name], y, categories)
            for name, categories in catalog.categorical_inputs.items()
        },
        "churn_by_quintile": {
            name: churn_by_quantile(train[name], y) for name in catalog.numeric_inputs
        },
    }


def missing_values(values: pd.Series) -> int:
    """Return how many values are missing, as numbers or as a level of their own."""
    return int((values.isna() | (values == MISSING_LEVEL)).sum())


def class_balance(y: np.ndarray) -> dict[str, float]:
    """Return rows, churners and their share."""
    return {"rows": len(y), "churners": int(y.sum()), "churn_rate": float(y.mean())}


def value_range(values: pd.Series) -> dict[str, float]:
    """Return minimum, quartiles (linear interpolation), maximum, mean and standard deviation.

    Missing values do not count.
    """
    quartiles = np.quantile(values.dropna(), [0, 0.25, 0.5, 0.75, 1])
    names = ("min", "lower_quartile", "median", "upper_quartile", "max")
    return {
        **dict(zip(names, map(float, quartiles), strict=True)),
        "mean": float(values.mean()),
        "standard_deviation": float(values.std(ddof=1)),
    }


def churn_by_category(
    values: pd.Series, y: np.ndarray, categories: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return rows and churn rate of each category that occurs, in catalog order."""
    inside = {category: (values == category).to_numpy() for category in categories}
    return [
        {
            "category": category,
            "rows": int(rows.sum()),
            "churn_rate": float(y[rows].mean()),
        }
        for category, rows in inside.items()
        if rows.any()
    ]


def churn_by_quantile(
    values: pd.Series, y: np.ndarray, quantiles: int = QUANTILES
) -> list[dict[str, float]]:
    """Return bounds, rows and churn rate of up to `quantiles` bands of about equal size.

    Bands that would share a bound, as with many equal values, are merged; missing values are in
    none.
    """
    present = values.notna().to_numpy()
    values, y = values[present], y[present]
    edges = np.unique(np.quantile(values, np.linspace(0, 1, quantiles + 1)))
    band = np.searchsorted(edges[1:-1], values.to_numpy(), side="left")
    result = []
    for number in np.unique(band):
        inside = band == number
        result.append(
            {
                "low": float(values[inside].min()),
                "high": float(values[inside].max()),
                "rows": int(inside.sum()),
                "churn_rate": float(y[inside].mean()),
            }
        )
    return result
