"""Sales: orders, items, revenue, days, recency, ticket and trend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from churnlab.event_features.definitions import Definition, Maker, divided
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import CENTS, Events
from churnlab.event_features.visibility import PAIR, as_of
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "sales"


def sales_sums(events: Events) -> ir.Table:
    """Return counts and sums per window, and the days of first and last sale."""
    days = as_of(events.seller_days, events.pairs)
    measured = {
        "items": days["items"],
        "priced": days.priced,
        "cents": days.cents,
        "cents_ago": days.cents * days.ago,
        "days": days["first"],
    }
    sold = windowed(days, PAIR, events.windows, measured, {"cents": days.dearest})
    orders = as_of(events.order_days, events.pairs)
    counted = {"orders": orders["count"], "orders_ago": orders["count"] * orders.ago}
    ordered = windowed(orders, PAIR, events.windows, counted).drop("recency", "age")
    return sold.inner_join(ordered, list(PAIR))


def sales_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features of this family."""
    now = Maker(NAME)
    found = [
        now.state("recency", "days", "Days since the last sale", "recency"),
        now.state("age", "days", "Days since the first sale", "age"),
    ]
    for window in windows:
        found += _windowed(window)
    return found + [
        now.ratio(
            f"orders_share_{shorter.label}_of_{longer.label}",
            "share",
            f"Share of the orders {longer.words} that came {shorter.words}",
            shorter.name("orders"),
            longer.name("orders"),
        )
        for shorter, longer in pairwise(windows)
    ]


def _windowed(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    orders, items, cents, days = (window.name(x) for x in ("orders", "items", "cents", "days"))
    return [
        made.number("orders", "orders", "Orders", orders),
        made.number("items", "items", "Items sold", items),
        made.number("revenue", "reais", "Sum of prices, without freight,", cents, CENTS),
        made.number("days", "days", "Days with a sale", days),
        made.ratio("ticket", "reais", "Mean revenue of an order", cents, orders, CENTS),
        made.ratio("price", "reais", "Mean price of an item", cents, window.name("priced"), CENTS),
        made.state("price_max", "reais", "Highest price", window.name("cents_max"), CENTS),
        made.ratio("items_per_order", "items", "Items per order", items, orders),
        made.formula(
            "revenue_trend",
            "reais per day²",
            "Least-squares slope of revenue per day, days without a sale as 0,",
            lambda t: slope(t, window, "cents") / float(CENTS),
        ),
        made.formula(
            "orders_trend",
            "orders per day²",
            "Least-squares slope of orders per day, days without an order as 0,",
            lambda t: slope(t, window, "orders"),
        ),
    ]


def slope(table: ir.Table, window: Window, measure: str) -> Any:
    """Return the least-squares slope of a daily sum over the n days of a window, per day.

    With x = -ago for ago = 1 … n, sum of (x - mean)² = n(n² - 1)/12, so that two sums are enough:
    slope = 6 ((n + 1) Σy - 2 Σ(y ago)) / (n (n² - 1)). The lifetime has `age` days.
    """
    import ibis

    days = table.age.cast("float64") if window.days is None else ibis.literal(float(window.days))
    total, moment = table[window.name(measure)], table[window.name(f"{measure}_ago")]
    return divided(((days + 1) * total - 2 * moment) * 6, days * (days * days - 1))


SALES = Family(NAME, ("items",), sales_sums, sales_definitions)
