"""Which sellers a reference date asks about, and which of them are active."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from churnlab.event_features.engines import constant
from churnlab.event_features.visibility import PAIR, as_of

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


def asked_sellers(
    orders: ir.Table, days: ir.Table, activity_days: int, activity_orders: int
) -> ir.Table:
    """Return every seller with a sale known by a reference day, once for each such day.

    Args:
        orders: `seller`, `day`, `seen`, `until` and `count`, as `entries` gives them.
        days: the column `reference_day`.
        activity_days: how far back an active seller's orders may lie.
        activity_orders: how many orders an active seller has in these days.

    Returns:
        Table with `seller`, `reference_day` and `active`.
    """
    begun = orders.group_by("seller").agg(begun=orders.seen.min())
    pairs = days.join(begun, begun.begun < days.reference_day).select(*PAIR)
    recent = as_of(orders, pairs, within=activity_days)
    sold = recent.group_by(list(PAIR)).agg(orders=recent["count"].sum())
    table = pairs.left_join(sold, list(PAIR))
    return table.select(*PAIR, active=table.orders.fill_null(0) >= activity_orders)
