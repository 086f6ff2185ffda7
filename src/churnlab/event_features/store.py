"""Event tables in, rows out: what both engines read and give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from churnlab.errors import ChurnlabError
from churnlab.event_features.engines import constant
from churnlab.event_features.holidays import holiday_table

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends import BaseBackend

    from churnlab.config.further import FurtherTable

TABLES = ("items", "payments", "products", "sellers", "customers", "orders", "reviews")


def read_tables(
    backend: BaseBackend,
    folder: Path,
    further: Mapping[str, FurtherTable] = MappingProxyType({}),
    years: Iterable[int] = (),
) -> dict[str, ir.Table]:
    """Return the event tables and declared further tables that are there, by name.

    Args:
        backend: an Ibis connection.
        folder: holds the Parquet files.
        further: the declared further tables.
        years: calendar years whose holidays are wanted.

    Raises:
        ChurnlabError: the items are not there, or a further table would take the place of another.
    """
    files = {name: folder / f"{name}.parquet" for name in TABLES}
    if not files["items"].is_file():
        raise ChurnlabError(
            f"{files['items']}: there is no such file; run `dvc repro` up to events first"
        )
    added = {name: folder / table.file for name, table in further.items() if table.file}
    if taken := [name for name in added if files.get(name, added[name]) != added[name]]:
        raise ChurnlabError(
            f"further.{taken[0]}: a table of events has this name; call the further one otherwise"
        )
    files |= added
    return {
        name: backend.read_parquet(str(file)) for name, file in files.items() if file.is_file()
    } | {
        name: constant(backend, holiday_table(table.holidays, years))
        for name, table in further.items()
        if table.holidays
    }


def dated(rows: ir.Table) -> pa.Table:
    """Return the rows by date and seller, with the date in place of the day's number."""
    import pyarrow as pa

    table = rows.order_by(["reference_day", "seller_id"]).to_pyarrow()
    dates = table["reference_day"].cast(pa.int32()).cast(pa.date32())
    rest = table.drop_columns(["seller_id", "reference_day"])
    values = dict(zip(rest.column_names, rest.columns, strict=True))
    return pa.table({"seller_id": table["seller_id"], "reference_date": dates, **values})
