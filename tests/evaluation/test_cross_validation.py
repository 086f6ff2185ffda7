import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import f1_score, roc_auc_score

from churnlab.data.time_folds import grouped_time_folds
from churnlab.errors import ChurnlabError
from churnlab.evaluation import cross_validation as cv
from churnlab.evaluation.metrics import METRICS, expected_f1_threshold, stable_f1_threshold

from .samples import cross_validated, f1_of, simulated

PREDICTIONS = cross_validated({"rf": 2.0, "xgb_tuned": 1.5})


def test_the_threshold_of_a_fold_is_chosen_on_the_other_folds_of_its_repeat():
    found = cv.cross_fitted_thresholds(PREDICTIONS)
    rows = PREDICTIONS.query("model == 'rf' and repeat == 1")
    others = rows[rows["fold"] != 3]
    expected = stable_f1_threshold(others["y"].to_numpy(), others["p"].to_numpy())
    assert set(found[rows.index[rows["fold"] == 3]]) == {expected}


def test_a_rows_own_fold_has_no_say_in_its_threshold():
    changed = PREDICTIONS.copy()
    own = (changed["fold"] == 2) & (changed["repeat"] == 0) & (changed["model"] == "rf")
    changed.loc[own, "y"] = 1 - changed.loc[own, "y"]
    before, after = (cv.cross_fitted_thresholds(frame) for frame in (PREDICTIONS, changed))
    assert (before[own] == after[own]).all()
    assert (before[~own] != after[~own]).any()


HORIZON = 45
MONTHS = pd.date_range("2017-01-01", periods=8, freq="MS")


def in_time(sellers=120, seed=0):
    """Predictions of folds as `grouped_time_folds` cuts them: two groups, three blocks."""
    draw = np.random.default_rng(seed)
    entity = np.repeat(np.arange(sellers), len(MONTHS))
    time = np.tile(MONTHS.strftime("%Y-%m-%d"), sellers)
    # Not every seller is active at every date.
    there = draw.random(len(entity)) < 0.8
    entity, time = entity[there], time[there]
    y = draw.integers(0, 2, len(entity))
    p = np.clip(0.3 * y + draw.uniform(0, 0.7, len(y)), 0.01, 0.99)
    folds = grouped_time_folds(entity.astype(str), time, HORIZON, 3, 2, seed=1)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "model": "rf",
                    "id": [f"{entity[row]}@{time[row]}" for row in fold.test],
                    "repeat": fold.repeat,
                    "fold": fold.fold,
                    "y": y[fold.test],
                    "p": p[fold.test],
                    "fitted": len(fold.train),
                    "known": [{f"{entity[row]}@{time[row]}" for row in fold.train}]
                    * len(fold.test),
                }
            )
            for fold in folds
        ],
        ignore_index=True,
    )


def test_in_time_a_threshold_is_chosen_on_rows_that_the_model_was_fitted_on():
    rows = in_time()
    found = cv.cross_fitted_thresholds(rows, HORIZON)
    for _, own in rows.groupby("fold"):
        known = rows[rows["id"].isin(own["known"].iloc[0])]
        if own["fold"].iloc[0] < 2:
            assert known.empty, "nothing that was predicted is decided before the first block"
            expected = expected_f1_threshold(own["p"].to_numpy())
        else:
            expected = stable_f1_threshold(known["y"].to_numpy(), known["p"].to_numpy())
        assert set(found[own.index]) == {expected}


def test_in_time_ids_without_a_date_are_refused():
    with pytest.raises(ChurnlabError, match="customer@date"):
        cv.cross_fitted_thresholds(PREDICTIONS, HORIZON)


def test_fold_metrics_agree_with_scikit_learn_in_every_fold():
    folds = cv.fold_metrics(PREDICTIONS)
    assert list(folds.columns) == ["model", "repeat", "fold", *METRICS]
    assert len(folds) == 2 * 2 * 5
    limits = cv.cross_fitted_thresholds(PREDICTIONS)
    for found in folds.itertuples():
        rows = PREDICTIONS[
            (PREDICTIONS["model"] == found.model)
            & (PREDICTIONS["repeat"] == found.repeat)
            & (PREDICTIONS["fold"] == found.fold)
        ]
        assert found.roc_auc == pytest.approx(roc_auc_score(rows["y"], rows["p"]))
        decided = rows["p"] >= limits[rows.index]
        assert found.f1 == pytest.approx(f1_score(rows["y"], decided))


def test_metrics_do_not_depend_on_the_order_of_the_rows():
    shuffled = PREDICTIONS.sample(frac=1, random_state=0)
    keys = ["model", "repeat", "fold"]
    expected = cv.fold_metrics(PREDICTIONS).sort_values(keys).reset_index(drop=True)
    found = cv.fold_metrics(shuffled).sort_values(keys).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected)


def test_the_summary_is_the_mean_over_folds():
    folds = cv.fold_metrics(PREDICTIONS)
    summary = cv.cv_summary(PREDICTIONS)
    assert list(summary) == ["rf", "xgb_tuned"]
    for model, values in summary.items():
        expected = folds[folds["model"] == model]["empc"].to_numpy().mean()
        assert list(values) == list(METRICS)
        assert values["empc"] == pytest.approx(expected)


def test_held_out_rows_are_a_quarter_of_the_fitted_ones_in_five_folds():
    assert cv.held_out_ratio(PREDICTIONS) == 0.25


def test_models_with_different_folds_are_refused():
    mixed = PREDICTIONS[(PREDICTIONS["model"] == "rf") | (PREDICTIONS["fold"] < 3)]
    with pytest.raises(ChurnlabError, match=r"\[3, 5\] folds"):
        cv.held_out_ratio(mixed)


def test_a_single_fold_has_nowhere_to_choose_a_threshold():
    with pytest.raises(ChurnlabError, match="one fold"):
        cv.cross_fitted_thresholds(PREDICTIONS[PREDICTIONS["fold"] == 0])


def test_the_corrected_interval_by_hand():
    values = np.array([0.90, 0.92, 0.94, 0.96])
    # Mean 0.93, variance 0.02**2 * 5/3; three degrees of freedom; one third held out.
    found = cv.corrected_interval(values, 1 / 3, 0.95)
    spread = stats.t.ppf(0.975, 3) * np.sqrt((1 / 4 + 1 / 3) * 0.0004 * 5 / 3)
    expected = {"estimate": 0.93, "low": 0.93 - spread, "high": 0.93 + spread}
    assert found == pytest.approx(expected)


def test_intervals_stop_where_the_metric_does():
    folds = cv.fold_metrics(cross_validated({"rf": 4.0}, rows=100))
    found = cv.cv_intervals(folds, 0.25, 0.95)["rf"]
    raw = cv.corrected_interval(folds["precision"].to_numpy(), 0.25, 0.95)
    assert raw["high"] > 1
    assert found["precision"]["high"] == 1
    assert found["empc"]["high"] > 1
    assert all(interval["low"] >= 0 for interval in found.values())


def test_out_of_fold_means_have_one_row_per_model_and_customer():
    found = cv.out_of_fold_mean(PREDICTIONS)
    assert list(found.columns) == ["model", "id", "y", "p"]
    assert len(found) == 2 * 300
    y, _ = simulated(0, 300)
    assert (found[found["model"] == "rf"]["y"].to_numpy() == y).all()
    customer = PREDICTIONS.query("model == 'xgb_tuned' and id == 17")
    row = found.query("model == 'xgb_tuned' and id == 17")
    assert row["p"].item() == pytest.approx(sum(customer["p"]) / 2)


def test_the_threshold_for_unseen_rows_is_the_best_on_the_out_of_fold_means():
    found = cv.thresholds(PREDICTIONS)
    mean = cv.out_of_fold_mean(PREDICTIONS).query("model == 'rf'")
    y, p = mean["y"].to_numpy(), mean["p"].to_numpy()
    best = max(f1_of(y, p >= limit) for limit in p)
    assert f1_of(y, p >= found["rf"]) == pytest.approx(best)
    assert set(found) == {"rf", "xgb_tuned"}
