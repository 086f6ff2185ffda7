"""The rows behind the views: the data's own id, the moment since when they count, the features."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import pandas as pd

from churnlab.errors import ChurnlabError
from churnlab.store.document import MOMENT
from churnlab.store.moments import moment

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_TIMEZONE = "UTC"


def event_rows(table: pa.Table, entity: str, fields: Sequence[str], timezone: str) -> pa.Table:
    """Return the features of every seller and reference date.

    Args:
        table: `seller_id`, `reference_date` and the features, by date and seller.
        entity: the name that the column of ids gets.
        fields: the features.
        timezone: in which reference dates begin.

    Raises:
        ChurnlabError: a feature has the name of the ids or of the moment.
    """
    import pyarrow as pa

    days = table["reference_date"].to_pylist()
    begin = {day: moment(day, timezone) for day in set(days)}
    moments = pa.array([begin[day] for day in days], pa.timestamp("us", tz="UTC"))
    return _rows(table["seller_id"].cast(pa.string()), moments, table.select(list(fields)), entity)


def table_rows(
    parts: Sequence[pd.DataFrame], entity: str, fields: Sequence[str], as_of: date
) -> pa.Table:
    """Return the inputs of every customer of a table, all of one day, by id.

    Args:
        parts: prepared parts with `id` and the inputs.
        entity: the name that the column of ids gets.
        fields: the inputs.
        as_of: the day of all rows.

    Raises:
        ChurnlabError: an id is there twice, or an input has the name of the ids or of the moment.
    """
    import pyarrow as pa

    rows = pd.concat(parts, ignore_index=True).sort_values("id", ignore_index=True)
    if (again := rows["id"].duplicated()).any():
        raise ChurnlabError(
            f"{int(again.sum()):,} rows repeat an id; the store holds one row per {entity} and day"
        )
    moments = pa.array([moment(as_of, TABLE_TIMEZONE)] * len(rows), pa.timestamp("us", tz="UTC"))
    kept = pa.Table.from_pandas(rows[list(fields)], preserve_index=False)
    return _rows(pa.array(rows["id"].astype(str), pa.string()), moments, kept, entity)


def days_of(rows: pa.Table) -> list[datetime]:
    """Return the distinct moments, rising."""
    return sorted(rows[MOMENT].unique().to_pylist())


def _rows(ids: pa.Array, moments: pa.Array, features: pa.Table, entity: str) -> pa.Table:
    import pyarrow as pa

    if taken := {entity, MOMENT} & set(features.column_names):
        raise ChurnlabError(
            f"a feature is called '{min(taken)}', as the store's own column; give the entity of "
            "store.studies another name, or rename the feature"
        )
    values = dict(zip(features.column_names, features.columns, strict=True))
    return pa.table({entity: ids, MOMENT: moments, **values})
