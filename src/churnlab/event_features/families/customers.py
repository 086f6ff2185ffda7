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
    """Return persons, their orders, and the orders' states per window, as far as they are known."""
    bought = buyers(events).cache()
    persons = as_of(entries(bought, "person_id"), events.pairs)
    counted = windowed(persons, PAIR, events.windows, {"persons": persons["count"]})
    personal = bought.filter(bought.person_id.notnull())
    orders = as_of(entries(personal, "order_id"), events.pairs)
    ordered = windowed(orders, PAIR, events.windows, {"orders": orders["count"]})
    from_states = bought.filter(bought.state.notnull())
    placed = entries(from_states, "order_id", by=("seller", "state"))
    spread = mixture(placed, events.pairs, "state", events.windows, "state")
    table = events.pairs.select(*PAIR)
    for more in (counted, ordered, spread, _own_state(events, placed)):
        found = more.drop(*{"recency", "age"}.intersection(more.columns))
        table = table.left_join(found, list(PAIR)).drop(*(f"{name}_right" for name in PAIR))
    return table


def _own_state(events: Events, placed: ir.Table) -> ir.Table:
    """Return how many orders come from the seller's own state, where that is known."""
    sellers = events.tables["sellers"].select("seller_id", home="state")
    homes = sellers.filter(sellers.home.notnull()).inner_join(events.sellers, "seller_id")
    near = as_of(placed.inner_join(homes.select("seller", "home"), "seller"), events.pairs)
    own = (near.state == near.home).cast("float64") * near["count"]
    return windowed(near, PAIR, events.windows, {"own": own})


def customer_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features of this family."""
    return [found for window in windows for found in _windowed(window)]


def _windowed(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    persons, placed = window.name("persons"), window.name("state_total")
    states, largest = window.name("state_distinct"), window.name("state_largest")
    squares = window.name("state_squares")
    return [
        made.number("persons", "persons", "Different persons who bought", persons),
        made.ratio(
            "orders_per_person", "orders", "Orders per person", window.name("orders"), persons
        ),
        made.number("states", "states", "Different states of the customers", states),
        made.ratio(
            "top_state", "share", "Share of orders from the most frequent state", largest, placed
        ),
        made.formula(
            "state_concentration",
            "share",
            "Sum of squared shares of the customers' states (Herfindahl index)",
            lambda t: divided(t[squares], t[placed] * t[placed]),
        ),
        made.ratio(
            "own_state",
            "share",
            "Share of orders from the seller's own state",
            window.name("own"),
            placed,
        ),
    ]


CUSTOMERS = Family(
    NAME, ("items", "orders", "customers", "sellers"), customer_sums, customer_definitions
)
