"""Texts become values exactly as Python reads numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.config import Column
from churnlab.config.column import MISSING_LEVEL
from churnlab.data.columns import typed

NUMERIC = Column(type="numeric", role="input", privacy="behavioural", description="-")


def column(type="numeric", **entries):
    return Column(type=type, role="input", privacy="behavioural", description="-", **entries)


def texts(*values):
    return pd.Series(list(values), dtype=object)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_every_finite_number_survives_being_written_and_read(numbers):
    texts = pd.Series([repr(number) for number in numbers], dtype=object)

    values, violations = typed("x", texts, NUMERIC)

    assert violations == []
    assert values.tolist() == numbers


@given(st.text(max_size=8))
def test_a_text_is_either_a_finite_number_or_a_violation(text):
    values, violations = typed("x", pd.Series([text], dtype=object), NUMERIC)

    assert len(violations) == (0 if pd.notna(values[0]) else 1)
    if not violations:
        assert values[0] == float(text)


@pytest.mark.parametrize("gap", ["", " ", "NA", "null", "?"])
def test_gaps_that_may_be_filled_are_kept_as_gaps(gap):
    values, lines = typed("n", texts("1", gap, "3"), column(missing="fill"))
    levels, more = typed(
        "c",
        texts("a", gap, "b"),
        column(type="categorical", categories=["a", "b"], missing="fill"),
    )

    assert lines == more == []
    assert np.isnan(values[1])
    assert values[[0, 2]].tolist() == [1.0, 3.0]
    assert levels.tolist() == ["a", MISSING_LEVEL, "b"]


def test_a_word_for_missing_that_is_a_category_stays_one():
    values, lines = typed(
        "c",
        texts("none", "", "a"),
        column(type="categorical", categories=["a", "none"], missing="fill"),
    )

    assert lines == []
    assert values.tolist() == ["none", MISSING_LEVEL, "a"]


def test_a_code_may_be_any_text_but_a_missing_one():
    values, lines = typed("c", texts("00123", "x y", ""), column(type="code"))

    assert values.tolist()[:2] == ["00123", "x y"]
    assert len(lines) == 1
    assert "row 3" in lines[0]
