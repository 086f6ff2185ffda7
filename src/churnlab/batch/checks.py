"""Rows to score, held against the bundle's schema: all that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnlab.config.validation import nearest
from churnlab.errors import ChurnlabError

SHOWN = 3


@dataclass(frozen=True)
class Violation:
    """A rule that values of a column break.

    Attributes:
        column: its name.
        rule: what is wrong with the values, such as "below 0".
        places: of the rows in the batch, from 0 on, rising.
        found: what stands there.
    """

    column: str
    rule: str
    places: list[int]
    found: list[Any]


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


def violations(rows: pd.DataFrame, columns: Mapping[str, Any]) -> list[Violation]:
    """Return why the model could only guess: missing, out of bounds, of no known category.

    Args:
        rows: a batch with all columns that the model reads.
        columns: of the bundle's `schema.json`.
    """
    return [
        Violation(name, rule, places, rows[name].iloc[places].tolist())
        for name, column in columns.items()
        for wrong, rule in _broken(rows[name], column)
        if (places := np.flatnonzero(wrong).tolist())
    ]


def refusal(found: Sequence[Violation], where: str, first: int, count: int) -> ChurnlabError:
    """Return an error that names every column at fault, how many rows and the first of them.

    Args:
        found: what is wrong with a batch.
        where: the file or table that it comes from.
        first: number of the batch's first row in it, from 1 on.
        count: rows of the batch.
    """
    lines = [f"{where}: rows {first:,} to {first + count - 1:,} cannot be scored"]
    for one in found:
        shown = ", ".join(
            f"{first + place:,}: {value!r}"
            for place, value in zip(one.places[:SHOWN], one.found[:SHOWN], strict=True)
        )
        lines.append(f"column '{one.column}': {one.rule} in {len(one.places):,} rows (row {shown})")
    return ChurnlabError("\n".join(lines))


def _broken(values: pd.Series, column: Mapping[str, Any]) -> Iterator[tuple[np.ndarray, str]]:
    """Yield, for every rule of a column, which values break it, shape (rows,), and its words."""
    if column["type"] == "numeric":
        yield from _of_number(values, column)
    elif column["type"] == "categorical":
        known = column["categories"]
        yield ~values.isin(known).to_numpy(), f"not one of {', '.join(map(str, known[:8]))}"
    else:
        yield values.isna().to_numpy(), "missing"


def _of_number(values: pd.Series, column: Mapping[str, Any]) -> Iterator[tuple[np.ndarray, str]]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    missing = values.isna().to_numpy()
    yield np.isnan(numbers) & ~missing, "not a number"
    yield np.isinf(numbers), "infinite"
    if column.get("missing") != "filled":
        yield missing, "missing"
    if (low := column["min"]) is not None:
        yield numbers < low, f"below {low:g}"
    if (high := column["max"]) is not None:
        yield (numbers > high) & np.isfinite(numbers), f"above {high:g}"
    if column.get("integer"):
        yield np.isfinite(numbers) & (numbers != np.rint(numbers)), "not a whole number"
