"""Strongly correlated columns, found and dropped by rule on the training part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from churnlab.config import Catalog


@dataclass(frozen=True)
class CorrelatedPair:
    """Two columns and their correlation (Pearson's r); `second` is the later in the catalog."""

    first: str
    second: str
    r: float


def correlation_view(frame: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the inputs that a correlation can be computed of, in catalog order.

    Numeric columns as they are; a categorical one with two categories as 1 where it has the second.
    """
    view = {}
    for name in catalog.inputs:
        column = catalog.columns[name]
        if column.is_number:
            view[name] = frame[name]
        elif len(column.categories) == 2:
            view[name] = (frame[name] == column.categories[1]).astype(float)
    return pd.DataFrame(view, index=frame.index)


def correlation_matrix(view: pd.DataFrame) -> pd.DataFrame:
    """Return Pearson's r of every two columns; NaN where a column is constant."""
    return view.corr()


def correlated_pairs(matrix: pd.DataFrame, threshold: float) -> list[CorrelatedPair]:
    """Return the pairs with |r| at or above `threshold`, in the order of the matrix."""
    names = [str(name) for name in matrix.columns]
    values = matrix.to_numpy()
    return [
        CorrelatedPair(first, names[j], float(values[i, j]))
        for i, first in enumerate(names)
        for j in range(i + 1, len(names))
        if abs(values[i, j]) >= threshold
    ]


def columns_to_drop(
    matrix: pd.DataFrame, numeric: Sequence[str], threshold: float
) -> list[CorrelatedPair]:
    """Return the pairs whose second column is dropped because it repeats the first.

    Going through `numeric` in catalog order, a column stays unless its |r| with one that stayed is
    at or above `threshold`. Two-valued categories are never dropped: they are what a customer
    chose, and a feature may need them beside the number that follows from the choice.
    """
    kept: list[str] = []
    dropped: list[CorrelatedPair] = []
    for name in numeric:
        r = matrix.loc[kept, name]
        strong = r[r.abs() >= threshold]
        if strong.empty:
            kept.append(name)
        else:
            first = str(strong.abs().idxmax())
            dropped.append(CorrelatedPair(first, name, float(strong[first])))
    return dropped
