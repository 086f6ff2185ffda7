"""Support tickets of sellers: opened when things go badly, entered into the books later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation.deliveries import NEVER
from churnlab.simulation.identifiers import hex_ids
from churnlab.simulation.lifetimes import SLOW_RATE, Lives
from churnlab.simulation.market import Market
from churnlab.simulation.purchases import DAY_SECONDS
from churnlab.simulation.sellers import Sellers

# Tickets a day of a seller that is there, and how many more when slow or slow with parcels.
DAILY, WHEN_SLOW, OF_SLOWNESS = 0.006, 4.0, 0.5
RECORDED_HOURS, CLOSED_DAYS, SPREAD = 10.0, 2.5, 1.1
TOPICS = ("payment", "carrier", "listing", "complaint", "account")
TOPIC = 7


@dataclass(frozen=True)
class Tickets:
    """Tickets by seller and day; arrays of shape (tickets,); times in seconds from the start.

    `closed` is NEVER for those that are open at the end of the simulation.
    """

    ids: np.ndarray
    seller: np.ndarray
    topic: np.ndarray
    opened: np.ndarray
    recorded: np.ndarray
    closed: np.ndarray


def open_tickets(market: Market, part: int, sellers: Sellers, lives: Lives) -> Tickets:
    """Return the tickets of a part that are in the books by the end of the simulation."""
    rng = market.stream(part, TOPIC)
    there = lives.activity > 0
    slow = there & (lives.activity <= np.float32(SLOW_RATE))
    rate = DAILY * np.exp(OF_SLOWNESS * sellers.slowness)[:, None] * there
    seller, day = np.nonzero(rng.random(rate.shape) < rate * np.where(slow, WHEN_SLOW, 1.0))
    number = len(seller)
    opened = day * DAY_SECONDS + rng.integers(8 * 3600, 20 * 3600, number)
    recorded = opened + _lasting(rng, RECORDED_HOURS * 3600, number)
    closed = recorded + _lasting(rng, CLOSED_DAYS * DAY_SECONDS, number)
    topic = rng.integers(0, len(TOPICS), number)
    ids = hex_ids(rng, number)
    end = market.days * DAY_SECONDS
    known, closed = recorded < end, np.where(closed < end, closed, NEVER)
    columns = (ids, seller, topic, opened, recorded, closed)
    return Tickets(*(values[known] for values in columns))


def _lasting(rng: np.random.Generator, median_seconds: float, number: int) -> np.ndarray:
    return (median_seconds * np.exp(SPREAD * rng.standard_normal(number))).astype(np.int64)
