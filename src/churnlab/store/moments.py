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


def fresh_until(day: date, freshness_days: int, timezone: str) -> date:
    """Return the last day on which values of `day` may be served.

    A day of freshness is 24 hours, as Feast counts it: where clocks were put back in between, the
    last midnight comes an hour too late.
    """
    last = day + timedelta(days=freshness_days)
    late = moment(last, timezone) - moment(day, timezone) > timedelta(days=freshness_days)
    return last - timedelta(days=1) if late else last
