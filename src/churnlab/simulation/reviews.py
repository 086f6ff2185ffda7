"""What customers say of orders: asked after delivery, answered later, worse if it was late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation import marginals
from churnlab.simulation.deliveries import NEVER, Deliveries
from churnlab.simulation.identifiers import hex_ids
from churnlab.simulation.market import Market
from churnlab.simulation.purchases import DAY_SECONDS

ON_TIME, LATE, VERY_LATE, NOT_DELIVERED = range(4)
ANSWER_DAYS, ANSWER_SPREAD = 1.9, 1.0
# Asked when a parcel has not come: so many days after the promised one.
ASKED_ANYWAY = 2
COMMENTS = (
    "Recomendo, chegou antes do prazo",
    "Produto muito bom",
    "Gostei, mas a embalagem veio amassada",
    'O vendedor disse "em 5 dias" e demorou um mês',
    "Ainda não recebi.\nQuero meu dinheiro de volta",
    "Entrega rápida; produto conforme o anúncio",
)
TITLES = ("Super recomendo", "Bom", "Péssimo", "")
TOPIC = 6


@dataclass(frozen=True)
class Reviews:
    """Reviews answered by the snapshot; arrays of shape (reviews,); times in seconds.

    `title` and `comment` are indices, -1 for none.
    """

    ids: np.ndarray
    order: np.ndarray
    score: np.ndarray
    title: np.ndarray
    comment: np.ndarray
    asked: np.ndarray
    answered: np.ndarray


def review(market: Market, part: int, deliveries: Deliveries) -> Reviews:
    """Return the reviews of a part's orders."""
    rng = market.stream(part, TOPIC)
    number = len(deliveries.late)
    came = deliveries.delivered != NEVER
    group = np.select(
        [~came, deliveries.late > 2, deliveries.late > 0], [NOT_DELIVERED, VERY_LATE, LATE], ON_TIME
    )
    weights = np.array(marginals.SCORES)
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1)[:, None]
    score = 1 + (rng.random(number)[:, None] >= edges[group]).sum(axis=1)
    asked = np.where(came, deliveries.delivered // DAY_SECONDS + 1, 0)
    promised = deliveries.estimated // DAY_SECONDS + ASKED_ANYWAY
    asked = np.where(came, asked, promised) * DAY_SECONDS
    delay = ANSWER_DAYS * np.exp(ANSWER_SPREAD * rng.standard_normal(number))
    answered = asked + (delay * DAY_SECONDS).astype(np.int64)
    written = rng.random(number) < marginals.REVIEWED
    order = np.flatnonzero(written & (answered < market.days * DAY_SECONDS))
    commented = rng.random(len(order)) < marginals.COMMENTED
    texts = {
        name: np.where(commented, rng.integers(0, size, len(order)), -1)
        for name, size in (("title", len(TITLES)), ("comment", len(COMMENTS)))
    }
    # One answer may be about two orders of a purchase.
    told = np.arange(len(order))
    shared = rng.random(len(order)) < marginals.SHARED_REVIEW
    told = np.where(shared, np.maximum(told - 1, 0), told)
    ids = hex_ids(rng, len(order))
    return Reviews(
        ids=ids[told],
        order=order,
        score=score[order][told],
        title=texts["title"][told],
        comment=texts["comment"][told],
        asked=asked[order][told],
        answered=answered[order][told],
    )
