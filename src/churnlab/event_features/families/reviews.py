"""Reviews: scores of the seller's orders, counted once the review is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churnlab.event_features.definitions import Definition, Maker
from churnlab.event_features.families.family import Family
from churnlab.event_features.tables import Events
from churnlab.event_features.visibility import PAIR, as_of, day_number, entries, seen_day, total
from churnlab.event_features.windows import Window, windowed

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME = "reviews"
LOW, HIGH = 2, 5


def scored_orders(events: Events) -> ir.Table:
    """Return the reviews of each seller's orders: `order_id`, `score`, `day`, `seen`."""
    import ibis

    reviews = events.tables["reviews"]
    dated = reviews.filter(reviews.event_time.notnull() & reviews.score.notnull()).select(
        "order_id",
        "score",
        day=day_number(reviews.event_time),
        known=seen_day(reviews.event_time, reviews.known_time),
    )
    joined = events.links.inner_join(dated, "order_id")
    return joined.mutate(seen=ibis.greatest(joined.seen, joined.known)).drop("known")


def review_sums(events: Events) -> ir.Table:
    """Return scores, reviewed orders and all orders per window."""
    scored = scored_orders(events).cache()
    days = scored.group_by(["seller", "day", "seen"]).agg(
        reviews=scored.count(),
        score=total(scored.score),
        low=total(scored.score <= LOW),
        high=total(scored.score >= HIGH),
    )
    seen = as_of(days, events.pairs)
    measured = {name: seen[name] for name in ("reviews", "score", "low", "high")}
    found = windowed(seen, PAIR, events.windows, measured)
    reviewed = as_of(entries(scored, "order_id"), events.pairs)
    covered = windowed(reviewed, PAIR, events.windows, {"reviewed": reviewed["count"]})
    orders = as_of(events.order_days, events.pairs)
    placed = windowed(orders, PAIR, events.windows, {"orders": orders["count"]})
    times = ("recency", "age")
    reviewed_alone, written = covered.drop(*times), found.drop(*times)
    # Who has orders and no review yet has a coverage, of 0.
    table = placed.drop(*times)
    for more in (written, reviewed_alone):
        table = table.left_join(more, list(PAIR)).drop(*(f"{name}_right" for name in PAIR))
    counts = [name for name in table.columns if name not in PAIR]
    return table.mutate(**{name: table[name].fill_null(0.0) for name in counts})


def review_definitions(windows: Sequence[Window]) -> list[Definition]:
    """Return the features of this family."""
    return [found for window in windows for found in _windowed(window)]


def _windowed(window: Window) -> list[Definition]:
    made = Maker(NAME, window.label, window.words)
    reviews = window.name("reviews")
    return [
        made.number("count", "reviews", "Reviews", reviews),
        made.ratio("score", "points", "Mean score, 1 to 5,", window.name("score"), reviews),
        made.ratio("low", "share", "Share of scores of 1 or 2", window.name("low"), reviews),
        made.ratio("high", "share", "Share of scores of 5", window.name("high"), reviews),
        made.ratio(
            "coverage",
            "ratio",
            "Reviewed orders over orders, each counted by its own date,",
            window.name("reviewed"),
            window.name("orders"),
        ),
    ]


REVIEWS = Family(NAME, ("items", "reviews"), review_sums, review_definitions)
