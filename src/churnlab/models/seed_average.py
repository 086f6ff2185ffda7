"""The same model from several seeds, averaged: cheap bagging for fast learners."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone


class SeedAverage(ClassifierMixin, BaseEstimator):
    """Fit an estimator once per seed and average the probabilities.

    Args:
        estimator: the model to repeat.
        seed_parameter: what the estimator calls its seed.
        seeds: the seeds, one member each.
    """

    def __init__(self, estimator: Any, seed_parameter: str, seeds: tuple[int, ...]) -> None:
        self.estimator = estimator
        self.seed_parameter = seed_parameter
        self.seeds = seeds

    def fit(self, X: np.ndarray, y: np.ndarray) -> SeedAverage:
        """Fit the members on X, shape (rows, features), and y in {0, 1}."""
        self.members_ = [
            clone(self.estimator).set_params(**{self.seed_parameter: seed}).fit(X, y)
            for seed in self.seeds
        ]
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = X.shape[1]
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return mean probabilities of the classes 0 and 1, shape (rows, 2)."""
        return np.mean([member.predict_proba(X) for member in self.members_], axis=0)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the more probable class, shape (rows,)."""
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)
