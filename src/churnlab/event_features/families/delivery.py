"""Delivery: freight of the items, and with the orders table lateness and cancellations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition, Maker
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import CENTS, Events
from churnlab.event_features.visibility import (
    NEVER,
    PAIR,
    as_of,
    day_number,
    seen_day,
)
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "delivery"
CANCELLED = ("canceled", "unavailable")


def freight_sums(events: Events) -> ir.Table:
    """Return freight, prices and items of known freight per window."""
    days = as_of(events.seller_days, events.pairs)
    measured = {"freight": days.freight, "cents": days.cents, "freighted": days.freighted}
    return windowed(days, PAIR, events.windows, measured)


def freight_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features that need the items alone."""
    found = []
    for window in windows:
        made = Maker(NAME, window.label, window.words)
        freight, cents, items = (window.name(x) for x in ("freight", "cents", "freighted"))
        found += [
            made.ratio("freight", "reais", "Mean freight of an item", freight, items, CENTS),
            made.ratio("freight_share", "share", "Freight over price", freight, cents),
        ]
    return found


def order_progress(events: Events) -> ir.Table:
    """Return each seller's orders with the days on which their steps were taken and known.

    `seen` is when the seller's part in the order is known; NEVER stands for a step not taken. The
    published table dates no cancellation: it counts as known once the promised day of delivery has
    passed, when its absence would show at the latest.
    """
    import ibis

    orders = events.tables["orders"]
    steps = orders.select(
        "order_id",
        day=day_number(orders.event_time),
        known=seen_day(orders.event_time, orders.known_time),
        promised=day_number(orders.estimated).fill_null(NEVER),
        arrived=day_number(orders.delivered).fill_null(NEVER),
        handed=day_number(orders.handed_over).fill_null(NEVER),
        cancelled=orders.status.isin(CANCELLED).fill_null(False).cast("int64"),
    )
    joined = events.links.inner_join(steps.filter(steps.day.notnull()), "order_id")
    return joined.mutate(seen=ibis.greatest(joined.seen, joined.known)).drop("known")


def lateness_sums(events: Events) -> ir.Table:
    """Return deliveries, delays, overdue and cancelled orders per window of the purchase day.

    Every step counts from the day after it was taken: an order delivered on the reference date or
    later is not delivered yet.
    """
    orders = as_of(order_progress(events), events.pairs)
    today = orders.reference_day
    arrived, due = orders.arrived < today, orders.promised < today
    cancelled = due & (orders.cancelled == 1)
    handed = orders.handed < today
    promised = arrived & (orders.promised < NEVER)
    late = promised & (orders.arrived > orders.promised)
    number = {
        "placed": orders.seller.notnull(),
        "arrived": arrived,
        "promised": promised,
        "late": late,
        "overdue": due & ~arrived & ~cancelled,
        "cancelled": cancelled,
        "handed": handed,
    }
    counted = {name: rows.cast("float64") for name, rows in number.items()}
    took = {
        "transit": (arrived, orders.arrived - orders.day),
        "delay": (promised, orders.arrived - orders.promised),
        "handling": (handed, orders.handed - orders.day),
    }
    lasted = {name: rows.cast("float64") * days for name, (rows, days) in took.items()}
    delays = {"delay": took["delay"][0].ifelse(took["delay"][1], None)}
    return windowed(orders, PAIR, events.windows, {**counted, **lasted}, delays)


def lateness_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features that need the orders table."""
    return [found for window in windows for found in _lateness(window)]


def _lateness(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, f"of the orders placed {window.words}")
    placed, arrived, handed = (window.name(x) for x in ("placed", "arrived", "handed"))
    promised = window.name("promised")
    return [
        made.ratio("delivered", "share", "Share that has been delivered", arrived, placed),
        made.ratio(
            "late",
            "share",
            "Share of deliveries after the promised day",
            window.name("late"),
            promised,
        ),
        made.ratio(
            "delay",
            "days",
            "Mean days between promised and actual delivery",
            window.name("delay"),
            promised,
        ),
        made.state(
            "delay_max", "days", "Longest delay beyond the promised day", window.name("delay_max")
        ),
        made.ratio(
            "transit",
            "days",
            "Mean days from purchase to delivery",
            window.name("transit"),
            arrived,
        ),
        made.ratio(
            "handling",
            "days",
            "Mean days from purchase to the carrier",
            window.name("handling"),
            handed,
        ),
        made.ratio(
            "overdue",
            "share",
            "Share overdue and not delivered yet",
            window.name("overdue"),
            placed,
        ),
        made.ratio(
            "cancelled", "share", "Share cancelled or unavailable", window.name("cancelled"), placed
        ),
    ]


FREIGHT = Family(NAME, ("items",), freight_sums, freight_definitions, "freight")
LATENESS = Family(NAME, ("items", "orders"), lateness_sums, lateness_definitions, "lateness")
