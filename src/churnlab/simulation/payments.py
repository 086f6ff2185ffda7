"""How orders are paid: type, instalments by value, and several payments for one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation import marginals
from churnlab.simulation.market import Market

CARD, BOLETO, VOUCHER, DEBIT = range(4)
TOPIC = 5


@dataclass(frozen=True)
class Payments:
    """Payments, ordered by order and number; values in cents; arrays of shape (payments,)."""

    order: np.ndarray
    number: np.ndarray
    type: np.ndarray
    instalments: np.ndarray
    cents: np.ndarray


def pay(market: Market, part: int, owed: np.ndarray) -> Payments:
    """Return the payments of orders that owe `owed` cents, shape (orders,)."""
    rng = market.stream(part, TOPIC)
    number = len(owed)
    main = marginals.draw(rng, marginals.PAYMENT_SHARES, number)
    more = rng.geometric(1 - marginals.MORE_VOUCHERS, number)
    mixed = (main == CARD) & (rng.random(number) < marginals.CARD_WITH_VOUCHERS)
    times = np.where(mixed, 1 + more, np.where(main == VOUCHER, more, 1))
    order = np.repeat(np.arange(number), times)
    first = np.repeat(np.cumsum(times) - times, times)
    place = np.arange(len(order)) - first
    kind = np.where(place > 0, VOUCHER, main[order])
    cents = _shares(rng, owed, times, order, place)
    return Payments(order, place + 1, kind, _instalments(rng, kind, cents), cents)


def _shares(
    rng: np.random.Generator,
    owed: np.ndarray,
    times: np.ndarray,
    order: np.ndarray,
    place: np.ndarray,
) -> np.ndarray:
    """Return what each payment bears: vouchers a random share, the first payment the rest."""
    share = np.where(place > 0, rng.random(len(order)) / times[order], 0.0)
    cents = np.floor(share * owed[order]).astype(np.int64)
    borne = np.bincount(order, weights=cents, minlength=len(owed)).astype(np.int64)
    return np.where(place == 0, (owed - borne)[order], cents)


def _instalments(rng: np.random.Generator, kind: np.ndarray, cents: np.ndarray) -> np.ndarray:
    band = np.searchsorted(np.array(marginals.VALUE_BANDS) * 100, cents, side="right")
    edges = (
        np.cumsum(marginals.INSTALMENTS, axis=1) / np.sum(marginals.INSTALMENTS, axis=1)[:, None]
    )
    drawn = 1 + (rng.random(len(kind))[:, None] >= edges[band]).sum(axis=1)
    return np.where(kind == CARD, drawn, 1)
