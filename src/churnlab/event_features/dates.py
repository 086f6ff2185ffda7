"""Reference dates that can be judged, and how far apart train and test dates must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from churnlab.errors import ChurnlabError


@dataclass(frozen=True)
class ReferenceDates:
    """The dates of training and those of the out-of-time test, each rising."""

    train: tuple[date, ...]
    test: tuple[date, ...]

    @property
    def all(self) -> tuple[date, ...]:
        """Every date once, rising."""
        return tuple(sorted({*self.train, *self.test}))


def check_embargo(dates: ReferenceDates, horizon_days: int) -> None:
    """Hold every test date at least one horizon after every train date.

    Closer, and the outcome of a training row would still be open, so unknown, at a test date.

    Raises:
        ChurnlabError: some are closer; the nearest pairs are named.
    """
    horizon = timedelta(days=horizon_days)
    first = min(dates.test)
    if clashing := [day for day in dates.train if day + horizon > first]:
        ends = ", ".join(f"{day} (decided on {day + horizon})" for day in sorted(clashing))
        raise ChurnlabError(
            f"events: reference_dates: the horizon of {horizon_days} days of {len(clashing)} train "
            f"date{'s' if len(clashing) > 1 else ''} passes the first test date {first}: {ends}; "
            "leave them out, or test later"
        )


def check_judged(dates: Sequence[date], horizon_days: int, last_complete_day: date) -> None:
    """Hold every date at least one horizon before the end of the data.

    Raises:
        ChurnlabError: the outcome of a date is not known yet (it is right-censored).
    """
    if censored := [day for day in dates if is_censored(day, horizon_days, last_complete_day)]:
        named = ", ".join(map(str, sorted(censored)))
        latest = latest_judged(horizon_days, last_complete_day)
        raise ChurnlabError(
            f"events: reference_dates: {len(censored)} of {len(dates)} cannot be judged: {named}; "
            f"the last complete day of data is {last_complete_day} and the horizon is "
            f"{horizon_days} days, so {latest} is the latest date whose outcome is known; "
            "remove them or bring later data"
        )


def check_scored(day: date, last_complete_day: date) -> None:
    """Hold the date of the list where everything before it is known.

    Raises:
        ChurnlabError: sales before the date are missing, and whoever made them would look idle.
    """
    latest = last_complete_day + timedelta(days=1)
    if day > latest:
        raise ChurnlabError(
            f"events: reference_dates: score: {day}: the last complete day of data is "
            f"{last_complete_day}, so sales before the date are missing; score {latest} or "
            "earlier, or bring later data"
        )


def check_unseen(day: date, train: Sequence[date], horizon_days: int) -> None:
    """Hold the date of the list at least one horizon after every train date.

    Closer, and the model would have learnt from outcomes that nobody knew on that day.

    Raises:
        ChurnlabError: a train date is closer, or later.
    """
    first = max(train) + timedelta(days=horizon_days)
    if day < first:
        raise ChurnlabError(
            f"events: reference_dates: score: {day}: the model learns from what happened up to "
            f"{first}; score that day or a later one, or train on earlier dates"
        )


def is_censored(reference_date: date, horizon_days: int, last_complete_day: date) -> bool:
    """Tell whether the horizon of a date passes the last complete day of data."""
    return reference_date > latest_judged(horizon_days, last_complete_day)


def latest_judged(horizon_days: int, last_complete_day: date) -> date:
    """Return the latest reference date whose whole horizon lies within the data."""
    return last_complete_day + timedelta(days=1 - horizon_days)
