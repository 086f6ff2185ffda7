"""The analytical base table: features and label of active sellers, cut at a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from churnlab.errors import ChurnlabError
from churnlab.event_features.dates import ReferenceDates

NOT_FEATURES = ("seller_id", "reference_date", "active")


@dataclass(frozen=True)
class BaseTable:
    """The two parts: `id`, `y`, features (float64), `entity`, `time`; rows by time and entity."""

    train: pd.DataFrame
    test: pd.DataFrame


def base_table(features: pd.DataFrame, labels: pd.DataFrame, dates: ReferenceDates) -> BaseTable:
    """Return the rows of active sellers at the dates of each part.

    Args:
        features: `seller_id`, `reference_date`, `active` and the features.
        labels: `seller_id`, `reference_date` and `y` (0 or 1) of at least the active rows.
        dates: the reference dates of both parts.

    Raises:
        ChurnlabError: an active row has no label, a date has no active seller, or all rows of a
            part have the same outcome.
    """
    active = features[features["active"]]
    joined = active.merge(
        labels, on=["seller_id", "reference_date"], how="left", validate="one_to_one"
    )
    _check_labelled(joined)
    train, test = (_part(joined, part, name) for part, name in _parts(dates))
    return BaseTable(train, test)


def population(features: pd.DataFrame, day: date, kept: Sequence[str]) -> pd.DataFrame:
    """Return the active sellers of a day whose outcome nobody knows: `id`, inputs, place.

    Args:
        features: as for `base_table`.
        day: a reference date.
        kept: the inputs.

    Raises:
        ChurnlabError: no seller is active on the day.
    """
    rows = features[features["active"] & (features["reference_date"] == day)]
    if rows.empty:
        raise ChurnlabError(
            f"events: reference_dates.score: no seller is active at {day}; choose a date within "
            "the data, or relax minimum_activity"
        )
    rows = rows.sort_values("seller_id", ignore_index=True)
    return _placed(rows, rows[list(kept)])


def _placed(rows: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    time = rows["reference_date"].astype(str)
    keys = pd.DataFrame({"id": rows["seller_id"] + "@" + time})
    place = pd.DataFrame({"entity": rows["seller_id"], "time": time})
    return pd.concat([keys, columns, place], axis=1)


def _parts(dates: ReferenceDates) -> list[tuple[Sequence[date], str]]:
    return [(dates.train, "train"), (dates.test, "test")]


def _part(joined: pd.DataFrame, dates: Sequence[date], name: str) -> pd.DataFrame:
    rows = joined[joined["reference_date"].isin(list(dates))]
    rows = rows.sort_values(["reference_date", "seller_id"], ignore_index=True)
    if empty := sorted(set(dates) - set(rows["reference_date"])):
        raise ChurnlabError(
            f"events: reference_dates.{name}: no seller is active at {empty[0]}; choose dates "
            "within the data, or relax minimum_activity"
        )
    y = rows["y"].to_numpy(dtype=np.int64)
    if y.min() == y.max():
        raise ChurnlabError(
            f"events: reference_dates.{name}: all {len(y):,} rows have y = {y[0]}; choose another "
            "horizon or other dates"
        )
    columns = rows.drop(columns=list(NOT_FEATURES))
    columns.insert(0, "y", columns.pop("y").astype(np.int64))
    return _placed(rows, columns)


def _check_labelled(joined: pd.DataFrame) -> None:
    missing = joined[joined["y"].isna()]
    if len(missing):
        first = missing.iloc[0]
        raise ChurnlabError(
            f"{len(missing):,} of {len(joined):,} active rows have no label, the first seller "
            f"{first['seller_id']} at {first['reference_date']}; make features and labels from the "
            "same events"
        )
