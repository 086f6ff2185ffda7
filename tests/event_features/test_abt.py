"""Base tables: active sellers with their label, cut in time; and who counts as active."""

from datetime import date

import pandas as pd
import pytest

from churnlab.errors import ChurnlabError
from churnlab.event_features.abt import base_table
from churnlab.event_features.dates import ReferenceDates
from churnlab.event_features.tables import Activity, Events
from event_features.tables import DATES, WINDOWS

EARLY, LATE = date(2017, 3, 1), date(2017, 6, 1)
SPLIT = ReferenceDates((EARLY,), (LATE,))


def features():
    return pd.DataFrame(
        {
            "seller_id": ["b", "a", "c", "a", "b"],
            "reference_date": [EARLY, EARLY, EARLY, LATE, LATE],
            "active": [True, True, False, True, True],
            "sales_orders_7d": [2.0, 1.0, 0.0, 3.0, 4.0],
        }
    )


def labels():
    return features()[["seller_id", "reference_date"]].assign(y=[0, 1, 1, 1, 0])


def test_rows_are_active_sellers_in_order_with_id_and_place():
    table = base_table(features(), labels(), SPLIT)
    assert table.train.to_dict("list") == {
        "id": ["a@2017-03-01", "b@2017-03-01"],
        "y": [1, 0],
        "sales_orders_7d": [1.0, 2.0],
        "entity": ["a", "b"],
        "time": ["2017-03-01", "2017-03-01"],
    }
    assert table.test["id"].tolist() == ["a@2017-06-01", "b@2017-06-01"]


def test_an_active_row_without_label_is_named():
    with pytest.raises(ChurnlabError, match=r"1 of 4 active rows have no label.*b at 2017-03-01"):
        base_table(features(), labels().iloc[1:], SPLIT)


def test_a_date_without_active_sellers_and_a_part_of_one_outcome_are_refused():
    dates = ReferenceDates((EARLY,), (LATE, date(2017, 7, 1)))
    with pytest.raises(ChurnlabError, match=r"reference_dates.test: no seller .* 2017-07-01"):
        base_table(features(), labels(), dates)
    with pytest.raises(ChurnlabError, match=r"reference_dates.train: all 2 rows have y = 1"):
        base_table(features(), labels().assign(y=1), SPLIT)


@pytest.mark.parametrize(("days", "orders"), [(10, 1), (45, 5), (200, 1)])
def test_active_sellers_have_so_many_known_orders_in_so_many_days(tables, frames, days, orders):
    events = Events(tables, DATES, WINDOWS, Activity(days, orders))
    found = events.pairs.inner_join(events.sellers, "seller").to_pandas()
    items = frames["items"]
    expected = {}
    for day in DATES:
        start = pd.Timestamp(day)
        seen = items[(items["event_time"] < start) & (items["known_time"] < start)]
        number = (start - pd.Timestamp(0)).days
        for seller, own in seen.groupby("seller_id"):
            recent = own[own["event_time"] >= start - pd.Timedelta(days=days)]
            expected[seller, number] = recent["order_id"].nunique() >= orders
    keys = zip(found["seller_id"], found["reference_day"], strict=True)
    assert dict(zip(keys, found["active"], strict=True)) == expected
    assert len({*expected.values()}) == (1 if days == 200 else 2)
