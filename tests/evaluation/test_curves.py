import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from churnlab.evaluation import curves

from .samples import simulated


def predictions(rows=1500, digits=None):
    y, strong = simulated(1, rows, skill=2.5, digits=digits)
    weak = np.clip(strong + np.random.default_rng(0).normal(scale=0.2, size=rows), 0, 1)
    return pd.concat(
        [
            pd.DataFrame({"model": model, "id": range(rows), "y": y, "p": p})
            for model, p in (("strong", strong), ("weak", weak))
        ],
        ignore_index=True,
    )


BOTH = predictions()


@pytest.mark.parametrize(
    "curve", [curves.roc_curve_points, curves.precision_recall_points, curves.lift_points]
)
def test_curves_overlay_models_with_few_rounded_points(curve):
    found = curve(BOTH)
    sizes = found.groupby("model").size()
    assert list(sizes.index) == ["strong", "weak"]
    assert sizes.between(100, 200).all()
    assert found.drop(columns="model").equals(found.drop(columns="model").round(6))


def test_the_area_under_the_thinned_roc_curve_is_nearly_the_auc():
    found = curves.roc_curve_points(BOTH)
    for model, points in found.groupby("model"):
        rows = BOTH[BOTH["model"] == model]
        area = oracle.auc(points["fpr"], points["tpr"])
        assert area == pytest.approx(oracle.roc_auc_score(rows["y"], rows["p"]), abs=1e-3)
        ends = points[["fpr", "tpr"]].iloc[[0, -1]].to_numpy().tolist()
        assert ends == [[0, 0], [1, 1]]


def test_points_of_a_small_part_are_those_of_scikit_learn():
    small = predictions(rows=100, digits=1)
    rows = small[small["model"] == "strong"]
    fpr, tpr, _ = oracle.roc_curve(rows["y"], rows["p"], drop_intermediate=False)
    found = curves.roc_curve_points(rows)
    assert found["fpr"].to_numpy() == pytest.approx(fpr, abs=1e-6)
    assert found["tpr"].to_numpy() == pytest.approx(tpr, abs=1e-6)
    precision, recall, _ = oracle.precision_recall_curve(rows["y"], rows["p"])
    found = curves.precision_recall_points(rows)
    assert found["precision"].to_numpy() == pytest.approx(precision[-2::-1], abs=1e-6)
    assert found["recall"].to_numpy() == pytest.approx(recall[-2::-1], abs=1e-6)


def test_calibration_agrees_with_scikit_learns_quantile_bins():
    rows = BOTH[BOTH["model"] == "strong"]
    rate, mean = calibration_curve(rows["y"], rows["p"], n_bins=10, strategy="quantile")
    found = curves.calibration_points(rows, bins=10)
    assert found["churn_rate"].to_numpy() == pytest.approx(rate, abs=1e-6)
    assert found["mean_p"].to_numpy() == pytest.approx(mean, abs=1e-6)
    assert found["rows"].sum() == len(rows)
    assert (found["low"] <= found["churn_rate"]).all()
    assert (found["churn_rate"] <= found["high"]).all()


def test_tied_probabilities_share_a_calibration_bin():
    y = np.array([0, 0, 0, 1, 1, 0])
    rows = pd.DataFrame({"model": "m", "id": range(6), "y": y, "p": [0.1] * 5 + [0.9]})
    found = curves.calibration_points(rows, bins=4)
    assert found["rows"].tolist() == [5, 1]
    assert found["churn_rate"].tolist() == [0.4, 0.0]


def test_the_whole_base_reaches_every_churner_at_no_lift():
    for _, points in curves.lift_points(BOTH).groupby("model"):
        assert points[["contacted", "gain", "lift"]].iloc[-1].tolist() == [1, 1, 1]
        assert points["gain"].is_monotonic_increasing
        assert np.allclose(points["lift"] * points["contacted"], points["gain"], atol=1e-4)


def test_confusion_counts_agree_with_scikit_learn_even_where_a_cell_is_empty():
    limits = {"strong": 0.4, "weak": 1.1}
    found = curves.confusion_counts(BOTH, limits)
    for model, limit in limits.items():
        rows = BOTH[BOTH["model"] == model]
        cells = found[found["model"] == model]["rows"].to_numpy().reshape(2, 2)
        assert (cells == oracle.confusion_matrix(rows["y"], rows["p"] >= limit)).all()
    assert found[found["model"] == "weak"]["predicted"].tolist() == ["stayed", "churned"] * 2


def test_rows_for_dvc_hold_one_decision_each():
    found = curves.actual_and_predicted(BOTH, {"strong": 0.4, "weak": 0.6})
    assert len(found) == len(BOTH)
    assert (found["predicted"] == "churned").sum() == (
        BOTH["p"] >= BOTH["model"].map({"strong": 0.4, "weak": 0.6})
    ).sum()


def test_the_threshold_curve_agrees_with_scikit_learn_and_with_the_campaigns_accounts():
    found = curves.threshold_curve(BOTH)
    rows = BOTH[BOTH["model"] == "weak"]
    point = found[(found["model"] == "weak") & (found["threshold"] == 0.3)].iloc[0]
    decided = rows["p"] >= 0.3
    assert point["f1"] == pytest.approx(oracle.f1_score(rows["y"], decided), abs=1e-6)
    assert point["contacted"] == pytest.approx(decided.mean(), abs=1e-6)
    caught = (decided & (rows["y"] == 1)).sum()
    wasted = decided.sum() - caught
    # A contact costs 1; 30 % of churners accept and keep 200 for 10; every stayer takes the 10.
    profit = caught * (0.3 * (200 - 10) - 1) - wasted * 11
    assert point["profit"] == pytest.approx(profit / len(rows), abs=1e-5)
