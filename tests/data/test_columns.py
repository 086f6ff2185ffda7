"""Texts become values exactly as Python reads numbers."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from churnlab.config import Column
from churnlab.data.columns import typed

NUMERIC = Column(type="numeric", role="input", privacy="behavioural", description="-")


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
