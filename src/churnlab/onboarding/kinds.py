"""What a column holds, from its texts alone: numbers, dates, categories, codes, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from churnlab.config.column import ColumnType
from churnlab.data.columns import INFINITE, NUMBER, missing_texts
from churnlab.onboarding.dates import ambiguous, date_form

# One-hot encoding of more levels than this makes more columns than it tells.
MOST_CATEGORIES = 60
UNIQUE_SHARE = 0.99
# Below this many rows, values that are all different are no sign of anything.
UNIQUE_ROWS = 50
FREE_TEXT_WORDS = 4
LEADING_ZERO = r"0\d+"
DECIMAL_COMMA = r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?"


@dataclass(frozen=True)
class Kind:
    """What a column holds.

    Attributes:
        type: the catalog's word for it.
        entries: further entries of the catalog: bounds, categories, form of dates, missing.
        summary: for people, such as "0 to 118.75".
        levels: distinct values that are not missing.
        missing: rows without a value.
        unique: whether (nearly) every row has its own value, as a customer number has.
        free: whether it is a text that people wrote.
        check: what a person should look at; empty where there is nothing.
    """

    type: ColumnType
    summary: str
    levels: int
    missing: int
    entries: dict[str, Any] = field(default_factory=dict)
    unique: bool = False
    free: bool = False
    check: str = ""


def kind_of(texts: pd.Series) -> Kind:
    """Return what a column of published texts holds."""
    absent = missing_texts(texts)
    present = texts[~absent]
    distinct = pd.Series(present.unique(), dtype=object).str.strip()
    counts = (len(distinct), int(absent.sum()))
    filled = {"missing": "fill"} if counts[1] else {}
    if not len(distinct):
        return Kind("text", "empty", *counts)
    own = len(distinct) / len(texts) >= UNIQUE_SHARE and len(texts) >= UNIQUE_ROWS
    if (form := date_form(distinct)) is not None:
        return _dates(distinct, form, counts, filled)
    if _numeric(distinct):
        return _numbers(distinct, counts, filled, own)
    return _texts(present, distinct, counts, filled, own)


def _numeric(distinct: pd.Series) -> bool:
    number = distinct.str.fullmatch(NUMBER)
    return bool(number.all() and not distinct.str.fullmatch(LEADING_ZERO).any())


def _dates(distinct: pd.Series, form: str, counts: tuple[int, int], filled: dict[str, Any]) -> Kind:
    days = pd.to_datetime(distinct, format=form)
    check = ""
    if ambiguous(distinct, form):
        check = f"days and months cannot be told apart: read as {form}; correct format if wrong"
    summary = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
    return Kind("date", summary, *counts, {"format": form, **filled}, check=check)


def _numbers(
    distinct: pd.Series, counts: tuple[int, int], filled: dict[str, Any], own: bool
) -> Kind:
    values = distinct.astype(float).to_numpy()
    low, high = values.min(), values.max()
    whole = bool((values == np.round(values)).all())
    entries: dict[str, Any] = {**({"min": 0.0} if low >= 0 else {})}
    if set(values) == {0.0, 1.0}:
        entries["max"] = 1.0
    if whole:
        entries["integer"] = True
    summary = f"{low:g} to {high:g}{', whole' if whole else ''}"
    return Kind("numeric", summary, *counts, {**entries, **filled}, unique=own and whole)


def _texts(
    present: pd.Series,
    distinct: pd.Series,
    counts: tuple[int, int],
    filled: dict[str, Any],
    own: bool,
) -> Kind:
    levels = sorted(present.unique())
    summary = f"{len(levels):,} {'level' if len(levels) == 1 else 'levels'}"
    wordy = float(distinct.str.count(r"\s").median()) + 1 >= FREE_TEXT_WORDS
    check = _odd_numbers(distinct)
    if len(levels) <= MOST_CATEGORIES and not own:
        return Kind("categorical", summary, *counts, {"categories": levels, **filled}, check=check)
    free = wordy and len(distinct) > len(present) / 2
    if own or free:
        return Kind("text", summary, *counts, unique=own and not free, free=free, check=check)
    return Kind("code", summary, *counts, filled, check=check)


def _odd_numbers(distinct: pd.Series) -> str:
    if distinct.str.fullmatch(DECIMAL_COMMA).all() and not distinct.str.isdigit().all():
        return "looks like numbers with a decimal comma, which are read as text; write 1234.5"
    if distinct.str.fullmatch(INFINITE).any():
        return "has infinite numbers and is read as text; replace them with numbers"
    share = float(distinct.str.fullmatch(NUMBER).mean())
    if share >= 0.9 and share < 1.0:
        odd = distinct[~distinct.str.fullmatch(NUMBER)].iloc[0]
        return f"nearly all are numbers, but {odd!r} is not, so it is read as text"
    return ""
