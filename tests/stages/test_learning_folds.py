"""Whose rows grow in a learning curve."""

import pandas as pd
import pytest

from churnlab.data.design import Cut, Design
from churnlab.paths import StudyPaths
from churnlab.serialization import write_json
from churnlab.stages.context import StudyContext
from churnlab.stages.cross_validate import learning_folds
from churnlab.stages.recipes import cross_validation_folds

DATES = ("2017-01-01", "2017-03-01", "2017-05-01", "2017-07-01")
ROWS = pd.DataFrame(
    [(f"s{n}", day, n % 3 % 2) for day in DATES for n in range(30)],
    columns=["entity", "time", "y"],
)


@pytest.fixture
def context(params, telecom, tmp_path):
    return StudyContext(params, telecom, StudyPaths(tmp_path, "telecom"))


def test_folds_of_customers_are_the_first_ones(context):
    folds = cross_validation_folds(context, ROWS)
    chosen = learning_folds(context, folds)
    assert [(f.repeat, f.fold) for f in chosen] == [(0, 0), (0, 1)]


def test_folds_in_order_of_time_are_the_latest_ones_which_are_fitted_on_most_rows(context):
    context.paths.design.parent.mkdir(parents=True)
    write_json(context.paths.design, Design(45, Cut(3, 2), Cut(2, 2)).content())
    folds = cross_validation_folds(context, ROWS)
    chosen = learning_folds(context, folds)
    assert len(chosen) == context.params.errors.learning_folds
    assert {ROWS["time"].iloc[f.test].unique().item() for f in chosen} == {DATES[-1]}
    assert min(len(f.train) for f in chosen) == max(len(f.train) for f in folds)
