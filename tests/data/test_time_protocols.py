"""What each way of cutting rows lets a model see."""

import numpy as np
import pandas as pd
import pytest

from churnlab.data.design import Cut, Design, read_design
from churnlab.data.time_protocols import time_protocols
from churnlab.serialization import write_json

DESIGN = Design(45, Cut(2, 2), Cut(1, 2))
DATES = pd.date_range("2017-03-01", periods=8, freq="MS").strftime("%Y-%m-%d")


def part(dates, sellers=30):
    draw = np.random.default_rng(0)
    rows = [(f"s{seller}", date) for date in dates for seller in range(sellers)]
    entity, time = map(list, zip(*rows, strict=True))
    return pd.DataFrame({"y": draw.integers(0, 2, len(rows)), "entity": entity, "time": time})


@pytest.fixture(scope="module")
def rows():
    return part(DATES[:6]), part(DATES[6:])


@pytest.fixture(scope="module")
def protocols(rows):
    return {one.name: one for one in time_protocols(*rows, DESIGN, 5, 42)}


def sides(rows, fold):
    both = pd.concat(rows, ignore_index=True)
    return both.iloc[fold.train], both.iloc[fold.test]


def test_out_of_time_is_fitted_on_the_training_part_and_judged_date_by_date(rows, protocols):
    folds = protocols["out_of_time"].folds
    assert len(folds) == 2
    for fold, date in zip(folds, DATES[6:], strict=True):
        fitted, judged = sides(rows, fold)
        assert len(fitted) == len(rows[0])
        assert set(judged["time"]) == {date}


@pytest.mark.parametrize(
    ("name", "shares_sellers", "sees_the_future", "flawed"),
    [
        ("out_of_time", True, False, False),
        ("grouped_in_time", False, False, False),
        ("grouped", False, True, True),
        ("row_split", True, True, True),
    ],
)
def test_each_protocol_lets_in_what_its_title_says(
    rows, protocols, name, shares_sellers, sees_the_future, flawed
):
    assert protocols[name].flawed is flawed
    shared, future = [], []
    for fold in protocols[name].folds:
        fitted, judged = sides(rows, fold)
        shared.append(bool(set(fitted["entity"]) & set(judged["entity"])))
        future.append(fitted["time"].max() >= judged["time"].min())
    assert any(shared) is shares_sellers
    assert any(future) is sees_the_future


def test_a_design_is_read_back_as_it_was_written(tmp_path):
    write_json(tmp_path / "design.json", DESIGN.content())
    assert read_design(tmp_path / "design.json") == DESIGN
    assert read_design(tmp_path / "nothing.json") is None
