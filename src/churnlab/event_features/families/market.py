"""The marketplace around a seller: how its orders and active sellers grow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition, Maker
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import Events
from churnlab.event_features.visibility import PAIR, as_of
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "market"


def market_sums(events: Events) -> ir.Table:
    """Return, for every pair of a date, the totals of that date."""
    whole = events.marketplace or events
    days = whole.pairs.select("reference_day").distinct()
    orders = whole.order_days
    daily = orders.group_by(["day", "seen", "until"]).agg(count=orders["count"].sum())
    seen = _at(daily, days)
    totals = windowed(seen, ["reference_day"], events.windows, {"orders": seen["count"]})
    sellers = as_of(orders, whole.pairs)
    last = sellers.group_by(list(PAIR)).agg(ago=sellers.ago.min(), n=1)
    active = windowed(last, ["reference_day"], events.windows, {"sellers": last.n})
    found = totals.inner_join(active.drop("recency", "age"), "reference_day")
    return events.pairs.select(*PAIR).inner_join(found, "reference_day")


def _at(facts: ir.Table, days: ir.Table) -> ir.Table:
    """Return the facts of all sellers as of each reference day, with `ago`."""
    joined = days.join(facts, [facts.seen < days.reference_day, facts.until >= days.reference_day])
    return joined.mutate(ago=joined.reference_day - joined.day)


def market_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return how the marketplace grows from window to window."""
    now = Maker(NAME)
    found = []
    for shorter, longer in pairwise(windows[:-1]):
        for measure, words in (("orders", "Orders"), ("sellers", "Sellers with an order")):
            found.append(
                now.ratio(
                    f"{measure}_pace_{shorter.label}_{longer.label}",
                    "ratio",
                    f"{words} of the whole marketplace {shorter.words}, over those {longer.words}",
                    shorter.name(measure),
                    longer.name(measure),
                )
            )
    return found


MARKET = Family(NAME, ("items",), market_sums, market_definitions)
