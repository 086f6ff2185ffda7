import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.models.network_training import (
    batch_orders,
    build_model,
    build_optimizer,
    start_anew,
    train,
)

GENERATOR = np.random.default_rng(2)
X = GENERATOR.normal(size=(40, 3)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)


@given(st.integers(1, 200), st.integers(1, 64), st.integers(1, 4))
def test_an_epoch_takes_every_row_and_only_the_last_batch_repeats_some(rows, size, epochs):
    orders = batch_orders(rows, size, epochs, seed=1)
    taken = min(size, rows)
    assert orders.shape == (epochs, -(-rows // taken), taken)
    for epoch in orders:
        flat = epoch.ravel()
        assert sorted(flat[:rows]) == list(range(rows))
        assert flat[rows:].tolist() == flat[: len(flat) - rows].tolist()


def test_epochs_have_different_orders():
    first, second = batch_orders(50, 10, 2, seed=1)
    assert not np.array_equal(first, second)


def fresh():
    start_anew(4)
    return build_model(3, (5,), 1, "glorot", 0.0), build_optimizer(0.01, 0.0, None)


def test_an_epoch_in_one_step_is_the_batches_one_after_the_other():
    orders = batch_orders(len(X), 16, 3, seed=7)
    whole, optimizer = fresh()
    history = train(whole, optimizer, X, Y, orders, None)
    single, other = fresh()
    losses = [np.mean([single_step(single, other, batch) for batch in epoch]) for epoch in orders]
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-5)
    for ours, theirs in zip(whole.get_weights(), single.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def single_step(model, optimizer, batch):
    """Take one step with TensorFlow's tape alone, outside any Keras loop."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        logits = model(X[batch], training=True)
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(Y[batch], logits))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return float(loss)


def test_the_watched_loss_is_that_of_the_weights_after_the_epoch():
    model, optimizer = fresh()
    history = train(
        model, optimizer, X[:20], Y[:20], batch_orders(20, 8, 2, seed=1), (X[20:], Y[20:])
    )
    logits = np.asarray(model(X[20:]), dtype=np.float64)
    expected = np.mean(np.log1p(np.exp(-np.where(Y[20:] > 0, logits, -logits))))
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-5)
