"""Simulated tables go through the same stages as published ones, orders and reviews among them."""

import json

import pandas as pd
import pytest
import yaml

from churnlab.config import load_event_catalog
from churnlab.events.normalising import normalise
from churnlab.events.sources import bring
from churnlab.simulation.catalog import as_document, simulated_catalog


@pytest.fixture(scope="module")
def catalog(olist, market, folder):
    return simulated_catalog(olist, "made_up", market, folder, "csv")


@pytest.fixture(scope="module")
def typed(catalog, tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    came = bring(catalog, root, root / "raw", root / "no mirror")
    assert set(came) == set(catalog.tables)
    normalise(catalog, root / "raw", root / "events" / "made_up")
    return root / "events" / "made_up"


def test_the_catalog_survives_its_file(catalog, tmp_path):
    path = tmp_path / "data" / "catalog" / "made_up.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(as_document(catalog), sort_keys=False))

    assert load_event_catalog("made_up", tmp_path) == catalog


def test_a_seller_is_worth_what_the_published_study_says(catalog, olist):
    assert catalog.value == olist.value is not None


def test_all_tables_come_through_with_every_row(typed, tables):
    quality = json.loads((typed / "quality.json").read_text())

    assert quality["absent"] == []
    for name, frame in tables.items():
        if name != "truth":
            assert quality["tables"][name] == {"kept": len(frame), "read": len(frame)}, name


def test_an_item_has_the_time_and_customer_of_its_order(typed, tables):
    items = pd.read_parquet(typed / "items.parquet")
    orders = tables["orders"].set_index("order_id")

    # One hour is added where the simulated clock forgets summer time.
    behind = (
        items["event_time"].to_numpy()
        - orders.loc[items["order_id"], "order_purchase_timestamp"].to_numpy()
    )
    assert set(pd.to_timedelta(behind)) <= {pd.Timedelta(0), pd.Timedelta(hours=1)}
    assert items["customer_id"].tolist() == orders.loc[items["order_id"], "customer_id"].tolist()


def test_reviews_are_known_when_answered(typed, tables):
    reviews = pd.read_parquet(typed / "reviews.parquet")
    published = tables["reviews"].set_index(["review_id", "order_id"])
    answered = published.loc[
        list(zip(reviews["review_id"], reviews["order_id"], strict=True)), "review_answer_timestamp"
    ]

    late = reviews["known_time"].to_numpy() - answered.to_numpy()
    assert set(pd.to_timedelta(late)) <= {pd.Timedelta(0), pd.Timedelta(hours=1)}


def test_a_further_table_brings_its_own_columns_and_its_two_times(typed, tables):
    tickets = pd.read_parquet(typed / "tickets.parquet")

    assert list(tickets) == [*tables["tickets"], "event_time", "known_time"]
    pd.testing.assert_series_equal(tickets["event_time"], tickets["opened"], check_names=False)
    assert (tickets["known_time"] == tickets["recorded"]).all()
