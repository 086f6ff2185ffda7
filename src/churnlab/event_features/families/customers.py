"""Customers: how many persons, how many came back, from which states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition, Maker, divided
from churnlab.event_features.families.family import Family
from churnlab.event_features.families.mixture import mixture
from churnlab.event_features.tables import Events
from churnlab.event_features.visibility import PAIR, as_of, entries
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "customers"


def buyers(events: Events) -> ir.Table:
    """Return the sold items with the person and state of their customer, where these are known."""
    customers = events.tables["customers"].select("customer_id", "person_id", "state")
    return events.lines.inner_join(customers, "customer_id")


def customer_sums(events: Events) -> ir.Table:
    """Return persons, orders and their states per window."""
    bought = buyers(events).cache()
    persons = as_of(entries(bought, "person_id"), events.pairs)
    counted = windowed(persons, PAIR, events.windows, {"persons": persons["count"]})
    placed = entries(bought, "order_id", by=("seller", "state"))
    spread = mixture(placed, events.pairs, "state", events.windows, "state")
    homes = events.tables["sellers"].select("seller_id", home="state")
    homes = homes.inner_join(events.sellers, "seller_id").select("seller", "home")
    near = as_of(placed.inner_join(homes, "seller"), events.pairs)
    own = (near.state == near.home).fill_null(False).cast("float64") * near["count"]
    neighbours = windowed(near, PAIR, events.windows, {"own": own}).drop("recency", "age")
    return (
        counted.inner_join(spread, list(PAIR))
        .left_join(neighbours, list(PAIR))
        .drop(*(f"{name}_right" for name in PAIR))
    )


def customer_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features of this family."""
    return [found for window in windows for found in _windowed(window)]


def _windowed(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    persons, orders = window.name("persons"), window.name("state_total")
    states, largest = window.name("state_distinct"), window.name("state_largest")
    squares = window.name("state_squares")
    return [
        made.number("persons", "persons", "Different persons who bought", persons),
        made.ratio("orders_per_person", "orders", "Orders per person", orders, persons),
        made.number("states", "states", "Different states of the customers", states),
        made.ratio(
            "top_state", "share", "Share of orders from the most frequent state", largest, orders
        ),
        made.formula(
            "state_concentration",
            "share",
            "Sum of squared shares of the customers' states (Herfindahl index)",
            lambda t: divided(t[squares], t[orders] * t[orders]),
        ),
        made.ratio(
            "own_state",
            "share",
            "Share of orders from the seller's own state",
            window.name("own"),
            orders,
        ),
    ]


CUSTOMERS = Family(
    NAME, ("items", "orders", "customers", "sellers"), customer_sums, customer_definitions
)
