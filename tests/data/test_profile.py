"""The figures of the exploratory analysis."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.data.profile import churn_by_category, churn_by_quantile, profile, value_range
from churnlab.data.schema import outcome


@pytest.fixture(scope="module")
def figures(telecom, telecom_table):
    return profile(telecom_table[:3333], telecom_table[3333:], telecom)


def test_the_figures_are_standard_json(figures):
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures


def test_balance_and_missing_values_are_those_of_the_published_table(figures):
    assert figures["class_balance"]["train"]["churners"] == 483
    assert figures["class_balance"]["test"] == {
        "rows": 1667,
        "churners": 224,
        "churn_rate": 224 / 1667,
    }
    assert set(figures["missing"].values()) == {0}
    assert len(figures["missing"]) == 20


def test_ranges_are_those_that_pandas_describes(figures, telecom, telecom_table):
    described = telecom_table[:3333][telecom.numeric_inputs].describe()
    names = {
        "min": "min",
        "lower_quartile": "25%",
        "median": "50%",
        "upper_quartile": "75%",
        "max": "max",
        "mean": "mean",
        "standard_deviation": "std",
    }

    for column, values in figures["ranges"].items():
        for ours, theirs in names.items():
            assert values[ours] == pytest.approx(described.loc[theirs, column])


def test_churn_rates_by_category_add_up_to_the_churners(figures):
    for groups in figures["churn_by_category"].values():
        assert sum(g["rows"] for g in groups) == 3333
        assert sum(g["rows"] * g["churn_rate"] for g in groups) == pytest.approx(483)


def test_customers_with_the_international_plan_leave_more_often(figures, telecom, telecom_table):
    no, yes = figures["churn_by_category"]["international_plan"]
    table = pd.crosstab(
        telecom_table[:3333]["international_plan"], outcome(telecom_table[:3333], telecom)
    )

    assert (no["category"], yes["category"]) == ("no", "yes")
    assert yes["churn_rate"] == table.loc["yes", 1] / table.loc["yes"].sum()
    assert yes["churn_rate"] > 3 * no["churn_rate"]


def test_a_category_without_rows_is_left_out():
    assert [
        group["category"]
        for group in churn_by_category(pd.Series(["a", "c"]), np.array([0, 1]), ("a", "b", "c"))
    ] == ["a", "c"]


@given(st.lists(st.integers(0, 12), min_size=5, max_size=80))
def test_bands_cover_all_rows_once_in_rising_order(values):
    series = pd.Series(values, dtype=float)
    y = (np.arange(len(values)) % 3 == 0).astype(int)

    bands = churn_by_quantile(series, y)

    assert 1 <= len(bands) <= 5
    assert sum(band["rows"] for band in bands) == len(values)
    assert sum(band["rows"] * band["churn_rate"] for band in bands) == pytest.approx(y.sum())
    for lower, upper in pairwise(bands):
        assert lower["high"] < upper["low"]


def test_bands_of_distinct_values_have_the_same_size():
    y = np.zeros(50, dtype=int)

    assert {band["rows"] for band in churn_by_quantile(pd.Series(range(50)), y)} == {10}


def test_the_deviation_is_that_of_a_sample():
    assert value_range(pd.Series([1.0, 3.0]))["standard_deviation"] == pytest.approx(2**0.5)
