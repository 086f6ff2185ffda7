"""Rows to score, held against the bundle's schema: all that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from churnlab.config.validation import nearest
from churnlab.errors import ChurnlabError

SHOWN = 3


def check_names(names: Sequence[str], columns: Mapping[str, Any], where: str) -> None:
    """Raise when a column that the model reads is not there.

    Raises:
        ChurnlabError: names the file, every missing column, and the one that may be meant.
    """
    others = [name for name in names if name not in columns]
    lines = []
    for name in columns:
        if name not in names:
            meant = nearest(name, others)
            lines.append(f"column '{name}': missing" + (f"; is it '{meant}'?" if meant else ""))
    if lines:
        raise ChurnlabError("\n".join([f"{where}: not the columns that the model reads", *lines]))


def check_rows(rows: pd.DataFrame, columns: Mapping[str, Any], where: str, first: int) -> None:
    """Raise when the model could only guess: missing, out of bounds, of no known category.

    Args:
        rows: a batch with all columns that the model reads.
        columns: of the bundle's `schema.json`.
        where: the file or table that they come from.
        first: number of the batch's first row in it, from 1 on.

    Raises:
        ChurnlabError: names every column at fault, how many rows and the first of them.
    """
    lines = [
        line for name, column in columns.items() for line in _violations(rows[name], column, first)
    ]
    if lines:
        span = f"rows {first:,} to {first + len(rows) - 1:,}"
        raise ChurnlabError("\n".join([f"{where}: {span} cannot be scored", *lines]))


def _violations(values: pd.Series, column: Mapping[str, Any], first: int) -> Iterable[str]:
    if column["type"] == "numeric":
        yield from _of_number(values, column, first)
    elif column["type"] == "categorical":
        known = column["categories"]
        unknown = ~values.isin(known).to_numpy()
        yield from _line(values, unknown, first, f"not one of {', '.join(map(str, known[:8]))}")
    else:
        yield from _line(values, values.isna().to_numpy(), first, "missing")


def _of_number(values: pd.Series, column: Mapping[str, Any], first: int) -> Iterable[str]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    missing = values.isna().to_numpy()
    yield from _line(values, np.isnan(numbers) & ~missing, first, "not a number")
    yield from _line(values, np.isinf(numbers), first, "infinite")
    if column.get("missing") != "filled":
        yield from _line(values, missing, first, "missing")
    if (low := column["min"]) is not None:
        yield from _line(values, numbers < low, first, f"below {low:g}")
    if (high := column["max"]) is not None:
        yield from _line(values, (numbers > high) & np.isfinite(numbers), first, f"above {high:g}")


def _line(values: pd.Series, wrong: np.ndarray, first: int, what: str) -> Iterable[str]:
    if places := np.flatnonzero(wrong).tolist():
        shown = ", ".join(f"{first + place:,}: {values.iloc[place]!r}" for place in places[:SHOWN])
        yield f"column '{values.name}': {what} in {len(places):,} rows (row {shown})"
