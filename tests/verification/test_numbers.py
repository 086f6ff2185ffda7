import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.verification.numbers import Allowance, Comparison, compare_numbers, other, worst

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20)


def compare(first, second, absolute=0.0, relative=0.0):
    allowance = Allowance(absolute, relative)
    return compare_numbers(np.array(first), np.array(second), allowance, lambda i: f"row {i}")


@given(NUMBERS, st.floats(0, 1), st.floats(0, 0.1), st.floats(0, 1))
def test_it_agrees_where_numpy_says_that_all_are_close(numbers, absolute, relative, shift):
    shifted = np.array(numbers) + shift
    # NumPy measures the relative part from its second argument.
    expected = np.allclose(shifted, numbers, rtol=relative, atol=absolute)
    gaps = np.abs(shifted - numbers) - absolute - relative * np.abs(numbers)
    if np.abs(gaps).min() > 1e-6:  # Not within the slack of the limit.
        assert compare(numbers, shifted, absolute, relative).agrees == expected


def test_the_largest_difference_and_its_place_are_named():
    found = compare([0.5, 0.25, 0.75], [0.5, 0.251, 0.7], absolute=0.1)
    assert found.agrees
    assert found.largest == pytest.approx(0.05)
    assert found.place == "row 2: 0.75 -> 0.7"


def test_what_is_furthest_over_its_own_limit_is_named_before_what_is_furthest_off():
    found = compare([1000.0, 0.1], [1001.0, 0.2], relative=0.01)
    assert not found.agrees
    assert found.place == "row 1: 0.1 -> 0.2"


def test_a_difference_of_decimals_that_is_exactly_the_tolerance_passes():
    assert compare([0.9313], [0.9314], absolute=0.0001).agrees
    assert not compare([0.9313], [0.9315], absolute=0.0001).agrees


def test_not_a_number_agrees_with_itself_only():
    nan, inf = float("nan"), float("inf")
    assert compare([nan, inf, -inf], [nan, inf, -inf]) == Comparison(True)
    for changed in ([0.9, nan], [nan, 0.9], [inf, 0.9], [inf, -inf]):
        found = compare(changed[:1], changed[1:], absolute=1.0, relative=1.0)
        assert not found.agrees
        assert found.largest is None


def test_nothing_agrees_with_nothing():
    assert compare([], []).agrees


def test_of_many_comparisons_one_that_fails_says_most():
    small, large = Comparison(True, 0.1, "a"), Comparison(True, 0.2, "b")
    failed, broken = Comparison(False, 0.05, "c"), other("d")
    assert worst([small, large]) == large
    assert worst([large, failed, small]) == failed
    assert worst([failed, broken]) == broken
    assert worst([]) == Comparison(True)
