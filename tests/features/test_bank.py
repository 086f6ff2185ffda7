import numpy as np
import pandas as pd
import pytest

from churnlab.features.bank import engineered
from churnlab.features.builder import FeatureBuilder

NOISE = ("Satisfaction Score", "Point Earned", "Card Type", "HasCrCard")


def features(**changes):
    columns = {
        "Age": 40.0,
        "Balance": 0.0,
        "NumOfProducts": 2.0,
        "IsActiveMember": 1.0,
        "Geography=Germany": 0.0,
        "Geography=Spain": 0.0,
        "Gender=Female": 0.0,
        **changes,
    }
    arrays = {name: np.array([value]) for name, value in columns.items()}
    return {name: float(values[0]) for name, values in engineered(arrays).items()}


@pytest.mark.parametrize(
    ("products", "one", "three_or_more", "four"),
    [(1.0, 1.0, 0.0, 0.0), (2.0, 0.0, 0.0, 0.0), (3.0, 0.0, 1.0, 0.0), (4.0, 0.0, 1.0, 1.0)],
)
def test_two_products_are_told_apart_from_one_and_from_more(products, one, three_or_more, four):
    found = features(NumOfProducts=products)
    assert found["one_product"] == one
    assert found["three_or_more_products"] == three_or_more
    assert found["four_products"] == four
    assert found["NumOfProducts"] == products


@pytest.mark.parametrize(("balance", "none"), [(0.0, 1.0), (0.01, 0.0)])
def test_an_empty_account_is_marked(balance, none):
    assert features(Balance=balance)["no_balance"] == none


def test_countries_and_gender_are_indicators_of_their_own():
    found = features(**{"Geography=Spain": 1.0, "Gender=Female": 1.0})
    assert (found["Germany"], found["Spain"], found["Female"]) == (0.0, 1.0, 1.0)


def test_columns_that_are_noise_are_left_out():
    assert not [name for name in features() if name.startswith(NOISE)]


def test_the_baseline_sees_exactly_the_sixteen_inputs_of_the_source(bank):
    """10 numeric columns; Geography, Gender and Card Type one-hot without their first level."""
    builder = FeatureBuilder("bank", "all", bank.numeric_inputs, bank.categorical_inputs)
    rows = {name: [1.0] for name in bank.numeric_inputs}
    rows |= {name: [levels[0]] for name, levels in bank.categorical_inputs.items()}
    frame = pd.DataFrame(rows)
    matrix = builder.fit_transform(frame)
    assert matrix.shape == (1, 16)
    assert list(builder.get_feature_names_out()) == [
        "CreditScore",
        "Age",
        "Tenure",
        "Balance",
        "NumOfProducts",
        "HasCrCard",
        "IsActiveMember",
        "EstimatedSalary",
        "Satisfaction Score",
        "Point Earned",
        "Geography=Germany",
        "Geography=Spain",
        "Gender=Male",
        "Card Type=GOLD",
        "Card Type=PLATINUM",
        "Card Type=SILVER",
    ]
    # The first level of each is where all its indicators are 0.
    assert matrix[0].tolist() == [1.0] * 10 + [0.0] * 6
