"""Since when values count: a reference date is the midnight that begins it, where the study is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def moment(day: date, timezone: str) -> datetime:
    """Return the midnight that begins `day` in `timezone`, in UTC.

    Where clocks are put forward at midnight, it is the moment at which they are.
    """
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def day_of(instant: datetime, timezone: str) -> date:
    """Return the day that an instant lies in, in `timezone`."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def fresh_until(day: date, freshness_days: int) -> date:
    """Return the last day on which values of `day` may be served."""
    return day + timedelta(days=freshness_days)
