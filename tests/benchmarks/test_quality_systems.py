import numpy as np
import pandas as pd
import pytest
from benchmarks.quality import libraries, ours
from benchmarks.quality.cache import load
from benchmarks.quality.systems import KEYS, OURS, SYSTEMS, FoldPredictions
from benchmarks.quality.worker import run_system, versions
from sklearn.metrics import roc_auc_score


def check(found: FoldPredictions, train: pd.DataFrame, test: pd.DataFrame) -> None:
    assert found.p.shape == (len(test),)
    assert ((found.p >= 0) & (found.p <= 1)).all()
    assert sorted(found.inner["row"]) == sorted(train["row"])
    labels = train.set_index("row")["y"].loc[found.inner["row"]]
    assert found.inner["y"].to_numpy().tolist() == labels.tolist()
    assert roc_auc_score(test["y"], found.p) > 0.6
    # In-sample predictions of such flexible models would be close to perfect.
    assert 0.6 < roc_auc_score(found.inner["y"], found.inner["p"]) < 0.99


@pytest.mark.parametrize("name", ["rf_default", "xgb_default"])
def test_a_default_library_predicts_held_out_rows_and_training_rows_out_of_fold(
    name, fold, settings
):
    train, test = fold
    check(libraries.FIT_FOLD[name](train, test, settings), train, test)


def test_default_forest_is_scikit_learns_on_one_hot_columns(fold, settings):
    from sklearn.ensemble import RandomForestClassifier

    train, test = fold
    both = pd.concat([train, test]).drop(columns=list(KEYS))
    # The encoder puts the categories before the numbers.
    numeric = both.select_dtypes("number")
    categories = pd.get_dummies(both.drop(columns=numeric.columns), dtype=float)
    X = np.column_stack([categories, numeric])
    forest = RandomForestClassifier(random_state=42).fit(X[: len(train)], train["y"])
    expected = forest.predict_proba(X[len(train) :])[:, 1]
    found = libraries.FIT_FOLD["rf_default"](train, test, settings).p
    # Categories that only held-out rows have are columns of zeros here and dropped there.
    assert np.corrcoef(found, expected)[0, 1] > 0.8


def test_the_recipe_tunes_blends_and_chooses_inside_the_fold(fold, tiny_context):
    train, test = fold
    found = ours.fit_study_fold(tiny_context, train, test)
    check(found, train, test)
    assert found.note["model"] in ("rf", "xgb", "blend")


def test_the_recipe_never_looks_at_held_out_labels(fold, tiny_context):
    train, test = fold
    honest = ours.fit_study_fold(tiny_context, train, test)
    blinded = ours.fit_study_fold(tiny_context, train, test.assign(y=1 - test["y"]))
    assert np.array_equal(honest.p, blinded.p)
    assert honest.inner.equals(blinded.inner)


def test_charges_are_dropped_as_the_preparation_drops_them(fold, tiny_context):
    kept = ours.kept_columns(tiny_context, fold[0])
    assert [name for name in kept if "charge" in name] == []
    assert "total_day_minutes" in kept
    assert "voice_mail_plan" in kept


@pytest.mark.parametrize("champion", ["blend", "rf"])
def test_the_champions_own_models_predict(champion, fold, tiny_context, monkeypatch):
    train, test = fold
    monkeypatch.setattr(ours, "champion_name", lambda context, candidates: champion)
    fitted = []
    original = ours.fit_and_predict

    def watched(recipe, *arguments):
        fitted.append(recipe.name)
        return original(recipe, *arguments)

    monkeypatch.setattr(ours, "fit_and_predict", watched)
    check(ours.fit_study_fold(tiny_context, train, test), train, test)
    assert fitted == (["rf", "xgb"] if champion == "blend" else ["rf"])


def test_a_killed_run_goes_on_with_the_folds_that_are_missing(
    rows, settings, tmp_path, monkeypatch
):
    file = tmp_path / "xgb_default.parquet"
    original = libraries.FIT_FOLD["xgb_default"]
    calls = []

    def fails_in_third(train, test, settings):
        calls.append(len(calls))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(train, test, settings)

    monkeypatch.setitem(libraries.FIT_FOLD, "xgb_default", fails_in_third)
    with pytest.raises(KeyboardInterrupt):
        run_system("xgb_default", rows, file, "as now", settings)
    assert sorted(load(file, "as now").notes) == [0, 1]
    run_system("xgb_default", rows, file, "as now", settings)
    assert len(calls) == 6
    done = load(file, "as now")
    tested = done.predictions[done.predictions["part"] == "test"]
    assert sorted(tested["row"]) == sorted(rows["row"])
    assert tested["row"].is_unique


def test_results_made_with_other_settings_are_not_taken(rows, settings, tmp_path):
    file = tmp_path / "xgb_default.parquet"
    run_system("xgb_default", rows, file, "before", settings)
    assert load(file, "before") is not None
    assert load(file, "now") is None


def test_every_system_names_a_function_and_packages():
    # AutoGluon's and FLAML's modules import them only when they fit.
    for name, system in SYSTEMS.items():
        assert callable(system.load(name))
    assert "scikit-learn" in versions(SYSTEMS[OURS].packages)
