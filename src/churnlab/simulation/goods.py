"""Products on offer, and the items of each sale with price and freight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation import geography, marginals
from churnlab.simulation.identifiers import hex_ids
from churnlab.simulation.market import Market
from churnlab.simulation.purchases import Orders, Sales
from churnlab.simulation.sellers import Sellers

# A seller with so many expected orders offers about PRODUCTS * orders ** GROWS products, of which
# the first ones are bought far more often.
PRODUCTS, GROWS, FAVOUR = 1.9, 0.67, 1.8
OWN_CATEGORY = 0.8
# Spread of the logarithm of price and weight within a seller's category.
PRICE_SPREAD, WEIGHT_SPREAD = 0.6, 1.1
LOWEST_PRICE, LIGHTEST, HEAVIEST = 0.85, 50, 30_000
# Freight in reais: to begin with, beyond the own state, per kilometre, per kilogram.
FREIGHT, ABROAD, PER_KM, PER_KG, FREIGHT_SPREAD = 8.8, 3.6, 0.0052, 2.0, 0.2
TOPIC = 3


@dataclass(frozen=True)
class Products:
    """Products of a part; arrays of shape (products,), prices in cents, sizes in centimetres."""

    ids: np.ndarray
    category: np.ndarray
    described: np.ndarray
    cents: np.ndarray
    weight: np.ndarray
    size: np.ndarray
    photos: np.ndarray
    name_length: np.ndarray
    text_length: np.ndarray
    first: np.ndarray
    offered: np.ndarray


@dataclass(frozen=True)
class Items:
    """Sold items; arrays of shape (items,), ordered by order; amounts in cents."""

    order: np.ndarray
    number: np.ndarray
    seller: np.ndarray
    product: np.ndarray
    cents: np.ndarray
    freight: np.ndarray


def offer(market: Market, part: int, sellers: Sellers, expected: np.ndarray) -> Products:
    """Return what the sellers offer; `expected` orders of each, shape (sellers,)."""
    rng = market.stream(part, TOPIC)
    offered = 1 + rng.poisson(PRODUCTS * expected**GROWS)
    seller = np.repeat(np.arange(len(sellers)), offered)
    number = len(seller)
    other = marginals.draw(rng, tuple(c.items for c in marginals.CATEGORIES), number)
    category = np.where(rng.random(number) < OWN_CATEGORY, sellers.category[seller], other)
    price = np.array([c.price for c in marginals.CATEGORIES])[category]
    heavy = np.array([c.weight for c in marginals.CATEGORIES])[category]
    level = sellers.price_level[seller] + PRICE_SPREAD * rng.standard_normal(number)
    weight = heavy * np.exp(WEIGHT_SPREAD * rng.standard_normal(number))
    weight = np.clip(weight, LIGHTEST, HEAVIEST).astype(np.int64)
    edge = np.cbrt(weight * 4.0)[:, None] * np.exp(0.3 * rng.standard_normal((number, 3)))
    return Products(
        ids=hex_ids(rng, number),
        category=category,
        described=rng.random(number) >= marginals.WITHOUT_CATEGORY,
        cents=_as_shops_write(rng, price * np.exp(level)),
        weight=weight,
        size=np.clip(edge, (16, 2, 8), 105).astype(np.int64),
        photos=1 + marginals.draw(rng, marginals.PHOTOS, number),
        name_length=np.clip(rng.normal(49, 10, number), 5, 76).astype(np.int64),
        text_length=np.clip(595 * np.exp(0.75 * rng.standard_normal(number)), 4, 3992).astype(int),
        first=np.cumsum(offered) - offered,
        offered=offered,
    )


def sell(
    market: Market, part: int, sellers: Sellers, products: Products, orders: Orders, sales: Sales
) -> Items:
    """Return the items of all sales; an order's items are numbered from 1."""
    rng = market.stream(part, TOPIC + 100)
    quantity = 1 + marginals.draw(rng, marginals.ITEMS_PER_ORDER, len(sales.order))
    by_order = np.argsort(np.repeat(sales.order, quantity), kind="stable")
    sale = np.repeat(np.arange(len(sales.order)), quantity)[by_order]
    order, seller = sales.order[sale], sales.seller[sale]
    favourite = _draw_products(rng, products, sales.seller)
    another = _draw_products(rng, products, seller)
    same = rng.random(len(sale)) < marginals.SAME_PRODUCT
    product = np.where(same, favourite[sale], another)
    starts = np.flatnonzero(np.r_[True, order[1:] != order[:-1]]) if len(order) else order
    lengths = np.diff(np.r_[starts, len(order)])
    return Items(
        order=order,
        number=np.arange(len(order)) - np.repeat(starts, lengths) + 1,
        seller=seller,
        product=product,
        cents=products.cents[product],
        freight=_freight(rng, products.weight[product], sellers.state[seller], orders.state[order]),
    )


def without(items: Items, orders: np.ndarray) -> Items:
    """Return the items of the orders that are not marked in `orders`, shape (orders,)."""
    kept = ~orders[items.order]
    return Items(**{name: values[kept] for name, values in vars(items).items()})


def _draw_products(rng: np.random.Generator, products: Products, seller: np.ndarray) -> np.ndarray:
    place = products.offered[seller] * rng.random(len(seller)) ** FAVOUR
    return products.first[seller] + place.astype(np.int64)


def _as_shops_write(rng: np.random.Generator, reais: np.ndarray) -> np.ndarray:
    """Return prices in cents, most of them ending in 90 or 99."""
    ends = rng.choice([90, 99, 0], p=[0.6, 0.25, 0.15], size=len(reais))
    whole = np.floor(np.maximum(reais, LOWEST_PRICE + 1)).astype(np.int64)
    return whole * 100 - 100 + np.where(ends == 0, 100, ends)


def _freight(
    rng: np.random.Generator, grams: np.ndarray, origin: np.ndarray, goal: np.ndarray
) -> np.ndarray:
    """Return freight in cents: by distance, weight, and the day's contract."""
    km = geography.distances()[origin, goal]
    reais = FREIGHT + ABROAD * (origin != goal) + PER_KM * km + PER_KG * grams / 1000
    noise = np.exp(FREIGHT_SPREAD * rng.standard_normal(len(grams)))
    return np.round(100 * reais * noise).astype(np.int64)
