"""A small part of the features by SQLite, one query per date: the style of the source.

One statement per reference date scans the events again and counts each window by CASE; windows are
correlated with the date, so no index helps. Only orders, items, revenue, days and payment types per
window are asked for, about a fifth of what the others compute.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

TYPES = ("credit_card", "boleto", "voucher", "debit_card")


def features(folder: Path, dates: Sequence[date], windows: Sequence[int]) -> pd.DataFrame:
    """Return `seller_id`, `reference_date` and the features; loading is part of the work."""
    connection = sqlite3.connect(":memory:")
    for name, columns in (
        ("items", ["order_id", "product_id", "seller_id", "price", "event_time"]),
        ("payments", ["order_id", "type", "value"]),
    ):
        frame = pd.read_parquet(folder / f"{name}.parquet", columns=columns)
        if "event_time" in frame:
            frame["event_time"] = frame["event_time"].dt.strftime("%Y-%m-%d %H:%M:%S")
        frame.to_sql(name, connection, index=False)
    connection.execute("create index items_order on items (order_id)")
    connection.execute("create index payments_order on payments (order_id)")
    parts = [
        pd.read_sql(_query(day, windows), connection).assign(reference_date=day) for day in dates
    ]
    return pd.concat(parts, ignore_index=True)


def _query(day: date, windows: Sequence[int]) -> str:
    """Return the statement of one date."""
    spans = {f"{days}d": str(day - timedelta(days=days)) for days in windows} | {"life": "0000"}
    sales = ",\n".join(
        f"count(distinct case when event_time >= '{start}' then order_id end) "
        f"as sales_orders_{name},\n"
        f"sum(event_time >= '{start}') as sales_items_{name},\n"
        f"total(case when event_time >= '{start}' then price end) as sales_revenue_{name},\n"
        f"count(distinct case when event_time >= '{start}' then date(event_time) end) "
        f"as sales_days_{name}"
        for name, start in spans.items()
    )
    paid = ",\n".join(
        f"total(event_time >= '{start}' and type = '{kind}') as payments_{kind}_{name}"
        for name, start in spans.items()
        for kind in TYPES
    )
    return f"""
        with sold as (select * from items where event_time < '{day}'),
        placed as (
            select seller_id, order_id, min(event_time) as event_time
            from sold group by seller_id, order_id
        ),
        paid as (
            select placed.seller_id, {paid}
            from placed join payments using (order_id) group by placed.seller_id
        ),
        counted as (select seller_id, {sales} from sold group by seller_id)
        select * from counted left join paid using (seller_id)
        order by seller_id
    """
