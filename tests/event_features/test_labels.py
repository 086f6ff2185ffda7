"""Churn by both names, on cases worked out by hand."""

from datetime import date

import pandas as pd
import pytest

from churnlab.errors import ChurnlabError
from churnlab.event_features.labels import churn, last_complete_day
from churnlab.event_features.store import dated
from event_features.tables import everyone, in_engine

DAY = date(2017, 6, 1)


def items(sales):
    """Return an items table of (seller, moment, known) rows; known may be left out."""
    rows = [(seller, moment, *known) for seller, moment, *known in sales]
    moments = pd.to_datetime([row[1] for row in rows], format="mixed")
    known = pd.to_datetime([row[-1] if len(row) > 2 else row[1] for row in rows], format="mixed")
    return pd.DataFrame(
        {
            "order_id": [f"o{n}" for n in range(len(rows))],
            "item": 1,
            "product_id": "q",
            "seller_id": [row[0] for row in rows],
            "customer_id": "c",
            "price": 1.0,
            "freight": 0.0,
            "event_time": moments,
            "known_time": known,
        }
    )


def labelled(duckdb, sales, label, horizon=45, dates=(DAY,)):
    table = in_engine(duckdb, {"items": items(sales)})["items"]
    pairs = everyone(table, dates)
    found = dated(churn(table, pairs, label, horizon)).to_pandas()
    return dict(zip(found["seller_id"], found["y"], strict=True))


def test_a_sale_from_the_date_to_the_last_moment_of_the_horizon_means_no_churn(duckdb):
    sales = [
        *((seller, "2017-05-20") for seller in "abcd"),
        ("a", "2017-06-01 00:00:00"),
        ("b", "2017-07-15 23:59:59"),
        ("c", "2017-07-16 00:00:00"),
    ]
    assert labelled(duckdb, sales, "horizon") == {"a": 0, "b": 0, "c": 1, "d": 1}


def test_inactivity_counts_its_days_from_the_last_sale(duckdb):
    # Last sale 12 days before the date: 33 days are left, 1 June to 3 July.
    sales = [
        *((seller, "2017-05-20") for seller in "abc"),
        ("a", "2017-07-03 23:59:59"),
        ("b", "2017-07-04"),
        ("quiet", "2017-04-17"),
        ("quiet", "2017-06-01"),
        ("barely", "2017-04-18"),
        ("barely", "2017-06-01 12:00"),
    ]
    assert labelled(duckdb, sales, "inactivity") == {
        "a": 0,
        "b": 1,
        "c": 1,
        # 45 days without a sale have passed at the date: churned, whatever follows.
        "quiet": 1,
        # 44 days: one is left, and there is a sale on it.
        "barely": 0,
    }


def test_inactivity_counts_from_the_last_sale_that_is_known_at_the_date(duckdb):
    sales = [
        ("a", "2017-05-01"),
        ("a", "2017-05-20", "2017-06-10"),
        ("a", "2017-06-20"),
    ]
    # 31 days since the known sale leave 14 days, to 14 June; the sale of the 20th comes too late.
    assert labelled(duckdb, sales, "inactivity") == {"a": 1}


def test_of_the_future_a_sale_counts_by_its_own_date_however_late_it_is_known(duckdb):
    sales = [("a", "2017-05-20"), ("a", "2017-06-10", "2018-01-01")]
    assert labelled(duckdb, sales, "horizon") == {"a": 0}


@pytest.mark.parametrize("label", ["horizon", "inactivity"])
def test_labels_equal_those_that_a_plain_loop_gives(duckdb, frames, label):
    table = in_engine(duckdb, {"items": frames["items"]})["items"]
    pairs = everyone(table)
    found = dated(churn(table, pairs, label, 9)).to_pandas()
    assert set(found["y"]) == {0, 1}
    for row in found.itertuples():
        own = frames["items"][frames["items"]["seller_id"] == row.seller_id]
        start = pd.Timestamp(row.reference_date)
        known = own[(own["event_time"] < start) & (own["known_time"] < start)]
        begin = start if label == "horizon" else known["event_time"].max().normalize()
        end = begin + pd.Timedelta(days=9)
        sales = own["event_time"][(own["event_time"] >= start) & (own["event_time"] < end)]
        assert row.y == int(sales.empty)


def test_the_last_complete_day_is_the_one_before_the_last_sale(duckdb):
    table = in_engine(duckdb, {"items": items([("a", "2017-05-20"), ("a", "2017-06-03 01:00")])})
    assert last_complete_day(table["items"]) == date(2017, 6, 2)
    assert last_complete_day(table["items"], date(2017, 5, 25)) == date(2017, 5, 25)
    assert last_complete_day(table["items"], date(2017, 9, 1)) == date(2017, 6, 2)


def test_a_table_without_sales_is_named(duckdb):
    empty = items([("a", "2017-05-20")]).assign(event_time=pd.NaT)
    table = in_engine(duckdb, {"items": empty.astype({"event_time": "datetime64[us]"})})["items"]
    with pytest.raises(ChurnlabError, match="items table has no row with an event time"):
        last_complete_day(table)
