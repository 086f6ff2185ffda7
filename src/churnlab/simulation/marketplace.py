"""A whole marketplace, simulated part by part and written as published tables."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from churnlab.serialization import write_json
from churnlab.simulation.deliveries import UNAVAILABLE, deliver
from churnlab.simulation.demand import daily_demand
from churnlab.simulation.goods import Items, offer, sell, without
from churnlab.simulation.lifetimes import live
from churnlab.simulation.marginals import ORDERS_JOINED
from churnlab.simulation.market import Market
from churnlab.simulation.payments import pay
from churnlab.simulation.purchases import Orders, Sales, purchase
from churnlab.simulation.reviews import review
from churnlab.simulation.sellers import draw_sellers
from churnlab.simulation.tables import (
    Columns,
    customer_table,
    item_table,
    order_table,
    payment_table,
    product_table,
    review_table,
    seller_table,
    ticket_table,
    translation_table,
)
from churnlab.simulation.tickets import open_tickets
from churnlab.simulation.truth import truth_table
from churnlab.simulation.writing import Format, TableFiles

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)
RECORD = "simulation.json"


def simulate(market: Market, folder: Path, file_format: Format = "csv") -> dict[str, int]:
    """Write the tables of a marketplace into `folder`; return the number of rows of each.

    The eight published tables, support tickets, and `truth.parquet`. The same market gives the same
    bytes; memory holds one part of the sellers at a time.
    """
    files = TableFiles(folder, file_format)
    try:
        files.append("translation", translation_table())
        for tables in parts(market):
            for name, table in tables.items():
                files.append(name, table)
    except BaseException:
        files.discard()
        raise
    files.close()
    write_json(
        folder / RECORD,
        {
            "months": market.months,
            "orders": market.orders,
            "rows": files.rows,
            "seed": market.seed,
            "sellers": market.sellers,
            "start": market.start.isoformat(),
        },
    )
    return files.rows


def parts(market: Market) -> Iterator[dict[str, pa.Table]]:
    """Yield the tables of each part of the sellers."""
    demand = daily_demand(market)
    scale = order_scale(market, demand)
    for part, number in enumerate(market.parts):
        log.info("part %d of %d", part + 1, len(market.parts))
        yield simulate_part(market, part, number, scale, demand)


def order_scale(market: Market, demand: np.ndarray) -> float:
    """Return the factor of rates with which about as many orders are expected as were asked for."""
    if market.orders is None:
        return market.scale
    expected = 0.0
    for part, number in enumerate(market.parts):
        sellers = draw_sellers(market, part, number, market.scale)
        expected += float(sellers.rate @ (live(market, part, sellers).activity @ demand))
    # Some purchases become part of another order: so many where sellers sell on the same days.
    expected *= 1 - ORDERS_JOINED
    return market.scale * market.orders / expected if expected else market.scale


def simulate_part(
    market: Market, part: int, number: int, scale: float, demand: np.ndarray
) -> dict[str, pa.Table]:
    """Return the tables of one part: `number` sellers and all that they sell."""
    sellers = draw_sellers(market, part, number, scale)
    lives = live(market, part, sellers)
    orders, sales = purchase(market, part, sellers, lives, demand)
    products = offer(market, part, sellers, sellers.rate * (lives.activity @ demand))
    deliveries = deliver(market, part, sellers, orders, first_sellers(orders, sales))
    items = sell(market, part, sellers, products, orders, sales)
    payments = pay(market, part, owed(items, len(orders)))
    shown = without(items, deliveries.status == UNAVAILABLE)
    columns = Columns(market.start)
    return {
        "sellers": seller_table(sellers),
        "products": product_table(products),
        "customers": customer_table(orders),
        "orders": order_table(orders, deliveries, columns),
        "items": item_table(shown, orders, sellers, products, deliveries.limit, columns),
        "payments": payment_table(payments, orders),
        "reviews": review_table(review(market, part, deliveries), orders, columns),
        "tickets": ticket_table(open_tickets(market, part, sellers, lives), sellers, columns),
        "truth": truth_table(market, sellers, lives, demand),
    }


def first_sellers(orders: Orders, sales: Sales) -> np.ndarray:
    """Return the seller of each order that comes first, shape (orders,)."""
    first = np.zeros(len(orders), dtype=np.int64)
    first[sales.order[::-1]] = sales.seller[::-1]
    return first


def owed(items: Items, orders: int) -> np.ndarray:
    """Return what each order costs in cents, items and freight, shape (orders,)."""
    cents = np.bincount(items.order, weights=items.cents + items.freight, minlength=orders)
    return cents.astype(np.int64)
