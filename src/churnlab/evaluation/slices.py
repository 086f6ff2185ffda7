"""Groups of customers, by one or two inputs, on which the probabilities are worst."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import entr, stdtr

from churnlab.errors import ChurnlabError
from churnlab.evaluation.metrics import decisions, row_log_loss
from churnlab.evaluation.ranking import checked
from churnlab.evaluation.significance import benjamini_hochberg

BINS = 4
MOST_LEVELS = 60  # of a column; of more, the most frequent are tried
NOT_INPUTS = ("id", "y")
# Two slices that share this much of their union say the same thing twice.
LARGEST_OVERLAP = 0.5
SIGNIFICANT = 0.05


def worst_slices(
    rows: pd.DataFrame,
    y: np.ndarray,
    p: np.ndarray,
    threshold: float,
    *,
    min_rows: int,
    count: int,
) -> pd.DataFrame:
    """Return the slices whose mean log loss most exceeds that of all other rows.

    Numeric inputs are cut at their quartiles, others into their levels; slices are conditions
    on one input, or on two when the two together are worse than each alone. The one-sided Welch
    test against the rest is adjusted by Benjamini & Hochberg (1995) over all slices tried.
    Significant slices come first, each group by excess; of overlapping slices the first is kept.

    Args:
        rows: prepared inputs, shape (n, columns); `id` and `y` are not inputs.
        y: 0/1, shape (n,).
        p: churn probabilities, shape (n,).
        threshold: rows with p at or above it are treated as churners.
        min_rows: smaller slices are not tried.
        count: slices to return at most.

    Returns:
        Columns `slice, rows, churn_rate, mean_p, error_rate, log_loss, expected_log_loss,
        rest_log_loss, excess, p_value, adjusted_p_value`. The expected loss is the one that the
        probabilities themselves announce: where the loss is no higher, the slice is hard to
        predict but the model knows it; where it is higher, the model is wrong about it.
    """
    y, p = checked(y, p)
    if len(rows) != len(y):
        raise ChurnlabError(
            f"There are {len(rows)} rows of inputs and {len(y)} predictions; "
            "join them by `id` first."
        )
    conditions = column_conditions(rows.drop(columns=list(NOT_INPUTS), errors="ignore"), min_rows)
    loss = row_log_loss(y, p)
    table, single = _tested(conditions, loss, min_rows)
    if table.empty:
        return _described(table, [], y, p, threshold)
    order = np.lexsort((-table["excess"], table["adjusted_p_value"] >= SIGNIFICANT))
    pairs = table[["first", "second"]].to_numpy()
    kept, members = _without_overlap(order, pairs, single, count)
    return _described(table.iloc[kept].reset_index(drop=True), members, y, p, threshold)


def column_conditions(inputs: pd.DataFrame, min_rows: int) -> dict[str, np.ndarray]:
    """Return `{condition in words: rows that meet it}` for each input and each of its cuts."""
    found: dict[str, np.ndarray] = {}
    for column in inputs.columns:
        values = inputs[column]
        numeric = pd.api.types.is_numeric_dtype(values) and values.nunique() > 2
        found |= _intervals(values) if numeric else _levels(values)
    size = len(inputs)
    return {name: rows for name, rows in found.items() if min_rows <= rows.sum() < size}


def _levels(values: pd.Series) -> dict[str, np.ndarray]:
    levels = values.value_counts().index[:MOST_LEVELS]
    return {
        f"{values.name} = {_plain(level)}": (values == level).to_numpy(dtype=bool)
        for level in sorted(levels)
    }


def _intervals(values: pd.Series) -> dict[str, np.ndarray]:
    numbers = values.to_numpy(dtype=np.float64)
    cuts = np.unique(np.nanquantile(numbers, np.arange(1, BINS) / BINS, method="lower"))
    cuts = cuts[cuts < np.nanmax(numbers)]
    if not len(cuts):
        return {}
    name, words = values.name, [_plain(cut) for cut in cuts]
    found = {f"{name} <= {words[0]}": numbers <= cuts[0]}
    for low, high, start, end in zip(cuts, cuts[1:], words, words[1:], strict=False):
        found[f"{start} < {name} <= {end}"] = (numbers > low) & (numbers <= high)
    found[f"{name} > {words[-1]}"] = numbers > cuts[-1]
    return found


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _tested(
    conditions: dict[str, np.ndarray], loss: np.ndarray, min_rows: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return slices, made of the conditions at `first` and `second`, and each condition's rows."""
    names = list(conditions)
    single = np.array(list(conditions.values()), dtype=bool).reshape(len(names), len(loss)).T
    excess, p_value = excess_over_rest(single, loss)
    floats = single.astype(np.float64)
    together = floats.T @ floats
    sums = floats.T @ (floats * loss[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        pair_excess = sums / together - (loss.sum() - sums) / (len(loss) - together)
    worse = pair_excess > np.maximum(excess[:, None], excess[None, :])
    first, second = np.nonzero(np.triu(worse & (together >= min_rows), k=1))
    # From products of conditions: the pairs' own rows would need far more memory.
    squares = floats.T @ (floats * (loss**2)[:, None])
    inside, total, square = (found[first, second] for found in (together, sums, squares))
    more_excess, more_p = _welch(inside, total, square, loss)
    words = [f"{names[a]} and {names[b]}" for a, b in zip(first, second, strict=True)]
    table = pd.DataFrame(
        {
            "slice": names + words,
            "first": np.r_[np.arange(len(names)), first],
            "second": np.r_[np.arange(len(names)), second],
            "excess": np.r_[excess, more_excess],
            "p_value": np.r_[p_value, more_p],
        }
    )
    # Every pair that is large enough was looked at, so every one counts in the adjustment.
    tried = len(names) + int(np.sum(np.triu(together >= min_rows, k=1)))
    untested = np.ones(tried - len(table))
    adjusted = benjamini_hochberg(np.r_[table["p_value"], untested])[: len(table)]
    return table.assign(adjusted_p_value=adjusted), single


def excess_over_rest(members: np.ndarray, loss: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean loss above that of the other rows, and Welch's (1947) one-sided p-value.

    Args:
        members: rows of each slice, bool, shape (n, slices).
        loss: loss of each row, shape (n,).
    """
    inside = members.sum(axis=0).astype(np.float64)
    return _welch(inside, loss @ members, (loss**2) @ members, loss)


def _welch(
    inside: np.ndarray, sums: np.ndarray, squares: np.ndarray, loss: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return excess and p-value from rows, sum of losses and of their squares of each slice."""
    outside = len(loss) - inside
    mean_in, mean_out = sums / inside, (loss.sum() - sums) / outside
    square_in, square_out = squares / inside, ((loss**2).sum() - squares) / outside
    part_in = np.maximum(square_in - mean_in**2, 0) / np.maximum(inside - 1, 1)
    part_out = np.maximum(square_out - mean_out**2, 0) / np.maximum(outside - 1, 1)
    variance = np.maximum(part_in + part_out, 1e-300)
    spread = part_in**2 / np.maximum(inside - 1, 1) + part_out**2 / np.maximum(outside - 1, 1)
    freedom = np.maximum(variance**2 / np.maximum(spread, 1e-300), 1.0)
    excess = mean_in - mean_out
    return excess, stdtr(freedom, -excess / np.sqrt(variance))


def _without_overlap(
    order: np.ndarray, pairs: np.ndarray, single: np.ndarray, count: int
) -> tuple[list[int], list[np.ndarray]]:
    kept: list[int] = []
    members: list[np.ndarray] = []
    for candidate in order:
        first, second = pairs[candidate]
        rows = single[:, first] & single[:, second]
        overlaps = (np.sum(rows & other) / np.sum(rows | other) for other in members)
        if all(overlap <= LARGEST_OVERLAP for overlap in overlaps):
            kept.append(int(candidate))
            members.append(rows)
        if len(kept) == count:
            break
    return kept, members


def _described(
    table: pd.DataFrame, slices: list[np.ndarray], y: np.ndarray, p: np.ndarray, threshold: float
) -> pd.DataFrame:
    loss, wrong = row_log_loss(y, p), decisions(p, threshold) != (y == 1)
    announced = entr(p) + entr(1 - p)
    described = {
        "slice": table["slice"],
        "rows": [int(rows.sum()) for rows in slices],
        "churn_rate": [y[rows].mean() for rows in slices],
        "mean_p": [p[rows].mean() for rows in slices],
        "error_rate": [wrong[rows].mean() for rows in slices],
        "log_loss": [loss[rows].mean() for rows in slices],
        "expected_log_loss": [announced[rows].mean() for rows in slices],
        "rest_log_loss": [loss[~rows].mean() for rows in slices],
    }
    return pd.DataFrame(described).join(table[["excess", "p_value", "adjusted_p_value"]])
