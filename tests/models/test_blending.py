import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from churnlab.models.blending import (
    PROBABILITY_FLOOR,
    Blend,
    cross_fitted_blend,
    fit_blend,
    log_odds,
    widen,
)

CALIBRATIONS = ["none", "platt", "isotonic"]


def sample(rows=4000, seed=0):
    """True log-odds and labels drawn from them."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(-1.0, 1.5, rows)
    return truth, (generator.random(rows) < expit(truth)).astype(int)


def out_of_fold_table(rows=60, repeats=2, folds=3, seed=1):
    """Long predictions of two models, as the cross_validate stages write them."""
    generator = np.random.default_rng(seed)
    truth, labels = sample(rows, seed)
    parts = []
    for model, noise in (("rf", 0.3), ("xgb", 0.6)):
        for repeat in range(repeats):
            p = expit(truth + generator.normal(0.0, noise, rows))
            ids = np.arange(rows)
            columns = {"id": ids, "repeat": repeat, "fold": ids % folds, "y": labels, "p": p}
            columns["fitted"] = rows - rows // folds
            parts.append(pd.DataFrame({"model": model, **columns}))
    return pd.concat(parts, ignore_index=True)


def test_log_odds_of_certainty_stop_at_the_floor():
    assert log_odds(np.array([0.5])) == pytest.approx(0.0)
    certain = log_odds(np.array([0.0, 1.0]))
    np.testing.assert_allclose(expit(certain), [PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR])


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_two_identical_models_blend_into_what_one_alone_gives(calibration):
    truth, labels = sample()
    p = expit(truth)
    alone = fit_blend(pd.DataFrame({"a": p}), labels, calibration)
    twice = pd.DataFrame({"a": p, "b": p})
    blend = fit_blend(twice, labels, calibration)
    assert sum(blend.weights.values()) == pytest.approx(1.0, abs=2e-6)
    np.testing.assert_allclose(blend.predict(twice), alone.predict(twice), atol=1e-4)


def test_a_useless_model_gets_next_to_no_weight():
    """Its log-odds are as wild as they are void, so any weight would cost."""
    truth, labels = sample()
    noise = np.random.default_rng(6).normal(0.0, 6.0, len(truth))
    models = pd.DataFrame({"noise": expit(noise), "good": expit(truth)})
    blend = fit_blend(models, labels, "none")
    assert blend.weights["noise"] == pytest.approx(0.0, abs=0.01)


def test_models_that_see_different_halves_of_the_truth_share_the_weight():
    generator = np.random.default_rng(3)
    left, right = generator.normal(0, 2, (2, 20_000))
    labels = (generator.random(20_000) < expit((left + right) / 2)).astype(int)
    blend = fit_blend(pd.DataFrame({"l": expit(left), "r": expit(right)}), labels, "none")
    assert blend.weights["l"] == pytest.approx(0.5, abs=0.05)


@given(data=st.data(), models=st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_weights_are_never_negative_and_sum_to_one(data, models):
    seed = data.draw(st.integers(0, 10_000))
    generator = np.random.default_rng(seed)
    p = pd.DataFrame(generator.random((40, models)), columns=[f"m{i}" for i in range(models)])
    labels = np.r_[0, 1, generator.integers(0, 2, 38)]
    blend = fit_blend(p, labels, data.draw(st.sampled_from(CALIBRATIONS)))
    assert min(blend.weights.values()) >= 0
    assert sum(blend.weights.values()) == pytest.approx(1.0, abs=1e-5)
    blended = blend.predict(p)
    assert ((blended >= 0) & (blended <= 1)).all()


def test_platt_undoes_a_distortion_of_the_log_odds():
    """Reported log-odds are 2 z + 1, so the map back is 0.5 score - 0.5."""
    truth, labels = sample(rows=40_000)
    blend = fit_blend(pd.DataFrame({"a": expit(2.0 * truth + 1.0)}), labels, "platt")
    assert blend.slope == pytest.approx(0.5, abs=0.04)
    assert blend.intercept == pytest.approx(-0.5, abs=0.06)


def test_platt_is_unpenalised_logistic_regression_on_the_score():
    truth, labels = sample(500)
    p = pd.DataFrame({"a": expit(truth)})
    oracle = LogisticRegression(C=1e12).fit(log_odds(p.to_numpy()), labels)
    blend = fit_blend(p, labels, "platt")
    assert blend.slope == pytest.approx(oracle.coef_[0, 0], abs=1e-3)
    assert blend.intercept == pytest.approx(oracle.intercept_[0], abs=1e-3)


def test_isotonic_is_monotone_and_equals_scikit_learns_fit():
    truth, labels = sample(300)
    p = pd.DataFrame({"a": expit(3.0 * truth)})
    blend = fit_blend(p, labels, "isotonic")
    grid = pd.DataFrame({"a": np.linspace(0.0, 1.0, 200)})
    assert (np.diff(blend.predict(grid)) >= 0).all()
    score = log_odds(p["a"].to_numpy())
    oracle = IsotonicRegression(
        y_min=PROBABILITY_FLOOR, y_max=1 - PROBABILITY_FLOOR, out_of_bounds="clip"
    ).fit(score, labels)
    np.testing.assert_allclose(blend.predict(p), oracle.predict(score), atol=2e-3)


@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_a_blend_read_back_from_its_card_predicts_the_same(calibration):
    truth, labels = sample(200)
    p = pd.DataFrame({"a": expit(truth), "b": expit(0.5 * truth)})
    blend = fit_blend(p, labels, calibration)
    card = blend.card()
    again = Blend(**{**card, "knots": tuple(tuple(knot) for knot in card["knots"])})
    np.testing.assert_array_equal(again.predict(p[["b", "a"]]), blend.predict(p))


@pytest.mark.parametrize("calibration", CALIBRATIONS)
@given(flips=st.lists(st.integers(0, 19), min_size=1, max_size=19, unique=True))
@settings(max_examples=10, deadline=None)
def test_the_blend_of_a_fold_does_not_see_the_labels_of_that_fold(calibration, flips):
    predictions = out_of_fold_table()
    changed = predictions["id"].isin(3 * np.array(flips))  # customers of fold 0
    spoilt = predictions.assign(y=predictions["y"].where(~changed, 1 - predictions["y"]))
    before, after = (cross_fitted_blend(table, calibration) for table in (predictions, spoilt))
    own = before["fold"] == 0
    np.testing.assert_array_equal(after.loc[own, "p"], before.loc[own, "p"])
    assert not np.array_equal(after.loc[~own, "p"], before.loc[~own, "p"])


def test_the_blend_of_a_repeat_does_not_see_other_repeats():
    predictions = out_of_fold_table()
    alone = cross_fitted_blend(predictions[predictions["repeat"] == 0], "platt")
    both = cross_fitted_blend(predictions, "platt")
    pd.testing.assert_frame_equal(both[both["repeat"] == 0].reset_index(drop=True), alone)


def test_a_cross_fitted_blend_predicts_every_row_once_per_repeat():
    blended = cross_fitted_blend(out_of_fold_table(), "platt")
    assert list(blended.columns) == ["model", "id", "repeat", "fold", "y", "p", "fitted"]
    assert set(blended["model"]) == {"blend"}
    assert not blended.duplicated(["id", "repeat"]).any()
    assert len(blended) == 120


def test_a_fold_learns_its_blend_from_the_rows_that_its_models_saw_alone():
    predictions = out_of_fold_table()
    folds = sorted(set(zip(predictions["repeat"], predictions["fold"], strict=True)))
    # Folds in the order of time: each may look at the folds before it.
    visible = {
        (repeat, fold): set(predictions.loc[predictions["fold"] < fold, "id"])
        for repeat, fold in folds
    }
    last = predictions["fold"].max()
    later = predictions.assign(y=predictions["y"].where(predictions["fold"] < last, 1))
    before, after = (cross_fitted_blend(table, "platt", visible) for table in (predictions, later))
    pd.testing.assert_series_equal(before["p"], after["p"])
    first = before["fold"] == 0
    wide = widen(predictions, ["repeat", "fold", "id", "y"])
    models = [str(name) for name in predictions["model"].unique()]
    equal = Blend(dict.fromkeys(models, 1 / len(models)), "none")
    expected = equal.predict(wide[wide["fold"] == 0])
    np.testing.assert_allclose(before.loc[first, "p"], expected, rtol=1e-12)


def test_widen_joins_by_key_and_keeps_the_order_of_the_first_model():
    first = pd.DataFrame({"model": "a", "id": [3, 1, 2], "y": [0, 1, 0], "p": [0.3, 0.1, 0.2]})
    second = pd.DataFrame({"model": "b", "id": [1, 2, 3], "y": [1, 0, 0], "p": [0.7, 0.8, 0.9]})
    wide = widen(pd.concat([first, second]), ["id", "y"])
    assert wide["id"].tolist() == [3, 1, 2]
    assert wide["b"].tolist() == [0.9, 0.7, 0.8]
    with pytest.raises(ValueError, match="no predictions"):
        widen(first.head(0), ["id", "y"])
