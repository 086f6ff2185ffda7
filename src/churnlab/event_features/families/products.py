"""Products: breadth of the catalogue, what the listings and the goods are like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition, Maker, divided
from churnlab.event_features.families.family import Family
from churnlab.event_features.families.mixture import mixture
from churnlab.event_features.tables import Events
from churnlab.event_features.visibility import PAIR, as_of, entries, total, whole
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "products"
# Unit and words of each measured property of a product.
PROPERTIES = {
    "photos": ("photos", "Mean number of photos of the sold products"),
    "weight_g": ("grams", "Mean weight of the sold products"),
    "volume_cm3": ("cm³", "Mean volume of the sold products"),
}


def sold_products(events: Events) -> ir.Table:
    """Return the sold items with category and whole-numbered properties of their product."""
    products = events.tables["products"]
    described = products.select(
        "product_id", "category", **{name: whole(products[name]) for name in PROPERTIES}
    )
    joined = events.lines.left_join(described, "product_id")
    return joined.drop("product_id_right")


def product_sums(events: Events) -> ir.Table:
    """Return distinct products, categories and sums of properties per window."""
    sold = sold_products(events).cache()
    distinct = as_of(entries(sold, "product_id"), events.pairs)
    counted = windowed(distinct, PAIR, events.windows, {"products": distinct["count"]})
    placed = sold.filter(sold.category.notnull())
    placed = placed.group_by(["seller", "category", "day", "seen"]).agg(count=placed.count())
    spread = mixture(placed, events.pairs, "category", events.windows, "category")
    table = counted.inner_join(_properties(events, sold), list(PAIR))
    return table.left_join(spread, list(PAIR)).drop(*(f"{name}_right" for name in PAIR))


def _properties(events: Events, sold: ir.Table) -> ir.Table:
    days = sold.group_by(["seller", "day", "seen"]).agg(
        **{name: total(sold[name]).fill_null(0.0) for name in PROPERTIES},
        **{f"{name}_known": sold[name].count() for name in PROPERTIES},
    )
    seen = as_of(days, events.pairs)
    measured = {column: seen[column] for name in PROPERTIES for column in (name, f"{name}_known")}
    return windowed(seen, PAIR, events.windows, measured).drop("recency", "age")


def product_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features of this family."""
    return [found for window in windows for found in _windowed(window)]


def _windowed(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    items, largest = window.name("category_total"), window.name("category_largest")
    squares = window.name("category_squares")
    return [
        made.number("distinct", "products", "Different products sold", window.name("products")),
        made.number(
            "categories",
            "categories",
            "Different categories sold",
            window.name("category_distinct"),
        ),
        made.ratio(
            "top_category", "share", "Share of items in the most frequent category", largest, items
        ),
        made.formula(
            "category_concentration",
            "share",
            "Sum of squared shares of the categories (Herfindahl index)",
            lambda t: divided(t[squares], t[items] * t[items]),
        ),
        *(
            made.ratio(name, unit, words, window.name(name), window.name(f"{name}_known"))
            for name, (unit, words) in PROPERTIES.items()
        ),
    ]


PRODUCTS = Family(NAME, ("items", "products"), product_sums, product_definitions)
