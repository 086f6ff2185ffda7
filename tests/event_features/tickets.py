"""Support tickets of the sellers of a small marketplace."""

import numpy as np
import pandas as pd

# Tickets per item sold; days until one is closed and until it reaches the data warehouse.
PER_ITEM = 0.05
DAYS_OPEN = 4.0
DAYS_UNTIL_KNOWN = 0.5
STILL_OPEN = 0.02


def drawn_tickets(items: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return `ticket_id, seller_id, opened, known, closed`, ordered by `opened`.

    A ticket follows a sold item within days, becomes known hours later, and stays open for days; a
    few are never closed.

    Args:
        items: `seller_id` and `event_time` of sold items.
        seed: of the draw.
    """
    draw = np.random.default_rng(seed)
    dated = items.dropna(subset=["event_time"]).sort_values(["event_time", "seller_id"])
    rows = dated[draw.random(len(dated)) < PER_ITEM].reset_index(drop=True)
    opened = rows["event_time"] + _days(draw, 5.0, len(rows))
    closed = opened + _days(draw, DAYS_OPEN, len(rows))
    tickets = pd.DataFrame(
        {
            "seller_id": rows["seller_id"],
            "opened": opened,
            "known": opened + _days(draw, DAYS_UNTIL_KNOWN, len(rows)),
            "closed": closed.mask(draw.random(len(rows)) < STILL_OPEN),
        }
    ).sort_values(["opened", "seller_id"], ignore_index=True)
    tickets.insert(0, "ticket_id", [f"t{number:07}" for number in range(len(tickets))])
    moments = dict.fromkeys(("opened", "known", "closed"), "datetime64[us]")
    return tickets.astype(moments)


def _days(draw: np.random.Generator, mean: float, count: int) -> pd.Series:
    """Return exponential spans of whole seconds."""
    seconds = (draw.exponential(mean, count) * 86400).round()
    return pd.Series(pd.to_timedelta(seconds, unit="s"))
