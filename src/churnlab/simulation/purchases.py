"""Orders of a part: which seller, when, by whom, and which orders are one order of two sellers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation import geography, marginals
from churnlab.simulation.identifiers import hex_ids
from churnlab.simulation.lifetimes import Lives
from churnlab.simulation.market import Market
from churnlab.simulation.sellers import Sellers

DAY_SECONDS = 86_400
TOPIC = 2


@dataclass(frozen=True)
class Orders:
    """Orders of a part, each of one person; arrays of shape (orders,).

    `purchased` is seconds from the start of the simulation, `person` an index into `person_ids`,
    `state` that of the person.
    """

    ids: np.ndarray
    purchased: np.ndarray
    customer_ids: np.ndarray
    person: np.ndarray
    person_ids: np.ndarray
    state: np.ndarray
    postal: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Sales:
    """A seller's part in an order; arrays of shape (sales,): indices of sellers and orders."""

    seller: np.ndarray
    order: np.ndarray


def purchase(
    market: Market, part: int, sellers: Sellers, lives: Lives, demand: np.ndarray
) -> tuple[Orders, Sales]:
    """Return orders and who takes part in them, by seller and day."""
    rng = market.stream(part, TOPIC)
    expected = sellers.rate[:, None] * lives.activity * demand
    counts = rng.poisson(expected)
    who, when = np.nonzero(counts)
    times = counts[who, when]
    seller, day = np.repeat(who, times), np.repeat(when, times)
    host = _hosts(rng, seller, day)
    order_seller, order = np.unique(host, return_inverse=True)
    return _orders(rng, day[order_seller]), Sales(seller, order)


def _hosts(rng: np.random.Generator, seller: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return for each sale the sale whose order it belongs to: mostly itself."""
    number = len(seller)
    host = np.arange(number)
    by_day = np.lexsort((rng.random(number), day))
    joins = rng.random(number) < marginals.ORDERS_JOINED
    if number:
        joins[0] = False
    leads = np.maximum.accumulate(np.where(joins, 0, np.arange(number)))
    candidate = by_day[leads]
    same_day = day[candidate] == day[by_day]
    another = seller[candidate] != seller[by_day]
    host[by_day] = np.where(joins & same_day & another, candidate, by_day)
    return host


def _orders(rng: np.random.Generator, day: np.ndarray) -> Orders:
    number = len(day)
    hour = marginals.draw(rng, marginals.HOURS, number)
    second = rng.integers(0, 3600, number)
    person = _persons(rng, number)
    persons = int(person.max()) + 1 if number else 0
    state = marginals.draw(rng, geography.CUSTOMERS, persons)
    postal = geography.postal_prefixes(rng, state)
    return Orders(
        ids=hex_ids(rng, number),
        purchased=day * DAY_SECONDS + hour * 3600 + second,
        customer_ids=hex_ids(rng, number),
        person=person,
        person_ids=hex_ids(rng, persons),
        state=state[person],
        postal=postal[person],
    )


def _persons(rng: np.random.Generator, number: int) -> np.ndarray:
    """Return the person of each order; some have bought in an earlier one of the part."""
    returns = rng.random(number) < marginals.PERSON_RETURNS
    if number:
        returns[0] = False
    own = np.cumsum(~returns) - 1
    # How many persons there are before each order, of whom one is drawn.
    drawn = (rng.random(number) * (own + 1)).astype(np.int64)
    return np.where(returns, drawn, own)
