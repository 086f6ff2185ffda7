"""The form in which a column writes its dates."""

from __future__ import annotations

import pandas as pd

from churnlab.data.dates import days_since_epoch

TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M:%SZ")
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%Y")
FORMS = (*(day + time for day in DAYS for time in TIMES), "%Y-%m", "%Y%m%d")
# Numbers of eight digits may be dates by chance; those of other years are not.
FIRST_DAY, LAST_DAY = -25_567.0, 84_006.0  # 1900-01-01 and 2200-01-01, from 1970
TRIED = 50


def date_form(texts: pd.Series) -> str | None:
    """Return the form that every one of the distinct `texts` has, None where there is none.

    Where days and months cannot be told apart, the day is taken to come first; see `ambiguous`.
    """
    return next((form for form in FORMS if _all_dates(texts, form)), None)


def ambiguous(texts: pd.Series, form: str) -> bool:
    """Whether the texts could as well be read with day and month exchanged."""
    if not form.startswith("%d/%m"):
        return False
    return _all_dates(texts, form.replace("%d/%m", "%m/%d", 1))


def _all_dates(texts: pd.Series, form: str) -> bool:
    # Most columns hold no dates, which their first values already show.
    for part in (texts[:TRIED], texts):
        days = days_since_epoch(part, form)
        if not ((days >= FIRST_DAY) & (days <= LAST_DAY)).all():
            return False
    return True
