import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score

from churnlab.data.splits import repeated_stratified_folds
from churnlab.models.tuning import OBJECTIVES, SearchSettings, search
from models.samples import prepared, recipe

ROWS = prepared(120)
LABELS = ROWS["y"].to_numpy()
FOLDS = repeated_stratified_folds(LABELS, 3, 1, seed=2)
FOREST_SPACE = {"n_estimators": {"low": 2, "high": 6}, "max_depth": [1, 3], "bootstrap": True}


def searched(family, space, trials=6, objective="log_loss", batch=2, threads=1, seed=7):
    return search(
        recipe(family, {}, seed=seed),
        space,
        ROWS,
        LABELS,
        FOLDS,
        SearchSettings(objective, trials, startup_trials=2, batch=batch),
        threads,
    )


@pytest.fixture(scope="module")
def forest():
    return searched("rf", FOREST_SPACE)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_search_is_the_same_again_whatever_the_number_of_processes(forest, threads):
    again = searched("rf", FOREST_SPACE, threads=threads)
    assert again.parameters == forest.parameters
    assert again.importance == forest.importance
    pd.testing.assert_frame_equal(again.trials, forest.trials, check_exact=True)


def test_another_seed_tries_other_parameters(forest):
    assert not searched("rf", FOREST_SPACE, seed=8).trials.equals(forest.trials)


def test_the_best_parameters_are_those_of_the_completed_trial_with_the_least_loss(forest):
    completed = forest.trials[forest.trials["state"] == "complete"]
    best = completed.loc[completed["log_loss"].idxmin()]
    searched_for = {"n_estimators", "max_depth"}
    assert {name: best[name] for name in searched_for} == {
        name: forest.parameters[name] for name in searched_for
    }
    assert forest.parameters["bootstrap"] is True
    assert sum(forest.importance.values()) == pytest.approx(1.0)
    assert set(forest.importance) == searched_for


def mean_over_folds(measure, slope, shift):
    """Refits nothing: the dial's probabilities are known in closed form."""
    p = 1 / (1 + np.exp(-(slope * (ROWS["minutes"].to_numpy() - 110.0) / 10.0 + shift)))
    return np.mean([measure(LABELS[fold.test], p[fold.test]) for fold in FOLDS])


@pytest.mark.usefixtures("own_families")
@pytest.mark.parametrize(
    ("objective", "measure"),
    [
        ("log_loss", log_loss),
        ("f1", lambda y, p: f1_score(y, p >= 0.5)),
        ("average_precision", average_precision_score),
        ("roc_auc", roc_auc_score),
    ],
)
def test_the_objective_is_the_fold_mean_in_its_natural_direction(objective, measure):
    result = searched("dial", {"slope": [1.0, -1.0], "shift": 0.5}, trials=2, objective=objective)
    for _, trial in result.trials.iterrows():
        expected = mean_over_folds(measure, trial["slope"], 0.5)
        assert trial[objective] == pytest.approx(expected, abs=1e-3)
    assert list(result.trials.columns) == ["trial", "state", "folds", objective, "slope"]


@pytest.mark.usefixtures("own_families")
@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_of_an_obviously_right_and_an_obviously_wrong_choice_the_right_one_wins(objective):
    result = searched("dial", {"slope": [1.0, -1.0]}, trials=8, objective=objective, batch=1)
    assert result.parameters == {"slope": 1.0}


@pytest.mark.usefixtures("own_families")
def test_log_loss_prefers_calibrated_probabilities_where_f1_cannot_tell():
    """Doubling the slope moves no row across one half: same F1, worse log loss."""
    space = {"slope": [1.0, 20.0]}
    by_loss = searched("dial", space, trials=6, batch=1)
    by_f1 = searched("dial", space, trials=6, objective="f1", batch=1)
    assert by_loss.parameters == {"slope": 1.0}
    assert len(set(by_f1.trials["f1"])) == 1


@pytest.mark.usefixtures("own_families")
def test_hopeless_trials_are_given_up_early_and_marked():
    space = {"shift": {"low": -8.0, "high": 8.0}}
    result = searched("dial", space, trials=16, batch=1)
    pruned = result.trials["state"] == "pruned"
    assert 0 < pruned.sum() < 16
    assert (result.trials.loc[pruned, "folds"] < len(FOLDS)).all()
    assert (result.trials.loc[~pruned, "folds"] == len(FOLDS)).all()
    assert (result.trials.loc[~pruned, "state"] == "complete").all()
    best = result.trials.loc[~pruned, "log_loss"].min()
    assert result.parameters["shift"] == pytest.approx(
        result.trials.loc[result.trials["log_loss"] == best, "shift"].iloc[0]
    )


@pytest.mark.usefixtures("own_families")
@pytest.mark.parametrize(("trials", "batch"), [(5, 2), (3, 8), (1, 1)])
def test_exactly_the_given_number_of_trials_is_run(trials, batch):
    result = searched("dial", {"slope": {"low": 0.5, "high": 2.0}}, trials=trials, batch=batch)
    assert result.trials["trial"].tolist() == list(range(trials))


@pytest.mark.usefixtures("own_families")
def test_a_space_without_a_choice_has_no_importance_and_still_a_result():
    result = searched("dial", {"slope": 1.0}, trials=2)
    assert result.parameters == {"slope": 1.0}
    assert result.importance == {}


@pytest.mark.usefixtures("own_families")
def test_a_search_never_judges_on_rows_it_fitted():
    rows = ROWS.assign(minutes=np.arange(float(len(ROWS))))
    settings = SearchSettings("log_loss", 1, 1, 1)
    result = search(recipe("memory", {}), {}, rows, LABELS, FOLDS, settings, 1)
    # Always 0.5 costs log 2; a single row that leaked would cost less.
    assert result.trials["log_loss"].iloc[0] == pytest.approx(np.log(2), abs=5e-6)
