"""The ledger shows what each flaw is worth; on pure noise the honest answer is known: nothing."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from churnlab.evaluation.metrics import best_f1_threshold
from churnlab.models.protocols import PROTOCOLS, Protocol, protocol_predictions

ROWS = 400
GENERATOR = np.random.default_rng(12)
NOISE = GENERATOR.normal(size=(ROWS, 6))
LABELS = (GENERATOR.random(ROWS) < 0.2).astype(int)
BY_NAME = {protocol.name: protocol for protocol in PROTOCOLS}


def judged(name, X=NOISE, leaks=None, repeats=1, threads=1, protocol=None):
    from sklearn.ensemble import RandomForestClassifier

    return protocol_predictions(
        protocol or BY_NAME[name],
        X,
        np.empty((ROWS, 0)) if leaks is None else leaks,
        LABELS,
        build=lambda seed: RandomForestClassifier(25, min_samples_leaf=2, random_state=seed),
        folds=4,
        repeats=repeats,
        seed=3,
        threads=threads,
    )


@pytest.fixture(scope="module")
def ledger():
    return {name: judged(name) for name in BY_NAME if name != "leak_kept"}


def auc(predictions):
    return roc_auc_score(predictions["y"], predictions["p"])


def test_only_protocols_that_keep_held_out_rows_away_from_the_fit_count_as_sound():
    assert {p.name for p in PROTOCOLS if not p.flawed} == {"honest", "oversampled_inside"}


@pytest.mark.parametrize("name", ["honest", "oversampled_inside"])
def test_a_sound_protocol_finds_nothing_in_noise(ledger, name):
    # Two standard errors of an AUC of 0.5 with 80 positives and 320 negatives are 0.07.
    assert auc(ledger[name]) == pytest.approx(0.5, abs=0.09)


def test_oversampling_before_the_split_finds_a_strong_model_in_noise(ledger):
    assert auc(ledger["oversampled_before_split"]) > 0.8
    assert auc(ledger["oversampled_before_split"]) > auc(ledger["honest"]) + 0.25


def test_a_threshold_chosen_on_the_judged_rows_never_lowers_f1(ledger):
    honest, flawed = ledger["honest"], ledger["threshold_on_test"]
    np.testing.assert_array_equal(flawed["p"], honest["p"])
    for _, fold in flawed.groupby("fold"):
        y, p = fold["y"].to_numpy(), fold["p"].to_numpy()
        chosen = f1_score(y, p >= best_f1_threshold(y, p))
        others = [f1_score(y, p >= t, zero_division=0) for t in np.linspace(0.05, 0.95, 19)]
        assert chosen >= max(others) - 1e-12


def test_a_kept_leak_separates_the_classes():
    leak = LABELS[:, None] + 0.0
    assert auc(judged("leak_kept", leaks=leak)) > 0.99
    assert auc(judged("honest", leaks=leak)) < 0.6


def test_sound_protocols_judge_each_published_row_once_and_no_invented_one(ledger):
    for name in ("honest", "oversampled_inside", "scaled_before_split", "threshold_on_test"):
        assert sorted(ledger[name]["id"]) == list(range(ROWS)), name
        by_id = ledger[name].set_index("id")["y"].sort_index()
        np.testing.assert_array_equal(by_id, LABELS, err_msg=name)
    # The flawed one judges churners that nobody ever saw, and drops rows that are hard to tell.
    flawed = ledger["oversampled_before_split"]["y"]
    assert flawed.sum() > LABELS.sum()
    assert (flawed == 0).sum() < (LABELS == 0).sum()


def test_each_repeat_cuts_the_rows_differently_and_is_the_same_again():
    twice = judged("honest", repeats=2)
    first, second = (part.set_index("id")["fold"] for _, part in twice.groupby("repeat"))
    assert not first.sort_index().equals(second.sort_index())
    assert judged("honest", repeats=2).equals(twice)


def test_a_scaler_that_saw_all_rows_knows_the_held_out_ones():
    """A row far out reaches the fit only through the scaler: a tree's cut moves with it."""
    X = np.arange(ROWS, dtype=float)[:, None] + NOISE[:, :1]
    seen = []

    class Watching(DecisionTreeClassifier):
        def fit(self, X, y):
            seen.append(X.mean())
            return super().fit(X, y)

    for protocol in (Protocol("inside", ""), Protocol("outside", "", scaled_before=True)):
        protocol_predictions(
            protocol, X, np.empty((ROWS, 0)), LABELS, lambda seed: Watching(), 4, 1, 3, 1
        )
    inside, outside = seen[:4], seen[4:]
    np.testing.assert_allclose(inside, 0.0, atol=1e-9)
    assert np.abs(outside).max() > 1e-3


def test_fewer_churners_than_smote_has_neighbours_are_oversampled_from_those_there_are():
    from churnlab.models.protocols import _resample

    y = np.zeros(100, dtype=int)
    y[:4] = 1
    X, resampled = _resample(NOISE[:100], y, seed=1)
    assert resampled.sum() > 50
    single = np.zeros(100, dtype=int)
    single[0] = 1
    np.testing.assert_array_equal(_resample(NOISE[:100], single, seed=1)[1], single)
    assert len(X) == len(resampled)
