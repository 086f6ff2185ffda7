"""Reference dates: the embargo, right-censoring, and monthly lists."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.errors import ChurnlabError
from churnlab.event_features.dates import (
    ReferenceDates,
    check_embargo,
    check_judged,
    check_scored,
    check_unseen,
    is_censored,
    latest_judged,
)

DATES = st.dates(date(2016, 1, 1), date(2020, 1, 1))


def test_train_dates_whose_outcome_is_open_at_the_first_test_date_are_named():
    dates = ReferenceDates(
        (date(2018, 1, 1), date(2018, 3, 1), date(2018, 4, 1)), (date(2018, 4, 10),)
    )
    with pytest.raises(ChurnlabError) as error:
        check_embargo(dates, 45)
    message = str(error.value)
    assert "45 days of 2 train dates passes the first test date 2018-04-10" in message
    assert "2018-03-01 (decided on 2018-04-15)" in message
    assert "2018-01-01" not in message


def test_exactly_one_horizon_between_is_enough():
    check_embargo(ReferenceDates((date(2018, 3, 17),), (date(2018, 5, 1),)), 45)
    with pytest.raises(ChurnlabError):
        check_embargo(ReferenceDates((date(2018, 3, 18),), (date(2018, 5, 1),)), 45)


@given(DATES, st.integers(1, 400), DATES)
def test_a_date_is_censored_when_the_last_day_of_its_horizon_is_not_complete(day, horizon, last):
    last_needed = max(day + timedelta(days=n) for n in range(horizon))
    assert is_censored(day, horizon, last) == (last_needed > last)
    assert not is_censored(latest_judged(horizon, last), horizon, last)


def test_dates_that_cannot_be_judged_are_named_with_the_latest_that_can():
    asked = [date(2018, 6, 1), date(2018, 7, 1), date(2018, 8, 1)]
    with pytest.raises(ChurnlabError) as error:
        check_judged(asked, 45, date(2018, 7, 20))
    assert "2 of 3 cannot be judged: 2018-07-01, 2018-08-01" in str(error.value)
    assert "2018-06-06 is the latest date" in str(error.value)


def test_a_list_is_made_where_everything_before_its_date_is_known():
    check_scored(date(2018, 8, 25), date(2018, 8, 24))
    with pytest.raises(ChurnlabError, match="score 2018-08-25 or earlier"):
        check_scored(date(2018, 8, 26), date(2018, 8, 24))


def test_a_list_is_of_a_day_that_the_model_did_not_learn_from():
    train = [date(2018, 1, 1), date(2018, 2, 1)]
    check_unseen(date(2018, 3, 18), train, 45)
    with pytest.raises(ChurnlabError, match=r"2018-03-17: .* up to 2018-03-18; score that day"):
        check_unseen(date(2018, 3, 17), train, 45)
