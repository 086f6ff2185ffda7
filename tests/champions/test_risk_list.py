import numpy as np
import pandas as pd
import pytest

from churnlab.champions.risk_list import Scored, risk_group, risk_list, summary
from churnlab.evaluation.local_rates import LocalRates

GROUPS = {"high": 0.5, "medium": 0.2}
RATES = LocalRates(np.array([0.0, 1.0]), np.array([0.0, 0.8]), np.array([0.1, 1.0]))
SCORED = Scored(
    np.array(["c", "b", "a", "d"]),
    "2018-09-01",
    np.array([0.2, 0.9, 0.2, 0.01]),
    np.array([10.0, 20.0, 30.0, 40.0]),
)


@pytest.fixture
def listed():
    return risk_list(SCORED, RATES, GROUPS, {"model_version": "abc"})


def test_the_riskiest_come_first_and_equal_ones_by_id(listed):
    assert listed["id"].tolist() == ["b", "a", "c", "d"]
    assert listed["rank"].tolist() == [1, 2, 3, 4]
    assert listed["risk_group"].tolist() == ["high", "medium", "medium", "low"]
    assert listed.index.tolist() == [1, 2, 0, 3]
    assert set(listed["model_version"]) == {"abc"}


def test_value_at_stake_is_probability_times_value(listed):
    assert listed["value_at_stake"].tolist() == [18.0, 6.0, 2.0, 0.4]


def test_intervals_come_from_the_rates_and_hold_the_probability(listed):
    first = listed.iloc[0]
    assert (first["p_low"], first["p_high"]) == pytest.approx((0.72, 0.91))
    assert (listed["p_low"] <= listed["p"]).all()
    assert (listed["p"] <= listed["p_high"]).all()


def test_the_list_does_not_depend_on_the_order_of_the_customers(listed):
    turned = Scored(SCORED.ids[::-1], SCORED.date, SCORED.p[::-1], SCORED.value[::-1])
    again = risk_list(turned, RATES, GROUPS, {"model_version": "abc"})
    pd.testing.assert_frame_equal(
        again.reset_index(drop=True), listed.reset_index(drop=True), check_exact=True
    )


def test_a_group_begins_at_its_lowest_probability():
    found = risk_group(np.array([0.5, 0.4999, 0.2, 0.0]), GROUPS)
    assert found.tolist() == ["high", "medium", "medium", "low"]


def test_the_summary_adds_up(listed):
    found = summary(listed, GROUPS)
    assert found["date"] == "2018-09-01"
    assert {name: group["customers"] for name, group in found["groups"].items()} == {
        "high": 1,
        "medium": 2,
        "low": 1,
    }
    assert found["all"] == {"customers": 4, "expected_churners": 1.3, "value_at_stake": 26.4}
