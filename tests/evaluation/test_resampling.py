import numpy as np

from churnlab.evaluation.metrics import METRICS, all_metrics
from churnlab.evaluation.resampling import BATCH, bootstrap_metrics, stratified_counts

from .samples import simulated


def test_every_resample_keeps_the_size_of_each_class():
    y, _ = simulated(0, rows=200)
    counts = stratified_counts(y, samples=50, seed=7)
    assert counts.shape == (50, 200)
    assert (counts[:, y == 1].sum(axis=1) == 50).all()
    assert (counts[:, y == 0].sum(axis=1) == 150).all()


def test_rows_are_drawn_as_often_as_a_multinomial_draws_them():
    y, _ = simulated(0, rows=400)
    counts = stratified_counts(y, samples=2000, seed=7)[:, y == 1].astype(float)
    # Of 100 rows drawn 100 times: mean 1, variance 100 * 0.01 * 0.99.
    assert abs(counts.mean(axis=0) - 1).max() < 5 / np.sqrt(2000)
    assert abs(counts.var() - 0.99) < 0.02


def test_the_seed_alone_decides_the_resamples():
    y, _ = simulated(0)
    first = stratified_counts(y, 20, seed=1)
    assert (first == stratified_counts(y, 20, seed=1)).all()
    assert (first != stratified_counts(y, 20, seed=2)).any()


def test_metrics_of_resamples_are_those_of_the_rows_drawn():
    y, p = simulated(1, rows=120, digits=2)
    counts = stratified_counts(y, samples=BATCH + 3, seed=5)
    found = bootstrap_metrics(y, p, 0.4, counts)
    for sample in (0, BATCH - 1, BATCH, BATCH + 2):
        drawn = np.repeat(np.arange(len(y)), counts[sample])
        expected = all_metrics(y[drawn], p[drawn], 0.4)
        for name in METRICS:
            assert abs(found[name][sample] - expected[name]) < 1e-9, name


def test_drawing_in_batches_draws_what_drawing_at_once_draws():
    """Committed intervals stay as they are, whatever the batches."""
    y, _ = simulated(3, rows=90)
    samples = 2 * BATCH + 7
    generator = np.random.default_rng(11)
    expected = np.zeros((samples, len(y)), dtype=int)
    for label in (0, 1):
        members = np.flatnonzero(y == label)
        drawn = generator.integers(len(members), size=(samples, len(members)), dtype=np.int64)
        expected[:, members] = [np.bincount(row, minlength=len(members)) for row in drawn]
    assert (stratified_counts(y, samples, seed=11) == expected).all()
