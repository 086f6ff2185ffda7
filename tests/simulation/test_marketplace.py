"""A simulated marketplace: the published columns, whole references, the same bytes each time."""

import hashlib
import itertools

import pandas as pd
import pytest

from churnlab.errors import ChurnlabError
from churnlab.simulation.market import Market
from churnlab.simulation.marketplace import simulate

REFERENCES = [
    ("items", "order_id", "orders"),
    ("items", "seller_id", "sellers"),
    ("items", "product_id", "products"),
    ("payments", "order_id", "orders"),
    ("reviews", "order_id", "orders"),
    ("orders", "customer_id", "customers"),
    ("tickets", "seller_id", "sellers"),
]


def hashes(folder):
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()}


def test_every_table_has_the_published_columns_in_their_order(tables, olist):
    for name, table in olist.tables.items():
        assert list(tables[name]) == list(table.columns)


def test_keys_are_unique(tables, olist):
    for name, table in olist.tables.items():
        assert not tables[name].duplicated(list(table.key)).any(), name


@pytest.mark.parametrize(("table", "column", "other"), REFERENCES)
def test_references_lead_somewhere(tables, table, column, other):
    assert set(tables[table][column]) <= set(tables[other][column])


def test_an_order_is_paid_in_full(tables):
    items = tables["items"].assign(cost=lambda t: t["price"] + t["freight_value"])
    cost = items.groupby("order_id")["cost"].sum()
    paid = tables["payments"].groupby("order_id")["payment_value"].sum().loc[cost.index]

    assert ((paid - cost).abs() < 0.005).all()


def test_items_of_an_order_are_numbered_from_one(tables):
    numbers = tables["items"].groupby("order_id")["order_item_id"].agg(["min", "max", "count"])

    assert (numbers["min"] == 1).all()
    assert (numbers["max"] == numbers["count"]).all()


def test_steps_of_an_order_come_one_after_another_and_none_after_the_snapshot(tables, market):
    orders = tables["orders"]
    steps = ["order_purchase_timestamp", "order_approved_at", "order_delivered_carrier_date"]
    steps.append("order_delivered_customer_date")

    for earlier, later in itertools.pairwise(steps):
        both = orders[[earlier, later]].dropna()
        assert (both[later] >= both[earlier]).all()
    assert orders[steps].max().max() < pd.Timestamp(market.end)
    assert orders["order_purchase_timestamp"].min() >= pd.Timestamp(market.start)
    delivered = orders["order_delivered_customer_date"].notna()
    assert (delivered == (orders["order_status"] == "delivered")).all()


def test_no_order_of_a_seller_comes_after_they_have_gone(tables):
    gone = tables["truth"].query("state == 'gone'").groupby("seller_id")["date"].min()
    items = tables["items"].merge(tables["orders"][["order_id", "order_purchase_timestamp"]])
    last = items.groupby("seller_id")["order_purchase_timestamp"].max()
    both = pd.concat({"gone": pd.to_datetime(gone), "last": last}, axis=1).dropna()

    assert len(both) > 30
    assert (both["last"] < both["gone"]).all()


def test_late_deliveries_are_reviewed_worse_and_answers_follow_questions(tables):
    reviews = tables["reviews"].merge(tables["orders"], on="order_id")
    days = reviews["order_delivered_customer_date"] - reviews["order_estimated_delivery_date"]
    late = days > pd.Timedelta(days=1)

    assert 0.01 < late.mean() < 0.2
    score = reviews["review_score"]
    assert score[late].mean() < score[~late].mean() - 0.8
    assert (reviews["review_answer_timestamp"] >= reviews["review_creation_date"]).all()


def test_tickets_are_recorded_after_they_are_opened(tables):
    tickets = tables["tickets"]

    assert (tickets["recorded"] > tickets["opened"]).all()
    assert (tickets["closed"].dropna() > tickets["recorded"][tickets["closed"].notna()]).all()


def test_nothing_of_a_ticket_lies_after_the_snapshot_and_the_last_ones_are_open(tables, market):
    tickets = tables["tickets"]

    assert tickets[["opened", "recorded", "closed"]].max().max() < pd.Timestamp(market.end)
    still_open = tickets["closed"].isna()
    assert 0 < still_open.mean() < 0.2
    assert tickets.loc[still_open, "recorded"].min() > tickets["recorded"].median()


def test_black_friday_is_the_busiest_day(tables):
    days = tables["orders"]["order_purchase_timestamp"].dt.date.value_counts()

    assert str(days.index[0]) == "2017-11-24"


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate(Market(30, 4, seed), tmp_path / name)

    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert hashes(tmp_path / "a") != hashes(tmp_path / "c")


def test_parquet_holds_what_csv_holds(tmp_path, olist):
    for file_format in ("csv", "parquet"):
        simulate(Market(30, 4, 1), tmp_path / file_format, file_format)

    items = olist.tables["items"]
    csv = pd.read_csv(
        tmp_path / "csv" / items.file,
        dtype=dict.fromkeys(items.of_type("text"), str),
        parse_dates=["shipping_limit_date"],
    )
    parquet = pd.read_parquet(tmp_path / "parquet" / items.file.replace(".csv", ".parquet"))
    pd.testing.assert_frame_equal(csv, parquet, check_dtype=False)


@pytest.mark.parametrize("orders", [100, 3_000])
def test_about_as_many_orders_come_as_were_asked_for(tmp_path, orders):
    rows = simulate(Market(60, 12, 5, orders), tmp_path)

    # Poisson: four standard deviations, and the few that become part of another order.
    assert abs(rows["orders"] - orders) < 4 * orders**0.5 + 0.01 * orders


def test_parts_together_are_all_sellers_and_none_is_too_large():
    market = Market(sellers=100_000, months=20, seed=1, orders=10_000_000)

    assert sum(market.parts) == 100_000
    assert max(market.parts) * market.days <= 2_000_000
    assert max(market.parts) * 100 <= 150_000


def test_sellers_of_several_parts_are_all_different(tmp_path):
    market = Market(sellers=9_000, months=3, seed=1, orders=500)

    simulate(market, tmp_path)

    assert len(market.parts) > 2
    assert pd.read_csv(tmp_path / "olist_sellers_dataset.csv")["seller_id"].is_unique


def test_a_run_that_fails_leaves_no_half_written_table(tmp_path, monkeypatch):
    def fails(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("churnlab.simulation.marketplace.simulate_part", fails)
    with pytest.raises(KeyboardInterrupt):
        simulate(Market(30, 4, 1), tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"sellers": 0}, "sellers: 0"),
        ({"months": 2}, "months: 2"),
        ({"seed": -1}, "seed: -1"),
        ({"orders": 0}, "orders: 0"),
        ({"orders": 300_001}, "10 is too few for 300,001 orders.* give 11 sellers or more"),
    ],
)
def test_a_market_that_cannot_be_is_told(wrong, told):
    with pytest.raises(ChurnlabError, match=told):
        Market(**({"sellers": 10, "months": 6, "seed": 1} | wrong))
