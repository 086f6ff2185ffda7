"""Churn of a seller after a reference date, by name of the variant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from churnlab.errors import ChurnlabError
from churnlab.event_features.population import EPOCH
from churnlab.event_features.visibility import PAIR, as_of, day_number, seen_day

if TYPE_CHECKING:
    import ibis.expr.types as ir

Label = Literal["horizon", "inactivity"]


def churn(items: ir.Table, pairs: ir.Table, label: Label, horizon_days: int) -> ir.Table:
    """Return `seller_id`, `reference_day` and `y`: 1 where the seller has no sale in the span.

    `horizon` looks at the `horizon_days` days from the reference date on. `inactivity` looks at the
    rest of `horizon_days` days without a sale counted from the last sale known at the date, which
    is `horizon_days - recency` days: a seller quiet for that long already has y = 1. Of the future
    only the event times count, however late they became known.

    Args:
        items: the items table.
        pairs: `seller_id` and `reference_day`, each pair once.
        label: the variant.
        horizon_days: length in days.
    """
    sold = items.filter(items.event_time.notnull())
    days = sold.select(
        seller=sold.seller_id,
        day=day_number(sold.event_time),
        seen=seen_day(sold.event_time, sold.known_time),
    ).distinct()
    asked = pairs.select("reference_day", seller="seller_id")
    spans = asked.mutate(end=asked.reference_day + horizon_days)
    if label == "inactivity":
        known = as_of(days, asked)
        spans = known.group_by(list(PAIR)).agg(end=known.day.max() + horizon_days)
    stays = [
        spans.seller == days.seller,
        days.day >= spans.reference_day,
        days.day < spans.end,
    ]
    stayed = spans.join(days, stays).select(*PAIR).distinct().mutate(stays=1)
    table = asked.left_join(stayed, list(PAIR))
    left = 1 - table.stays.fill_null(0).cast("int64")
    return table.select("reference_day", seller_id=table.seller, y=left)


def last_complete_day(items: ir.Table, declared: date | None = None) -> date:
    """Return the day before the last one with a sale, which may have been cut off.

    Args:
        items: the items table.
        declared: the last day of which all sales are there, where the catalog says so.

    Raises:
        ChurnlabError: there is no sale.
    """
    last = day_number(items.event_time).max().to_pyarrow().as_py()
    if last is None:
        raise ChurnlabError(
            "data/events: the items table has no row with an event time; run the events stage on "
            "a source with items"
        )
    found = EPOCH + timedelta(days=int(last) - 1)
    return min(found, declared) if declared else found
