"""All rows in order, whatever the number of sellers and days that are worked on at once."""

from datetime import date
from itertools import pairwise

import pandas as pd
import pyarrow as pa
import pytest

from churnlab.errors import ChurnlabError
from churnlab.event_features import rows as rows_module
from churnlab.event_features.blocks import cut, last_sellers
from churnlab.event_features.registry import FAMILIES, computable
from churnlab.event_features.rows import feature_rows
from churnlab.event_features.tables import Activity, Events
from event_features.tables import DATES, WINDOWS, compute, family, in_engine, small_tables


@pytest.fixture(scope="module")
def many(duckdb):
    return in_engine(duckdb, small_tables(seed=5, orders=200, sellers=13))


def all_rows(tables, scratch, dates=DATES, families=FAMILIES, **settings):
    """Return the parts that come, and all of them as pandas."""
    events = Events(tables, dates, WINDOWS, Activity(45, 1))
    parts = list(feature_rows(events, computable(families, tables), scratch, **settings))
    return parts, pa.concat_tables(parts).to_pandas()


def test_blocks_of_sellers_give_the_rows_of_all_at_once_bit_for_bit(many, tmp_path):
    parts, found = all_rows(many, tmp_path, items_at_a_time=100)
    assert len(parts) >= 2 * len(DATES)
    # The pace of the whole marketplace, which no block sees alone.
    assert "market_orders_pace_7d_30d" in found
    pd.testing.assert_frame_equal(found, compute(many), check_exact=True)
    assert list(tmp_path.iterdir()) == []


def test_rows_come_by_date_and_seller_as_one_query_gives_them(many, tmp_path, monkeypatch):
    monkeypatch.setattr(rows_module, "ROWS_AT_A_TIME", 5)
    _, found = all_rows(many, tmp_path)
    pd.testing.assert_frame_equal(found, compute(many), check_exact=True)
    keys = list(zip(found["reference_date"], found["seller_id"], strict=True))
    assert keys == sorted(keys)


@pytest.mark.parametrize("at_a_time", [1, 7, 40, 10**6])
def test_every_seller_is_in_one_block_and_blocks_end_after_so_many_items(many, tmp_path, at_a_time):
    items = many["items"].to_pandas()
    blocks = cut(many, last_sellers(many["items"], at_a_time), tmp_path)
    held = [block["items"].to_pandas() for block in blocks]
    keys = ["seller_id", "order_id", "product_id", "event_time", "price"]
    together = pd.concat(held).sort_values(keys, ignore_index=True)
    expected = items[items["seller_id"].notna()].sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(together, expected)
    largest = items["seller_id"].value_counts().max()
    assert all(at_a_time - largest < len(rows) < at_a_time + largest for rows in held[:-1])
    assert (len(blocks) == 1) == (at_a_time >= len(items))
    sellers = [sorted(set(rows["seller_id"])) for rows in held]
    assert all(one[-1] < two[0] for one, two in pairwise(sellers))
    for name in ("payments", "orders", "reviews"):
        rows = many[name].to_pandas()
        for block, sold in zip(blocks, held, strict=True):
            own = rows[rows["order_id"].isin(sold["order_id"])]
            assert sorted(block[name].to_pandas()["order_id"]) == sorted(own["order_id"])


def test_dates_before_any_sale_are_refused(many, tmp_path):
    early = (date(2015, 1, 1), date(2015, 2, 1))
    for size in (100, 10_000):
        with pytest.raises(ChurnlabError, match=r"nothing is known to be sold before 2015-02-01"):
            all_rows(many, tmp_path, early, family("sales"), items_at_a_time=size)
