"""The event tables as features read them: whole days and whole cents, typed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from churnlab.event_features.population import asked_sellers, reference_days
from churnlab.event_features.visibility import (
    day_number,
    entries,
    first_seen,
    seen_day,
    total,
    whole,
)
from churnlab.event_features.windows import Window, with_lifetime

if TYPE_CHECKING:
    import ibis.expr.types as ir

CENTS = 100


@dataclass(frozen=True)
class Activity:
    """Who is active: sellers with so many orders within so many days before the date."""

    days: int
    orders: int


@dataclass(frozen=True)
class Events:
    """Event tables by name, the reference dates that ask, and the windows.

    What several families need is computed once and kept in the engine. Sellers go by a whole
    number, since grouping by it takes half the time of grouping by their identifiers.

    `marketplace` is given where the tables hold a block of its sellers only.
    """

    tables: Mapping[str, ir.Table]
    dates: Sequence[date]
    window_days: tuple[int, ...]
    activity: Activity
    marketplace: Events | None = None

    @property
    def windows(self) -> tuple[Window, ...]:
        """All windows, the lifetime last."""
        return with_lifetime(self.window_days)

    @cached_property
    def sellers(self) -> ir.Table:
        """`seller_id` and `seller`, a whole number, of everyone with a sale."""
        import ibis

        distinct = self.tables["items"].select("seller_id").filter(ibis._.seller_id.notnull())
        distinct = distinct.distinct()
        numbered = ibis.row_number().over(ibis.window(order_by=distinct.seller_id))
        return distinct.mutate(seller=numbered.cast("int64")).cache()

    @cached_property
    def pairs(self) -> ir.Table:
        """`seller`, `reference_day` and `active` of sellers with a sale known by the date."""
        days = reference_days(self.tables["items"], self.dates)
        return asked_sellers(
            self.order_days, days, self.activity.days, self.activity.orders
        ).cache()

    @cached_property
    def lines(self) -> ir.Table:
        """Sold items: seller, order, product, customer, `day`, `seen`, `cents`, `freight`.

        The last two are null where the amount is not known.
        """
        items = self.tables["items"]
        dated = items.filter(items.event_time.notnull()).inner_join(self.sellers, "seller_id")
        return dated.select(
            "seller",
            "order_id",
            "product_id",
            "customer_id",
            day=day_number(dated.event_time),
            seen=seen_day(dated.event_time, dated.known_time),
            cents=whole(dated.price, CENTS),
            freight=whole(dated.freight, CENTS),
        )

    @cached_property
    def links(self) -> ir.Table:
        """Each seller's orders with the day from which the seller is known to take part."""
        return first_seen(self.lines, "order_id").cache()

    @cached_property
    def seller_days(self) -> ir.Table:
        """Sales per seller, `day` and `seen`; `first` is 1 in the first row seen of each day.

        `cents` and `freight` add up what is known, of `priced` and `freighted` items.
        """
        import ibis

        lines = self.lines
        days = lines.group_by(["seller", "day", "seen"]).agg(
            items=lines.count(),
            priced=lines.cents.count(),
            freighted=lines.freight.count(),
            cents=total(lines.cents).fill_null(0.0),
            freight=total(lines.freight).fill_null(0.0),
            dearest=lines.cents.max(),
        )
        earlier = ibis.window(group_by=["seller", "day"], order_by="seen")
        first = (ibis.row_number().over(earlier) == 0).cast("float64")
        return days.mutate(first=first).cache()

    @cached_property
    def order_days(self) -> ir.Table:
        """Orders per seller and day, each order in one row at any reference day."""
        return entries(self.lines, "order_id").cache()
