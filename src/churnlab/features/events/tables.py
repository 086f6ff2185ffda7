"""The event tables as features read them: whole days and whole cents, typed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from churnlab.features.events.visibility import (
    day_number,
    entries,
    first_seen,
    seen_day,
    whole,
)
from churnlab.features.events.windows import Window, with_lifetime

if TYPE_CHECKING:
    import ibis.expr.types as ir

CENTS = 100


@dataclass(frozen=True)
class Events:
    """Event tables by name, the (seller, reference day) pairs that ask, and the windows.

    What several families need is computed once and kept in the engine.
    """

    tables: Mapping[str, ir.Table]
    pairs: ir.Table
    window_days: tuple[int, ...]

    @property
    def windows(self) -> tuple[Window, ...]:
        """All windows, the lifetime last."""
        return with_lifetime(self.window_days)

    @property
    def lines(self) -> ir.Table:
        """Sold items: seller, order, product, customer, `day`, `seen`, `cents`, `freight`."""
        return item_lines(self.tables["items"])

    @cached_property
    def links(self) -> ir.Table:
        """Each seller's orders with the day from which the seller is known to take part."""
        return first_seen(self.lines, "order_id").cache()

    @cached_property
    def seller_days(self) -> ir.Table:
        """Sales per seller, `day` and `seen`; `first` is 1 in the first row seen of each day."""
        import ibis

        lines = self.lines
        days = lines.group_by(["seller_id", "day", "seen"]).agg(
            items=lines.count(),
            cents=lines.cents.sum(),
            freight=lines.freight.sum(),
            dearest=lines.cents.max(),
        )
        earlier = ibis.window(group_by=["seller_id", "day"], order_by="seen")
        first = (ibis.row_number().over(earlier) == 0).cast("int64")
        return days.mutate(first=first).cache()

    @cached_property
    def order_days(self) -> ir.Table:
        """Orders per seller and day, each order in one row at any reference day."""
        return entries(self.lines, "order_id").cache()


def item_lines(items: ir.Table) -> ir.Table:
    """Return the items with whole days and cents; rows without an event time take no part."""
    dated = items.filter(items.event_time.notnull() & items.seller_id.notnull())
    return dated.select(
        "seller_id",
        "order_id",
        "product_id",
        "customer_id",
        day=day_number(dated.event_time),
        seen=seen_day(dated.event_time, dated.known_time),
        cents=whole(dated.price, CENTS).fill_null(0),
        freight=whole(dated.freight, CENTS).fill_null(0),
    )
