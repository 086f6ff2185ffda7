"""Dates as numbers: days since 1970 where they are read, days before the prediction for models."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from churnlab.config import Catalog

EPOCH = pd.Timestamp(0)
DAY = pd.Timedelta(days=1)


def days_since_epoch(texts: pd.Series, form: str) -> np.ndarray:
    """Return days since 1970-01-01, shape (rows,), float64; NaN where a text is no such date.

    Args:
        texts: the published texts.
        form: as `strptime` writes it, such as `%d/%m/%Y`.
    """
    # Tables repeat their dates; each distinct one is read once.
    codes, distinct = pd.factorize(texts, use_na_sentinel=False)
    moments = pd.to_datetime(pd.Series(distinct, dtype=object), format=form, errors="coerce")
    return ((moments - EPOCH) / DAY).to_numpy(dtype=np.float64)[codes]


def before_prediction(frame: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return the table with its dates as days before the time of prediction of each row.

    That time is the row's own where the catalog names a column of times, which itself stays in days
    since 1970, and `as_of` for all rows otherwise. A date after it is negative: it was not known.
    """
    dated = [n for n, column in catalog.columns.items() if column.type == "date"]
    if catalog.time is not None:
        predicted: pd.Series | float = frame[catalog.time]
    elif catalog.as_of is not None:
        predicted = float((catalog.as_of - date(1970, 1, 1)).days)
    else:
        return frame
    return frame.assign(**{n: predicted - frame[n] for n in dated if n != catalog.time})
