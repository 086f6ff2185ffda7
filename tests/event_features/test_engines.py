"""DuckDB and Spark: the same expressions, the same values, to the last bit."""

import sys

import pandas as pd
import pytest

from churnlab.errors import ChurnlabError
from churnlab.event_features.engines import connect
from churnlab.event_features.labels import churn
from churnlab.event_features.store import dated
from event_features.tables import compute, everyone, family, in_engine

LABELS = ("horizon", "inactivity")


def labels(tables, label):
    pairs = everyone(tables["items"])
    return dated(churn(tables["items"], pairs, label, 20)).to_pandas()


@pytest.mark.slow
def test_spark_gives_every_feature_and_label_bit_for_bit_as_duckdb_does(duckdb, spark, frames):
    here, there = in_engine(duckdb, frames), in_engine(spark, frames)
    # One window and the lifetime: each further one is the same expression with another number.
    found = compute(there, windows=(30,))
    assert found.shape[1] > 120
    pd.testing.assert_frame_equal(compute(here, windows=(30,)), found, check_exact=True)
    # The pace of the marketplace sets one window against the next.
    market = [compute(tables, families=family("market")) for tables in (here, there)]
    assert market[0].shape[1] > 3
    pd.testing.assert_frame_equal(*market, check_exact=True)
    for label in LABELS:
        pd.testing.assert_frame_equal(labels(here, label), labels(there, label), check_exact=True)


def test_the_number_of_threads_does_not_change_a_bit(frames):
    one, two = (in_engine(connect("duckdb", threads=n), frames) for n in (1, 3))
    pd.testing.assert_frame_equal(compute(one), compute(two), check_exact=True)


def test_the_order_of_rows_does_not_change_a_bit(duckdb, tables, frames):
    shuffled = {name: rows.sample(frac=1.0, random_state=1) for name, rows in frames.items()}
    pd.testing.assert_frame_equal(
        compute(tables), compute(in_engine(duckdb, shuffled)), check_exact=True
    )


def test_an_engine_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    # An entry of None is a module that is not there.
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ChurnlabError, match=r"engine spark: pyspark is not installed.*\[spark\]"):
        connect("spark")
