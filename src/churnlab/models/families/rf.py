"""Random Forest (Breiman 2001), scikit-learn."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss

from churnlab.models.family import Curve, Family, Parameters

FIRST_TREES = 25
STEPS = 20


class SmoothedForest(RandomForestClassifier):
    """A forest that is never quite sure: the rule of succession over its trees.

    The mean vote of T trees cannot tell a probability below 1 / T from zero, yet one churner at
    exactly 0 ruins log loss. p becomes (T p + 1) / (T + 2) (Laplace 1814; for trees Provost &
    Domingos 2003).
    """

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return smoothed probabilities of the classes 0 and 1, shape (rows, 2)."""
        trees = self.n_estimators
        return np.asarray((super().predict_proba(X) * trees + 1.0) / (trees + 2.0))


def _baseline(seed: int, threads: int) -> RandomForestClassifier:
    return RandomForestClassifier(random_state=seed, n_jobs=threads)


def _tuned(parameters: Parameters, seed: int, threads: int) -> SmoothedForest:
    chosen = dict(parameters)
    if chosen.get("class_weight") == "none":
        chosen["class_weight"] = None
    return SmoothedForest(**chosen, random_state=seed, n_jobs=threads)


def _curve(
    estimator: Any,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_valid: np.ndarray,
    y_valid: np.ndarray,
) -> Curve:
    """Grow the forest step by step; out-of-bag rows judge it beside the held-out ones."""
    forest = clone(estimator).set_params(warm_start=True, oob_score=True, n_jobs=1)
    total = forest.n_estimators
    curve: Curve = []
    for trees in np.unique(np.linspace(min(FIRST_TREES, total), total, STEPS, dtype=int)):
        with warnings.catch_warnings():
            # With few trees some rows are in every bag; they get the base rate below.
            warnings.filterwarnings("ignore", message="Some inputs do not have OOB scores")
            forest.set_params(n_estimators=int(trees)).fit(X_train, y_train)
        out_of_bag = np.nan_to_num(forest.oob_decision_function_[:, 1], nan=y_train.mean())
        curve.append(
            {
                "step": int(trees),
                "out_of_bag_log_loss": float(log_loss(y_train, np.clip(out_of_bag, 1e-3, 0.999))),
                "validation_log_loss": float(
                    log_loss(y_valid, np.clip(forest.predict_proba(X_valid)[:, 1], 1e-3, 0.999))
                ),
                "out_of_bag_error": float(np.mean((out_of_bag >= 0.5) != y_train)),
            }
        )
    return curve


def _append_onnx(graph: Any, features: str, steps: list[Any]) -> str:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    # The converter knows scikit-learn's forest, not the subclass that smooths its votes.
    forest = RandomForestClassifier()
    forest.__dict__.update(steps[-1].__dict__)
    converted = convert_sklearn(
        forest,
        initial_types=[("X", FloatTensorType([None, forest.n_features_in_]))],
        options={id(forest): {"zipmap": False}},
    )
    both = graph.include(converted.graph, features, "probabilities")
    votes = str(graph.node("Gather", [both, graph.constant([1], np.int64)], axis=1))
    if not isinstance(steps[-1], SmoothedForest):
        return votes
    trees = float(forest.n_estimators)
    total = graph.node("Mul", [votes, graph.constant(trees / (trees + 2.0), np.float32)])
    return str(graph.node("Add", [total, graph.constant(1.0 / (trees + 2.0), np.float32)]))


FAMILY = Family(
    title="Random Forest",
    baseline=_baseline,
    tuned=_tuned,
    curve=_curve,
    curve_step="trees",
    append_onnx=_append_onnx,
    importance=lambda model: model.feature_importances_,
)
