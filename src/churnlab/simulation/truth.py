"""What nobody knows of a real marketplace: each seller's state, hazard and chance of no sale."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from churnlab.simulation.identifiers import as_text
from churnlab.simulation.lifetimes import NOT_YET, Lives, hazard, no_sale_probability
from churnlab.simulation.marginals import WITHOUT_ITEMS
from churnlab.simulation.market import Market
from churnlab.simulation.sellers import Sellers
from churnlab.simulation.tables import choice

if TYPE_CHECKING:
    import pyarrow as pa

STATES = ("active", "slow", "gone")


def truth_table(market: Market, sellers: Sellers, lives: Lives, demand: np.ndarray) -> pa.Table:
    """Return one row per first day of a month and seller who has joined before.

    `state` is that with which the day begins, `hazard` the chance to leave on it, and
    `no_sale_probability` the chance of no sale on it and the 44 days after, given the state. A sale
    is the purchase of an item; orders that never get items are none.
    """
    import pyarrow as pa

    sales = demand * (1 - WITHOUT_ITEMS)
    parts = []
    for place, day in enumerate(market.truth_days):
        states = lives.states[:, place]
        there = states != NOT_YET
        number = int(there.sum())
        probability = no_sale_probability(sellers, states, sales, day)
        parts.append(
            pa.table(
                {
                    "seller_id": as_text(sellers.ids[there]),
                    "date": pa.array(
                        [market.start + timedelta(days=day)] * number, type=pa.date32()
                    ),
                    "state": choice(states[there], STATES),
                    "hazard": pa.array(hazard(sellers, states, day)[there]),
                    "no_sale_probability": pa.array(probability[there]),
                }
            )
        )
    return pa.concat_tables(parts)
