"""Local hours that a change of the clock leaves out, and those that it repeats."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


class Change(NamedTuple):
    """Local times from `start` to before `end` that do not exist, or exist twice."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How far the clock was moved."""
        return self.end - self.start


def gaps(zone: str, first: date, last: date) -> list[Change]:
    """Return the local times that the clock jumped over between two days, both inclusive."""
    return [Change(before, after) for before, after in _jumps(zone, first, last) if after > before]


def overlaps(zone: str, first: date, last: date) -> list[Change]:
    """Return the local times that the clock went through twice between two days."""
    return [Change(after, before) for before, after in _jumps(zone, first, last) if after < before]


def _jumps(zone: str, first: date, last: date) -> list[tuple[datetime, datetime]]:
    """Return what the clock showed right before and right after each change."""
    local, utc = ZoneInfo(zone), ZoneInfo("UTC")
    moment = datetime(first.year, first.month, first.day, tzinfo=utc) - DAY
    end = datetime(last.year, last.month, last.day, tzinfo=utc) + 2 * DAY
    found = []
    while moment < end:
        if moment.astimezone(local).utcoffset() != (moment + DAY).astimezone(local).utcoffset():
            change = _moment_of_change(moment, local)
            after = change.astimezone(local)
            before = (change - MINUTE).astimezone(local)
            found.append((_shown(before) + MINUTE, _shown(after)))
        moment += DAY
    return found


def _shown(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, fold=0)


def _moment_of_change(moment: datetime, local: ZoneInfo) -> datetime:
    """Return the first minute of the day after `moment` that has its last offset."""
    old = moment.astimezone(local).utcoffset()
    low, high = 0, 24 * 60
    while high - low > 1:
        middle = (low + high) // 2
        if (moment + middle * MINUTE).astimezone(local).utcoffset() == old:
            low = middle
        else:
            high = middle
    return moment + high * MINUTE
