"""Dates as numbers of days, against the calendar of Python's own library."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.config import Catalog
from churnlab.data.dates import before_prediction, days_since_epoch
from churnlab.data.schema import read_table
from churnlab.data.splits import split
from churnlab.errors import ChurnlabError
from data.tables import table

DATES = st.lists(st.dates(date(1900, 1, 1), date(2200, 1, 1)), min_size=1, max_size=30)
FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d.%m.%Y")


@given(DATES, st.sampled_from(FORMS))
def test_days_are_those_of_the_calendar(dates, form):
    texts = pd.Series([day.strftime(form) for day in dates])
    expected = [(day - date(1970, 1, 1)).days for day in dates]

    assert days_since_epoch(texts, form).tolist() == expected


def test_a_time_of_day_is_a_share_of_the_day():
    texts = pd.Series(["2024-03-01 06:00:00", "2024-03-01 00:00:00"])

    early, start = days_since_epoch(texts, "%Y-%m-%d %H:%M:%S")

    assert early - start == 0.25
    assert start == (datetime(2024, 3, 1) - datetime(1970, 1, 1)).days


@pytest.mark.parametrize(
    "text", ["2024-02-30", "01/02/2024", "soon", "2024-01-01 10:00", "20240101"]
)
def test_a_text_that_is_no_such_date_is_missing(text):
    found = days_since_epoch(pd.Series(["2024-01-01", text]), "%Y-%m-%d")

    assert np.isnan(found).tolist() == [False, True]


def catalog(**changes):
    def column(kind, role, privacy="behavioural", **more):
        return {"type": kind, "role": role, "privacy": privacy, "description": "-", **more}

    return Catalog.model_validate(
        {
            "name": "dated",
            "title": "Dated",
            "source": {
                "file": "dated.csv",
                "sha256": "0" * 64,
                "bytes": 1,
                "licence": "MIT",
                "citation": "made for tests",
            },
            "time": "at",
            "target": {"column": "left", "positive": "1", "negative": "0"},
            "columns": {
                "at": column("date", "time", format="%Y-%m-%d"),
                "joined": column("date", "input", format="%d/%m/%Y", missing="fill"),
                "left": column("categorical", "target", "label", categories=["0", "1"]),
            },
        }
        | changes
    )


TEXT = """at,joined,left
2024-01-31,01/01/2024,0
2024-02-29,01/02/2024,1
2024-03-31,,0
2024-03-31,30/04/2024,1
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "dated.csv"
    path.write_text(TEXT)
    return path


def test_a_date_is_days_before_the_time_of_its_own_row(file):
    joined = read_table(file, catalog())["joined"]

    assert joined[:2].tolist() == [30.0, 28.0]
    assert np.isnan(joined[2])
    assert joined[3] == -30.0


def test_without_times_a_date_is_days_before_the_day_of_the_table(file):
    document = catalog().model_dump(exclude_none=True)
    document["columns"]["at"]["role"] = "input"
    del document["time"]
    dated = Catalog.model_validate({**document, "as_of": date(2024, 5, 1)})

    frame = read_table(file, dated)

    assert frame["at"].tolist() == [91.0, 62.0, 31.0, 31.0]
    assert frame["joined"][0] == 121.0


def test_a_date_in_another_form_is_told_with_its_row(file):
    file.write_text(TEXT.replace("01/02/2024", "2024-02-01"))

    with pytest.raises(
        ChurnlabError, match=r"'joined': 1 value \(row 2: '2024-02-01'\) not a date"
    ):
        read_table(file, catalog())


def test_a_missing_date_is_refused_unless_the_catalog_lets_it_be_filled(file):
    document = catalog().model_dump(exclude_none=True)
    document["columns"]["joined"]["missing"] = "refuse"

    with pytest.raises(ChurnlabError, match=r"'joined': 1 value \(row 3: ''\) missing"):
        read_table(file, Catalog.model_validate(document))


@given(st.lists(st.integers(0, 30), min_size=12, max_size=40), st.floats(0.2, 0.6))
def test_the_test_part_comes_after_the_rest_and_is_no_larger_than_its_share(days, share):
    left = ["0", "1"] * len(days)
    frame = pd.DataFrame({"at": [*days, *days], "left": left[: 2 * len(days)]})
    if np.unique(days).size < 2:
        return
    try:
        train, test = split(frame, catalog(), "time", share, seed=1)
    except ChurnlabError:
        # The latest day alone has more rows than the share, or a part has one class only.
        return

    assert train["at"].max() < test["at"].min()
    assert 0 < len(test) <= share * len(frame) + 1
    assert sorted([*train.index, *test.index]) == list(range(len(frame)))


def test_a_split_by_time_needs_times():
    frame = pd.DataFrame({"at": [1.0, 2.0], "left": ["0", "1"]})
    without = catalog().model_copy(update={"time": None})

    with pytest.raises(ChurnlabError, match=r"split.dated: 'time'.*names no time; write random"):
        split(frame, without, "time", 0.5, 1)


def test_a_table_of_one_time_cannot_be_split_by_it():
    frame = pd.DataFrame({"at": [3.0] * 8, "left": ["0", "1"] * 4})

    with pytest.raises(ChurnlabError, match="no test part comes after the rest"):
        split(frame, catalog(), "time", 0.3, 1)


def test_a_table_without_any_date_stays_as_it_is(small, write):
    frame = read_table(write(table()), small)

    assert before_prediction(frame, small) is frame
