"""Why a customer is at risk, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from churnlab.config import Catalog


def typical_values(rows: pd.DataFrame, catalog: Catalog) -> dict[str, float]:
    """Return the median of every numeric input of `rows`, to say what is usual."""
    names = [name for name in catalog.numeric_inputs if name in rows]
    return {name: float(rows[name].median()) for name in names}


def reasons(
    contributions: pd.DataFrame,
    rows: pd.DataFrame,
    count: int,
    catalog: Catalog,
    typical: Mapping[str, float],
) -> pd.DataFrame:
    """Return what raises each row's risk most, the strongest first.

    Args:
        contributions: to the log-odds of churn, one column per input.
        rows: the same rows, with their published values.
        count: reasons per row.
        catalog: what the columns mean.
        typical: values to compare with, by column.

    Returns:
        Per rank: `reason_k`, such as "Calls to customer service in the period: 5 (usual: 1)", empty
        where nothing raises the risk, and `contribution_k` (log-odds).
    """
    names = contributions.columns.to_numpy()
    values = contributions.to_numpy()
    order = np.argsort(-values, axis=1, kind="stable")[:, :count]
    found: dict[str, list[object]] = {}
    for rank in range(order.shape[1]):
        texts: list[object] = []
        amounts: list[object] = []
        for row, position in enumerate(order[:, rank]):
            name, amount = names[position], float(values[row, position])
            value = rows[name].iloc[row]
            texts.append(in_words(name, value, catalog, typical) if amount > 0 else "")
            amounts.append(max(amount, 0.0))
        found[f"reason_{rank + 1}"] = texts
        found[f"contribution_{rank + 1}"] = amounts
    return pd.DataFrame(found, index=rows.index)


def in_words(name: str, value: object, catalog: Catalog, typical: Mapping[str, float]) -> str:
    """Return what a column says of a customer, and what is usual where it is a number."""
    column = catalog.columns[name]
    if not column.is_number:
        return f"{column.description}: {value}"
    usual = typical.get(name, np.nan)
    beside = "" if np.isnan(usual) else f" (usual: {_number(usual)})"
    return f"{column.description}: {_number(value)}{beside}"


def _number(value: object) -> str:
    """Return a number as people write it: whole, or with three significant digits."""
    number = float(value)  # type: ignore[arg-type]
    if np.isnan(number):
        return "not known"
    if number == round(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}"
