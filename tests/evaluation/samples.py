"""Simulated labels, probabilities and frames of predictions that several tests judge."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st


def simulated(seed, rows=400, skill=1.5, digits=None):
    """Labels with a quarter of churners and probabilities that rank them with some skill."""
    generator = np.random.default_rng(seed)
    y = np.zeros(rows, dtype=int)
    y[: rows // 4] = 1
    generator.shuffle(y)
    p = 1 / (1 + np.exp(2.0 - skill * y - generator.normal(size=rows)))
    return y, p if digits is None else np.round(p, digits)


def cross_validated(models, rows=300, repeats=2, folds=5, seed=0):
    """Repeated out-of-fold predictions of `{model: skill}`."""
    y, _ = simulated(seed, rows)
    parts = []
    for repeat in range(repeats):
        generator = np.random.default_rng([seed, repeat])
        fold = np.empty(rows, dtype=int)
        for label in (0, 1):
            members = np.flatnonzero(y == label)
            fold[generator.permutation(members)] = np.arange(len(members)) % folds
        for model, skill in models.items():
            noise = np.random.default_rng([seed, repeat, len(model)]).normal(size=rows)
            p = 1 / (1 + np.exp(2.0 - skill * y - noise))
            parts.append(
                pd.DataFrame(
                    {
                        "model": model,
                        "id": np.arange(rows),
                        "repeat": repeat,
                        "fold": fold,
                        "y": y.astype("int8"),
                        "p": p,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def f1_of(y, decided):
    """F1 from its definition; scikit-learn's takes milliseconds of checks for each call."""
    caught = np.sum(decided & (y == 1))
    return 2 * caught / (np.sum(decided) + np.sum(y == 1))


@st.composite
def judged(draw, largest=60):
    """Labels of both classes and probabilities on a coarse grid, so that ties are common."""
    rows = draw(st.integers(4, largest))
    y = np.array(draw(st.lists(st.sampled_from([0, 1]), min_size=rows, max_size=rows)))
    y[0], y[1] = 0, 1
    steps = draw(st.lists(st.integers(1, 39), min_size=rows, max_size=rows))
    return y, np.array(steps) / 40
