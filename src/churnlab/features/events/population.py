"""Which sellers a reference date asks about, and which of them are active."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from churnlab.features.events.engines import constant
from churnlab.features.events.tables import item_lines
from churnlab.features.events.visibility import as_of, entries

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

EPOCH = date(1970, 1, 1)


def reference_days(like: ir.Table, dates: Sequence[date]) -> ir.Table:
    """Return the column `reference_day`, days since 1970-01-01, in the engine of `like`."""
    import pyarrow as pa

    days = [(day - EPOCH).days for day in sorted(set(dates))]
    return constant(like.get_backend(), pa.table({"reference_day": pa.array(days, pa.int64())}))


def asked_pairs(like: ir.Table, rows: pa.Table) -> ir.Table:
    """Return `seller_id` and `reference_day` of `rows`, which have a `reference_date`."""
    import pyarrow as pa

    days = rows["reference_date"].cast(pa.int32()).cast(pa.int64())
    asked = pa.table({"seller_id": rows["seller_id"], "reference_day": days})
    return constant(like.get_backend(), asked)


def known_sellers(
    items: ir.Table, dates: Sequence[date], activity_days: int, activity_orders: int
) -> ir.Table:
    """Return every seller with a sale known by a reference date, once for each such date.

    Returns:
        Table with `seller_id`, `reference_day` and `active`: at least `activity_orders` orders
        within the `activity_days` days before the date.
    """
    orders = entries(item_lines(items), "order_id")
    days = reference_days(items, dates)
    sellers = orders.select("seller_id").distinct()
    pairs = sellers.cross_join(days)
    seen = as_of(orders, pairs)
    return seen.group_by(["seller_id", "reference_day"]).agg(
        active=seen["count"].sum(where=seen.ago <= activity_days).fill_null(0) >= activity_orders
    )
