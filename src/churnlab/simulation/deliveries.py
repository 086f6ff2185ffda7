"""What happens to orders after the purchase, as far as it has happened by the snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation import geography, marginals
from churnlab.simulation.market import Market
from churnlab.simulation.purchases import DAY_SECONDS, Orders
from churnlab.simulation.sellers import Sellers

HOUR = 3600
# Medians in days and spreads of their logarithm.
LIMIT_DAYS, LIMIT_SPREAD, LIMIT_LEAST = 4.4, 0.48, 1.2
HANDLING_DAYS, HANDLING_SPREAD, OF_SLOWNESS = 1.35, 0.8, 0.45
OWN_STATE_DAYS, ABROAD_DAYS, DAYS_PER_KM, TRANSIT_SPREAD = 2.5, 4.1, 0.0027, 0.48
PROMISED_OWN, PROMISED_ABROAD, PROMISED_PER_KM, PROMISED_SPREAD = 9.0, 15.5, 0.0045, 0.28
STATUSES = ("delivered", "shipped", "processing", "approved", "created", "canceled", "unavailable")
DELIVERED, SHIPPED, PROCESSING, APPROVED, CREATED, CANCELLED, UNAVAILABLE = range(7)
NEVER = np.iinfo(np.int64).max // 4
TOPIC = 4


@dataclass(frozen=True)
class Deliveries:
    """Steps of orders in seconds from the start, NEVER for those not taken; shape (orders,).

    `late` is days of delivery after the promised day, negative if before.
    """

    approved: np.ndarray
    limit: np.ndarray
    handed_over: np.ndarray
    delivered: np.ndarray
    estimated: np.ndarray
    status: np.ndarray
    late: np.ndarray


def deliver(
    market: Market, part: int, sellers: Sellers, orders: Orders, first_seller: np.ndarray
) -> Deliveries:
    """Return the steps of the orders; `first_seller` of each order is the one who is waited for."""
    rng = market.stream(part, TOPIC)
    number = len(orders)
    origin, goal = sellers.state[first_seller], orders.state
    km, abroad = geography.distances()[origin, goal], origin != goal
    approved = orders.purchased + _approval(rng, number)
    slow = np.exp(OF_SLOWNESS * sellers.slowness[first_seller])
    handling = HANDLING_DAYS * slow * _spread(rng, HANDLING_SPREAD, number)
    transit = np.where(abroad, ABROAD_DAYS + DAYS_PER_KM * km, OWN_STATE_DAYS)
    promised = np.where(abroad, PROMISED_ABROAD + PROMISED_PER_KM * km, PROMISED_OWN)
    promised = promised * _spread(rng, PROMISED_SPREAD, number)
    handed = approved + _seconds(handling)
    delivered = handed + _seconds(transit * _spread(rng, TRANSIT_SPREAD, number))
    estimated = (orders.purchased + _seconds(promised)) // DAY_SECONDS * DAY_SECONDS
    limit = LIMIT_LEAST + (LIMIT_DAYS - LIMIT_LEAST) * _spread(rng, LIMIT_SPREAD, number)
    steps = {"approved": approved, "handed_over": handed, "delivered": delivered}
    seen, status = _as_of_snapshot(rng, market, steps, number)
    return Deliveries(
        **seen,
        limit=orders.purchased + _seconds(limit),
        estimated=estimated,
        status=status,
        late=(delivered - estimated) / DAY_SECONDS,
    )


def _as_of_snapshot(
    rng: np.random.Generator, market: Market, steps: dict[str, np.ndarray], number: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the steps taken by the end of the simulation, and the status that they give."""
    end = market.days * DAY_SECONDS
    fate = rng.random(number)
    unavailable = fate < marginals.WITHOUT_ITEMS
    cancelled = ~unavailable & (fate < marginals.WITHOUT_ITEMS + marginals.CANCELLED)
    stopped = unavailable | cancelled
    seen = {
        name: np.where((times >= end) | (stopped & (name != "approved")), NEVER, times)
        for name, times in steps.items()
    }
    status = np.full(number, DELIVERED)
    for name, before in (("delivered", SHIPPED), ("handed_over", APPROVED), ("approved", CREATED)):
        status[seen[name] == NEVER] = before
    waiting = (status == APPROVED) & (rng.random(number) < 0.5)
    status[waiting] = PROCESSING
    status[cancelled] = CANCELLED
    status[unavailable] = UNAVAILABLE
    return seen, status


def _approval(rng: np.random.Generator, number: int) -> np.ndarray:
    """Return seconds until the payment is booked: minutes for cards, a day or two for boletos."""
    minutes = 0.22 * _spread(rng, 0.25, number)
    days = 22.0 * _spread(rng, 0.6, number)
    return (HOUR * np.where(rng.random(number) < 0.62, minutes, days)).astype(np.int64)


def _spread(rng: np.random.Generator, spread: float, number: int) -> np.ndarray:
    return np.exp(spread * rng.standard_normal(number))


def _seconds(days: np.ndarray) -> np.ndarray:
    return (days * DAY_SECONDS).astype(np.int64)
