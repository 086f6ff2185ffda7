"""Public holidays as a calendar that is known before it happens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from churnlab.errors import ChurnlabError

if TYPE_CHECKING:
    import pyarrow as pa

# The government lists the holidays of a year in the last weeks of the one before.
PUBLISHED = (12, 31)


def holiday_table(country: str, years: Iterable[int]) -> pa.Table:
    """Return `event_time`, `known_time` (dates) and `name` of a country's national holidays.

    A holiday counts as known from the end of the year before on, when its calendar is published.

    Args:
        country: two letters, as ISO 3166-1.
        years: calendar years.

    Raises:
        ChurnlabError: the package `holidays` does not know the country.
    """
    import pyarrow as pa

    days = sorted(_national(country, years).items())
    return pa.table(
        {
            "event_time": pa.array([day for day, _ in days], pa.date32()),
            "known_time": pa.array(
                [date(day.year - 1, *PUBLISHED) for day, _ in days], pa.date32()
            ),
            "name": pa.array([name for _, name in days], pa.string()),
        }
    )


def _national(country: str, years: Iterable[int]) -> dict[date, str]:
    import holidays

    try:
        return dict(holidays.country_holidays(country, years=list(years)))
    except NotImplementedError as error:
        raise ChurnlabError(
            f"holidays: unknown country '{country}'; write two letters, such as BR"
        ) from error
