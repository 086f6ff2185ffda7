"""One dimension of a search space."""

import pytest
from pydantic import TypeAdapter, ValidationError

from churnlab.config.search_space import Dimension

DIMENSION = TypeAdapter(Dimension)


@pytest.mark.parametrize(
    "entry",
    [
        {"low": 1, "high": 9},
        {"low": 1, "high": 9, "step": 2},
        {"low": 0.001, "high": 0.1, "log": True},
        ["gini", "entropy"],
        [16, 32],
        40,
        0.1,
        "none",
    ],
)
def test_ranges_choices_and_fixed_values_are_kept_as_they_are_written(entry):
    assert DIMENSION.validate_python(entry) == entry


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"low": 1, "hihg": 9}, "did you mean 'high'"),
        ({"low": 1}, "'high' is missing"),
        ({"low": 9, "high": 1}, "low 9 is not below high 1"),
        ({"low": 1, "high": 1}, "not below"),
        ({"low": 0, "high": 1.0, "log": True}, "log: true needs"),
        ({"low": 1.0, "high": 2.0, "log": True, "step": 0.5}, "exclude each other"),
        ({"low": 1, "high": 9, "step": 0}, "step: 0"),
        ({"low": 1, "high": 9, "step": 0.5}, "not whole"),
        ({"low": 1, "high": float("inf")}, "finite"),
        ({"low": True, "high": 3}, "finite"),
        ({"low": "1e-5", "high": 3}, "write 1.0e-05"),
        ({"low": 1, "high": 9, "log": "yes"}, "true or false"),
        ([], "nothing to choose"),
        ([1, 1], "listed twice"),
        ([[1, 2]], "not a number or a text"),
        (None, "not a number or a text"),
    ],
)
def test_a_dimension_that_cannot_be_searched_is_refused(entry, told):
    with pytest.raises(ValidationError, match=told):
        DIMENSION.validate_python(entry)
