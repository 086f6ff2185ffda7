"""Each family against a plain pandas implementation of the same words."""

import numpy as np
import pandas as pd
import pytest

from event_features import oracle
from event_features.tables import DATES, WINDOWS, compute, family, in_engine

KEYS = ["seller_id", "reference_date"]
NAMES = list(oracle.FAMILIES)


@pytest.mark.parametrize("name", NAMES)
def test_a_family_equals_what_pandas_makes_of_its_description(tables, frames, name):
    found = compute(tables, families=family(name)).drop(columns="active")
    expected = oracle.features(frames, DATES, WINDOWS, [name])
    assert sorted(found.columns) == sorted(expected.columns)
    assert len(found) > 8
    pd.testing.assert_frame_equal(
        found.astype({c: float for c in found.columns if c not in KEYS}),
        expected[found.columns].astype({c: float for c in found.columns if c not in KEYS}),
        rtol=1e-9,
        atol=_tolerance(name),
    )


def _tolerance(name):
    # Decayed counts are held in steps of 2^-20 per order; slopes of numpy are not exact at 0.
    return 1e-4 if name == "rhythm" else 1e-9


def test_the_small_tables_hold_what_makes_the_families_differ(frames):
    items = frames["items"]
    spread = items.groupby(["seller_id", "order_id"])["event_time"].nunique()
    assert (spread > 1).any()
    assert (items["known_time"] > items["event_time"]).any()
    assert (items["event_time"] == items["event_time"].dt.normalize()).any()
    assert frames["products"]["category"].isna().any()
    assert frames["reviews"].groupby("order_id").size().max() == 1
    assert np.isnan(frames["products"]["photos"]).any()
    assert frames["items"][["price", "freight"]].isna().any().all()
    assert frames["payments"][["value", "installments"]].isna().any().all()
    assert (frames["orders"]["estimated"].isna() & frames["orders"]["delivered"].notna()).any()


def test_a_seller_with_orders_and_no_review_has_a_coverage_of_0(duckdb, frames):
    few = frames["reviews"].iloc[:1]
    found = compute(in_engine(duckdb, {**frames, "reviews": few}), families=family("reviews"))
    unreviewed = found[found["reviews_count_life"] == 0]
    assert len(unreviewed)
    assert (unreviewed["reviews_coverage_life"] == 0).all()
    assert unreviewed["reviews_score_life"].isna().all()
