"""What a column holds is seen from its texts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnlab.config import Column
from churnlab.data.columns import typed
from churnlab.onboarding.kinds import MOST_CATEGORIES, kind_of


def kind(values):
    return kind_of(pd.Series(list(map(str, values)), dtype=object, name="x"))


def test_whole_numbers_are_seen_with_their_bound():
    found = kind(range(0, 100, 3))
    assert found.type == "numeric"
    assert found.entries == {"min": 0.0, "integer": True}


def test_zero_and_one_are_a_bounded_number():
    assert kind([0, 1] * 40).entries == {"min": 0.0, "max": 1.0, "integer": True}


def test_numbers_with_a_leading_zero_are_no_numbers():
    found = kind(["00123", "01234", "90000"] * 30)
    assert found.type == "categorical"


def test_few_texts_are_categories_and_many_are_codes():
    assert kind(["a", "b", "c"] * 30).entries["categories"] == ["a", "b", "c"]
    many = [f"c{i}" for i in range(MOST_CATEGORIES + 1)] * 4
    assert kind(many).type == "code"


def test_a_text_of_its_own_in_every_row_numbers_something():
    found = kind([f"A-{i}" for i in range(200)])
    assert (found.type, found.unique, found.free) == ("text", True, False)


def test_sentences_are_free_text():
    assert kind([f"called on day {i} about it" for i in range(200)]).free


def test_measured_fractions_that_are_all_different_number_nothing():
    assert not kind(np.random.default_rng(0).normal(size=200)).unique


@pytest.mark.parametrize("gap", ["", "NA", "null", "?"])
def test_gaps_are_counted_and_may_be_filled(gap):
    found = kind(["1.5", gap, "2.5", gap])
    assert found.missing == 2
    assert found.entries["missing"] == "fill"


def test_an_empty_column_is_said_to_be_empty():
    assert kind(["", "NA", ""]).summary == "empty"


def test_a_decimal_comma_is_pointed_out():
    assert "decimal comma" in kind([f"{i},50" for i in range(120)]).check


def test_a_single_odd_text_among_numbers_is_pointed_out():
    assert "'lots'" in kind([*range(99), "lots"]).check


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["2024-01-31", "2023-12-01"], "%Y-%m-%d"),
        (["31/01/2024", "01/12/2023"], "%d/%m/%Y"),
        (["01/31/2024", "12/01/2023"], "%m/%d/%Y"),
        (["2024-01-31 10:20:30", "2023-12-01 00:00:00"], "%Y-%m-%d %H:%M:%S"),
        (["20240131", "20231201"], "%Y%m%d"),
        (["2024-01", "2023-12"], "%Y-%m"),
    ],
)
def test_the_form_of_dates_is_found(texts, form):
    found = kind(texts * 40)
    assert (found.type, found.entries["format"]) == ("date", form)


def test_days_that_could_be_months_are_pointed_out():
    assert "days and months" in kind(["01/02/2024", "03/04/2024"] * 40).check
    assert kind(["01/02/2024", "30/04/2024"] * 40).check == ""


def test_eight_digits_that_are_no_dates_are_numbers():
    assert kind([99_000_000 + i for i in range(80)] * 2).type == "numeric"


COLUMNS = st.lists(
    st.one_of(
        st.sampled_from(["", "NA", "0", "1", "yes", "no", "2024-01-01", "1e3", "-.5", "inf", "?"]),
        st.text(max_size=4),
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
    ),
    min_size=1,
    max_size=80,
)


@given(COLUMNS)
@settings(deadline=None)
def test_whatever_a_column_holds_the_pipeline_reads_it_as_what_it_was_taken_for(values):
    texts = pd.Series(values, dtype=object, name="x")
    found = kind_of(texts)
    column = Column(
        type=found.type,
        role="leak",
        privacy="behavioural",
        description="-",
        **found.entries,
    )
    _, violations = typed("x", texts, column)
    assert violations == []
