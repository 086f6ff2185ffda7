"""What every family must do, whatever its library."""

import joblib
import numpy as np
import pytest

from churnlab.data.splits import repeated_stratified_folds
from churnlab.models.curves import training_curve
from churnlab.models.family import known_families, load_family
from models.samples import SMALL_PARAMETERS, prepared, recipe

ROWS = prepared(120)
LABELS = ROWS["y"].to_numpy()


def skip_without_library(family):
    if family in {"catboost", "lightgbm"}:
        pytest.importorskip(family)


@pytest.fixture(scope="module", params=known_families())
def fitted(request):
    """Family name and the tuned pipeline fitted once."""
    skip_without_library(request.param)
    pipeline = recipe(request.param, SMALL_PARAMETERS[request.param]).build()
    return request.param, pipeline.fit(ROWS, LABELS)


def test_a_tuned_model_predicts_probabilities_of_both_classes(fitted):
    _, pipeline = fitted
    p = pipeline.predict_proba(ROWS)
    assert p.shape == (len(ROWS), 2)
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    assert (p <= 1).all()
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)


def test_a_model_says_the_same_of_a_row_alone_and_among_others(fitted):
    _, pipeline = fitted
    together = pipeline.predict_proba(ROWS)[:, 1]
    alone = [pipeline.predict_proba(ROWS.iloc[[i]])[0, 1] for i in (0, 17, 119)]
    np.testing.assert_allclose(alone, together[[0, 17, 119]], atol=1e-6)


def test_joblib_gives_back_a_model_that_predicts_the_same(fitted, tmp_path):
    _, pipeline = fitted
    joblib.dump(pipeline, tmp_path / "model.joblib", compress=3)
    loaded = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_array_equal(loaded.predict_proba(ROWS), pipeline.predict_proba(ROWS))


def test_the_same_recipe_fits_the_same_model_twice(fitted):
    family, pipeline = fitted
    again = recipe(family, SMALL_PARAMETERS[family]).build().fit(ROWS, LABELS)
    np.testing.assert_array_equal(again.predict_proba(ROWS), pipeline.predict_proba(ROWS))


def test_a_tree_family_gives_an_importance_per_feature_that_sums_to_one(fitted):
    family, pipeline = fitted
    measure = load_family(family).importance
    if measure is None:
        assert family in {"mlp", "logistic"}
        return
    shares = np.asarray(measure(pipeline[-1]), dtype=float)
    assert len(shares) == len(pipeline[0].get_feature_names_out())
    assert shares.sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("family", known_families())
def test_a_training_curve_has_a_rising_step_and_held_out_log_loss(family):
    skip_without_library(family)
    fold = repeated_stratified_folds(LABELS, 2, 1, 0)[0]
    curve = training_curve(recipe(family, SMALL_PARAMETERS[family]), ROWS, LABELS, fold)
    steps = [point["step"] for point in curve]
    assert steps == sorted(set(steps))
    assert all(np.isfinite(list(point.values())).all() for point in curve)
    assert all(point["validation_log_loss"] > 0 for point in curve)
    expected = {"rf": 8, "xgb": 8, "catboost": 8, "lightgbm": 8, "mlp": 2}
    assert steps[-1] == expected.get(family, steps[-1])


@pytest.mark.parametrize("family", ["xgb", "logistic"])
def test_the_last_point_of_a_curve_is_the_log_loss_of_the_model_itself(family):
    from sklearn.metrics import log_loss

    fold = repeated_stratified_folds(LABELS, 2, 1, 0)[0]
    made = recipe(family, SMALL_PARAMETERS[family])
    curve = training_curve(made, ROWS, LABELS, fold)
    pipeline = made.build().fit(ROWS.iloc[fold.train], LABELS[fold.train])
    held_out = pipeline.predict_proba(ROWS.iloc[fold.test])[:, 1]
    assert curve[-1]["validation_log_loss"] == pytest.approx(
        log_loss(LABELS[fold.test], held_out), abs=1e-5
    )


def test_a_logistic_regression_fits_in_64_bits_and_learns_on_the_way():
    made = recipe("logistic", SMALL_PARAMETERS["logistic"])
    pipeline = made.build().fit(ROWS, LABELS)
    assert pipeline[-1].coef_.dtype == np.float64
    curve = training_curve(made, ROWS, LABELS, repeated_stratified_folds(LABELS, 2, 1, 0)[0])
    losses = [point["train_log_loss"] for point in curve]
    assert len(losses) > 2
    assert losses[-1] < losses[0]


def test_the_forest_takes_the_text_none_as_no_class_weight():
    forest = load_family("rf").tuned({"class_weight": "none", "n_estimators": 3}, 0, 1)
    assert forest.class_weight is None
    assert load_family("rf").tuned({"class_weight": "balanced"}, 0, 1).class_weight == "balanced"


def test_a_tuned_forest_is_never_quite_sure_and_ranks_as_its_votes_do():
    """Rule of succession: 0 of 8 trees is 1/10, all 8 are 9/10."""
    X = np.repeat([[0.0], [1.0]], 20, axis=0)
    y = np.repeat([0, 1], 20)
    forest = load_family("rf").tuned({"n_estimators": 8}, 0, 1).fit(X, y)
    np.testing.assert_allclose(forest.predict_proba([[0.0], [1.0]])[:, 1], [0.1, 0.9])
    np.testing.assert_array_equal(forest.predict([[0.0], [1.0]]), [0, 1])


def test_the_network_baseline_is_the_sources_two_hidden_layers_of_ten():
    network = load_family("mlp").baseline(3, 1)
    assert (network.hidden, network.members, network.epochs) == ((10, 10), 1, 50)
    assert network.random_state == 3


@pytest.mark.parametrize("family", ["rf", "xgb"])
def test_a_baseline_is_the_librarys_own_defaults(family):
    from sklearn.ensemble import RandomForestClassifier
    from xgboost import XGBClassifier

    own = {"rf": RandomForestClassifier, "xgb": XGBClassifier}[family]()
    given = load_family(family).baseline(5, 1).get_params()
    changed = {name for name, value in own.get_params().items() if repr(given[name]) != repr(value)}
    assert changed == {"random_state", "n_jobs"}
