"""The same features by pandas: whole columns at a time, one date and window after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

TYPES = ("credit_card", "boleto", "voucher", "debit_card")
LIFE = None


def features(folder: Path, dates: Sequence[date], windows: Sequence[int]) -> pd.DataFrame:
    """Return `seller_id`, `reference_date` and the features of sales, payments, products, freight.

    Identifiers become whole numbers first: grouping by texts would be several times slower.
    """
    items, names = _items(folder)
    payments = _payments(folder, items)
    parts = [
        _as_of(items, payments, pd.Timestamp(day), (*windows, LIFE)).assign(reference_date=day)
        for day in dates
    ]
    table = pd.concat(parts)
    table.insert(0, "seller_id", names[table.index])
    return table.reset_index(drop=True)


def _items(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    items = pd.read_parquet(folder / "items.parquet")
    products = pd.read_parquet(folder / "products.parquet")
    items = items.merge(products, on="product_id", how="left")
    items["seller"], names = pd.factorize(items["seller_id"], sort=True)
    for column in ("product_id", "category"):
        items[column] = pd.factorize(items[column])[0]
    items["day"] = items["event_time"].dt.normalize()
    items["seen"] = items[["event_time", "known_time"]].max(axis=1)
    return items.drop(columns=["seller_id", "customer_id"]), np.asarray(names)


def _payments(folder: Path, items: pd.DataFrame) -> pd.DataFrame:
    payments = pd.read_parquet(folder / "payments.parquet")
    links = items.groupby(["order_id", "seller"], as_index=False)["seen"].min()
    joined = links.merge(payments, on="order_id")
    joined["seen"] = joined[["seen", "event_time", "known_time"]].max(axis=1)
    items["order_id"], _ = pd.factorize(items["order_id"])
    return joined.drop(columns="order_id")


def _as_of(
    items: pd.DataFrame, payments: pd.DataFrame, day: pd.Timestamp, windows: Sequence[int | None]
) -> pd.DataFrame:
    seen, paid = items[items["seen"] < day], payments[payments["seen"] < day]
    seen = seen.assign(ago=(day - seen["day"]).dt.days)
    ago = seen.groupby("seller")["ago"]
    recency, age = ago.min(), ago.max()
    columns: dict[str, pd.Series] = {"sales_recency": recency, "sales_age": age}
    for window in windows:
        start = None if window is None else day - pd.Timedelta(days=window)
        inside = seen if start is None else seen[seen["event_time"] >= start]
        spent = paid if start is None else paid[paid["event_time"] >= start]
        ending = "life" if window is None else f"{window}d"
        found = {
            **_sales(inside, age if window is None else pd.Series(window, index=age.index)),
            **_products(inside),
            **_paid(spent),
        }
        columns |= {f"{name}_{ending}": values for name, values in found.items()}
    return pd.DataFrame(columns, index=recency.index)


def _sales(rows: pd.DataFrame, days: pd.Series) -> dict[str, pd.Series]:
    sold = rows.groupby("seller")
    latest = rows.groupby(["seller", "order_id"])["ago"].min().reset_index()
    placed = latest.groupby("seller")["ago"].agg(["size", "sum"]).reindex(days.index, fill_value=0)
    orders = placed["size"]
    items = sold.size().reindex(days.index, fill_value=0)
    revenue = sold["price"].sum().reindex(days.index, fill_value=0.0)
    moment = (rows["price"] * rows["ago"]).groupby(rows["seller"]).sum()
    moment = moment.reindex(days.index, fill_value=0.0)
    freight = sold["freight"].sum().reindex(days.index, fill_value=0.0)
    scale = 6.0 / _nonzero(days * (days * days - 1))
    return {
        "sales_orders": orders,
        "sales_items": items,
        "sales_revenue": revenue,
        "sales_days": sold["day"].nunique().reindex(days.index, fill_value=0),
        "sales_ticket": revenue / _nonzero(orders),
        "sales_price": revenue / _nonzero(items),
        "sales_price_max": sold["price"].max(),
        "sales_items_per_order": items / _nonzero(orders),
        "sales_revenue_trend": ((days + 1) * revenue - 2 * moment) * scale,
        "sales_orders_trend": ((days + 1) * orders - 2 * placed["sum"]) * scale,
        "delivery_freight": freight / _nonzero(items),
        "delivery_freight_share": freight / _nonzero(revenue),
    }


def _nonzero(values: pd.Series) -> pd.Series:
    return values.where(values != 0)


def _products(rows: pd.DataFrame) -> dict[str, pd.Series]:
    sold = rows.groupby("seller")
    known = rows[rows["category"] >= 0]
    counts = known.groupby(["seller", "category"]).size()
    each = counts.groupby("seller")
    total = each.sum()
    return {
        "products_distinct": sold["product_id"].nunique(),
        "products_categories": each.size(),
        "products_top_category": each.max() / total,
        "products_category_concentration": (counts**2).groupby("seller").sum() / total**2,
        **{f"products_{n}": sold[n].mean() for n in ("photos", "weight_g", "volume_cm3")},
    }


def _paid(rows: pd.DataFrame) -> dict[str, pd.Series]:
    paid = rows.groupby("seller")
    count, value = paid.size(), paid["value"].sum()
    found = {
        "payments_count": count,
        "payments_value": value,
        "payments_mean": value / count,
        "payments_instalments": paid["installments"].mean(),
        "payments_instalments_max": paid["installments"].max(),
        "payments_split": (rows["installments"] > 1).groupby(rows["seller"]).mean(),
    }
    for kind in TYPES:
        own = rows[rows["type"] == kind].groupby("seller")
        number = own.size().reindex(count.index, fill_value=0)
        amount = own["value"].sum().reindex(count.index, fill_value=0.0)
        found |= {
            f"payments_{kind}": number,
            f"payments_{kind}_value": amount,
            f"payments_{kind}_share": number / count,
            f"payments_{kind}_value_share": amount / _nonzero(value),
        }
    return found
