"""Customers that stand for "this column is unknown", drawn from the bundle's reference profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from churnlab.serving.rows import texts
from churnlab.serving.schema import InputColumn, InputSchema

SIZE = 24
ORDERS = 2
SEED = 20_180_901


@dataclass(frozen=True)
class Background:
    """What reasons are told against.

    Attributes:
        rows: float64 or text by column, shape (SIZE,) each.
        orders: permutations of the columns, each followed by its reverse.
    """

    rows: Mapping[str, np.ndarray]
    orders: list[np.ndarray]


def draw_background(schema: InputSchema, reference: Mapping[str, Any]) -> Background:
    """Return rows whose columns are spread evenly over their distributions, each on its own.

    The same bundle has the same background in every process and on every machine.
    """
    generator = np.random.default_rng(SEED)
    rows = {
        name: (_numbers if column.numeric else _categories)(column, reference, generator)
        for name, column in schema.columns.items()
    }
    drawn = [generator.permutation(len(schema.columns)) for _ in range(ORDERS)]
    return Background(rows, [turned for order in drawn for turned in (order, order[::-1])])


def _even(generator: np.random.Generator) -> np.ndarray:
    return (generator.permutation(SIZE) + 0.5) / SIZE


def _numbers(
    column: InputColumn, reference: Mapping[str, Any], generator: np.random.Generator
) -> np.ndarray:
    deciles = reference["numeric"][column.name]
    found = np.interp(_even(generator), np.linspace(0.0, 1.0, len(deciles)), deciles)
    missing = reference.get("missing", {}).get(column.name, 0.0)
    known = np.rint(found) if column.integer else found
    return np.where(_even(generator) < missing, np.nan, known)


def _categories(
    column: InputColumn, reference: Mapping[str, Any], generator: np.random.Generator
) -> np.ndarray:
    shares = reference["codes" if column.kind == "code" else "categorical"][column.name]
    bounds = np.cumsum(list(shares.values()))
    levels = list(shares)
    places = np.searchsorted(bounds, _even(generator) * bounds[-1])
    return texts([levels[place] for place in np.minimum(places, len(levels) - 1)])
