"""The small interface behind which every model family sits.

A family is one module in `churnlab.models.families` with a module-level `FAMILY`. Its file name is
the name that goes into `models:` of params.yaml; nothing else has to be changed to add one.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import numpy as np

from churnlab.errors import ChurnlabError

Parameters = Mapping[str, Any]
Curve = list[dict[str, float]]
"""One dictionary of metrics per step (epoch, boosting round, number of trees)."""


@dataclass(frozen=True)
class Family:
    """How to build, watch and describe the models of one library.

    Attributes:
        title: the name for people.
        baseline: (seed, threads) -> estimator with the library's defaults.
        tuned: (parameters, seed, threads) -> estimator.
        curve: (estimator, X_train, y_train, X_valid, y_valid) -> training curve. The estimator is
            unfitted and the validation rows are part of the training data of the study.
        curve_step: what a step of the curve is, for axis labels.
        encoder: (parameters, or None for the baseline) -> transformer of the feature matrix,
            fitted with the estimator, where the family needs scaled inputs.
        append_onnx: (graph, name of the float32 features, fitted steps after the features) ->
            name of the (rows, 1) probability, where the family can be exported.
        importance: fitted estimator -> importance per feature, where the family has one.
    """

    title: str
    baseline: Callable[[int, int], Any]
    tuned: Callable[[Parameters, int, int], Any]
    curve: Callable[[Any, np.ndarray, np.ndarray, np.ndarray, np.ndarray], Curve]
    curve_step: str
    encoder: Callable[[Parameters | None], Any] | None = None
    append_onnx: Callable[[Any, str, list[Any]], str] | None = None
    importance: Callable[[Any], np.ndarray] | None = None


def known_families() -> list[str]:
    """Return the names of the modules in `churnlab.models.families`."""
    package = import_module("churnlab.models.families")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def load_family(name: str) -> Family:
    """Return the family called `name`.

    Raises:
        ChurnlabError: there is no such module, or the library that it needs is not installed.
    """
    if name not in known_families():
        near = get_close_matches(name, known_families(), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise ChurnlabError(
            f"params.yaml: models: '{name}' is not a model family; "
            f"known are {', '.join(known_families())}{hint}"
        )
    try:
        family: Family = import_module(f"churnlab.models.families.{name}").FAMILY
    except ModuleNotFoundError as missing:
        raise ChurnlabError(
            f"params.yaml: models: '{name}' needs the package '{missing.name}', which is not "
            f"installed; run: pip install '{missing.name}'"
        ) from missing
    return family
