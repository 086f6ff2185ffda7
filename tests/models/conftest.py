"""Model families made for tests: a module in the package is all that adding one takes."""

import sys

import pytest

import churnlab.models.families

MEMORY = '''
"""Answers with the label of a row it was fitted on and with 0.5 for a row it never saw."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from churnlab.models.family import Family


class Memory(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.known_ = dict(zip(X[:, 0].tolist(), y.tolist(), strict=True))
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        churn = np.array([float(self.known_.get(x, 0.5)) for x in X[:, 0].tolist()])
        return np.column_stack([1 - churn, churn])


FAMILY = Family("Memory", lambda s, t: Memory(), lambda p, s, t: Memory(), lambda *a: [], "rows")
'''

DIAL = '''
"""Knows how the labels are made; the parameters `slope` and `shift` turn it away from that."""

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

from churnlab.models.family import Family


class Dial(ClassifierMixin, BaseEstimator):
    def __init__(self, slope=1.0, shift=0.0):
        self.slope = slope
        self.shift = shift

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        churn = expit(self.slope * (X[:, 0].astype(float) - 110.0) / 10.0 + self.shift)
        return np.column_stack([1 - churn, churn])


FAMILY = Family("Dial", lambda s, t: Dial(), lambda p, s, t: Dial(**p), lambda *a: [], "turns")
'''


@pytest.fixture
def own_families(tmp_path, monkeypatch):
    """Add the families `memory` and `dial`."""
    folder = tmp_path / "families"
    folder.mkdir()
    for name, text in (("memory", MEMORY), ("dial", DIAL)):
        (folder / f"{name}.py").write_text(text)
    package = churnlab.models.families
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    yield
    for name in ("memory", "dial"):
        sys.modules.pop(f"churnlab.models.families.{name}", None)
