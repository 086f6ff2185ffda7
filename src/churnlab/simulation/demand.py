"""How busy each day is, for all sellers alike."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from churnlab.simulation.marginals import WEEKDAYS
from churnlab.simulation.market import Market

# Days from Black Friday on, beginning two days before, as multiples of the usual.
BLACK_FRIDAY = (1.3, 1.6, 6.0, 3.0, 2.2, 1.9, 1.3)
YEAR_END = 0.65
# A young marketplace has fewer customers per seller.
AT_FIRST, GROWN_AFTER_DAYS = 0.55, 300


def daily_demand(market: Market) -> np.ndarray:
    """Return the factor of every seller's rate of sales, shape (days,)."""
    dates = [market.start + timedelta(days=day) for day in range(market.days)]
    week = np.array(WEEKDAYS) / np.mean(WEEKDAYS)
    factor = np.array([week[day.weekday()] for day in dates])
    growth = AT_FIRST + (1 - AT_FIRST) * np.minimum(1.0, np.arange(market.days) / GROWN_AFTER_DAYS)
    feast = np.array([_feast(day) for day in dates])
    return factor * growth * feast


def black_friday(year: int) -> date:
    """Return the day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _feast(day: date) -> float:
    since = (day - black_friday(day.year)).days + 2
    if 0 <= since < len(BLACK_FRIDAY):
        return BLACK_FRIDAY[since]
    if (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 2):
        return YEAR_END
    return 1.0
