import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn
from sklearn import metrics as oracle

from churnlab.evaluation.fairness import age_bands, group_table, parity

from .samples import simulated

Y, P = simulated(4, rows=900)
GROUPS = pd.Series(
    np.random.default_rng(0).choice(["France", "Germany", "Spain"], size=900), name="Geography"
)


def test_rates_of_each_group_agree_with_fairlearn():
    decided = (P >= 0.35).astype(int)
    frame = fairlearn.MetricFrame(
        metrics={
            "rows": fairlearn.count,
            "selection_rate": fairlearn.selection_rate,
            "tpr": fairlearn.true_positive_rate,
            "fpr": fairlearn.false_positive_rate,
            "precision": oracle.precision_score,
        },
        y_true=Y,
        y_pred=decided,
        sensitive_features=GROUPS,
    )
    found = group_table(GROUPS, Y, P, 0.35).set_index("group")
    for name in frame.by_group.columns:
        assert found[name].to_dict() == pytest.approx(frame.by_group[name].to_dict())
    assert set(found["attribute"]) == {"Geography"}


def test_ranking_and_calibration_are_those_of_the_group_alone():
    found = group_table(GROUPS, Y, P, 0.35).set_index("group").loc["Spain"]
    inside = (GROUPS == "Spain").to_numpy()
    assert found["base_rate"] == pytest.approx(Y[inside].mean())
    assert found["roc_auc"] == pytest.approx(oracle.roc_auc_score(Y[inside], P[inside]))
    assert found["calibration"] == pytest.approx(P[inside].mean() - Y[inside].mean())


def test_every_interval_holds_its_estimate_and_narrows_with_less_confidence():
    wide, narrow = (group_table(GROUPS, Y, P, 0.35, level) for level in (0.95, 0.5))
    for name in ("selection_rate", "tpr", "fpr", "precision", "roc_auc", "calibration"):
        assert (wide[f"{name}_low"] < wide[name]).all()
        assert (wide[name] < wide[f"{name}_high"]).all()
        assert (narrow[f"{name}_high"] < wide[f"{name}_high"]).all()


def test_parity_differences_agree_with_fairlearn():
    decided = (P >= 0.35).astype(int)
    found = parity(GROUPS, Y, P, 0.35)
    features = {"sensitive_features": GROUPS}
    assert found["demographic_parity_difference"] == pytest.approx(
        fairlearn.demographic_parity_difference(Y, decided, **features)
    )
    assert found["equalized_odds_difference"] == pytest.approx(
        fairlearn.equalized_odds_difference(Y, decided, **features)
    )


def test_a_group_of_one_customer_has_no_ranking_and_spoils_no_parity():
    groups = GROUPS.copy()
    groups.iloc[0] = "Andorra"
    lone = group_table(groups, Y, P, 0.35).iloc[0]
    assert lone["rows"] == 1
    assert np.isnan(lone["roc_auc"])
    assert np.isnan(lone["fpr" if Y[0] else "tpr"])
    assert all(np.isfinite(gap) for gap in parity(groups, Y, P, 0.35).values())


def test_age_bands_are_listed_by_age_and_empty_ones_left_out():
    ages = pd.Series(np.random.default_rng(0).choice([20, 35, 70], size=900), name="Age")
    found = group_table(age_bands(ages), Y, P, 0.35)
    assert found["group"].tolist() == ["under 30", "30-39", "60 and over"]
    assert found["rows"].tolist() == [int((ages == age).sum()) for age in (20, 35, 70)]


def test_ages_fall_into_the_band_that_names_them():
    ages = pd.Series([18, 29, 30, 39, 40, 59, 60, 92], name="Age")
    bands = age_bands(ages)
    assert bands.name == "Age"
    assert bands.tolist() == [
        "under 30", "under 30", "30-39", "30-39", "40-49", "50-59", "60 and over", "60 and over",
    ]  # fmt: skip
