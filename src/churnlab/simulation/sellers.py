"""Who sells: where, what, how much, how well, and since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation import geography
from churnlab.simulation.identifiers import hex_ids
from churnlab.simulation.marginals import CATEGORIES, draw
from churnlab.simulation.market import Market

# Orders a day of the median seller at usual demand, the spread of its logarithm, and how many
# spreads the largest sellers are away.
MEDIAN_RATE, RATE_SPREAD, LARGEST = 0.042, 1.42, 3.2
# Share of sellers that are there from the start, for up to so many days before.
FIRST_COMERS, BEFORE_DAYS = 0.1, 120
PRICE_SPREAD = 0.68
TOPIC = 0


@dataclass(frozen=True)
class Sellers:
    """Sellers as arrays of shape (sellers,).

    `rate` is orders a day while active, `size` the standardised logarithm of it before scaling,
    `slowness` a standard normal number: higher means slower with parcels, and sooner gone. `joined`
    is a day from the start of the simulation, below 0 for those that were there before.
    """

    ids: np.ndarray
    state: np.ndarray
    postal: np.ndarray
    category: np.ndarray
    price_level: np.ndarray
    size: np.ndarray
    rate: np.ndarray
    slowness: np.ndarray
    joined: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


def draw_sellers(market: Market, part: int, number: int, scale: float) -> Sellers:
    """Return the sellers of a part, their rates multiplied by `scale`."""
    rng = market.stream(part, TOPIC)
    state = draw(rng, geography.SELLERS, number)
    size = np.clip(rng.standard_normal(number), -LARGEST, LARGEST)
    early = rng.random(number) < FIRST_COMERS
    # More sellers join as the marketplace grows.
    later = (market.days * rng.random(number) ** 0.95).astype(np.int64)
    before = -rng.integers(0, BEFORE_DAYS, number)
    return Sellers(
        ids=hex_ids(rng, number),
        state=state,
        postal=geography.postal_prefixes(rng, state),
        category=draw(rng, tuple(c.items for c in CATEGORIES), number),
        price_level=PRICE_SPREAD * rng.standard_normal(number),
        size=size,
        rate=scale * MEDIAN_RATE * np.exp(RATE_SPREAD * size),
        slowness=rng.standard_normal(number),
        joined=np.where(early, before, later),
    )
