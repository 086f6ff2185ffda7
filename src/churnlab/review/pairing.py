"""Whether two models were judged on the same customers, and their predictions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from churnlab.errors import ChurnlabError
from churnlab.review.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd


def check_same_test_rows(first: Evidence, second: Evidence) -> None:
    """Raise a ChurnlabError where the two were judged on other test rows or outcomes."""
    _check_same(
        first,
        second,
        (first.test, second.test),
        ["id", "y"],
        "test rows",
        "run both with the same data and `split`",
    )


def check_same_folds(first: Evidence, second: Evidence) -> None:
    """Raise a ChurnlabError where the two were held out in other folds."""
    _check_same(
        first,
        second,
        (first.held_out, second.held_out),
        ["repeat", "fold", "id", "y"],
        "folds",
        "run both with the same `seed` and `cross_validate`, or compare the test part alone with "
        "`--test-only`",
    )


def aligned(predictions: pd.DataFrame, column: str) -> np.ndarray:
    """Return one column in the order of the customers' ids, shape (rows,)."""
    return np.asarray(predictions.set_index("id").sort_index()[column])


def _check_same(
    first: Evidence,
    second: Evidence,
    frames: tuple[pd.DataFrame, pd.DataFrame],
    keys: list[str],
    what: str,
    remedy: str,
) -> None:
    one, other = (frame[keys].sort_values(keys, ignore_index=True) for frame in frames)
    if one.equals(other):
        return
    # Not as frames: those differ by the width of an integer, and refuse to merge other types.
    rows, other_rows = (list(frame.itertuples(index=False, name=None)) for frame in (one, other))
    if rows == other_rows:
        return
    types = {str(frame["id"].dtype): None for frame in frames}
    ids = f" Ids are {' and '.join(types)}." if len(types) > 1 else ""
    raise ChurnlabError(
        f"{first.label} and {second.label} were judged on different {what}: {len(rows):,} and "
        f"{len(other_rows):,} rows, {len(set(rows) & set(other_rows)):,} of them the same.{ids} "
        f"Paired comparisons need the same; {remedy}"
    )
