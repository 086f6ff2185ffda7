"""Measures at each reference date are those of that date's rows alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from churnlab.errors import ChurnlabError
from churnlab.evaluation.by_time import MEASURES, Resampling, by_time, long_table

DATES = ("2018-05-01", "2018-06-01")
RESAMPLING = Resampling(200, 0.95, 0)


@pytest.fixture(scope="module")
def predictions():
    draw = np.random.default_rng(0)
    parts = []
    for model in ("recency_rule", "rf"):
        for date in DATES:
            y = np.arange(80) % 4 == 0
            p = np.clip(0.25 + 0.3 * y + draw.normal(0, 0.2, 80), 0.01, 0.99)
            ids = [f"seller{i}@{date}" for i in range(80)]
            parts.append(pd.DataFrame({"model": model, "id": ids, "y": y.astype(int), "p": p}))
    return pd.concat(parts, ignore_index=True)


def test_each_date_is_judged_on_its_own_rows(predictions):
    judged = by_time(predictions, {"recency_rule": 0.4, "rf": 0.4}, RESAMPLING)
    assert list(judged) == ["recency_rule", "rf"]
    own = predictions[(predictions["model"] == "rf") & predictions["id"].str.endswith("2018-06-01")]
    found = judged["rf"]["2018-06-01"]
    assert (found["rows"], found["churners"]) == (80, 20)
    assert found["mean_p"] == pytest.approx(own["p"].mean())
    assert set(found["metrics"]) == set(MEASURES)
    assert found["metrics"]["roc_auc"]["estimate"] == pytest.approx(
        roc_auc_score(own["y"], own["p"])
    )
    interval = found["metrics"]["log_loss"]
    assert interval["estimate"] == pytest.approx(log_loss(own["y"], own["p"]))
    assert interval["low"] < interval["estimate"] < interval["high"]


def test_the_table_of_a_plot_has_one_row_per_model_and_date(predictions):
    table = long_table(by_time(predictions, {"recency_rule": 0.4, "rf": 0.4}, RESAMPLING))
    assert list(zip(table["model"], table["date"], strict=True)) == [
        (model, date) for model in ("recency_rule", "rf") for date in DATES
    ]
    assert (table["roc_auc_low"] <= table["roc_auc"]).all()


def test_rows_that_do_not_say_when_are_refused():
    rows = pd.DataFrame({"model": "rf", "id": [1, 2], "y": [0, 1], "p": [0.2, 0.9]})
    with pytest.raises(ChurnlabError, match="only event studies"):
        by_time(rows, {"rf": 0.5}, RESAMPLING)
