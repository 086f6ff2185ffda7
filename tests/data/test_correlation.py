"""Strongly correlated columns are found by rule."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.data.correlation import (
    columns_to_drop,
    correlated_pairs,
    correlation_matrix,
    correlation_view,
)

CHARGES = [f"total_{period}_charge" for period in ("day", "eve", "night", "intl")]


def test_the_four_charges_of_telecom_repeat_their_minutes(telecom, telecom_table):
    matrix = correlation_matrix(correlation_view(telecom_table[:3333], telecom))
    dropped = columns_to_drop(matrix, telecom.numeric_inputs, 0.95)

    assert [pair.second for pair in dropped] == CHARGES
    assert [pair.first for pair in dropped] == [c.replace("charge", "minutes") for c in CHARGES]


def test_the_voice_mail_plan_is_reported_beside_its_messages_but_not_dropped(
    telecom, telecom_table
):
    matrix = correlation_matrix(correlation_view(telecom_table[:3333], telecom))
    pairs = {(p.first, p.second): p.r for p in correlated_pairs(matrix, 0.95)}

    assert round(pairs["voice_mail_plan", "number_vmail_messages"], 3) == 0.957
    assert len(pairs) == 5


def test_correlations_are_those_of_numpy(telecom, telecom_table):
    view = correlation_view(telecom_table, telecom)

    expected = np.corrcoef(view.to_numpy(), rowvar=False)
    np.testing.assert_allclose(correlation_matrix(view), expected, atol=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(0.3, 0.99))
def test_no_two_columns_that_stay_are_strongly_correlated_and_none_goes_without_a_reason(
    seed, threshold
):
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(60, 3)) @ generator.normal(size=(3, 7))
    matrix = correlation_matrix(pd.DataFrame(mixed, columns=list("abcdefg")))

    dropped = columns_to_drop(matrix, list("abcdefg"), threshold)

    kept = [name for name in "abcdefg" if name not in {pair.second for pair in dropped}]
    assert correlated_pairs(matrix.loc[kept, kept], threshold) == []
    for pair in dropped:
        assert pair.first in kept
        assert pair.first < pair.second
        assert abs(pair.r) >= threshold


def test_a_constant_column_correlates_with_nothing():
    matrix = correlation_matrix(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [5.0, 5.0, 5.0]}))

    assert correlated_pairs(matrix, 0.5) == []
    assert columns_to_drop(matrix, ["b", "a"], 0.5) == []
