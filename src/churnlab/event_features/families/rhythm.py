"""Rhythm: gaps between selling days, how overdue the next sale is, active weeks, decayed counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from churnlab.event_features.definitions import Definition, Maker, divided
from churnlab.event_features.engines import constant
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import Events
from churnlab.event_features.visibility import PAIR, as_of, total
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "rhythm"
WEEK = 7
HALF_LIVES = (7, 14, 28, 56, 112)
# Weights are whole multiples of 2^-20, so that decayed counts too are sums of whole numbers.
SCALE = 2**20
LONGEST_DECAY = 20 * HALF_LIVES[-1]


def rhythm_sums(events: Events) -> ir.Table:
    """Return gaps, active weeks and decayed counts per window."""
    import ibis

    days = events.seller_days.filter(events.seller_days["first"] == 1)
    days = as_of(days.select("seller", "day", "seen"), events.pairs)
    nearer = ibis.window(group_by=list(PAIR), order_by=days.ago)
    days = days.mutate(nearer=days.ago.lag().over(nearer))
    week = (days.ago - 1) // WEEK
    days = days.mutate(
        gap=(days.ago - days.nearer).fill_null(0),
        gaps=days.nearer.notnull().cast("float64"),
        # The sales of a week come one after the other here: its first row counts the week.
        weeks=(days.nearer.isnull() | ((days.nearer - 1) // WEEK < week)).cast("float64"),
    )
    measured = {
        "gap": days.gap,
        "gap_squared": days.gap * days.gap,
        "gaps": days.gaps,
        "weeks": days.weeks,
    }
    found = windowed(days, PAIR, events.windows, measured, {"gap": days.gap})
    return found.inner_join(decayed(events), list(PAIR))


def decayed(events: Events) -> ir.Table:
    """Return counts of orders in which an order of h days ago counts half, per half-life h."""
    orders = as_of(events.order_days, events.pairs)
    weighed = orders.inner_join(weights(orders), "ago")
    return weighed.group_by(list(PAIR)).agg(
        **{
            f"decayed_{half}": total(weighed["count"] * weighed[f"weight_{half}"])
            for half in HALF_LIVES
        }
    )


def weights(like: ir.Table) -> ir.Table:
    """Return the whole-numbered weight of each number of days ago, per half-life."""
    import pyarrow as pa

    days = range(1, LONGEST_DECAY + 1)
    columns = {"ago": list(days)} | {
        f"weight_{half}": [round(SCALE * 0.5 ** (day / half)) for day in days]
        for half in HALF_LIVES
    }
    return constant(like.get_backend(), pa.table(columns))


def rhythm_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features of this family."""
    now = Maker(NAME)
    found = [
        now.number(
            f"decayed_orders_{half}",
            "orders",
            f"Orders, each counted half as much every {half} days",
            f"decayed_{half}",
            SCALE,
        )
        for half in HALF_LIVES
    ]
    found += [
        now.ratio(
            f"decayed_ratio_{short}_{long}",
            "ratio",
            f"Decayed orders of half-life {short} days over those of {long} days",
            f"decayed_{short}",
            f"decayed_{long}",
        )
        for short, long in pairwise(HALF_LIVES)
    ]
    for window in windows:
        found += _windowed(window)
    return found


def _windowed(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    gap, gaps = window.name("gap"), window.name("gaps")
    return [
        made.ratio("interval_mean", "days", "Mean gap between selling days", gap, gaps),
        made.formula(
            "interval_std",
            "days",
            "Standard deviation of the gaps between selling days",
            lambda t: deviation(t[gaps], t[gap], t[window.name("gap_squared")]),
        ),
        made.formula(
            "interval_max",
            "days",
            "Longest gap between selling days",
            lambda t: t[window.name("gap_max")].nullif(0).cast("float64"),
        ),
        made.formula(
            "overdue",
            "ratio",
            "Days since the last sale over the mean gap between selling days",
            lambda t: divided(t.recency * t[gaps], t[gap]),
        ),
        made.formula(
            "active_weeks",
            "share",
            "Share of the weeks, counted back from the date, that have a sale",
            lambda t: divided(t[window.name("weeks")], _weeks(t, window)),
        ),
    ]


def _weeks(table: ir.Table, window: Window) -> Any:
    import ibis

    return (
        (table.age - 1) // WEEK + 1
        if window.days is None
        else ibis.literal((window.days - 1) // WEEK + 1)
    )


def deviation(count: ir.Value, total: ir.Value, squares: ir.Value) -> Any:
    """Return the sample standard deviation from whole-numbered sums, null below two values."""
    spread = (count * squares - total * total).cast("float64")
    return divided(spread, count * (count - 1)).sqrt()


RHYTHM = Family(NAME, ("items",), rhythm_sums, rhythm_definitions)
