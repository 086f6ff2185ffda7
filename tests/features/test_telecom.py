import numpy as np
import pandas as pd
import pytest

from churnlab.features.telecom import KEPT, MANY_SERVICE_CALLS, TARIFFS, engineered

HALF_A_CENT = 0.005


@pytest.mark.parametrize("minutes", sorted(TARIFFS))
def test_a_published_charge_is_the_minutes_times_the_tariff_to_the_cent(repo_root, minutes):
    published = pd.read_csv(repo_root / "data/published/telecom/mlc_churn.csv")
    charge = published[minutes.replace("_minutes", "_charge")]
    difference = (TARIFFS[minutes] * published[minutes] - charge).abs()
    # The charges are rounded to the cent; the rest of the tolerance is binary fractions.
    assert difference.max() <= HALF_A_CENT + 1e-9


def customer(**changes):
    columns = {
        "account_length": 100.0,
        "number_vmail_messages": 0.0,
        "total_day_minutes": 200.0,
        "total_eve_minutes": 100.0,
        "total_night_minutes": 200.0,
        "total_intl_minutes": 10.0,
        "total_intl_calls": 3.0,
        "number_customer_service_calls": 1.0,
        "voice_mail_plan=yes": 0.0,
        "international_plan=yes": 0.0,
        **changes,
    }
    return {name: np.array([value]) for name, value in columns.items()}


def features(**changes):
    return {name: float(values[0]) for name, values in engineered(customer(**changes)).items()}


def test_the_bill_is_what_the_four_periods_cost_together():
    # 200 * 0.17 + 100 * 0.085 + 200 * 0.045 + 10 * 0.27
    assert features()["total_bill"] == pytest.approx(34.0 + 8.5 + 9.0 + 2.7)


def test_a_voice_mail_plan_hides_the_bill_from_the_column_without_one():
    assert features()["bill_without_voice_mail"] == pytest.approx(54.2)
    assert features(**{"voice_mail_plan=yes": 1.0})["bill_without_voice_mail"] == 0.0


@pytest.mark.parametrize(("calls", "many"), [(0.0, 0.0), (3.0, 0.0), (4.0, 1.0), (9.0, 1.0)])
def test_the_fourth_service_call_is_the_one_that_counts(calls, many):
    found = features(number_customer_service_calls=calls)
    assert MANY_SERVICE_CALLS == 4
    assert found["many_service_calls"] == many
    assert found["many_service_calls_day_minutes"] == many * 200.0
    assert found["many_service_calls_bill"] == pytest.approx(many * 54.2)


@pytest.mark.parametrize(
    ("plan", "calls", "minutes", "few", "long"),
    [
        (1.0, 2.0, 13.1, 1.0, 0.0),
        (1.0, 3.0, 13.2, 0.0, 1.0),
        (0.0, 2.0, 13.2, 0.0, 0.0),
    ],
)
def test_international_calls_matter_only_with_an_international_plan(
    plan, calls, minutes, few, long
):
    found = features(
        **{"international_plan=yes": plan, "total_intl_calls": calls, "total_intl_minutes": minutes}
    )
    assert found["international_plan_few_calls"] == few
    assert found["international_plan_long"] == long
    assert found["international_plan_calls"] == plan * calls
    assert found["international_plan_minutes"] == plan * minutes


def test_neither_a_single_charge_nor_the_state_is_among_the_features():
    assert not [name for name in features() if "charge" in name or "state" in name]
    assert set(KEPT) <= set(features())
