"""Why the served model says what it says: Shapley values of its own graph, in words.

The rest of the customers is stood for by the bundle's reference profile, so that no training rows
are needed where the service runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from churnlab.serving.background import SIZE
from churnlab.serving.model import ServedModel
from churnlab.serving.rows import Rows

FLOOR = 1e-6


@dataclass(frozen=True)
class Reason:
    """What a column adds to the log-odds of churn of one customer."""

    column: str
    value: float | str | None
    contribution: float
    text: str


def contributions(model: ServedModel, rows: Rows) -> np.ndarray:
    """Return contributions to the log-odds of churn, shape (rows, columns), in the schema's order.

    They are Shapley values (Lundberg & Lee 2017) estimated from antithetic permutations (Mitchell
    et al. 2022, JMLR 23), and of each row they add up to the difference between its log-odds and
    their mean over the background. The same row has the same contributions whatever else is asked.
    """
    return np.vstack([_of_row(model, rows, place) for place in range(len(rows))])


def reasons(model: ServedModel, rows: Rows, count: int) -> list[list[Reason]]:
    """Return what moves each row's risk most, whichever way, the strongest first."""
    found = contributions(model, rows)
    names = list(model.schema.columns)
    listed = []
    for place, amounts in enumerate(found):
        order = np.argsort(-np.abs(amounts), kind="stable")[:count]
        listed.append([_reason(model, rows, place, names[i], amounts[i]) for i in order])
    return listed


def _reason(model: ServedModel, rows: Rows, place: int, name: str, amount: float) -> Reason:
    value = rows.values[name][place]
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and np.isnan(plain):
        plain = None
    text = in_words(name, plain, model.words["columns"].get(name, {}))
    return Reason(name, plain, float(amount), text)


def in_words(name: str, value: float | str | None, column: Mapping[str, Any]) -> str:
    """Return what a column says of a customer, and what is usual where it is a number."""
    described = column.get("description", name)
    if isinstance(value, str):
        return f"{described}: {value}"
    usual = column.get("usual")
    beside = "" if usual is None else f" (usual: {number(usual)})"
    return f"{described}: {number(value)}{beside}"


def number(value: float | None) -> str:
    """Return a number as people write it: whole, or with three significant digits."""
    if value is None:
        return "not known"
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _of_row(model: ServedModel, rows: Rows, place: int) -> np.ndarray:
    """Walk from the background to the row, a column at a time, along permutations and back."""
    names = list(model.schema.columns)
    background, orders = model.background.rows, model.background.orders
    steps = np.concatenate([_switched(order) for order in orders])
    values = {}
    for position, name in enumerate(names):
        own = np.repeat(steps[:, position], SIZE)
        around = np.tile(background[name], len(steps))
        values[name] = np.where(own, rows.values[name][place], around)
    p = np.clip(model.predict(values), FLOOR, 1.0 - FLOOR)
    odds = np.log(p / (1.0 - p)).reshape(len(orders), len(names) + 1, SIZE).mean(axis=2)
    total = np.zeros(len(names))
    for order, path in zip(orders, odds, strict=True):
        total[order] += np.diff(path)
    return total / len(orders)


def _switched(order: np.ndarray) -> np.ndarray:
    """Return which columns are the row's own at each step, shape (columns + 1, columns)."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[None, :] < np.arange(len(order) + 1)[:, None]
