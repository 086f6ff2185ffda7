"""From the published table to the rows that models see."""

import numpy as np
import pandas as pd
import pytest

from churnlab.data.preparation import SplitRule, input_columns, prepare, read_prepared
from churnlab.data.schema import outcome, read_table
from churnlab.errors import ChurnlabError
from churnlab.serialization import write_parquet
from data.tables import table

PUBLISHED = SplitRule("published", 0.3, 42)
RANDOM = SplitRule("random", 0.3, 42)


@pytest.fixture(scope="module")
def telecom_prepared(telecom, telecom_table):
    return prepare(telecom_table, telecom, PUBLISHED, 0.95, folds=5)


@pytest.fixture
def frame(small, write):
    return read_table(write(table()), small)


def test_telecom_keeps_15_inputs_and_drops_the_charges(telecom_prepared):
    train = telecom_prepared.train

    assert list(train.columns[:2]) == ["id", "y"]
    assert len(input_columns(train)) == 15
    assert [name for name in train if name.endswith("charge")] == []
    assert list(telecom_prepared.test.columns) == list(train.columns)


def test_a_study_without_customer_number_is_identified_by_the_row_of_the_published_file(
    telecom_prepared,
):
    assert telecom_prepared.train["id"].tolist() == list(range(3333))
    assert telecom_prepared.test["id"].tolist() == list(range(3333, 5000))


def test_columns_have_the_types_that_models_expect(telecom_prepared):
    types = telecom_prepared.train.dtypes

    assert types["id"] == np.int64
    assert types["y"] == np.int8
    assert types["total_day_calls"] == np.float64
    assert pd.api.types.is_object_dtype(types["state"])


def test_the_bank_keeps_13_inputs_and_its_customer_numbers_as_id(bank, bank_table):
    prepared = prepare(bank_table, bank, RANDOM, 0.95, folds=5)

    assert (len(prepared.train), len(prepared.test)) == (7000, 3000)
    assert input_columns(prepared.train) == bank.inputs
    assert len(bank.inputs) == 13
    assert prepared.dropped == ()
    together = pd.concat([prepared.train, prepared.test]).set_index("id")["y"]
    published = pd.Series(outcome(bank_table, bank), index=bank_table["CustomerId"])
    assert together.sort_index().equals(published.sort_index().rename("y").rename_axis("id"))


def test_the_figures_say_what_was_dropped_and_why(telecom_prepared, small, frame):
    correlated = telecom_prepared.profile["dropped"]["correlated"]
    prepared = prepare(frame, small, PUBLISHED, 0.95)

    assert correlated[0]["first"] == "total_day_minutes"
    assert correlated[0]["second"] == "total_day_charge"
    assert prepared.profile["dropped"] == {"identifier": ["number"], "leak": [], "correlated": []}
    assert prepared.profile["kept"] == ["plan", "minutes", "calls"]


def test_what_is_dropped_depends_on_the_training_part_only(small, frame):
    frame["calls"] = frame["minutes"]
    frame.loc[28:, "calls"] = -frame.loc[28:, "minutes"]

    assert prepare(frame, small, PUBLISHED, 0.95).dropped == ("calls",)


def test_the_test_rows_change_nothing_in_the_training_part(small, frame):
    before = prepare(frame, small, PUBLISHED, 0.95)
    frame.loc[28:, "minutes"] = 77.0

    assert prepare(frame, small, PUBLISHED, 0.95).train.equals(before.train)


def test_an_input_that_gives_the_target_away_ends_the_preparation(small, frame):
    frame["calls"] = outcome(frame, small).astype(float)

    with pytest.raises(ChurnlabError, match=r"(?s)small.csv.*'calls'.*columns.calls.role: leak"):
        prepare(frame, small, PUBLISHED, 0.95)


def test_fewer_rows_of_a_class_than_folds_end_the_preparation(small, frame):
    with pytest.raises(ChurnlabError, match="7 of 28 rows have y = 1, fewer than 8 folds"):
        prepare(frame, small, PUBLISHED, 0.95, folds=8)


def test_a_prepared_part_survives_being_written_and_read(telecom_prepared, tmp_path):
    write_parquet(tmp_path / "train.parquet", telecom_prepared.train)

    pd.testing.assert_frame_equal(read_prepared(tmp_path / "train.parquet"), telecom_prepared.train)


def test_a_file_that_is_missing_or_not_a_prepared_part_is_told(tmp_path):
    with pytest.raises(ChurnlabError, match="dvc repro"):
        read_prepared(tmp_path / "none.parquet")

    write_parquet(tmp_path / "other.parquet", pd.DataFrame({"a": [1.0]}))
    with pytest.raises(ChurnlabError, match=r"first columns are \['a'\]"):
        read_prepared(tmp_path / "other.parquet")
