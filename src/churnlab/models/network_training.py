"""Keras' side of the network: layers, optimiser, and training a whole epoch at a time.

A network of ten units computes less than it costs to be handed a batch. So one element of the
training data is a whole epoch, and the loop over its batches is part of the graph: the same
gradient steps in about a third of the time.

Import this module where a network is fitted and nowhere else; it loads TensorFlow.
"""

from __future__ import annotations

import logging
import os

# Settings under which the same seed gives the same bytes; they count only before the import.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN picks kernels by instruction set, which changes the last bits of the weights.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# Even then products of matrices go through oneDNN, unless this says that they go through Eigen.
os.environ.setdefault("TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL", "false")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

from typing import Any

import keras
import numpy as np
import tensorflow as tf

# Every fit compiles a graph of its own, which TensorFlow takes for an oversight.
logging.getLogger("tensorflow").setLevel(logging.ERROR)

LOSS = "mean_loss"


class SideBySideDense(keras.layers.Layer):
    """A dense layer per member: (members, rows, inputs) to (members, rows, units)."""

    def __init__(self, units: int, members: int, initial: str, relu: bool = True) -> None:
        super().__init__()
        self.units = units
        self.members = members
        self.initial = initial
        self.relu = relu

    def build(self, shape: tuple[int, ...]) -> None:
        """Make the weights; see `initial` of the classifier."""
        inputs = shape[-1]
        bound = (6 / (inputs + self.units)) ** 0.5 if self.initial == "glorot" else inputs**-0.5
        uniform = keras.initializers.RandomUniform(-bound, bound)
        self.kernel = self.add_weight(
            shape=(self.members, inputs, self.units), initializer=uniform, name="kernel"
        )
        self.bias = self.add_weight(
            shape=(self.members, 1, self.units), initializer="zeros", name="bias"
        )

    def call(self, inputs: Any) -> Any:
        """Return the outputs of every member."""
        outputs = keras.ops.matmul(inputs, self.kernel) + self.bias
        return keras.ops.relu(outputs) if self.relu else outputs


class EpochModel(keras.Model):
    """A model whose training step is a whole epoch: (batches, rows, inputs) and its targets."""

    def train_step(self, data: tuple[Any, Any]) -> dict[str, Any]:
        """Take one gradient step per batch; returns the mean loss."""
        inputs, targets = data
        batches = tf.shape(inputs)[0]

        def step(batch: Any, total: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                outputs = self(inputs[batch], training=True)
                loss = self.compute_loss(inputs[batch], targets[batch], outputs)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return batch + 1, total + loss

        start = (tf.constant(0), tf.constant(0.0))
        _, total = tf.while_loop(lambda batch, total: batch < batches, step, start)
        return {LOSS: total / tf.cast(batches, tf.float32)}


def build_model(
    inputs: int, hidden: tuple[int, ...], members: int, initial: str, dropout: float
) -> EpochModel:
    """Return the network: (rows, inputs) to the log-odds of every member, (rows, members)."""
    source = keras.Input((inputs,))
    signal = keras.ops.expand_dims(source, 0)
    for units in hidden:
        signal = SideBySideDense(units, members, initial)(signal)
        if dropout:
            signal = keras.layers.Dropout(dropout)(signal)
    signal = SideBySideDense(1, members, initial, relu=False)(signal)
    return EpochModel(source, keras.ops.transpose(signal[:, :, 0]))


def build_optimizer(rate: float, weight_decay: float, decayed_over: int | None) -> Any:
    """Return AdamW (Loshchilov & Hutter 2019).

    Args:
        rate: learning rate.
        weight_decay: of kernels; biases have none.
        decayed_over: steps in which the rate warms up and then follows a cosine to a hundredth;
            None for a constant one.
    """
    schedule: Any = rate
    if decayed_over is not None:
        schedule = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.1 * rate,
            decay_steps=decayed_over,
            alpha=0.01,
            warmup_target=rate,
            warmup_steps=decayed_over // 10,
        )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def start_anew(seed: int) -> None:
    """Forget earlier models and draw weights and dropout from `seed`."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)


def batch_orders(rows: int, batch_size: int, epochs: int, seed: int) -> np.ndarray:
    """Return row positions, shape (epochs, batches, batch_size): all rows in a new order each time.

    Where the last batch is short, it is filled with the first rows of its epoch.
    """
    generator = np.random.default_rng(seed)
    size = min(batch_size, rows)
    shape = (-(-rows // size), size)
    return np.stack([np.resize(generator.permutation(rows), shape) for _ in range(epochs)])


def train(
    model: EpochModel,
    optimizer: Any,
    inputs: np.ndarray,
    targets: np.ndarray,
    orders: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray] | None,
) -> dict[str, list[float]]:
    """Train on cross-entropy; returns `loss`, and `val_loss` where there is a validation set.

    Args:
        model: from `build_model`.
        optimizer: from `build_optimizer`.
        inputs: shape (rows, inputs), float32.
        targets: shape (rows, members), float32.
        orders: from `batch_orders`.
        validation: inputs and targets that are watched and not learnt from.
    """
    model.compile(optimizer=optimizer, loss=keras.losses.BinaryCrossentropy(from_logits=True))
    rows, labels = tf.constant(inputs), tf.constant(targets)
    epochs = tf.data.Dataset.from_tensor_slices(orders).map(
        lambda order: (tf.gather(rows, order), tf.gather(labels, order))
    )
    history = model.fit(
        epochs,
        epochs=len(orders),
        steps_per_epoch=1,
        shuffle=False,
        validation_data=validation,
        validation_batch_size=None if validation is None else len(validation[0]),
        verbose=0,
    ).history
    found = {"loss": history[LOSS]}
    if validation is not None:
        found["val_loss"] = history["val_loss"]
    return {name: list(map(float, values)) for name, values in found.items()}
