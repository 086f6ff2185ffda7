import copy

import joblib
import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from churnlab.models import network
from churnlab.models.network import NetworkClassifier
from churnlab.models.network_training import build_model

GENERATOR = np.random.default_rng(5)
X = GENERATOR.normal(size=(160, 4)).astype(np.float32)
# Two interleaved classes that no single threshold on a column tells apart, and no noise.
Y = (X[:, 0] + X[:, 1] > 0).astype(int)


def untrained(**settings):
    return NetworkClassifier(**{"epochs": 2, "random_state": 3, **settings})


@pytest.fixture(scope="module")
def trained():
    """Three members with dropout, decay and weight decay: every setting is in use."""
    return NetworkClassifier(
        hidden=(12, 6),
        members=3,
        epochs=30,
        batch_size=32,
        learning_rate=0.02,
        weight_decay=0.001,
        dropout=0.05,
        decay=True,
        random_state=3,
    ).fit(X, Y)


def random_weights(classifier, inputs):
    """Give a classifier weights by hand, and Keras' own model the same ones."""
    model = build_model(inputs, classifier.hidden, classifier.members, "glorot", 0.0)
    generator = np.random.default_rng(8)
    weights = [generator.normal(size=w.shape).astype(np.float32) for w in model.get_weights()]
    model.set_weights(weights)
    classifier.layers_ = classifier._arrays(model)
    return model


@pytest.mark.parametrize(("hidden", "members"), [((10, 10), 1), ((5,), 4)])
def test_the_forward_pass_is_what_keras_computes_from_the_same_weights(hidden, members):
    classifier = untrained(hidden=hidden, members=members)
    model = random_weights(classifier, X.shape[1])
    logits = np.asarray(model(X))
    assert logits.shape == (len(X), members)
    np.testing.assert_allclose(classifier.log_odds(X), logits.mean(axis=1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        classifier.predict_proba(X)[:, 1], expit(logits.mean(axis=1)), atol=1e-6
    )


def test_the_sources_network_has_the_parameters_of_16_10_10_1():
    model = random_weights(untrained(), 16)
    assert model.count_params() == (16 * 10 + 10) + (10 * 10 + 10) + (10 * 1 + 1)


def test_members_are_averaged_on_the_log_odds(trained):
    single = []
    for member in range(trained.members):
        one = copy.copy(trained)
        one.layers_ = [(k[[member]], b[[member]]) for k, b in trained.layers_]
        single.append(one.log_odds(X))
    assert np.std(single, axis=0).max() > 0.01, "the members are copies of each other"
    np.testing.assert_allclose(trained.log_odds(X), np.mean(single, axis=0), atol=1e-5)


def test_it_learns_classes_that_a_line_separates(trained):
    fresh = np.random.default_rng(99).normal(size=(400, 4)).astype(np.float32)
    labels = (fresh[:, 0] + fresh[:, 1] > 0).astype(int)
    assert roc_auc_score(labels, trained.predict_proba(fresh)[:, 1]) > 0.97
    assert trained.history_["loss"][-1] < 0.5 * trained.history_["loss"][0]
    assert set(np.unique(trained.predict(fresh))) == {0, 1}


def as_bytes(classifier):
    return [array.tobytes() for layer in classifier.layers_ for array in layer]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    settings = {"hidden": (6,), "members": 2, "dropout": 0.2, "decay": True, "weight_decay": 0.01}
    first = untrained(**settings).fit(X, Y)
    np.random.default_rng().normal(size=7)
    assert as_bytes(untrained(**settings).fit(X, Y)) == as_bytes(first)
    assert as_bytes(untrained(**{**settings, "random_state": 4}).fit(X, Y)) != as_bytes(first)


def test_a_validation_set_is_watched_but_never_learnt_from():
    plain = untrained(hidden=(6,)).fit(X[:100], Y[:100])
    watched = untrained(hidden=(6,)).fit(X[:100], Y[:100], validation=(X[100:], Y[100:]))
    assert as_bytes(watched) == as_bytes(plain)
    assert len(watched.history_["val_loss"]) == 2
    assert "val_loss" not in plain.history_


def test_blocks_of_rows_do_not_change_the_prediction(trained, monkeypatch):
    expected = trained.log_odds(X)
    monkeypatch.setattr(network, "PREDICTION_ROWS", 7)
    # Products of few rows are added up in another order, in numbers of 24 bits.
    resolution = 4 * np.finfo(np.float32).eps
    np.testing.assert_allclose(trained.log_odds(X), expected, rtol=resolution, atol=1e-6)


def test_joblib_keeps_the_prediction_and_needs_no_keras(trained, tmp_path):
    file = tmp_path / "network.joblib"
    joblib.dump(trained, file)
    np.testing.assert_array_equal(joblib.load(file).predict_proba(X), trained.predict_proba(X))
    assert b"keras" not in file.read_bytes()
