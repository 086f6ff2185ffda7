"""Every family once more, in plain pandas: one seller, one date, one window at a time.

Nothing here is shared with the expressions: moments instead of days, floats instead of cents, and
each window filtered anew.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

LIFE = None


def features(tables, dates, windows, families):
    """Return one row per seller and date with the features of the named families."""
    rows = []
    for day in dates:
        midnight = pd.Timestamp(day)
        for seller in sorted(_visible(tables["items"], midnight)["seller_id"].unique()):
            row = {"seller_id": seller, "reference_date": day}
            for name in families:
                for window in (*windows, LIFE):
                    found = FAMILIES[name](tables, seller, midnight, window)
                    ending = "life" if window is LIFE else f"{window}d"
                    row |= {f"{name}_{k}_{ending}": v for k, v in found.items()}
                row |= {
                    f"{name}_{k}": v
                    for k, v in NOW.get(name, _nothing)(tables, seller, midnight, windows).items()
                }
            rows.append(row)
    return pd.DataFrame(rows)


def _nothing(*_):
    return {}


def _visible(rows, midnight):
    return rows[(rows["event_time"] < midnight) & (rows["known_time"] < midnight)]


def _inside(rows, midnight, window):
    if window is LIFE:
        return rows
    return rows[rows["event_time"] >= midnight - pd.Timedelta(days=window)]


def _items(tables, seller, midnight, window):
    items = _visible(tables["items"], midnight)
    return _inside(items[items["seller_id"] == seller], midnight, window)


def _ago(moments, midnight):
    return (midnight - moments.dt.normalize()).dt.days


def _over(a, b):
    return a / b if b else np.nan


def _mean(values):
    return float(values.mean()) if len(values) else np.nan


def _slope(daily, days):
    """Return numpy's own straight line through `days` daily values, days without one as 0."""
    if days < 2:
        return np.nan
    values = np.array([daily.get(ago, 0.0) for ago in range(days, 0, -1)])
    return np.polyfit(np.arange(days), values, 1)[0]


def sales(tables, seller, midnight, window):
    items = _items(tables, seller, midnight, window)
    latest = items.groupby("order_id")["event_time"].max()
    span = window or _ago(_items(tables, seller, midnight, LIFE)["event_time"], midnight).max()
    revenue = items.groupby(_ago(items["event_time"], midnight))["price"].sum()
    orders = _ago(latest, midnight).value_counts()
    return {
        "orders": items["order_id"].nunique(),
        "items": len(items),
        "revenue": items["price"].sum(),
        "days": items["event_time"].dt.normalize().nunique(),
        "ticket": _over(items["price"].sum(), items["order_id"].nunique()),
        "price": _mean(items["price"]),
        "price_max": items["price"].max() if len(items) else np.nan,
        "items_per_order": _over(len(items), items["order_id"].nunique()),
        "revenue_trend": _slope(revenue, span),
        "orders_trend": _slope(orders, span),
    }


def sales_now(tables, seller, midnight, windows):
    ago = _ago(_items(tables, seller, midnight, LIFE)["event_time"], midnight)
    orders = {w: sales(tables, seller, midnight, w)["orders"] for w in (*windows, LIFE)}
    names = [*(f"{w}d" for w in windows), "life"]
    spans = dict(zip(names, (*windows, LIFE), strict=True))
    return {
        "recency": ago.min(),
        "age": ago.max(),
        **{
            f"orders_share_{a}_of_{b}": _over(orders[spans[a]], orders[spans[b]])
            for a, b in pairwise(names)
        },
    }


def rhythm(tables, seller, midnight, window):
    items = _items(tables, seller, midnight, window)
    ago = np.array(sorted(set(_ago(items["event_time"], midnight))))
    gaps = np.diff(ago)
    everything = _ago(_items(tables, seller, midnight, LIFE)["event_time"], midnight)
    weeks = int(np.ceil((window or everything.max()) / 7))
    return {
        "interval_mean": gaps.mean() if len(gaps) else np.nan,
        "interval_std": gaps.std(ddof=1) if len(gaps) > 1 else np.nan,
        "interval_max": gaps.max() if len(gaps) else np.nan,
        "overdue": everything.min() / gaps.mean() if len(gaps) else np.nan,
        "active_weeks": len({int(np.ceil(day / 7)) for day in ago}) / weeks,
    }


def rhythm_now(tables, seller, midnight, windows):
    items = _items(tables, seller, midnight, LIFE)
    ago = _ago(items.groupby("order_id")["event_time"].max(), midnight)
    counts = {half: float((0.5 ** (ago / half)).sum()) for half in (7, 14, 28, 56, 112)}
    halves = list(counts)
    return {
        **{f"decayed_orders_{half}": count for half, count in counts.items()},
        **{f"decayed_ratio_{a}_{b}": counts[a] / counts[b] for a, b in pairwise(halves)},
    }


def _own_orders(tables, seller, midnight):
    return set(_items(tables, seller, midnight, LIFE)["order_id"])


def payments(tables, seller, midnight, window):
    own = _own_orders(tables, seller, midnight)
    paid = _inside(_visible(tables["payments"], midnight), midnight, window)
    paid = paid[paid["order_id"].isin(own)]
    total = paid["value"].sum()
    found = {
        "count": len(paid),
        "value": total,
        "mean": _mean(paid["value"]),
        "instalments": _mean(paid["installments"]),
        "instalments_max": paid["installments"].max() if len(paid) else np.nan,
        "split": _mean(paid["installments"].dropna() > 1),
    }
    for kind in ("credit_card", "boleto", "voucher", "debit_card"):
        rows = paid[paid["type"] == kind]
        found |= {
            kind: len(rows),
            f"{kind}_value": rows["value"].sum(),
            f"{kind}_share": _over(len(rows), len(paid)),
            f"{kind}_value_share": _over(rows["value"].sum(), total),
        }
    return found


def _shares(values):
    return values.value_counts(normalize=True)


def customers(tables, seller, midnight, window):
    items = _items(tables, seller, midnight, window)
    bought = items.merge(tables["customers"], on="customer_id")
    orders = bought.drop_duplicates("order_id")
    home = tables["sellers"].set_index("seller_id")["state"][seller]
    shares = _shares(orders["state"])
    persons = orders["person_id"].dropna()
    return {
        "persons": persons.nunique(),
        "orders_per_person": _over(len(persons), persons.nunique()),
        "states": bought["state"].nunique(),
        "top_state": shares.max() if len(shares) else np.nan,
        "state_concentration": (shares**2).sum() if len(shares) else np.nan,
        "own_state": np.nan if pd.isna(home) else _mean(orders["state"].dropna() == home),
    }


def products(tables, seller, midnight, window):
    items = _items(tables, seller, midnight, window)
    sold = items.merge(tables["products"], on="product_id", how="left")
    shares = _shares(sold["category"])
    return {
        "distinct": items["product_id"].nunique(),
        "categories": sold["category"].nunique(),
        "top_category": shares.max() if len(shares) else np.nan,
        "category_concentration": (shares**2).sum() if len(shares) else np.nan,
        "photos": sold["photos"].mean(),
        "weight_g": sold["weight_g"].mean(),
        "volume_cm3": sold["volume_cm3"].mean(),
    }


def delivery(tables, seller, midnight, window):
    items = _items(tables, seller, midnight, window)
    own = _own_orders(tables, seller, midnight)
    placed = _inside(_visible(tables["orders"], midnight), midnight, window)
    placed = placed[placed["order_id"].isin(own)]
    days = {
        name: placed[name].dt.normalize()
        for name in ("delivered", "estimated", "handed_over", "purchased")
    }
    arrived, due = days["delivered"] < midnight, days["estimated"] < midnight
    handed = days["handed_over"] < midnight
    gone = due & placed["status"].isin(["canceled", "unavailable"])
    delay = (days["delivered"] - days["estimated"]).dt.days[arrived].dropna()
    return {
        "freight": _mean(items["freight"]),
        "freight_share": _over(items["freight"].sum(), items["price"].sum()),
        "delivered": _mean(arrived),
        "late": _mean(delay > 0),
        "delay": _mean(delay),
        "delay_max": delay.max() if len(delay) else np.nan,
        "transit": _mean((days["delivered"] - days["purchased"]).dt.days[arrived]),
        "handling": _mean((days["handed_over"] - days["purchased"]).dt.days[handed]),
        "overdue": _mean(due & ~arrived & ~gone),
        "cancelled": _mean(gone),
    }


def reviews(tables, seller, midnight, window):
    own = _own_orders(tables, seller, midnight)
    written = _inside(_visible(tables["reviews"], midnight), midnight, window)
    written = written[written["order_id"].isin(own)]
    orders = _items(tables, seller, midnight, window)["order_id"].nunique()
    return {
        "count": len(written),
        "score": _mean(written["score"]),
        "low": _mean(written["score"] <= 2),
        "high": _mean(written["score"] == 5),
        "coverage": _over(written["order_id"].nunique(), orders),
    }


def market_now(tables, seller, midnight, windows):
    items = _visible(tables["items"], midnight)
    orders, sellers = {}, {}
    for window in windows:
        rows = _inside(items, midnight, window)
        orders[window] = len(rows[["seller_id", "order_id"]].drop_duplicates())
        sellers[window] = rows["seller_id"].nunique()
    return {
        f"{name}_pace_{a}d_{b}d": _over(counts[a], counts[b])
        for name, counts in (("orders", orders), ("sellers", sellers))
        for a, b in pairwise(windows)
    }


FAMILIES = {
    "sales": sales,
    "rhythm": rhythm,
    "payments": payments,
    "customers": customers,
    "products": products,
    "delivery": delivery,
    "reviews": reviews,
    "market": _nothing,
}
NOW = {"sales": sales_now, "rhythm": rhythm_now, "market": market_now}
