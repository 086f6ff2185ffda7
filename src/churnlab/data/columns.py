"""One published column: its texts turned into typed values, or into a list of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from churnlab.config import Column
from churnlab.config.column import MISSING_LEVEL
from churnlab.config.validation import nearest
from churnlab.data.dates import days_since_epoch

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# 18 digits always fit into 64 bits.
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
INFINITE = re.compile(r"[+-]?(inf|infinity)", re.IGNORECASE)
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "nil", "?"})
SHOWN = 3


def typed(name: str, texts: pd.Series, column: Column) -> tuple[pd.Series, list[str]]:
    """Return the values of a column and one line per kind of violation.

    Numeric columns become float64 (whole identifiers int64), dates days since 1970, all others
    plain text. Missing values that the catalog lets be filled are NaN, or a level of their own. The
    values are only meaningful when there is no violation.
    """
    if column.type == "date":
        return _dates(name, texts, column)
    if column.type == "numeric":
        if column.role == "identifier" and column.integer:
            return _whole_identifier(name, texts)
        return _numeric(name, texts, column)
    if column.missing == "fill":
        texts = texts.mask(missing_texts(texts) & ~texts.isin(column.categories), MISSING_LEVEL)
    if column.type == "categorical":
        return texts, _category_violations(name, texts, column)
    if column.type == "code":
        refused = "missing; fill or remove these rows, or write missing: fill in the catalog"
        return texts, _lines(name, texts, (missing_texts(texts), refused))
    return texts, []


def rows_and_values(values: pd.Series, wrong: np.ndarray | pd.Series) -> str:
    """Return how many values are wrong and the first of them, as "2 values (row 5: 'x'; ...)".

    Row 1 is the first row below the header.
    """
    mask = np.asarray(wrong, dtype=bool)
    count = int(mask.sum())
    positions = np.flatnonzero(mask)[:SHOWN]
    shown = "; ".join(f"row {row + 1}: {values.iloc[row]!r}" for row in positions)
    more = "; ..." if count > SHOWN else ""
    return f"{count:,} value{'s' if count > 1 else ''} ({shown}{more})"


def _numeric(name: str, texts: pd.Series, column: Column) -> tuple[pd.Series, list[str]]:
    stripped = texts.str.strip()
    number = stripped.str.fullmatch(NUMBER).to_numpy(dtype=bool)
    missing = missing_texts(texts)
    values = np.full(len(texts), np.nan)
    # Python's own conversion is exact; the fast one of pandas may miss the last bit.
    values[number] = [float(text) for text in stripped[number]]
    infinite = stripped.str.fullmatch(INFINITE).to_numpy(dtype=bool) | np.isinf(values)
    finite = np.isfinite(values)
    below = finite & (values < (column.min if column.min is not None else -np.inf))
    above = finite & (values > (column.max if column.max is not None else np.inf))
    fractions = finite & column.integer & (values != np.round(values))
    lines = _lines(
        name,
        texts,
        (
            missing & (column.missing == "refuse"),
            "missing (empty or NaN); fill or remove these rows",
        ),
        (infinite, "infinite; replace them with a number"),
        (~number & ~missing & ~infinite, "not a number; correct them or declare another type"),
        (below, f"below the minimum {_shown(column.min)}; correct them or the catalog's min"),
        (above, f"above the maximum {_shown(column.max)}; correct them or the catalog's max"),
        (fractions, "not whole; correct them or remove integer: true from the catalog"),
    )
    return pd.Series(values, index=texts.index, name=texts.name), lines


def _dates(name: str, texts: pd.Series, column: Column) -> tuple[pd.Series, list[str]]:
    stripped = texts.str.strip()
    missing = missing_texts(texts)
    values = days_since_epoch(stripped.mask(missing), str(column.format))
    lines = _lines(
        name,
        texts,
        (missing & (column.missing == "refuse"), "missing; fill or remove these rows"),
        (np.isnan(values) & ~missing, f"not a date like {column.format}; correct them or format"),
    )
    return pd.Series(values, index=texts.index, name=texts.name), lines


def missing_texts(texts: pd.Series) -> np.ndarray:
    """Return where a text is empty or a word for a missing value, bool, shape (rows,)."""
    return texts.str.strip().str.casefold().isin(MISSING).to_numpy()


def _whole_identifier(name: str, texts: pd.Series) -> tuple[pd.Series, list[str]]:
    stripped = texts.str.strip()
    whole = stripped.str.fullmatch(WHOLE).to_numpy(dtype=bool)
    # Not by way of float64, which confuses neighbouring numbers above 2**53.
    values = pd.Series(
        [int(text) if ok else 0 for text, ok in zip(stripped, whole, strict=True)],
        index=texts.index,
        name=texts.name,
        dtype="int64",
    )
    return values, _lines(name, texts, (~whole, "not a whole number; correct the identifiers"))


def _category_violations(name: str, texts: pd.Series, column: Column) -> list[str]:
    unknown = ~texts.isin(column.levels).to_numpy()
    if not unknown.any():
        return []
    missing = unknown & missing_texts(texts)
    others = unknown & ~missing
    what = "value" if column.role == "target" else "category"
    remedy = "correct them" + (
        "" if column.role == "target" else ", or add the category to the catalog"
    )
    return _lines(
        name,
        texts,
        (missing, "missing; fill or remove these rows"),
        (others, f"not a known {what}{_hint(texts[others].unique(), column.categories)}; {remedy}"),
    )


def _hint(unknown: Iterable[str], categories: tuple[str, ...]) -> str:
    close = {value: nearest(value, categories) for value in list(unknown)[:SHOWN]}
    pairs = [f"'{value}' looks like '{match}'" for value, match in close.items() if match]
    listed = ", ".join(categories[:10]) + (", ..." if len(categories) > 10 else "")
    return f" ({', '.join(pairs) if pairs else f'known: {listed}'})"


def _lines(name: str, texts: pd.Series, *checks: tuple[np.ndarray, str]) -> list[str]:
    return [
        f"column '{name}': {rows_and_values(texts, wrong)} {meaning}"
        for wrong, meaning in checks
        if wrong.any()
    ]


def _shown(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"
