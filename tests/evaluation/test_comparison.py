import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from churnlab.errors import ChurnlabError
from churnlab.evaluation.comparison import NOT_WORSE, WORSE, ChampionRule, compare_models
from churnlab.evaluation.cross_validation import cv_summary, fold_metrics, thresholds

from .samples import cross_validated

# Noise depends on the length of a name: `rf` and `nn` are twins but for their skill.
SKILLS = {"nn": 2.02, "rf": 2.0, "poor": 0.4}
CV = cross_validated(SKILLS)
TEST = cross_validated(SKILLS, repeats=1, seed=9)[["model", "id", "y", "p"]]
LIMITS = thresholds(CV)


def compared(simplicity, primary="log_loss", alpha=0.05, margin=0.9, cv=CV, test=TEST):
    return compare_models(cv, test, LIMITS, ChampionRule(primary, alpha, margin, simplicity))


def test_the_best_is_champion_when_no_simpler_model_is_named():
    found = compared(["nn", "rf", "poor"])
    means = {model: values["log_loss"] for model, values in cv_summary(CV).items()}
    assert found["champion"] == found["best"] == min(means, key=means.get)


def test_the_best_by_a_gain_is_the_highest_and_not_the_lowest():
    found = compared([], primary="roc_auc")
    means = {model: values["roc_auc"] for model, values in cv_summary(CV).items()}
    assert found["champion"] == max(means, key=means.get)


def test_the_simplest_model_that_is_not_significantly_worse_replaces_the_best():
    # The gap of the twins is tiny but the same in every fold, hence real at alpha 0.05.
    strict, lenient = (compared(["poor", "rf", "nn"], alpha=alpha) for alpha in (0.05, 1e-9))
    assert strict["best"] == "nn"
    assert strict["champion"] == "nn"
    assert lenient["champion"] != "nn"


def test_a_model_that_is_less_simple_than_the_best_never_replaces_it():
    assert compared(["nn", "rf"], alpha=1e-9)["champion"] == "nn"


def test_a_significantly_worse_model_never_replaces_the_best_however_simple():
    found = compared(["poor", "nn", "rf"])
    verdicts = {pair["other"]: pair["verdict"] for pair in found["pairs"]}
    assert verdicts["poor"] == WORSE
    assert found["champion"] == "nn"


def test_a_simpler_model_replaces_the_best_only_within_the_margin():
    pair = next(p for p in compared(["rf", "nn"], alpha=1e-9)["pairs"] if p["other"] == "rf")
    means = {model: values["log_loss"] for model, values in cv_summary(CV).items()}
    assert pair["relative_loss"] == pytest.approx(means["rf"] / means["nn"] - 1, abs=1e-6)
    for slack, champion in ((1e-4, "rf"), (-1e-4, "nn")):
        margin = pair["relative_loss"] + slack
        assert compared(["rf", "nn"], alpha=1e-9, margin=margin)["champion"] == champion


def test_simplest_comes_first_among_several_that_are_not_worse():
    noisy = cross_validated({"a": 1.5, "bb": 1.5, "ccc": 1.5})
    test = cross_validated({"a": 1.5, "bb": 1.5, "ccc": 1.5}, repeats=1)[["model", "id", "y", "p"]]
    for simplicity in (["a", "bb", "ccc"], ["ccc", "absent", "bb", "a"]):
        found = compare_models(
            noisy, test, thresholds(noisy), ChampionRule("f1", 0.01, 0.9, simplicity)
        )
        assert {pair["verdict"] for pair in found["pairs"]} == {NOT_WORSE}
        assert found["champion"] == simplicity[0]


def test_p_values_are_those_of_the_folds_adjusted_over_all_pairs():
    found = compared([])
    folds = fold_metrics(CV).set_index(["model", "repeat", "fold"])["log_loss"]
    raw = []
    for pair in found["pairs"]:
        gap = (folds[pair["best"]] - folds[pair["other"]]).to_numpy()
        t = gap.mean() / np.sqrt((1 / 10 + 1 / 4) * gap.var(ddof=1))
        raw.append(2 * stats.t.sf(abs(t), 9))
        assert pair["cv"]["log_loss"]["difference"] == pytest.approx(gap.mean(), abs=1e-6)
        assert pair["cv"]["log_loss"]["p_value"] == pytest.approx(raw[-1], abs=1e-6)
    adjusted = [pair["adjusted_p_value"] for pair in found["pairs"]]
    assert adjusted == pytest.approx(multipletests(raw, method="holm")[1], abs=1e-6)


def test_the_test_part_is_reported_and_never_decides():
    flipped = TEST.assign(p=1 - TEST["p"])
    usual, other = compared(["poor", "rf"]), compared(["poor", "rf"], test=flipped)
    assert usual["pairs"][0]["test"] != other["pairs"][0]["test"]
    assert usual["champion"] == other["champion"]


def test_the_rule_is_a_sentence_that_names_the_best_and_the_champion():
    found = compared(["rf", "nn"], alpha=1e-9)
    assert found["champion"] == "rf"
    assert "Best: nn" in found["rule"]
    assert "rf (" in found["rule"]


def test_an_unknown_primary_metric_is_named_with_the_choices():
    with pytest.raises(ChurnlabError, match=r"'logloss'.*log_loss"):
        compared([], primary="logloss")


def test_models_judged_on_different_rows_are_refused():
    with pytest.raises(ChurnlabError, match="different rows"):
        compared([], test=TEST[(TEST["model"] != "rf") | (TEST["id"] < 200)])
    shorter = CV[(CV["model"] != "rf") | (CV["repeat"] == 0)]
    with pytest.raises(ChurnlabError, match="rf 5, or other ones"):
        compared([], cv=shorter)
